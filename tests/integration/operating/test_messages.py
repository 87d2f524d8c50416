"""`baoqiao parked`, `outbox`, `events` and `copies` on real servers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.database import Document
from chassis.ids import new_id
from chassis.kafka import Publisher
from chassis.parking import Parking
from contracts import wire
from contracts.facts import Envelope
from contracts.identity import UserChanged
from contracts.personal import EmailAddress
from tests.integration.operating.conftest import Company
from tests.support.waiting import eventually

TOPIC = "identity.users"


def a_change(company: Company, user: str, version: int = 1) -> tuple[wire.Headers, bytes]:
    """Headers and value of a fact about a user."""
    fact = UserChanged(user_id=user, name="王芳", email=EmailAddress("wang.fang@example.com"), language="zh")
    event = Envelope(
        id=new_id(),
        source="/baoqiao/identity",
        type=fact.type,
        subject=user,
        time=datetime.now(UTC),
        aggregateversion=version,
        branch="hq",
        actor="u",
        correlationid="test",
    )
    sealed = fact.model_dump_json(context={"sealer": company["hr"].db.keyring.sealed})
    return wire.headers_of(event), sealed.encode()


async def parked(company: Company, offset: int, user: str, headers: wire.Headers, value: bytes) -> str:
    await Parking(company["hr"].db, "hr").park(TOPIC, 9, offset, user, headers, value, "out of paper", again=False)
    return f"{TOPIC}/9/{offset}"


async def test_what_is_parked_is_listed_shown_and_redriven(baoqiao: Any, company: Company):
    message = await parked(company, 1, "u-parked", *a_change(company, "u-parked"))
    listed = (await baoqiao("parked", "list", "hr")).output
    assert message in listed and "out of paper" in listed and "1 parked in hr" in listed
    shown = (await baoqiao("parked", "show", "hr", message)).output
    assert "why: out of paper" in shown and '"name": "王芳"' in shown
    assert "wang.fang" not in shown
    done = await baoqiao("parked", "redrive", "hr")
    assert (done.exit_code, "1 handled, 0 left" in done.output.splitlines()) == (0, True)
    assert await company["hr"].db["copy_users"].find_one({"_id": "u-parked"})
    told = await baoqiao("parked", "show", "hr", message)
    assert (told.exit_code, "baoqiao parked list hr" in told.output) == (1, True)


async def test_what_cannot_be_handled_stays_parked_and_the_command_says_so(baoqiao: Any, company: Company):
    headers, _ = a_change(company, "u-bad")
    message = await parked(company, 2, "u-bad", headers, b"not json")
    done = await baoqiao("parked", "redrive", "hr")
    assert (done.exit_code, "0 handled, 1 left" in done.output.splitlines()) == (1, True)
    await company["hr"].db["parked"].delete_one({"_id": message})


async def test_what_waits_to_be_published_is_listed_with_its_age(baoqiao: Any, company: Company):
    away = company["hr"].db.client[company["hr"].db.name.replace("_hr", "_finance")]  # no worker of it runs
    since = datetime.now(UTC) - timedelta(hours=1)
    waiting = {"outbox": [{"id": "a"}, {"id": "b"}], "outbox_at": since}
    await away["debit_notes"].insert_many([{"_id": "1", **waiting}, {"_id": "2", "outbox": []}])
    told = (await baoqiao("outbox", "finance")).output
    [line] = [line.split() for line in told.splitlines() if "debit_notes" in line]
    assert line[:4] == ["finance", "debit_notes", "1", "2"]
    assert 3600 <= int(line[-1]) < 3700
    await away.client.drop_database(away.name)


async def log_of(company: Company) -> list[Document]:
    found = company["identity"].db["event_log"].find({}).sort("seq", 1)
    return await found.to_list()


async def test_events_are_shown_as_they_come_and_one_by_one(baoqiao: Any, company: Company):
    newest = [entry for entry in await log_of(company) if entry["topic"] == TOPIC][-1]
    told = (await baoqiao("events", "tail", "--topic", TOPIC, "--last", "1", "--no-follow")).output
    [line] = [line for line in told.splitlines() if line.startswith("20") and '{"user_id"' in line]
    assert newest["_id"] in line and "admin@" not in line
    everywhere = (await baoqiao("events", "tail", "--last", "50", "--no-follow")).output
    assert all(entry["_id"] in everywhere for entry in await log_of(company))
    shown = (await baoqiao("events", "show", newest["_id"])).output
    assert f"topic: {TOPIC}" in shown and f"ce_id: {newest['_id']}" in shown
    told = await baoqiao("events", "show", "nothing")
    assert (told.exit_code, "baoqiao outbox" in told.output) == (1, True)
    told = await baoqiao("events", "tail", "--topic", "nothing", "--no-follow")
    assert (told.exit_code, "Kafka has no topic nothing" in told.output) == (1, True)


async def test_an_interrupted_replay_goes_on_where_it_stopped(
    baoqiao: Any, company: Company, monkeypatch: pytest.MonkeyPatch
):
    total = len(await log_of(company))
    batches = []

    class Interrupted(Publisher):
        """Ctrl-C in the second batch."""

        async def publish(self, messages: Any, check: Any) -> None:
            if batches:
                raise KeyboardInterrupt
            batches.append(messages)
            await super().publish(messages, check)

    monkeypatch.setattr("chassis.relay.READ_AT_ONCE", 1)
    with monkeypatch.context() as interrupting:
        interrupting.setattr("chassis.operating.events.Publisher", Interrupted)
        done = await baoqiao("events", "replay", "identity")
    assert (done.exit_code, "goes on from here" in done.output) == (130, True)
    again = await baoqiao("events", "replay", "identity")
    assert again.exit_code == 0, again.output
    assert "It goes on where it stopped" in again.output
    assert f"{total - 1} events sent again" in again.output.splitlines()
    whole = await baoqiao("events", "replay", "identity")
    assert f"{total} events sent again" in whole.output.splitlines()


async def test_a_copy_is_rebuilt_while_all_goes_on(baoqiao: Any, company: Company):
    users = company["hr"].db["copy_users"]
    [administrator] = [json.loads(e["value"])["user_id"] for e in await log_of(company) if e["topic"] == TOPIC]
    await users.delete_one({"_id": administrator})
    done = await baoqiao("copies", "rebuild", "hr", "copy_users")
    assert "1 rebuilt in copy_users" in done.output
    await eventually(lambda: users.count_documents({"_id": administrator}), "the copy")
    told = await baoqiao("copies", "rebuild", "hr", "copy_nothing")
    assert (told.exit_code, "what can be fed: " in told.output) == (1, True)
