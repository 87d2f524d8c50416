"""Our services: which there are, what each process is told, and how it is run."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local import HOST, ROOT, kafka, mongo
from deploy.local.http import is_ok
from deploy.local.programs import Program

ROLES = ("api", "worker")
SPARING = {  # one worker of each service runs here, mostly idle beside all the others
    "BAOQIAO_TOPIC_PARTITIONS": "3",
    "BAOQIAO_FETCH_WAIT_MS": "2500",
}


def discover() -> list[str]:
    """Return the name of every package under services/ that declares a service; identity, which all need, is first."""
    names = sorted(file.parent.name for file in (ROOT / "services").glob("*/service.py"))
    return sorted(names, key=lambda name: name != "identity")


def environment(folder: Path, port: Mapping[str, int], mongo_url: str) -> dict[str, str]:
    """Return what every process of ours is told: where the servers and keys are."""
    return {
        "BAOQIAO_MONGO_URL": mongo_url,
        "BAOQIAO_KAFKA_BOOTSTRAP": f"{HOST}:{port['kafka']}",
        **SPARING,
        "BAOQIAO_JWKS_URL": f"http://{HOST}:{port['identity-api']}/jwks",
        "BAOQIAO_KEYS_DIR": str((folder / "keys").resolve()),
        "BAOQIAO_SMTP_HOST": HOST,
        "BAOQIAO_SMTP_PORT": str(port["mail"]),
    }


def own(name: str, access: Path) -> dict[str, str]:
    """Return what the processes of one service alone are told: the passwords of its users."""
    return {
        "BAOQIAO_MONGO_PASSWORD_FILE": str(access / name / "mongo-password"),
        "BAOQIAO_KAFKA_PROTOCOL": "SASL_PLAINTEXT",
        "BAOQIAO_KAFKA_PASSWORD_FILE": str(access / name / "kafka-password"),
    }


def administrator(access: Path) -> dict[str, str]:
    """Return what an administrator's command is told beside the rest."""
    users = {"BAOQIAO_MONGO_USER": mongo.ADMIN, "BAOQIAO_KAFKA_USER": kafka.ADMIN, "BAOQIAO_KAFKA_MECHANISM": "PLAIN"}
    return own(mongo.ADMIN, access) | users


def program(service: str, role: str, port: int, env: Mapping[str, str]) -> Program:
    """Return one role of a service as a program; ready once it says so itself."""
    command = (sys.executable, "-m", "chassis.serve", service, "--role", role, "--port", str(port))
    return Program(f"{service}-{role}", command, lambda: is_ok(port, "/readyz"), env, stop_seconds=25)


def once(module: str, arguments: tuple[str, ...], env: Mapping[str, str]) -> Program | None:
    """Return a module as a program that runs once, or None where there is no such module."""
    if not (ROOT / f"{module.replace('.', '/')}.py").exists():
        return None
    return Program(module, (sys.executable, "-m", module, *arguments), lambda: True, env)
