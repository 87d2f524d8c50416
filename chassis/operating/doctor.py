"""`baoqiao doctor`: what is wrong, and what to do."""

from collections.abc import Callable
from contextlib import AsyncExitStack

import typer
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis.operating import checks
from chassis.operating.checks import Finding, Findings
from chassis.operating.desk import ServiceNames, all_services, at, console, fault, run, tell
from chassis.service import Host


def doctor(services: ServiceNames = None) -> None:
    """检查服务器、主题、索引、时钟与密钥,不作改动 · Look at servers, topics, indexes, clocks, keys; changes nothing.

    Ends with 1 when something is wrong, and says what to do.
    """

    async def act() -> int:
        async with AsyncExitStack() as stay:
            hosts = [await stay.enter_async_context(at(service)) for service in services or all_services()]
            return await _examine(hosts)

    if wrong := run(act()):
        tell(f"有 {wrong} 处需要处理", "1 thing needs a hand" if wrong == 1 else f"{wrong} things need a hand")
        raise typer.Exit(1)
    tell("一切正常", "All is well")


async def _examine(hosts: list[Host]) -> int:
    first = hosts[0]
    wrong = await _shown("", lambda: checks.field_keys(first))
    wrong += (no_mongo := await _shown("", lambda: checks.mongo(first)))
    wrong += (no_kafka := await _shown("", lambda: checks.kafka(first.settings, hosts)))
    wrong += await _shown("", lambda: checks.signing_keys(first))
    for host in hosts:
        for check in (checks.indexes, checks.sealed, checks.worker, checks.pending, checks.lag):
            needs = no_kafka if check is checks.lag else no_mongo
            if not needs:
                wrong += await _shown(f"{host.service.name}: ", lambda check=check, host=host: check(host))
    return wrong


async def _shown(where: str, check: Callable[[], Findings]) -> int:
    """Print what a check finds; gives how many things are wrong."""
    wrong = 0
    try:
        async for finding in check():
            wrong += _print(where, finding)
    except (PyMongoError, KafkaError, OSError) as error:
        told = fault(error)
        if told is None:
            raise
        wrong += _print(where, Finding(*told))
    return wrong


def _print(where: str, finding: Finding) -> int:
    mark = "✗" if finding.todo else "✓"
    console.print(f"{mark} {where}{finding.what}: {finding.found}", markup=False)
    if finding.todo:
        console.print(f"  → {finding.todo}", markup=False)
    return int(bool(finding.todo))
