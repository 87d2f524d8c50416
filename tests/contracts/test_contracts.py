"""What was published can still be read, by everybody, for ever."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from contracts import wire
from contracts.asyncapi import document
from contracts.catalogue import facts
from contracts.compatibility import breaks
from contracts.facts import Envelope
from contracts.publish import ASYNCAPI, HERE, SAMPLES, schema, snapshots

PUBLISH = "run `python -m contracts.publish`"
ALL = sorted(facts())


def test_every_fact_is_published():
    missing = [name for name in ALL if not snapshots(name)]
    assert not missing, f"{PUBLISH}: {missing}"
    stale = [name for name in ALL if json.loads(snapshots(name)[-1].read_text()) != schema(facts()[name])]
    assert not stale, f"{PUBLISH}: {stale}"


@pytest.mark.parametrize("name", ALL)
def test_a_fact_agrees_with_every_earlier_form_of_it(name: str):
    now = schema(facts()[name])
    for path in snapshots(name):
        assert not breaks(json.loads(path.read_text()), now), (
            "a published contract never changes; make a new version beside it"
        )


def test_nothing_published_disappeared():
    gone = {path.name.rpartition(".")[0].rpartition(".")[0] for path in (HERE / "snapshots").glob("*.json")} - set(ALL)
    assert not gone, f"a published fact stays: {gone}"


def test_snapshots_and_samples_were_never_edited():
    """In git, files of the two folders are only ever added."""
    told = subprocess.run(
        [
            "git",
            "log",
            "--diff-filter=MDR",
            "--name-only",
            "--format=",
            "--",
            "contracts/snapshots",
            "contracts/samples",
        ],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [], "published files were changed"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_golden_samples_are_read_by_todays_code(path: Path):
    name = path.name.rpartition(".")[0].rpartition(".")[0]
    fact = wire.fact_of(name, path.read_bytes(), lambda sealed: sealed)
    assert fact is not None
    told: dict[str, Any] = fact.model_dump(mode="json", context={"sealer": lambda value: value.sealed})
    assert json.loads(path.read_text()).items() <= told.items()


def test_asyncapi_is_that_of_the_contracts():
    assert json.loads(ASYNCAPI.read_text()) == json.loads(json.dumps(document(facts()))), PUBLISH


def an_envelope(**more: Any) -> Envelope:
    told: dict[str, Any] = {
        "id": "e1",
        "source": "/baoqiao/clients",
        "type": "baoqiao.clients.clients.client_added.v1",
        "subject": "c1",
        "time": datetime(2026, 3, 2, 1, tzinfo=UTC),
        "aggregateversion": 3,
        "branch": "b1",
        "actor": "u1",
        "correlationid": "r1",
    }
    return Envelope(**(told | more))


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text), st.integers(min_value=1, max_value=10**9))
def test_an_envelope_survives_the_wire(text: str, version: int):
    sent = an_envelope(actor=text, aggregateversion=version)
    assert wire.envelope_of(wire.headers_of(sent)) == sent


def test_the_cloudevents_sdk_reads_what_we_send():
    headers = dict(wire.headers_of(an_envelope()))
    event = from_binary(KafkaMessage(headers=headers, key=b"c1", value=b"{}"), JSONFormat())
    assert (event.get_id(), event.get_type(), event.get_subject()) == (
        "e1",
        "baoqiao.clients.clients.client_added.v1",
        "c1",
    )
    assert event.get_extension("aggregateversion") in ("3", 3)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"properties": {}}, "/a is gone"),
        ({"properties": {"a": {"type": "integer"}}}, "/a: type was string, is integer"),
        (
            {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a", "b"]},
            "/b is required now",
        ),
        ({"properties": {"a": {"type": "string", "enum": ["x"]}}}, "/a: the words x were added or taken away"),
    ],
)
def test_changes_that_break_readers_are_named(change: dict[str, Any], fault: str):
    before = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert fault in breaks(before, {"required": ["a"], **change})


def test_an_optional_field_may_be_added():
    before = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert not breaks(before, {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]})
