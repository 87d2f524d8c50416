"""The local stack's commands: `python -m deploy.local --help`."""

import json
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import ROOT, keeper, machine, mongo, servers, services

app = typer.Typer(
    help="Baoqiao on this machine, as plain processes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Option("--dir", help="Where data, logs, keys and ports are kept.")]
Name = Annotated[str, typer.Argument(help="mongod, kafka, mail, envoy, a service, or one role of it: clients-worker.")]
DEFAULT = ROOT / ".run"


@app.command()
def run(
    port: Annotated[int, typer.Option(envvar="BAOQIAO_PORT", help="Where the gateway listens.")] = 8080,
    folder: Folder = DEFAULT,
) -> None:
    """Start everything, keep it running, and stop it on Ctrl-C."""
    if missing := machine.lacks():
        sys.exit(missing)
    sys.exit(keeper.run(folder, port))


@app.command()
def status(folder: Folder = DEFAULT) -> None:
    """List the running programs and their process ids."""
    sys.exit(keeper.order(folder, "status"))


@app.command()
def stop(name: Name, folder: Folder = DEFAULT) -> None:
    """Stop one part of the running stack, until it is started again."""
    sys.exit(keeper.order(folder, f"stop {name}"))


@app.command()
def start(name: Name, folder: Folder = DEFAULT) -> None:
    """Start a part that was stopped."""
    sys.exit(keeper.order(folder, f"start {name}"))


@app.command()
def restart(name: Name, folder: Folder = DEFAULT) -> None:
    """Stop and start one part."""
    sys.exit(keeper.order(folder, f"restart {name}"))


@app.command()
def environment(folder: Folder = DEFAULT) -> None:
    """Print the settings of an administrator of the running stack, as shell exports, for the operator's command."""
    try:
        port = json.loads((folder / "ports.json").read_text())
    except FileNotFoundError:
        sys.exit(f"Nothing was started in {folder} yet: make run")
    admin = services.administrator(folder.resolve() / "access")
    for name, value in (services.environment(folder, port, mongo.url(port["mongod"])) | admin).items():
        print(f"export {name}='{value}'")


@app.command("servers")
def run_servers(folder: Folder = DEFAULT / "dev") -> None:
    """Run MongoDB, Kafka and the mail sink alone, for development and tests; print their addresses as shell exports."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    started = servers.start(folder)
    try:
        print(f"export BAOQIAO_TEST_MONGO_URL='{started.mongo_url}'")
        print(f"export BAOQIAO_TEST_KAFKA_BOOTSTRAP={started.kafka_bootstrap}")
        print(f"export BAOQIAO_TEST_KAFKA_USERS={started.kafka_users}")
        print(f"export BAOQIAO_TEST_SMTP_PORT={started.smtp_port}")
        print(f"export BAOQIAO_TEST_MAIL_DIR={started.mail_dir.resolve()}", flush=True)
        signal.sigwait((signal.SIGINT, signal.SIGTERM))
    finally:
        started.stop()


if __name__ == "__main__":
    app()
