"""Check the API and event documents with validators of others, and compile a client made from them.

Needs Node 20 and npm; installs package.json into .run/outside. Fails with the first tool that does.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from chassis.app import create_app
from chassis.sealing import Keyring
from chassis.service import Host
from chassis.settings import Settings
from contracts.publish import ASYNCAPI
from tests.structure.house import ROOT, services

HERE, WORK = Path(__file__).parent, ROOT / ".run/outside"
FILES = ("package.json", "tsconfig.json", "redocly.yaml", "client.ts")
NO_KEYS = Keyring("none", {"none": bytes(32)}, bytes(32))


def documents() -> dict[str, dict[str, Any]]:
    """The OpenAPI document of each service, by the service's name."""
    hosts = [Host(service, Settings(), keyring=NO_KEYS) for service in services()]
    return {host.service.name: create_app(host).openapi() for host in hosts}


def main() -> int:
    """Run every tool; the exit code of the first that fails."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(HERE / name, WORK)
    shutil.copy(ASYNCAPI, WORK)
    names = []
    for name, document in documents().items():
        (WORK / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False))
        names.append(name)
    steps = [["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]]
    steps += [["npx", "redocly", "lint", *(f"{name}.json" for name in names)]]
    steps += [["npx", "asyncapi", "validate", "asyncapi.json"]]
    steps += [["npx", "openapi-typescript", f"{name}.json", "--output", f"{name}.ts"] for name in names]
    steps += [["npx", "tsc", "--project", "."]]
    for step in steps:
        done = subprocess.run(step, cwd=WORK, check=False, capture_output=True, text=True)
        print(f"{'ok' if done.returncode == 0 else 'FAILED':8}{' '.join(step)}", flush=True)
        if done.returncode:
            print(done.stdout, done.stderr)
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
