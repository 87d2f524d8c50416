"""Publish the contracts: `python -m contracts.publish` writes a snapshot and a golden sample of each fact that has
none yet.

A snapshot is never written over. A fact that grew by an optional field gets a further one beside the first;
whatever else changed is
refused and belongs into a new version.
"""

import json
import sys
from pathlib import Path
from typing import Any

from .asyncapi import document
from .catalogue import facts
from .compatibility import breaks
from .facts import Fact

HERE = Path(__file__).parent
SNAPSHOTS, SAMPLES = HERE / "snapshots", HERE / "samples"
ASYNCAPI = HERE / "asyncapi.json"


def snapshots(type_name: str) -> list[Path]:
    """The snapshots of a fact, oldest first."""
    return sorted(SNAPSHOTS.glob(f"{type_name}.*.json"), key=lambda path: int(path.name.split(".")[-2]))


def schema(fact: type[Fact]) -> dict[str, Any]:
    """Today's JSON Schema of a fact."""
    return fact.model_json_schema(mode="serialization")


def sample(told: dict[str, Any], definitions: dict[str, Any] | None = None) -> Any:
    """A small value that fits a schema: each optional field filled, so that a reader of it is tried as well."""
    known: dict[str, Any] = told.get("$defs", {}) if definitions is None else definitions
    if "$ref" in told:
        return sample(known[told["$ref"].rpartition("/")[2]], known)
    if "anyOf" in told:
        return sample(next(one for one in told["anyOf"] if one.get("type") != "null"), known)
    if "enum" in told:
        return told["enum"][0]
    match told.get("type"):
        case "object" if "properties" in told:
            return {name: sample(inner, known) for name, inner in told["properties"].items()}
        case "array":
            return [sample(told["items"], known)]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "object":
            return {}
        case _:
            return _text(told)


def _text(told: dict[str, Any]) -> str:
    dated = {"date": "2026-03-02", "date-time": "2026-03-02T01:00:00Z"}
    return dated.get(told.get("format", "")) or (told.get("examples") or ["x"])[0]


def main() -> int:
    """Write what is missing; 1 when a published contract was changed."""
    faults: list[str] = []
    for folder in (SNAPSHOTS, SAMPLES):
        folder.mkdir(exist_ok=True)
    for type_name, fact in facts().items():
        now, kept = schema(fact), snapshots(type_name)
        for path in kept:
            faults += [f"{path.name}: {fault}" for fault in breaks(json.loads(path.read_text()), now)]
        if not kept or json.loads(kept[-1].read_text()) != now:
            _write(SNAPSHOTS / f"{type_name}.{len(kept) + 1}.json", now)
            _write(SAMPLES / f"{type_name}.{len(kept) + 1}.json", sample(now))
    if faults:
        print("A published contract never changes; make a new version beside it.", *faults, sep="\n", file=sys.stderr)
        return 1
    _write(ASYNCAPI, document(facts()))
    return 0


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
