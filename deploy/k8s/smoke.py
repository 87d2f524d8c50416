"""Try the single-node overlay on a cluster: `make k8s-smoke`, with whatever KUBECONFIG points at.

Deploys it, loads the demonstration company, tells the story of `make demo` through the gateway while pods are killed,
rolls out every service under a steady trickle of requests, and scales a worker from one to three. Ends with 1 at the
first thing that is not as it should be. The cluster must know the images: `make images` builds them, loading them is
the cluster's own affair. KUBECTL names another kubectl than the packaged one. What is deployed stays, to be looked at,
until `kubectl delete namespace baoqiao`.
"""

import asyncio
import json
import os
import shlex
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import httpx

from deploy.k8s.check import HERE, KUBECTL
from deploy.local import HOST, ROOT, keys, ports, services

FOLDER = ROOT / ".run/k8s"
ROLLED_OUT_SECONDS = 900
LOADED_SECONDS = 600
PER_SECOND = 10
SCALED = "placement"
AS_ADMIN = """\
cd /tmp && cat > admin.properties <<END
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" \
password="$(cat /access/kafka-password)";
END
"""
KILLED = ("clients-worker", "placement-worker", "notifications-worker", "hr-api", "finance-api")


class NotAsItShouldBe(Exception):
    """What the cluster does is not what the manifests promise."""


def kubectl(*words: str, given: str | None = None) -> str:
    """Run kubectl in the namespace; gives what it prints."""
    return subprocess.run([*_kubectl(), *words], check=True, text=True, input=given, stdout=subprocess.PIPE).stdout


def deploy() -> None:
    """Apply the overlay with the secrets of its company, and wait until all of it is ready."""
    overlay = HERE / "overlays/single-node"
    keys.field_keys(FOLDER / "keys")
    keys.admin_password(FOLDER / "admin-password")
    kubectl("apply", "-f", str(overlay / "namespace.yaml"))
    kubectl("delete", "job", "--all", "--ignore-not-found")  # a Job's pod cannot be changed
    _secret("field-keys", "--from-file", str(FOLDER / "keys/field-keys.json"))
    _secret("first-password", "--from-file", str(FOLDER / "admin-password"))
    keys.access(FOLDER / "access", services.discover())
    for name, secret in {"admin": "servers-admin", **{name: name for name in services.discover()}}.items():
        _secret(secret, "--from-file", str(FOLDER / "access" / name))
    kubectl("apply", "-k", str(overlay))
    rolled_out("statefulset/mongo", "statefulset/kafka", *_deployments())
    prepared = [f"job/{name}-prepare" for name in services.discover()]
    kubectl("wait", "--for=condition=complete", f"--timeout={ROLLED_OUT_SECONDS}s", *prepared)


def load_company() -> None:
    """Let the waiting Job make the administrator and the company."""
    kubectl("patch", "job", "company", "-p", '{"spec":{"suspend":false}}')
    kubectl("wait", "--for=condition=complete", f"--timeout={LOADED_SECONDS}s", "job/company")


def rolled_out(*things: str) -> None:
    """Wait until every pod of these is new and ready."""
    for thing in things:
        kubectl("rollout", "status", thing, f"--timeout={ROLLED_OUT_SECONDS}s")


@contextmanager
def gateway() -> Iterator[int]:
    """A port on loopback that leads to the gateway."""
    port = ports.choose(["gateway"], FOLDER / "ports.json")["gateway"]
    forward = subprocess.Popen(
        [*_kubectl(), "port-forward", "--address", HOST, "service/gateway", f"{port}:8080"], stdout=subprocess.DEVNULL
    )
    try:
        _until(lambda: _open(port), 60, "the gateway's port is not open")
        yield port
    finally:
        forward.terminate()
        forward.wait()


def tell_story(port: int) -> None:
    """`make demo` against the port, its mails brought out of the cluster, while pods are killed one after the other."""
    ended = threading.Event()
    helpers = [threading.Thread(target=_bring_mails, args=[ended]), threading.Thread(target=_kill_pods, args=[ended])]
    for helper in helpers:
        helper.start()
    command = (sys.executable, "-m", "deploy.local.demo", "--port", str(port), "--dir", str(FOLDER))
    try:
        done = subprocess.run(command, cwd=ROOT, check=False)
    finally:
        ended.set()
        for helper in helpers:
            helper.join()
    if done.returncode:
        raise NotAsItShouldBe("the demonstration is not as told")
    rolled_out(*_deployments())


def roll_out_under_load(port: int) -> None:
    """A new revision of every service's api and worker, with a request every tenth of a second; none may fail."""
    ended = threading.Event()
    seen: Counter[str] = Counter()
    trickle = threading.Thread(target=lambda: asyncio.run(_trickle(port, ended, seen)))
    trickle.start()
    ours = [name for name in _deployments() if name.endswith(("-api", "-worker"))]
    began = time.monotonic()
    try:
        kubectl("rollout", "restart", *ours)
        rolled_out(*ours)
    finally:
        ended.set()
        trickle.join()
    print(f"Rolled out {len(ours)} deployments in {time.monotonic() - began:.0f} s; requests: {dict(seen)}")
    if set(seen) != {"200"}:
        raise NotAsItShouldBe(f"requests failed while a new version was rolled out: {dict(seen)}")


def scale_worker() -> None:
    """A worker from one to three: each has partitions of its own, and together they have all."""
    kubectl("scale", f"deployment/{SCALED}-worker", "--replicas=1")
    rolled_out(f"deployment/{SCALED}-worker")
    _until(lambda: len(_shares()) == 1, 120, "one worker should be alone")
    [alone] = _shares()
    kubectl("scale", f"deployment/{SCALED}-worker", "--replicas=3")
    rolled_out(f"deployment/{SCALED}-worker")
    _until(lambda: len(_shares()) == 3 and sum(_shares()) == alone, 120, "three workers should share the partitions")
    print(f"{SCALED}: one worker had {alone} partitions, three have {_shares()}")
    kubectl("scale", f"deployment/{SCALED}-worker", "--replicas=1")


def _shares() -> list[int]:
    """How many partitions each member of the worker's group has, fewest first; only where all have some."""
    words = ("--bootstrap-server", "kafka-0.kafka:9092", "--describe", "--members", "--group", SCALED)
    command = ("/opt/kafka/bin/kafka-consumer-groups.sh", *words, "--command-config", "admin.properties")
    told = kubectl("exec", "kafka-0", "--", "bash", "-c", AS_ADMIN + shlex.join(command))
    rows = [line.split() for line in told.splitlines() if line.startswith(f"{SCALED} ")]
    return sorted(int(row[4]) for row in rows)


def _kubectl() -> list[str]:
    return [*shlex.split(os.environ.get("KUBECTL", KUBECTL)), "--namespace", "baoqiao"]


def _secret(name: str, *words: str) -> None:
    made = kubectl("create", "secret", "generic", name, *words, "--dry-run=client", "--output=yaml")
    kubectl("apply", "--filename=-", given=made)


def _deployments() -> list[str]:
    return kubectl("get", "deployments", "--output=name").split()


def _kill_pods(ended: threading.Event) -> None:
    for name in KILLED:
        if ended.wait(5):
            return
        service, _, role = name.partition("-")
        labels = f"app.kubernetes.io/name={service},app.kubernetes.io/component={role}"
        kubectl("delete", "pod", "--force", "--grace-period=0", "--wait=false", "--selector", labels)
        print(f"Killed {name}", flush=True)


def _bring_mails(ended: threading.Event) -> None:
    (FOLDER / "mail").mkdir(parents=True, exist_ok=True)
    script = "import sys, tarfile; tarfile.open(fileobj=sys.stdout.buffer, mode='w|').add('/mail', 'mail')"
    command = [*_kubectl(), "exec", "deployment/mail", "--", "python", "-c", script]
    while not ended.wait(2):
        run = subprocess.run(command, check=False, capture_output=True)
        if run.returncode == 0:
            with tarfile.open(fileobj=BytesIO(run.stdout)) as mails:
                mails.extractall(FOLDER, filter="data")


async def _trickle(port: int, ended: threading.Event, seen: Counter[str]) -> None:
    password = (FOLDER / "admin-password").read_text().strip()
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}/api", timeout=30) as http:
        signed_in = await http.post("/identity/sessions", json={"login": "admin", "password": password})
        headers = {"authorization": f"Bearer {signed_in.json()['access_token']}"}
        paths = ["/identity/branches", "/placement/insurers", "/clients/openapi.json", "/finance/openapi.json"]
        asking: set[asyncio.Task[None]] = set()

        async def ask(path: str) -> None:
            try:
                seen[str((await http.get(path, headers=headers)).status_code)] += 1
            except httpx.TransportError as error:
                seen[type(error).__name__] += 1

        while not ended.is_set():
            asking.add(task := asyncio.create_task(ask(paths[sum(seen.values()) % len(paths)])))
            task.add_done_callback(asking.discard)
            await asyncio.sleep(1 / PER_SECOND)
        await asyncio.gather(*asking)


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise NotAsItShouldBe(what)
        time.sleep(1)


def main() -> int:
    """All of it, step by step."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        print(json.loads(kubectl("version", "--output=json"))["serverVersion"]["gitVersion"], flush=True)
        deploy()
        print("Deployed: everything is ready", flush=True)
        load_company()
        with gateway() as port:
            tell_story(port)
            roll_out_under_load(port)
        scale_worker()
    except NotAsItShouldBe as error:
        print(error, file=sys.stderr)
        return 1
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        print(f"kubectl: {error}", file=sys.stderr)
        return 1
    print("All as it should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
