"""`baoqiao doctor` and `prepare`: what is wrong is found, and what it says to do mends it."""

import secrets
from pathlib import Path
from typing import Any

from deploy.local import keys
from tests.integration.operating.conftest import Company

ALL = ("hr", "identity")


async def test_where_nothing_is_wrong_it_says_so(baoqiao: Any):
    done = await baoqiao("doctor", *ALL)
    assert done.exit_code == 0, done.output
    assert "All is well" in done.output.splitlines()
    assert "✓ Kafka: 1 brokers" in done.output
    assert "✓ hr: consumer lag: " in done.output


async def test_an_index_that_is_gone_is_named_and_the_advice_mends_it(baoqiao: Any, company: Company):
    await company["hr"].db["employees"].drop_index("outbox")
    told = await baoqiao("doctor", *ALL)
    assert (told.exit_code, "1 thing needs a hand" in told.output.splitlines()) == (1, True)
    assert "missing or other: employees.outbox\n  → baoqiao prepare hr" in told.output
    assert (await baoqiao("prepare", "hr")).exit_code == 0
    assert (await baoqiao("doctor", *ALL)).exit_code == 0


async def test_topics_that_are_missing_and_a_worker_that_does_not_run_are_named(baoqiao: Any, company: Company):
    fresh = {"namespace": f"t{secrets.token_hex(6)}_"}
    told = (await baoqiao("doctor", "hr", **fresh)).output
    assert "✗ topics: 4 wanted, missing: " in told and "→ baoqiao prepare hr" in told
    assert "✗ hr: worker: none holds the lease\n  → Start a worker of hr" in told
    for _ in range(2):
        done = await baoqiao("prepare", "hr", **fresh)
        assert (done.exit_code, "hr: indexes stand, and 4 topics" in done.output.splitlines()) == (0, True)
    told = (await baoqiao("doctor", "hr", **fresh)).output
    assert "✓ topics: 4 wanted, missing: -" in told and "✓ hr: indexes: " in told
    await company["hr"].db.client.drop_database(f"{fresh['namespace']}hr")


async def test_a_server_that_does_not_answer_is_named_and_the_rest_is_looked_at(baoqiao: Any):
    told = await baoqiao("doctor", *ALL, kafka_bootstrap="127.0.0.1:1")
    assert "✗ Kafka: does not answer" in told.output and "BAOQIAO_KAFKA_BOOTSTRAP" in told.output
    assert "✓ hr: indexes" in told.output
    told = await baoqiao("doctor", *ALL, mongo_url="mongodb://127.0.0.1:1/?replicaSet=rs0", mongo_timeout_ms="200")
    assert "✗ MongoDB: does not answer" in told.output
    assert "✓ Kafka" in told.output
    told = await baoqiao("doctor", *ALL, jwks_url="http://127.0.0.1:1/jwks")
    assert "✗ signing keys: http://127.0.0.1:1/jwks does not answer" in told.output


async def test_a_key_file_that_is_not_the_one_is_noticed(baoqiao: Any, tmp_path: Path):
    keys.field_keys(tmp_path)
    told = await baoqiao("doctor", *ALL, keys_dir=str(tmp_path))
    assert "✗ identity: sealed values: cannot be opened (InvalidTag" in told.output
    assert "restore it" in told.output


async def test_it_speaks_the_operators_language(baoqiao: Any, monkeypatch: Any):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "一切正常" in (await baoqiao("doctor", *ALL)).output.splitlines()


async def test_a_service_that_there_is_not_is_refused(baoqiao: Any):
    told = await baoqiao("prepare", "nothing")
    assert told.exit_code == 2
    assert "there is no service nothing" in told.output
