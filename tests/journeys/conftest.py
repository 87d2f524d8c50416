"""One stack for all journeys, with the demonstration company in it."""

import importlib
import os
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from chassis.service import Service
from contracts.personal import EmailAddress
from deploy.local.company import Company
from deploy.local.demo import client
from deploy.local.demo.__main__ import CHAPTERS
from deploy.local.demo.story import Story
from services.identity.branches.actions import found_headquarters
from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.roles.actions import renew_default_roles
from services.identity.users.actions import add_administrator
from tests.journeys.telling import PASSWORD, a_story
from tests.support.collector import Collector, collecting
from tests.support.in_clear import Heard, Remembering, hearing
from tests.support.servers import Addresses, StartEnvoy
from tests.support.service import MovableClock
from tests.support.stack import MailBox, Stack

ROOT = Path(__file__).resolve().parents[2]
SINCE = date(2026, 3, 2)
INSURED = "欧阳景行"


def all_services() -> list[Service]:
    """Every service of the product."""
    names = sorted(path.parent.name for path in (ROOT / "services").glob("*/service.py"))
    return [importlib.import_module(f"services.{name}.service").service for name in names]


@pytest.fixture(scope="package")
def heard() -> Iterator[Heard]:
    """What the stack logs and refuses."""
    with hearing() as kept:
        yield kept


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where the gateway and all services tell their spans."""
    with collecting() as kept:
        yield kept


@pytest.fixture(scope="package")
async def stack(
    addresses: Addresses, envoy: StartEnvoy, heard: Heard, collector: Collector, run_dir: Path
) -> AsyncIterator[Stack]:
    """All services behind the gateway, with headquarters and an administrator; the clock moves only by hand."""
    os.environ["BAOQIAO_SMTP_PORT"] = str(addresses.smtp_port)  # notifications reads its own mail settings
    settings: dict[str, Any] = {
        "mongo_url": addresses.mongo_url,
        "kafka_bootstrap": addresses.kafka_bootstrap,
        "otlp_url": collector.url,
    }
    access, users = run_dir / "journeys-access", addresses.kafka_users
    running = Stack(all_services(), MovableClock(), access, users, settings, Remembering())
    running.gateway.http.event_hooks["response"].append(heard.answer)
    await running.start(envoy)
    yield running
    await running.stop()


@pytest.fixture(scope="package")
async def company(stack: Stack) -> Company:
    """The demonstration company, loaded over the API."""
    work = stack.hosts["identity"].system_work()
    await found_headquarters("HQ", "沐渡保险经纪有限公司", "31", SINCE, work)
    await renew_default_roles(work)
    address = EmailAddress("admin@mudu.example")
    await add_administrator("admin", "系统管理员", address, PASSWORD, HEADQUARTERS_ID, work)
    loaded = Company(stack.gateway, PASSWORD, SINCE)
    await loaded.set_up("admin")
    return loaded


@pytest.fixture(scope="package")
async def story(stack: Stack, company: Company, addresses: Addresses) -> Story:
    """The whole story, told once in the Guangdong branch; who is insured is a natural person, whose name is sealed."""
    told = a_story(stack, MailBox(addresses.mail_dir))
    for chapter in CHAPTERS:
        await chapter(told)
        if chapter is client.register_project:
            told.made["client"] = {**told.made["client"], "name": INSURED}
    return told


@pytest.fixture
def mail(addresses: Addresses) -> MailBox:
    """The mail sink."""
    return MailBox(addresses.mail_dir)
