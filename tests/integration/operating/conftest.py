"""Two services with their workers, and the operator's command against them."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chassis.operating.__main__ import app
from chassis.sealing import Keyring
from chassis.serve import service_named
from chassis.service import Host
from chassis.settings import Settings
from chassis.worker import Worker
from contracts.personal import EmailAddress
from deploy.local import keys
from services.identity.branches.actions import found_headquarters
from services.identity.branches.model import HEADQUARTERS_ID
from services.identity.keys.actions import published
from services.identity.users.actions import add_administrator
from tests.support.waiting import eventually

NAMES = ("identity", "hr")


@dataclass
class Company:
    """Identity and hr at work: headquarters and an administrator, of whom hr has heard."""

    hosts: Mapping[str, Host]
    env: Mapping[str, str]

    def __getitem__(self, service: str) -> Host:
        return self.hosts[service]


@pytest.fixture(scope="package")
async def company(
    mongo_url: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Company]:
    """Running until the tests of this folder are over."""
    folder = tmp_path_factory.mktemp("operating")
    keys.field_keys(folder)
    settings = Settings(
        mongo_url=mongo_url,
        kafka_bootstrap=kafka_bootstrap,
        namespace=f"t{secrets.token_hex(6)}_",
        keys_dir=folder,
        jwks_url=f"file://{folder}/jwks.json",
        topic_partitions=2,
    )
    ring = Keyring.load(folder)
    hosts = {name: Host(service_named(name), settings, keyring=ring) for name in NAMES}
    workers = [Worker(host) for host in hosts.values()]
    for worker in workers:
        await worker.start()
    work = hosts["identity"].system_work()
    await found_headquarters("HQ", "总公司", "31", work.today, work)
    address = EmailAddress("admin@baoqiao.example")
    await add_administrator("admin", "系统管理员", address, "correct horse battery", HEADQUARTERS_ID, work)
    (folder / "jwks.json").write_text(json.dumps({"keys": await published(work)}))
    users = hosts["hr"].db["copy_users"]
    await eventually(lambda: users.count_documents({}), "hr to hear of the administrator")
    log = hosts["identity"].db["event_log"]
    await eventually(lambda: log.count_documents({"topic": "identity.users"}), "the log")
    names = ("mongo_url", "kafka_bootstrap", "namespace", "keys_dir", "jwks_url", "topic_partitions")
    yield Company(hosts, {f"BAOQIAO_{name.upper()}": str(getattr(settings, name)) for name in names})
    for worker in workers:
        await worker.stop()
    for host in hosts.values():
        await host.db.client.drop_database(host.db.name)
        await host.db.close()


@pytest.fixture
def baoqiao(company: Company, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run the command as an operator would, while the services go on; settings by name differ from the company's."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    for name, value in company.env.items():
        monkeypatch.setenv(name, value)

    async def run(*words: str, **settings: str) -> Result:
        with monkeypatch.context() as told:
            for name, value in settings.items():
                told.setenv(f"BAOQIAO_{name.upper()}", value)
            return await asyncio.to_thread(CliRunner().invoke, app, words)

    return run
