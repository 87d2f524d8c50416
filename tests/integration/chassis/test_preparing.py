"""An operator makes a service's indexes and topics ahead of its processes, and may do so again."""

import asyncio
import secrets
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient
from typer.testing import CliRunner

from chassis.operate import app
from deploy.local import keys


async def topics(bootstrap: str, prefix: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return {name.removeprefix(prefix) for name in await admin.list_topics() if name.startswith(prefix)}
    finally:
        await admin.close()


def test_indexes_and_topics_are_made_ahead_and_a_second_run_changes_nothing(
    mongo_url: str, kafka_bootstrap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    namespace = f"t{secrets.token_hex(6)}_"
    keys.field_keys(tmp_path)
    told = {"MONGO_URL": mongo_url, "KAFKA_BOOTSTRAP": kafka_bootstrap, "NAMESPACE": namespace}
    for name, value in (told | {"KEYS_DIR": str(tmp_path), "TOPIC_PARTITIONS": "1"}).items():
        monkeypatch.setenv(f"BAOQIAO_{name}", value)
    with MongoClient(mongo_url) as client:
        for _ in range(2):
            done = CliRunner().invoke(app, ["prepare", "hr"])
            assert done.exit_code == 0, done.output
            assert done.output.startswith("hr: indexes stand, and ")
            assert "outbox" in client[f"{namespace}hr"]["employees"].index_information()
            assert {"hr.employees", "identity.users"} <= asyncio.run(topics(kafka_bootstrap, namespace))
        client.drop_database(f"{namespace}hr")
