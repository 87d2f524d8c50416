"""MongoDB, Kafka and the mail sink alone, as a development's or a test run's servers."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local import HOST, ROOT, kafka, keys, mail, mongo, ports
from deploy.local.programs import Programs

START_SECONDS = 60


@dataclass(frozen=True)
class Servers:
    """Where the started servers answer, and the programs to stop in the end."""

    mongo_url: str
    """With the administrator's password."""
    kafka_bootstrap: str
    """Where nobody signs in, and everybody may do everything."""
    kafka_users: str
    """Where a user signs in, and may do what was given to him."""
    smtp_port: int
    mail_dir: Path
    programs: Programs

    def stop(self) -> None:
        """Stop them in order."""
        self.programs.stop_all([["mail"], ["kafka"], ["mongod"]])


def start(folder: Path) -> Servers:
    """Start the three servers with their data, logs and ports in `folder`, and return once all of them answer.

    Raises:
        NotReady: one of them did not come up.
    """
    port = ports.choose(["mongod", "kafka", "kafka-users", "kafka-controller", "mail"], folder / "ports.json")
    programs = Programs(folder / "log", ROOT)
    access = folder / "access"
    keys.access(access, ())
    wanted = [
        mongo.program(folder / "mongo", port["mongod"], access),
        kafka.program(folder / "kafka", port["kafka-users"], port["kafka-controller"], access, open_port=port["kafka"]),
        mail.program(folder / "mail", port["mail"]),
    ]
    for program in wanted:
        programs.start(program)
    programs.wait_ready(wanted, START_SECONDS)
    return Servers(
        mongo_url=mongo.url(port["mongod"], access=access),
        kafka_bootstrap=f"{HOST}:{port['kafka']}",
        kafka_users=f"{HOST}:{port['kafka-users']}",
        smtp_port=port["mail"],
        mail_dir=folder / "mail",
        programs=programs,
    )
