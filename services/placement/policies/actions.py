"""What is done with policies: load, decide, save."""

from collections.abc import Callable, Sequence
from datetime import date

from chassis.clock import business_date
from chassis.files import Files
from chassis.store import Decision, together
from chassis.work import Work
from contracts.shared import KindOfWork
from services.placement.confirmations.actions import policy_id_of
from services.placement.gates.actions import check_client_ready, check_practitioner, the_client
from services.placement.insurers.actions import the_insurers
from services.placement.placings.actions import the_placing
from services.placement.placings.model import Placing
from services.placement.policies import rules
from services.placement.policies.model import (
    AcceptedDifference,
    Cover,
    Finding,
    Mark,
    Policy,
    PolicyDocument,
    PolicyLine,
    Version,
)
from services.placement.policies.rules import Milestone
from services.placement.policies.store import Policies, Versions
from services.placement.questionnaires.rules import check_signatory

BATCH = 200


async def make_policy(placing_id: str, work: Work) -> Policy:
    """Register the policy of a placing that is bound in full, once, with its first version."""
    policy_id = policy_id_of(placing_id)
    if done := await Policies(work).already(policy_id):
        return done
    placing = await the_placing(placing_id, work)
    policy = _policy(policy_id, placing)
    client = await the_client(placing.client_id, work)
    [lead] = await the_insurers([policy.lead_insurer_id], work)
    issue_days = lead.terms.issue_days if lead.terms else None

    async def make(inside: Work) -> Policy:
        if done := await Policies(inside).already(policy_id):
            return done
        made = await Policies(inside).add(*rules.bind(policy, client.name, issue_days))
        await Versions(inside).keep(rules.version_of(made, "bound", work.actor.id, work.now))
        return made

    return await together(work, make)


async def chase_policy(policy_id: str, work: Work) -> Policy:
    """Ask the insurer for the document, or for a corrected one."""
    policy = await Policies(work).get(policy_id)
    await check_client_ready(policy.client_id, policy.line_family, work)
    return await Policies(work).change(policy_id, lambda found: rules.chase(found, work.now))


async def receive_document(policy_id: str, file_id: str, number: str, received_on: date, work: Work) -> Policy:
    """The document came, with its number; raises NumberTaken, ReceivedOutOfTime, FileMissing. Rule: PLC-090."""
    await Files(work).get(file_id)
    document = PolicyDocument(file_id=file_id, number=number, received_on=received_on, recorded_by=work.actor.id)
    return await Policies(work).change(policy_id, lambda found: rules.receive(found, document, work.today))


async def start_check(policy_id: str, work: Work) -> Policy:
    """Begin to check the document; by somebody other than the placers, who is registered for policy check.

    Raises:
        SecondPersonNeeded, and what the gates refuse.

    Rule: PLC-004, PLC-005, PLC-091.
    """
    policy = await Policies(work).get(policy_id)
    await check_client_ready(policy.client_id, policy.line_family, work)
    await check_practitioner(work.actor.id, KindOfWork.POLICY_CHECK, policy.line_family, work)
    return await Policies(work).change(policy_id, lambda found: rules.start_check(found, work.actor.id, work.now))


async def conclude_check(policy_id: str, findings: Sequence[Finding], work: Work) -> Policy:
    """Record the outcome, item by item. Rule: PLC-091, PLC-092."""
    return await _changed(
        policy_id, lambda found: rules.conclude_check(found, findings, work.actor.id, work.now), "verified", work
    )


async def accept_difference(policy_id: str, accepted: AcceptedDifference, work: Work) -> Policy:
    """The client accepts in writing what differs; raises MayNotSign, DecisionOutOfTime. Rule: PLC-022, PLC-094."""
    policy = await Policies(work).get(policy_id)
    check_signatory(await the_client(policy.client_id, work), accepted.contact_id)
    await Files(work).get(accepted.evidence_id)
    return await _changed(
        policy_id, lambda found: rules.accept_difference(found, accepted, work.now), "difference_accepted", work
    )


async def deliver_policy(policy_id: str, on: date, evidence_id: str, work: Work) -> Policy:
    """The client signed for the checked document. Rule: PLC-093, PLC-096."""
    mark = await _mark(on, evidence_id, work)
    return await Policies(work).change(policy_id, lambda found: rules.deliver(found, mark))


async def reach_milestone(policy_id: str, milestone: Milestone, on: date, evidence_id: str, work: Work) -> Policy:
    """The manual, the renewal notice or the year report reached the client. Rule: PLC-096."""
    mark = await _mark(on, evidence_id, work)
    return await Policies(work).change(policy_id, lambda found: rules.reach_milestone(found, milestone, mark))


async def void_policy(policy_id: str, reason: str, work: Work) -> Policy:
    """It was never on risk, or was rescinded."""
    return await _changed(policy_id, lambda found: rules.void(found, reason), "voided", work)


async def versions_of(policy_id: str, on: date | None, work: Work) -> list[Version]:
    """All versions, or the one that was in force on a business date (none: an empty list). Rule: PLC-097."""
    await Policies(work).get(policy_id)
    versions = await Versions(work).of(policy_id)
    if on is None:
        return versions
    found = rules.in_force_on(versions, on)
    return [found] if found else []


async def begin_policies(work: Work) -> None:
    """Put checked policies into force whose first day has come."""
    while due := await Policies(work).beginning(work.today, BATCH):
        for policy in due:
            await Policies(work).change(policy.id, lambda found: rules.begin(found, work.today))


async def expire_policies(work: Work) -> None:
    """End the policies whose last day is over. Rule: PLC-098."""
    while due := await Policies(work).ending(work.today, BATCH):
        for policy in due:
            await Policies(work).change(policy.id, lambda found: rules.expire(found, work.today))


async def _changed(policy_id: str, decide: Callable[[Policy], Decision[Policy]], cause: str, work: Work) -> Policy:
    """Change a policy; a new version of its cover is kept in the same transaction."""

    async def act(inside: Work) -> Policy:
        before = await Policies(inside).get(policy_id)
        after = await Policies(inside).change(policy_id, decide)
        if after.versions > before.versions:
            await Versions(inside).keep(rules.version_of(after, cause, work.actor.id, work.now))
        return after

    return await together(work, act)


async def _mark(on: date, evidence_id: str, work: Work) -> Mark:
    await Files(work).get(evidence_id)
    return Mark(on=on, evidence_id=evidence_id, recorded_by=work.actor.id, recorded_at=work.now)


def _policy(policy_id: str, placing: Placing) -> Policy:
    assert placing.issued_at is not None and placing.bound_at is not None
    seats = {seat.insurer_id: seat for seat in placing.instruction.panel}
    lines = tuple(
        PolicyLine(
            insurer_id=line.insurer_id,
            insurer_name=seats[line.insurer_id].insurer_name,
            share_bp=line.share_bp,
            lead=seats[line.insurer_id].lead,
            premium=part,
        )
        for line, part in zip(placing.current_lines(), placing.premium_parts(), strict=True)
    )
    terms = placing.terms
    cover = Cover(
        insured=placing.insured,
        lines=lines,
        premium=placing.premium,
        limits=terms.limits,
        deductible=terms.deductible,
        clauses=terms.clauses,
        conditions=tuple(condition.text for condition in terms.subjectivities),
        starts_on=placing.starts_on,
        ends_on=placing.ends_on,
    )
    taken_over = (
        "branch",
        "proposal_id",
        "client_id",
        "project_id",
        "line_family",
        "line",
        "line_zh",
        "line_en",
        "bound_at",
    )
    return Policy(
        id=policy_id,
        placing_id=placing.id,
        cover=cover,
        lead_insurer_id=next(line.insurer_id for line in lines if line.lead),
        collection=placing.instruction.collection,
        instalments=placing.instruction.instalments,
        applied_on=business_date(placing.issued_at),
        owner_id=placing.instruction.owner_id,
        placers=placing.makers,
        **{name: getattr(placing, name) for name in taken_over},
    )
