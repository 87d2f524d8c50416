"""The local stack's commands: `python -m deploy.local --help`."""

import shutil
import signal
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import ROOT, servers

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Baoqiao on this machine, as plain processes.")


@app.command("servers")
def run_servers(
    folder: Annotated[Path, typer.Option("--dir", help="Where data, logs and ports are kept.")] = ROOT / ".run" / "dev",
) -> None:
    """Run MongoDB, Kafka and the mail sink alone, for development and tests; print their addresses as shell exports."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    started = servers.start(folder)
    try:
        print(f"export BAOQIAO_TEST_MONGO_URL='{started.mongo_url}'")
        print(f"export BAOQIAO_TEST_KAFKA_BOOTSTRAP={started.kafka_bootstrap}")
        print(f"export BAOQIAO_TEST_SMTP_PORT={started.smtp_port}")
        print(f"export BAOQIAO_TEST_MAIL_DIR={started.mail_dir.resolve()}", flush=True)
        signal.sigwait((signal.SIGINT, signal.SIGTERM))
    finally:
        started.stop()


@app.command("clean-data")
def clean_data() -> None:
    """Forget everything that `run` keeps: data, mail, keys, passwords and logs."""
    shutil.rmtree(ROOT / ".run", ignore_errors=True)


if __name__ == "__main__":
    app()
