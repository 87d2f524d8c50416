"""Start one role of one service: `python -m chassis.serve placement --role api --port 8101`."""

import gc
import importlib
from enum import StrEnum
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from chassis import logs
from chassis.service import Host, Service
from chassis.starting import started


class Role(StrEnum):
    """What a process does."""

    API = "api"
    WORKER = "worker"


def service_named(name: str) -> Service:
    """The declaration of a service; typer's usage error for a name that is none."""
    try:
        return importlib.import_module(f"services.{name}.service").service
    except ModuleNotFoundError as error:
        if error.name not in (f"services.{name}", f"services.{name}.service"):
            raise
        raise typer.BadParameter(f"there is no service {name}") from error


def main(
    name: str,
    role: Annotated[Role, typer.Option(help="api answers HTTP, worker does the rest")] = Role.API,
    port: Annotated[int, typer.Option()] = 8000,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
) -> None:
    """Run one role of a service until SIGTERM; requests and messages in hand are finished first."""
    run(service_named(name), role, port, host)


def run(service: Service, role: Role, port: int, address: str = "127.0.0.1") -> None:
    """Run one role of a service until SIGTERM or SIGINT.

    Promises: after the signal nothing new is taken on, and what is in hand is finished, within 20 seconds. Does not
    promise an answer to a request that reaches a connection in the moment of its closing: callers repeat it, under the
    same Idempotency-Key.
    """
    process = started(service)
    logs.configure(process.settings.log_level)
    app = _app_of(role, process)
    gc.collect()
    gc.freeze()  # what is loaded by now stays: a collection that walks through all of it stops every request
    listen(app, address, port)


def listen(app: FastAPI, address: str, port: int) -> None:
    """Serve an application until SIGTERM or SIGINT."""
    uvicorn.run(
        app,
        host=address,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=65536,
    )


def _app_of(role: Role, process: Host) -> FastAPI:
    """Imports only what the role needs: Kafka's client and the scheduler cost an api start time and memory."""
    if role is Role.API:
        from chassis.app import create_app

        return create_app(process)
    from chassis.worker import create_worker_app

    return create_worker_app(process)


if __name__ == "__main__":
    typer.run(main)
