"""CONTRIBUTING's service works as written, and is small."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import contracts
import services
from chassis.service import Service
from chassis.worker import Worker
from contracts.clients import ClientAdded, ClientCard
from contracts.facts import FACTS
from tests.support.service import running
from tests.support.waiting import eventually

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
BLOCK = re.compile(r"```(?:python|toml) (\S+)\n(.*?)```", re.DOTALL)


def blocks() -> dict[str, str]:
    """The files that the page shows, by path."""
    return dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))


@pytest.fixture
def visits(tmp_path: Path) -> Iterator[Service]:
    """The page's service, built in a folder of its own."""
    for name, text in blocks().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    contracts.__path__.append(str(tmp_path / "contracts"))
    services.__path__.append(str(tmp_path / "services"))
    try:
        yield importlib.import_module("services.visits.service").service
    finally:
        contracts.__path__.pop()
        services.__path__.pop()
        for name in [name for name in sys.modules if name.startswith(("services.visits", "contracts.visits"))]:
            del sys.modules[name]
        for name in [name for name in FACTS if name.startswith("baoqiao.visits.")]:
            del FACTS[name]


def test_a_service_of_its_own_stays_under_150_lines():
    code = [
        line for name, text in blocks().items() if name.endswith(".py") for line in text.splitlines() if line.strip()
    ]
    assert 50 < len(code) < 150


async def test_the_service_of_the_page_commands_tells_and_listens(
    visits: Service, mongo_url: str, kafka_bootstrap: str
):
    async with running(visits, mongo_url, kafka_bootstrap=kafka_bootstrap) as service:
        card = ClientCard(
            client_id="c1",
            code="HQ00001",
            kind="company",
            status="client",
            name="云泽材料有限公司",
            person_name=None,
            region="44",
            industry="",
            parent_id=None,
            team=[],
            contacts=[],
        )
        await service.receives(ClientAdded(card=card), "c1")
        anne = service.user("anne", "hq", "visits:write")
        answer = await anne.post("/visits", {"client_id": "c1", "visited_on": "2026-03-02"})
        assert answer.status_code == 201, answer.text
        ahead = await anne.post("/visits", {"client_id": "c1", "visited_on": "2026-03-03"})
        assert (ahead.status_code, ahead.json()["type"]) == (422, "urn:baoqiao:problem:not-yet-visited")
        worker = Worker(service.host)
        await worker.start()

        async def told() -> bool:
            return (
                await service.host.db["event_log"].count_documents(
                    {"topic": "visits.visits", "key": answer.json()["id"]}
                )
                == 1
            )

        await eventually(told, "the event in the log")
        await worker.stop()
