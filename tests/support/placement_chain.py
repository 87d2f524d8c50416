"""The chain from the issued enquiry to the policy, over HTTP, with sensible defaults.

`broker` places, `broker2` verifies, `supervisor` and `manager` review, `executive` serves, `checker` checks policies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts import wire
from contracts.facts import Envelope
from tests.support.placement import SIGNATORY, has_file, knows_practitioner, knows_user
from tests.support.placement_enquiries import has_issued, knows_the_house
from tests.support.placement_questions import fen
from tests.support.service import HQ, RunningService

LIMITS = [
    {"subject": "建筑物", "amount": fen("120000000.00")},
    {"subject": "机器设备", "amount": fen("403800000.00")},
    {"subject": "存货年平均余额", "amount": fen("144850000.00")},
]
STANDING = {
    "solvency_bp": 22850,
    "solvency_as_of_on": "2025-12-31",
    "claims_authority": fen("500000.00"),
    "service_promise": "2小时内到达现场",
    "service_score": 4,
    "adjusters_score": 4,
    "payment_days": 7,
    "source": "偿付能力报告摘要",
}
ADVICE = {
    "reasons": ["保费较低,保障范围符合要求"],
    "shortfall_advice": "限制条件对客户影响较小,建议接受",
    "related_parties": "本公司及高管与所列保险公司无关联关系",
    "remuneration": "由承保公司按保险费的 15% 支付经纪佣金",
}
DISCLOSED = "本公司已完全了解并严格、全面履行了如实告知义务"
VALID_UNTIL = "2026-04-15"
COLLECTIONS = ("enquiries", "quotes", "proposals", "placings", "confirmations", "policies")


async def echo(service: RunningService) -> None:
    """Deliver placement's own events to itself, as the bus does, until nothing new comes."""
    seen: set[str] = service.__dict__.setdefault("echoed", set())
    while pending := [event for event in await _outbox(service) if event["id"] not in seen]:
        for event in pending:
            seen.add(event["id"])
            fact = wire.fact_of(event["type"], event["data"].encode(), service.host.db.keyring.open)
            if fact is not None and type(fact).type in service.deliveries._handlers:  # pyright: ignore[reportPrivateUsage]
                await service.deliveries.handle(fact, _envelope(event))


async def _outbox(service: RunningService) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for collection in COLLECTIONS:
        for document in await service.host.db[collection].find({}, {"outbox": 1}).to_list():
            found += [{**event, "subject": document["_id"]} for event in document.get("outbox", ())]
    return sorted(found, key=lambda event: (event["at"], event["id"]))


def _envelope(event: dict[str, Any]) -> Envelope:
    return Envelope(
        id=event["id"],
        source="/baoqiao/placement",
        type=event["type"],
        subject=event["subject"],
        time=event["at"],
        aggregateversion=event["v"],
        branch=event["branch"],
        actor=event["actor"],
        correlationid=event["correlation"],
    )


async def step(service: RunningService, user: str, path: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
    """Change a thing as it stands now; `path` begins with the thing's own path. The door's own events are echoed."""
    caller, thing = service.user(user), "/".join(path.split("/")[:3])
    seen = await caller.get(thing)
    assert seen.status_code == 200, seen.text
    answer = await caller.post(path, body if body is not None else {}, match=seen.headers["etag"])
    assert answer.status_code == status, answer.text
    await echo(service)
    return answer.json()


async def refused(service: RunningService, user: str, path: str, body: Any = None) -> tuple[int, str]:
    """A change that is refused: status and rule."""
    caller, thing = service.user(user), "/".join(path.split("/")[:3])
    etag = (await caller.get(thing)).headers["etag"]
    answer = await caller.post(path, body if body is not None else {}, match=etag)
    return answer.status_code, answer.json()["rule"]["id"]


async def shown(service: RunningService, path: str) -> dict[str, Any]:
    """A thing as it stands now."""
    answer = await service.user("manager").get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@dataclass
class Asked:
    """An issued enquiry: its id, its insurers by code, and the path of each one's quote."""

    enquiry_id: str
    insurers: dict[str, str]
    quotes: dict[str, str]


async def knows_the_people(service: RunningService, *, branch: str = HQ) -> None:
    """The house with an account executive and a policy checker."""
    await knows_the_house(service, branch=branch)
    for user_id in ("executive", "checker"):
        await knows_user(service, user_id, "AE", branch=branch)
        await knows_practitioner(service, user_id, branch=branch)


async def has_asked(service: RunningService, codes: Sequence[str] = ("AA", "BB", "CC"), **fields: Any) -> Asked:
    """An enquiry issued for seven days to insurers with these codes, each with its quote requested."""
    await knows_the_people(service)
    path, ids = await has_issued(service, insurers=codes, **fields)
    await echo(service)
    insurers = dict(zip(codes, ids, strict=True))
    enquiry_id = path.rpartition("/")[2]
    listed = await service.user("broker").get("/quotes", params={"enquiry_id": enquiry_id, "limit": 50})
    by_insurer = {line["insurer_id"]: f"/quotes/{line['id']}" for line in listed.json()["items"]}
    return Asked(enquiry_id, insurers, {code: by_insurer[insurer_id] for code, insurer_id in insurers.items()})


async def terms(service: RunningService, premium: str = "45000.00", **changes: Any) -> dict[str, Any]:
    """An offer that meets the scheme, as HTTP takes it."""
    told = {
        "premium": fen(premium),
        "limits": LIMITS,
        "deductible": {"amount": fen("130000.00")},
        "valid_until_on": VALID_UNTIL,
        "evidence_id": await has_file(service, "报价单.pdf"),
    }
    return told | changes


async def has_shortlisted(service: RunningService, premiums: dict[str, str] | None = None, **fields: Any) -> Asked:
    """All insurers quoted, were verified by a second person and shortlisted: AA at 45,000, BB at 46,000."""
    premiums = premiums or {"AA": "45000.00", "BB": "46000.00"}
    asked = await has_asked(service, tuple(premiums), **fields)
    for code, premium in premiums.items():
        await step(service, "broker", f"{asked.quotes[code]}/terms", await terms(service, premium))
    for path in asked.quotes.values():
        await step(service, "broker", f"{path}/standing", STANDING)
        await step(service, "broker2", f"{path}/verification", {"revision": 1})
        await step(service, "broker", f"{path}/shortlisting")
    return asked


def quote_id(asked: Asked, code: str) -> str:
    """The id of an insurer's quote."""
    return asked.quotes[code].rpartition("/")[2]


def sole(asked: Asked, code: str = "AA") -> list[dict[str, Any]]:
    """A recommendation of one insurer for the whole."""
    return [{"quote_id": quote_id(asked, code), "share_bp": 10_000, "lead": True}]


async def has_draft_proposal(service: RunningService, asked: Asked, **advice: Any) -> str:
    """A complete draft that recommends AA; gives its path."""
    drafted = await service.user("broker").post("/proposals", {"enquiry_id": asked.enquiry_id})
    assert drafted.status_code == 201, drafted.text
    await echo(service)
    path = f"/proposals/{drafted.json()['id']}"
    body = {"recommendation": sole(asked), **ADVICE, **advice}
    changed = await service.user("broker").patch(path, body, match=1)
    assert changed.status_code == 200, changed.text
    return path


async def has_sent_proposal(service: RunningService, asked: Asked, **advice: Any) -> str:
    """A proposal that the manager approved and the executive sent, to be answered by 20 March; gives its path."""
    path = await has_draft_proposal(service, asked, **advice)
    await step(service, "broker", f"{path}/submission")
    await step(service, "manager", f"{path}/approval")
    await step(service, "executive", f"{path}/sending", {"answer_until_on": "2026-03-20"})
    return path


async def acceptance(service: RunningService, asked: Asked, *codes: str, **changes: Any) -> dict[str, Any]:
    """The client's written acceptance, given now, as HTTP takes it."""
    told = {
        "edition": 1,
        "quote_ids": [quote_id(asked, code) for code in codes or ("AA",)],
        "contact_id": SIGNATORY,
        "decided_at": service.clock().isoformat(),
        "disclosure_statement": DISCLOSED,
        "exclusions_explained": True,
        "evidence_id": await has_file(service, "客户确认函.pdf"),
    }
    return told | changes


async def has_accepted(service: RunningService, *codes: str) -> tuple[Asked, str]:
    """A proposal that the client accepted an hour after it was sent; gives the enquiry and the proposal's path."""
    asked = await has_shortlisted(service)
    path = await has_sent_proposal(service, asked)
    service.clock.move(hours=1)
    await step(service, "executive", f"{path}/acceptance", await acceptance(service, asked, *codes))
    return asked, path


def instruction(asked: Asked, proposal_path: str, **changes: Any) -> dict[str, Any]:
    """A panel of AA (60 %, leads) and BB (40 %), paid to the broker in two parts, as HTTP takes it."""
    told = {
        "proposal_id": proposal_path.rpartition("/")[2],
        "panel": [
            {"insurer_id": asked.insurers["AA"], "share_bp": 6000, "lead": True},
            {"insurer_id": asked.insurers["BB"], "share_bp": 4000},
        ],
        "collection": "broker",
        "instalments": [{"due_on": "2026-05-31"}, {"due_on": "2026-11-01"}],
        "owner_id": "executive",
    }
    return told | changes


async def has_issued_placing(service: RunningService, **changes: Any) -> tuple[Asked, str]:
    """An instruction that was issued to the panel; gives the enquiry and the instruction's path."""
    asked, proposal_path = await has_accepted(service)
    drafted = await service.user("broker").post("/placings", instruction(asked, proposal_path, **changes))
    assert drafted.status_code == 201, drafted.text
    path = f"/placings/{drafted.json()['id']}"
    await step(service, "broker", f"{path}/issue")
    return asked, path


async def line(service: RunningService, insurer_id: str, share_bp: int) -> dict[str, Any]:
    """An insurer's written line of today, as HTTP takes it."""
    return {
        "insurer_id": insurer_id,
        "share_bp": share_bp,
        "reference": f"CB-{share_bp}",
        "accepted_on": service.clock().date().isoformat(),
        "evidence_id": await has_file(service, "承保函.pdf"),
    }


async def has_bound(service: RunningService, **changes: Any) -> tuple[Asked, str]:
    """A placement bound in full; gives the enquiry and the instruction's path."""
    asked, path = await has_issued_placing(service, **changes)
    for code, share_bp in (("AA", 6000), ("BB", 4000)):
        await step(service, "broker", f"{path}/lines", await line(service, asked.insurers[code], share_bp))
    return asked, path


async def has_policy(service: RunningService, **changes: Any) -> str:
    """A policy that was bound; gives its path."""
    _, path = await has_bound(service, **changes)
    [policy] = (await service.user("executive").get("/policies")).json()["items"]
    assert policy["status"] == "bound", path
    return f"/policies/{policy['id']}"


async def has_received(service: RunningService, number: str = "PAR2026000001") -> str:
    """A policy whose document has come; gives its path."""
    path = await has_policy(service)
    await step(service, "executive", f"{path}/documents", await document(service, number))
    return path


async def document(service: RunningService, number: str = "PAR2026000001") -> dict[str, Any]:
    """A document that comes today, as HTTP takes it."""
    file_id = await has_file(service, "保单.pdf")
    return {"file_id": file_id, "number": number, "received_on": service.clock().date().isoformat()}


async def findings(service: RunningService, path: str, **differs: str) -> dict[str, Any]:
    """Answers that agree on every item but those named, with their notes."""
    items = (await shown(service, path))["checks"][-1]["items"]
    told = [{"key": item["key"], "agrees": item["key"] not in differs} for item in items]
    return {"findings": [answer | {"note": differs.get(answer["key"], "")} for answer in told]}


async def has_verified(service: RunningService) -> str:
    """A policy that was checked by `checker`; gives its path."""
    path = await has_received(service)
    await step(service, "checker", f"{path}/checks")
    await step(service, "checker", f"{path}/check_outcome", await findings(service, path))
    return path
