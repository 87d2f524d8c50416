"""Kafka's jars: which ones (a lock of coordinates and hashes), and how they get into the virtual environment.

`python -m deploy.local.jars fetch` brings what is missing; `python -m deploy.local.jars lock` resolves anew.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import MavenContext

from deploy.local import ROOT

LOCK = ROOT / "requirements" / "kafka-jars.lock"
HOME = Path(sys.prefix) / "share" / "kafka"
KAFKA = "org.apache.kafka:kafka_2.13:4.1.2"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3!"  # "!": Kafka's own versions win


# requests would trust its own list alone; pip and uv trust the system's, which also knows a company's own proxy
SYSTEM_TRUST = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class JarChanged(Exception):
    """A downloaded jar is not the one that was locked."""


def locked() -> list[tuple[str, str]]:
    """Return (coordinate `group:artifact:version`, SHA-256 in hex) of every locked jar."""
    lines = [line.split() for line in LOCK.read_text().splitlines() if line and not line.startswith("#")]
    return [(coordinate, digest.removeprefix("sha256:")) for coordinate, digest in lines]


def jar_path(coordinate: str) -> Path:
    """Where the jar of a coordinate lies once fetched."""
    _, artifact, version = coordinate.split(":")
    return HOME / f"{artifact}-{version}.jar"


def classpath() -> str:
    """Return Java's class path of all locked jars.

    Raises:
        FileNotFoundError: a jar was not fetched yet.
    """
    paths = [jar_path(coordinate) for coordinate, _ in locked()]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(path)
    return ":".join(map(str, paths))


def fetch() -> None:
    """Bring every locked jar that is not there yet, and check each against its hash.

    Raises:
        JarChanged: the registry served other bytes than the locked ones.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    missing = [(coordinate, digest) for coordinate, digest in locked() if not jar_path(coordinate).exists()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda jar: _fetch_one(*jar), missing))


def lock() -> None:
    """Resolve Kafka and its logging back end anew and write the lock."""
    maven = _maven()
    roots = [maven.create_dependency(coordinate) for coordinate in (KAFKA, LOGGING)]
    inputs, transitive = maven.resolver.resolve(roots)
    found: dict[str, str] = {}
    for dependency in [*inputs, *transitive]:
        coordinate = f"{dependency.groupId}:{dependency.artifactId}:{dependency.version}"
        found[coordinate] = _sha256(dependency.artifact.resolve())
    lines = [f"{coordinate} sha256:{digest}" for coordinate, digest in sorted(found.items())]
    LOCK.write_text("# Renewed by `make lock`.\n" + "\n".join(lines) + "\n")


def _maven() -> MavenContext:
    for bundle in SYSTEM_TRUST:
        if Path(bundle).exists():
            os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)
    return MavenContext(repo_cache=HOME / "repository", timeout=120)


def _fetch_one(coordinate: str, digest: str) -> None:
    group, artifact, version = coordinate.split(":")
    downloaded = _maven().project(group, artifact).at_version(version).artifact().resolve()
    if _sha256(downloaded) != digest:
        downloaded.unlink()
        raise JarChanged(f"{coordinate}: not the bytes that {LOCK.name} names")
    downloaded.replace(jar_path(coordinate))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    commands: dict[str, Callable[[], None]] = {"fetch": fetch, "lock": lock}
    commands[sys.argv[1]]()
