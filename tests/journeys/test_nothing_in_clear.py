"""A whole story is told; then nothing of it that is secret stands in clear anywhere that somebody else can read.

Everything that was ever sealed is looked for, besides passwords, tokens and the beginnings of files: in every document
and in the oplog, which together are what MongoDB's files and journal hold (there they are packed, so the bytes are
taken from before that); in mongod's log, Kafka's logs, log lines, spans, metrics, problem documents and the gateway's
log. What is planted in each of these places is found in each.
"""

import asyncio
import json
import os
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymongo
import pytest
from aiokafka import AIOKafkaProducer
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from stdnum.cn import uscc

from chassis import metrics
from chassis.kafka import ensure_topics
from chassis.logs import log
from deploy.local.company import FIRST_PASSWORD, TOLD
from deploy.local.demo.story import Story
from tests.journeys.conftest import INSURED, PASSWORD
from tests.support.collector import Collector
from tests.support.in_clear import Heard, Remembering, found_in, worth_looking_for
from tests.support.own_servers import in_containers
from tests.support.stack import Stack
from tests.support.waiting import eventually

IDENTITY, PHONE = "11010519491231002X", "13900007654"
PLANTED = "不该在此的明文 4401-PLANTED-0001"
PLACES = {"documents", "oplog", "mongod", "kafka", "log", "spans", "metrics", "problems", "gateway"}
FILES = {"%PDF-1.", "[Content_Types].xml"}
"""What uploaded papers and spreadsheets begin with: what is packed in them could not be found."""
RAW = CodecOptions(document_class=RawBSONDocument)
ANSWERED = {"documents", "oplog"}
"""Where companies' credit codes may stand: placement keeps in clear what a questionnaire is answered with."""
OPLOG_SECONDS = 60
"""To read through: it holds the whole run's writes."""
TO_BE_SEEN = {
    "吕秋安": "he signs the questionnaire: answers in words are free text, which is not looked into",
} | {told["name"]: "staff: documents name who is responsible" for told in TOLD["person"]}


async def a_person_comes(story: Story) -> None:
    """A natural person becomes a client, is refused, found, shown in clear to who may, and signs in wrongly."""
    executive = await story.who("ae.gd")
    person = {
        "branch": executive.branch,
        "kind": "individual",
        "person_name": "司马相宜",
        "identity": {"kind": "resident_id", "number": IDENTITY},
        "region": "44",
        "person_address": "深圳市南山区无名路甲 77 号 3001",
        "contacts": [{"name": "司马相宜", "phone": PHONE, "email": "sima@private.example", "may_sign": True}],
    }
    made = await executive.call("POST", "/clients/clients", json=person)
    assert made.status_code == 201, made.text
    for wrong in (person, person | {"identity": {"kind": "resident_id", "number": IDENTITY[:-1] + "1"}}):
        assert (await executive.call("POST", "/clients/clients", json=wrong)).status_code in (409, 422)
    assert (await executive.call("GET", "/clients/clients", params={"q": "司马相宜"})).status_code == 200
    assert (await executive.get(f"/clients/clients/{made.json()['id']}/identity"))["number"] == IDENTITY
    wrong = {"login": "admin", "password": PASSWORD + "x"}
    assert (await story.gateway.request("POST", "/identity/sessions", json=wrong)).status_code == 401


async def plant(stack: Stack, heard: Heard, run_dir: Path) -> None:
    """The same text in clear in every place that is looked at."""
    host = stack.hosts["clients"]
    planted = stack.administrator[host.db.name]["planted"]
    logged: dict[str, Any] = {"profile": 0, "filter": {"ns": f"{host.db.name}.planted"}}
    await planted.database.command(logged)
    await planted.insert_one({"_id": "planted", "note": b64encode(PLANTED.encode()).decode()})
    await planted.find_one({"note": PLANTED})
    await ensure_topics(stack.settings, ["planted"])
    async with AIOKafkaProducer(bootstrap_servers=stack.settings.kafka_bootstrap) as producer:
        await producer.send_and_wait(f"{stack.settings.namespace}planted", json.dumps(PLANTED).encode())
    log.info("planted", note=PLANTED)
    with host.spans.span(PLANTED, "00-" + "1" * 32 + "-" + "2" * 16 + "-01"):
        pass
    metrics.request("clients", "GET", PLANTED, "200").observe(0.1)
    heard.problems.append(quote(PLANTED))
    await stack.gateway.http.get(f"/clients/clients/{quote(PLANTED)}")

    async def written() -> bool:  # the gateway writes its lines some seconds later
        return any(quote(PLANTED) in path.read_text() for path in (run_dir / "log").glob("envoy-*.log"))

    await eventually(written, "the request in the gateway's log")


async def pieces(stack: Stack, heard: Heard, collector: Collector, run_dir: Path) -> AsyncIterator[tuple[str, bytes]]:
    """All that was written by this stack, piece by piece, each with its place."""
    client, namespace = stack.administrator, stack.settings.namespace
    for host in stack.hosts.values():
        for name in await host.db.database.list_collection_names():
            async for document in client[host.db.name][name].with_options(RAW).find():
                yield "documents", bytes(document.raw)
    ours = {"$regex": f"^{re.escape(namespace)}"}
    written: dict[str, Any] = {"$or": [{"ns": ours}, {"o.applyOps.ns": ours}]}
    with pymongo.timeout(OPLOG_SECONDS):
        for entry in await client["local"]["oplog.rs"].with_options(RAW).find(written).to_list():
            yield "oplog", bytes(entry.raw)
    for line in (run_dir / "log/mongod.log").read_bytes().splitlines():
        if namespace.encode() in line:
            yield "mongod", line
    for path in (run_dir / "kafka").glob(f"**/{namespace}*/*.log"):
        yield "kafka", path.read_bytes()
    for host in stack.hosts.values():
        await asyncio.to_thread(host.spans._provider.force_flush)
    told = {"spans": collector.raw, "log": heard.lines, "problems": heard.problems}
    for place, lines in told.items():
        yield place, "\n".join(lines).encode()
    yield "metrics", metrics.exposed()[0]
    for path in (run_dir / "log").glob("envoy-*.log"):
        yield "gateway", path.read_bytes()


@pytest.mark.skipif("BAOQIAO_TEST_MONGO_URL" in os.environ or in_containers(), reason="reads servers' files")
async def test_nothing_secret_of_a_whole_story_stands_in_clear(
    story: Story, stack: Stack, heard: Heard, collector: Collector, run_dir: Path, tmp_path: Path
):
    await a_person_comes(story)
    await plant(stack, heard, run_dir)
    folder = tmp_path / "places"
    folder.mkdir()
    async for place, piece in pieces(stack, heard, collector, run_dir):
        with (folder / place).open("ab") as out:
            out.write(piece.replace(b"\0", b"") + b"\n")
    assert isinstance(stack.keyring, Remembering)
    secrets = worth_looking_for(stack.keyring.sealed_texts) | heard.secrets | FILES | {PASSWORD, FIRST_PASSWORD}
    assert {INSURED, IDENTITY, PHONE, "13500001111", "88001000000000001", "司马相宜"} <= secrets
    found = found_in(folder, (secrets - set(TO_BE_SEEN)) | {PLANTED})
    assert found.pop(PLANTED, set()) == PLACES, "what was planted everywhere is not found everywhere"
    leaks = {secret: places for secret, places in found.items() if not uscc.is_valid(secret) or places - ANSWERED}
    assert leaks == {}


def in_base64(text: str) -> bytes:
    return b64encode(b"ab" + text.encode())


def in_percent(text: str) -> bytes:
    return quote(text).encode()


@pytest.mark.parametrize("write", [str.encode, in_base64, in_percent])
def test_a_secret_is_found_however_it_is_written(tmp_path: Path, write: Any):
    (tmp_path / "places").mkdir()
    (tmp_path / "places/kafka").write_bytes(b"x" * 1000 + write(INSURED) + b"y" * 1000)
    assert found_in(tmp_path / "places", [INSURED, PHONE]) == {INSURED: {"kafka"}}
