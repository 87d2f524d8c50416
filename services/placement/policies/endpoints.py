"""Policies over HTTP: awaited, received, checked clause by clause, delivered, and what was in force when."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from chassis.files import FileMissing
from chassis.http import Day, Listing, Page, Work, paged, refusals, requires
from chassis.moves import IllegalMove
from services.placement.gates.rules import (
    MandateMissing,
    NoticeMissing,
    PractitionerOutOfScope,
    PractitionerUnregistered,
)
from services.placement.policies import actions
from services.placement.policies.model import Status
from services.placement.policies.rules import (
    CheckIncomplete,
    DecisionOutOfTime,
    DeliveredUnchecked,
    MarkOutOfTime,
    Milestone,
    NotTheChecker,
    NotVerified,
    NumberTaken,
    PolicyEnded,
    ReceivedOutOfTime,
    RecordedBefore,
    SecondPersonNeeded,
)
from services.placement.policies.schemas import (
    AcceptDifference,
    ConcludeCheck,
    PolicyRow,
    PolicyView,
    ReceivePolicy,
    RecordDelivery,
    VersionView,
    VoidPolicy,
)
from services.placement.policies.store import Policies, PolicyNotFound
from services.placement.questionnaires.rules import MayNotSign

router = APIRouter(prefix="/policies", tags=["policies"])
paging = Annotated[Listing, paged("cover.ends_on", "cover.starts_on")]
FOUND = (PolicyNotFound, IllegalMove)
MARKED = (PolicyNotFound, PolicyEnded, RecordedBefore, MarkOutOfTime, FileMissing)
Filter = Annotated[str | None, Query(max_length=64)]


@router.get("", dependencies=[requires("policies:read")])
async def list_policies(
    work: Work,
    listing: paging,
    client_id: Filter = None,
    insurer_id: Filter = None,
    number: Filter = None,
    status: Status | None = None,
    expiring_from: Annotated[Day | None, Query(description="Last day of cover on or after")] = None,
    expiring_to: Annotated[Day | None, Query(description="Last day of cover on or before")] = None,
) -> Page[PolicyRow]:
    """The policy register by page: by client, insurer (any share), number, status, last day of cover."""
    told = {"client_id": client_id, "cover.lines.insurer_id": insurer_id, "cover.number": number, "status": status}
    where: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    ends = {"$gte": expiring_from, "$lte": expiring_to}
    if between := {sign: day.isoformat() for sign, day in ends.items() if day is not None}:
        where["cover.ends_on"] = between
    found = await Policies(work).page(listing, where)
    return Page(items=[PolicyRow.told(policy, work.today) for policy in found.items], next=found.next)


@router.get("/{policy_id}", dependencies=[requires("policies:read")], responses=refusals(PolicyNotFound))
async def show_policy(policy_id: str, work: Work) -> PolicyView:
    """A policy with its checks; `on_risk` is told from its dates, with or without the paper.

    Rule: PLC-095 (docs/rules/placement.md).
    """
    return PolicyView.told(await Policies(work).get(policy_id), work.today)


@router.get("/{policy_id}/versions", dependencies=[requires("policies:read")], responses=refusals(PolicyNotFound))
async def list_versions(policy_id: str, work: Work, on: Day | None = None) -> Page[VersionView]:
    """All versions of a policy, or with `on` the one that was in force on that business date, if any.

    Rule: PLC-097 (docs/rules/placement.md).
    """
    found = await actions.versions_of(policy_id, on, work)
    work.answer.version = None
    return Page(items=[VersionView.of(version) for version in found])


@router.post(
    "/{policy_id}/chasing",
    dependencies=[requires("policies:write")],
    responses=refusals(*FOUND, NoticeMissing, MandateMissing),
)
async def chase_policy(policy_id: str, work: Work) -> PolicyView:
    """Ask the insurer for the document, or for a corrected one."""
    return PolicyView.told(await actions.chase_policy(policy_id, work), work.today)


@router.post(
    "/{policy_id}/documents",
    dependencies=[requires("policies:write")],
    responses=refusals(*FOUND, NumberTaken, ReceivedOutOfTime, FileMissing),
)
async def receive_policy(policy_id: str, body: ReceivePolicy, work: Work) -> PolicyView:
    """The document came from the insurer, with its number.

    Rule: PLC-090 (docs/rules/placement.md).
    """
    policy = await actions.receive_document(policy_id, body.file_id, body.number, body.received_on, work)
    return PolicyView.told(policy, work.today)


@router.post(
    "/{policy_id}/checks",
    dependencies=[requires("policies:check")],
    responses=refusals(
        *FOUND, SecondPersonNeeded, NoticeMissing, MandateMissing, PractitionerUnregistered, PractitionerOutOfScope
    ),
)
async def start_check(policy_id: str, work: Work) -> PolicyView:
    """Begin to compare the document with what the client accepted; the answer has the checklist.

    By somebody other than those who wrote or issued the placing instruction, registered for policy check.

    Rule: PLC-091 (docs/rules/placement.md).
    """
    return PolicyView.told(await actions.start_check(policy_id, work), work.today)


@router.post(
    "/{policy_id}/check_outcome",
    dependencies=[requires("policies:check")],
    responses=refusals(*FOUND, NotTheChecker, CheckIncomplete),
)
async def conclude_check(policy_id: str, body: ConcludeCheck, work: Work) -> PolicyView:
    """Answer every item: all agreed makes it verified (in force when inception is reached), a difference discrepant.

    Rule: PLC-091, PLC-092 (docs/rules/placement.md).
    """
    return PolicyView.told(await actions.conclude_check(policy_id, body.told(), work), work.today)


@router.post(
    "/{policy_id}/accepted_difference",
    dependencies=[requires("policies:write")],
    responses=refusals(*FOUND, MayNotSign, DecisionOutOfTime, FileMissing),
)
async def accept_difference(policy_id: str, body: AcceptDifference, work: Work) -> PolicyView:
    """The client accepts in writing what the check found to differ.

    Rule: PLC-094 (docs/rules/placement.md).
    """
    return PolicyView.told(await actions.accept_difference(policy_id, body.accepted(), work), work.today)


@router.post(
    "/{policy_id}/delivery",
    dependencies=[requires("policies:write")],
    responses=refusals(*MARKED, NotVerified, DeliveredUnchecked),
)
async def deliver_policy(policy_id: str, body: RecordDelivery, work: Work) -> PolicyView:
    """The client signed for the checked document.

    Rule: PLC-093 (docs/rules/placement.md).
    """
    return PolicyView.told(await actions.deliver_policy(policy_id, body.on, body.evidence_id, work), work.today)


@router.post("/{policy_id}/manual", dependencies=[requires("policies:write")], responses=refusals(*MARKED))
async def deliver_manual(policy_id: str, body: RecordDelivery, work: Work) -> PolicyView:
    """The client has the insurance manual: important notices, summary, claims procedure, contacts.

    Rule: PLC-096 (docs/rules/placement.md).
    """
    return await _reached(policy_id, Milestone.MANUAL, body, work)


@router.post("/{policy_id}/renewal_notice", dependencies=[requires("policies:write")], responses=refusals(*MARKED))
async def send_renewal_notice(policy_id: str, body: RecordDelivery, work: Work) -> PolicyView:
    """The client was told of the coming expiry.

    Rule: PLC-096 (docs/rules/placement.md).
    """
    return await _reached(policy_id, Milestone.RENEWAL_NOTICE, body, work)


@router.post("/{policy_id}/year_report", dependencies=[requires("policies:write")], responses=refusals(*MARKED))
async def send_year_report(policy_id: str, body: RecordDelivery, work: Work) -> PolicyView:
    """The client has the report on the policy year.

    Rule: PLC-096 (docs/rules/placement.md).
    """
    return await _reached(policy_id, Milestone.YEAR_REPORT, body, work)


@router.post("/{policy_id}/voiding", dependencies=[requires("policies:void")], responses=refusals(*FOUND))
async def void_policy(policy_id: str, body: VoidPolicy, work: Work) -> PolicyView:
    """It was never on risk, or was rescinded."""
    return PolicyView.told(await actions.void_policy(policy_id, body.reason, work), work.today)


async def _reached(policy_id: str, milestone: Milestone, body: RecordDelivery, work: Work) -> PolicyView:
    policy = await actions.reach_milestone(policy_id, milestone, body.on, body.evidence_id, work)
    return PolicyView.told(policy, work.today)
