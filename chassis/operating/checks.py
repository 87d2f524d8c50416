"""What `baoqiao doctor` looks at, one function for each thing; each says what it found and, where that is not well,
what to do."""

import json
import re
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from cryptography.exceptions import InvalidTag
from pymongo.errors import OperationFailure

from chassis.delivery import Deliveries
from chassis.kafka import client_settings, reader_of
from chassis.operating.desk import say
from chassis.operating.outbox import waiting
from chassis.relay import topics_of
from chassis.sealing import UnknownKey
from chassis.service import Host
from chassis.settings import Settings
from chassis.tokens import KeysOutOfReach, RemoteKeys

CLOCK_SECONDS = 2.0
"""By how much clocks may differ: tokens and deadlines bear it."""
OLD_SECONDS = 60.0
"""How long an event may wait before something is wrong."""
MUCH_LAG = 10_000
NEWEST = 20
_SEALED = re.compile(r'"([\w-]{1,64}\.[\w=-]{38,})"', re.ASCII)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `todo` is empty where all is well."""

    what: str
    found: str
    todo: str = ""


Findings = AsyncIterator[Finding]


async def mongo(host: Host) -> Findings:
    """The replica set, and whether its clock and ours agree."""
    asked_at = datetime.now(UTC)
    hello = await host.db.client.admin.command("hello")
    now = asked_at + (datetime.now(UTC) - asked_at) / 2
    members = len(hello.get("hosts", ()))
    todo = "" if hello.get("setName") else say(
        "事务与变更流需要副本集:以 --replSet 启动 mongod 并 rs.initiate()",
        "Transactions and change streams need a replica set: start mongod with --replSet, then rs.initiate()",
    )  # fmt: skip
    yield Finding("MongoDB", say(f"副本集成员 {members} 个", f"replica set of {members}"), todo)
    local = hello["localTime"]
    ours = local if local.tzinfo else local.replace(tzinfo=UTC)
    apart = abs((ours - now).total_seconds())
    yield Finding(
        say("时钟", "clocks"),
        say(f"与 MongoDB 相差 {apart:.1f} 秒", f"{apart:.1f} s between MongoDB's clock and this machine's"),
        "" if apart <= CLOCK_SECONDS else say("请校准两台机器的时钟(NTP)", "Put both machines' clocks right (NTP)"),
    )


async def kafka(settings: Settings, services: list[Host]) -> Findings:
    """Brokers; topics that are missing, or have fewer copies than they should."""
    admin = AIOKafkaAdminClient(**client_settings(settings))
    try:
        await admin.start()
        brokers = len((await admin.describe_cluster())["brokers"])
        topics = {topic["topic"]: topic for topic in await admin.describe_topics()}
    finally:
        await admin.close()
    enough = brokers >= settings.topic_replicas
    yield Finding("Kafka", say(f"代理 {brokers} 个", f"{brokers} brokers"), "" if enough else say(
        f"副本数为 {settings.topic_replicas}:请启动其余代理",
        f"Topics shall have {settings.topic_replicas} replicas: start the other brokers",
    ))  # fmt: skip
    wanted = {f"{settings.namespace}{topic}": host for host in services for topic in _topics(host)}
    missing = sorted(wanted.keys() - topics.keys())
    lacking = sorted(name for name in wanted.keys() & topics.keys() if _lacks_copies(topics[name], settings))
    names = " ".join(sorted({wanted[name].service.name for name in missing}))
    yield Finding(
        say("主题", "topics"),
        say(f"应有 {len(wanted)} 个,缺 {_few(missing)}", f"{len(wanted)} wanted, missing: {_few(missing)}"),
        say(f"baoqiao prepare {names}", f"baoqiao prepare {names}, one by one") if missing else "",
    )
    if lacking:
        yield Finding(
            say("主题副本", "copies of topics"),
            say(f"副本不足:{_few(lacking)}", f"too few in sync: {_few(lacking)}"),
            say(
                "启动缺席的代理;旧主题的副本数用 kafka-reassign-partitions 增加",
                "Start the brokers that are away; add replicas to older topics by kafka-reassign-partitions",
            ),
        )


def _topics(host: Host) -> set[str]:
    return topics_of(host.service.name) | Deliveries(host).topics


def _lacks_copies(topic: Mapping[str, Any], settings: Settings) -> bool:
    return any(
        len(partition["isr"]) < max(len(partition["replicas"]), settings.topic_replicas)
        for partition in topic["partitions"]
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" … ({len(names)})" if len(names) > 5 else "") if names else "-"


async def field_keys(host: Host) -> Findings:
    """The key file: who may read it, and whether a rotation is under way."""
    file = host.settings.keys_dir / "field-keys.json"
    told, mode = json.loads(file.read_text()), file.stat().st_mode
    what = say("字段密钥", "field keys")
    if mode & stat.S_IROTH:
        yield Finding(what, say(f"任何人可读 {file}", f"anybody may read {file}"), f"chmod o-rwx {file}")
    half = len(told["keys"]) > 1
    found = say(f"{len(told['keys'])} 个,当前 {told['current']}", f"{len(told['keys'])}, {told['current']} seals")
    yield Finding(
        what,
        found,
        say("轮换未完成:baoqiao keys rotate", "A rotation is not finished: baoqiao keys rotate") if half else "",
    )


async def sealed(host: Host) -> Findings:
    """Whether the keys open what the service kept last."""
    newest = await host.db["event_log"].find({}, {"value": 1}).sort("seq", -1).limit(NEWEST).to_list()
    for text in (text for entry in newest for text in _SEALED.findall(entry["value"])):
        try:
            host.db.keyring.open(text)
        except (UnknownKey, InvalidTag, ValueError) as error:
            yield Finding(
                say("已加密内容", "sealed values"),
                say(f"无法打开({type(error).__name__} {error})", f"cannot be opened ({type(error).__name__} {error})"),
                say(
                    "field-keys.json 不是加密时所用的文件:请从密钥备份恢复",
                    "field-keys.json is not the one that sealed them: restore it from where you keep the keys",
                ),
            )
            return


async def signing_keys(host: Host) -> Findings:
    """Whether identity's public keys can be had, as each service needs them."""
    url = host.settings.jwks_url
    try:
        keys = await RemoteKeys(url).key_set()
    except KeysOutOfReach:
        yield Finding(
            say("签名公钥", "signing keys"),
            say(f"{url} 无应答", f"{url} does not answer"),
            say("启动 identity-api,或更正 BAOQIAO_JWKS_URL", "Start identity's api, or mend BAOQIAO_JWKS_URL"),
        )
        return
    count = len(keys.keys)
    yield Finding(say("签名公钥", "signing keys"), say(f"{count} 个", f"{count} published"))


async def indexes(host: Host) -> Findings:
    """Indexes that are declared and do not stand, or stand otherwise."""
    wrong: list[str] = []
    count = 0
    for name, declared in host.indexes().items():
        try:
            standing = await host.db[name].index_information()
        except OperationFailure:
            standing = {}
        for index in declared:
            told, count = index.document, count + 1
            here = standing.get(told["name"])
            if here is None or list(here["key"]) != list(told["key"].items()):
                wrong.append(f"{name}.{told['name']}")
    yield Finding(
        say("索引", "indexes"),
        say(f"{count} 个,缺失或不符:{_few(wrong)}", f"{count} declared, missing or other: {_few(wrong)}"),
        say(
            f"baoqiao prepare {host.service.name};仍不符者先删除旧索引",
            f"baoqiao prepare {host.service.name}; what is still other then: drop the index that stands, and again",
        ) if wrong else "",
    )  # fmt: skip


async def worker(host: Host) -> Findings:
    """Whether a worker holds the lease."""
    held = {"_id": "worker", "$expr": {"$gt": ["$until", "$$NOW"]}, "holder": {"$ne": ""}}
    found = await host.db["leases"].find_one(held)
    yield Finding(
        "worker",
        found["holder"] if found else say("没有 worker 持有租约", "none holds the lease"),
        "" if found else say(f"启动 {host.service.name} 的 worker", f"Start a worker of {host.service.name}"),
    )


async def pending(host: Host) -> Findings:
    """Events that wait, and messages that are parked."""
    found = await waiting(host)
    events, oldest = sum(each[2] for each in found), min((each[3] for each in found if each[3]), default=None)
    age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    yield Finding(
        "outbox",
        say(f"待发布 {events} 个,最早已等 {age:.0f} 秒", f"{events} events wait, the oldest for {age:.0f} s"),
        "" if age <= OLD_SECONDS else say(
            "查看 worker 与 Kafka 是否运行,以及 worker 的日志", "See whether worker and Kafka run, and the worker's log"
        ),
    )  # fmt: skip
    parked = await host.db["parked"].count_documents({})
    yield Finding(say("搁置", "parked"), str(parked), f"baoqiao parked list {host.service.name}" if parked else "")


async def lag(host: Host) -> Findings:
    """How far the service's consumers are behind."""
    topics = sorted(Deliveries(host).topics)
    if not topics:
        return
    behind = await _behind(host.settings, host.service.name, topics)
    yield Finding(
        say("消费滞后", "consumer lag"),
        say(f"{behind} 条", f"{behind} messages"),
        "" if behind <= MUCH_LAG else say("增加 worker,或查看其日志", "Start more workers, or look at their log"),
    )


async def _behind(settings: Settings, group: str, topics: list[str]) -> int:
    admin, reader = AIOKafkaAdminClient(**client_settings(settings)), reader_of(settings, *topics)
    try:
        await admin.start()
        await reader.start()
        committed = await admin.list_consumer_group_offsets(f"{settings.namespace}{group}")
        ends = await reader.end_offsets(reader.assignment())
        begins = await reader.beginning_offsets(reader.assignment())
    finally:
        await reader.stop()
        await admin.close()
    read = {place: committed[place].offset if place in committed else begins[place] for place in ends}
    return sum(max(0, ends[place] - max(read[place], begins[place])) for place in ends)
