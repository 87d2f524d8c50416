"""The decisions about a policy. Instants are aware UTC; dates are inclusive business dates."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from chassis.clock import business_date
from chassis.moves import illegal, move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.facts import Fact
from contracts.placement import (
    InstalmentPlan,
    InsuranceManualDelivered,
    Line,
    PolicyBound,
    PolicyCheckStarted,
    PolicyDelivered,
    PolicyDiscrepancyFound,
    PolicyExpired,
    PolicyInForce,
    PolicyIssueChased,
    PolicyReceived,
    PolicyVerified,
    PolicyVoided,
    PolicyYearReportSent,
    RenewalNoticeSent,
)
from services.placement.policies.checklist import checklist
from services.placement.policies.model import (
    CHECKED,
    MOVES,
    OPEN,
    AcceptedDifference,
    Check,
    Cover,
    Finding,
    Mark,
    Policy,
    PolicyDocument,
    Status,
    Version,
)


class NumberTaken(Conflict):
    """Another policy of the same insurer has this number."""

    rule = "PLC-090"
    zh = "该保险公司的此保单号已登记在另一张保单上"
    en = "Another policy of this insurer has this number"
    todo_zh = "请核对保单号"
    todo_en = "Check the number on the document"


class ReceivedOutOfTime(Invalid):
    """The document cannot have come on that day."""

    rule = "PLC-090"
    zh = "收到日期须在承保之后、今天之前"
    en = "The document came between the binding and today"


class SecondPersonNeeded(Forbidden):
    """Who placed the risk may not check its policy."""

    rule = "PLC-091"
    zh = "编制或发出出单通知的人员不得审核该保单"
    en = "Who wrote or issued the placing instruction may not check the policy"
    todo_zh = "请由其他有保单审核授权的人员审核"
    todo_en = "Have somebody else who is authorised for policy check do it"


class NotTheChecker(Forbidden):
    """Another person began this check."""

    rule = "PLC-091"
    zh = "该保单由 {checker} 审核"
    en = "This policy is being checked by {checker}"
    todo_zh = "请由开始审核的人员完成"
    todo_en = "Who began the check concludes it"


class CheckIncomplete(Invalid):
    """Items without an answer, or differences without a note; all at once."""

    rule = "PLC-092"
    zh = "审核清单未逐项完成"
    en = "The checklist is not answered item by item"
    todo_zh = "每一项均须答复,不一致的须写明保单内容"
    todo_en = "Answer every item; say what the document says where it differs"


class NotVerified(Conflict):
    """The document was not checked yet."""

    rule = "PLC-093"
    zh = "保单核对无误后方可递交客户"
    en = "A policy goes to the client only after it was checked"
    todo_zh = "请先完成保单审核"
    todo_en = "Conclude the policy check first"


class DeliveredUnchecked(Invalid):
    """The day of the delivery lies before that of the check."""

    rule = "PLC-093"
    zh = "递交日期不能早于保单审核完成之日 {checked_on}"
    en = "The delivery cannot lie before {checked_on}, when the check was concluded"


class DecisionOutOfTime(Invalid):
    """The decision lies in the future or before the difference was found."""

    rule = "PLC-094"
    zh = "决定时间须在发现差异之后、当前时间之前"
    en = "The decision lies between the finding and now"


class RecordedBefore(Conflict):
    """It is on record already."""

    rule = "PLC-096"
    zh = "该事项已于 {on} 记录"
    en = "It is on record since {on}"


class MarkOutOfTime(Invalid):
    """It cannot have happened on that day."""

    rule = "PLC-096"
    zh = "日期须在承保之后、今天之前"
    en = "The day lies between the binding and today"


class PolicyEnded(Conflict):
    """The policy has expired or is void."""

    rule = "PLC-096"
    zh = "保单已终止({status})"
    en = "The policy has ended ({status})"


class Milestone(StrEnum):
    """What reaches the client during the policy year, and has a clock in the diary."""

    MANUAL = "manual"
    RENEWAL_NOTICE = "renewal_notice"
    YEAR_REPORT = "year_report"


def bind(policy: Policy, insured_name: str | None, issue_days: int | None) -> tuple[Policy, PolicyBound]:
    """A policy of a placement that is bound in full. `issue_days` are working days, by the leader's agreement."""
    cover = policy.cover
    return policy, PolicyBound(
        policy_id=policy.id,
        placing_id=policy.placing_id,
        client_id=policy.client_id,
        project_id=policy.project_id,
        line_family=policy.line_family,
        line=policy.line_zh,
        insured_name=insured_name,
        lines=[Line(**line.model_dump()) for line in cover.lines],
        premium=cover.premium,
        collection=policy.collection,
        instalments=InstalmentPlan(
            due_on=[instalment.due_on for instalment in policy.instalments],
            weights=[instalment.weight for instalment in policy.instalments],
        ),
        starts_on=cover.starts_on,
        ends_on=cover.ends_on,
        bound_at=policy.bound_at,
        owner_id=policy.owner_id,
        issue_days=issue_days,
    )


def chase(policy: Policy, at: datetime) -> tuple[Policy, PolicyIssueChased]:
    """Ask the insurer for the document, or for a corrected one."""
    chased = move(policy, MOVES, Status.POLICY_AWAITED, chased_at=at)
    return chased, PolicyIssueChased(policy_id=policy.id, client_id=policy.client_id)


def receive(policy: Policy, document: PolicyDocument, today: date) -> tuple[Policy, PolicyReceived]:
    """The document came, with its number. Rule: PLC-090."""
    if policy.status not in (Status.BOUND, Status.POLICY_AWAITED):
        raise illegal(policy, MOVES, Status.POLICY_RECEIVED)
    if not business_date(policy.bound_at) <= document.received_on <= today:
        raise ReceivedOutOfTime([Fault("/received_on", ReceivedOutOfTime.zh, ReceivedOutOfTime.en)])
    received = move(policy, MOVES, Status.POLICY_RECEIVED, documents=(*policy.documents, document))
    return received, PolicyReceived(policy_id=policy.id, client_id=policy.client_id, number=document.number)


def start_check(policy: Policy, by: str, at: datetime) -> tuple[Policy, PolicyCheckStarted]:
    """Begin the comparison with the accepted proposal, by somebody other than the placers.

    Raises:
        SecondPersonNeeded.

    Rule: PLC-091 (G-06).
    """
    if policy.status is not Status.POLICY_RECEIVED:
        raise illegal(policy, MOVES, Status.CHECKING)
    if by in policy.placers:
        raise SecondPersonNeeded
    check = Check(checker_id=by, started_at=at, items=checklist(policy.cover))
    checking = move(policy, MOVES, Status.CHECKING, checks=(*policy.checks, check))
    return checking, PolicyCheckStarted(policy_id=policy.id, checker_id=by)


def conclude_check(
    policy: Policy, findings: Sequence[Finding], by: str, at: datetime
) -> tuple[Policy, *tuple[Fact, ...]]:
    """Record the outcome, item by item: Verified when all agree (InForce when inception is reached), else Discrepant.

    Raises:
        NotTheChecker, CheckIncomplete.

    Rule: PLC-091, PLC-092.
    """
    if policy.status is not Status.CHECKING:
        raise illegal(policy, MOVES, Status.VERIFIED)
    check = policy.checks[-1]
    if check.checker_id != by:
        raise NotTheChecker(checker=check.checker_id)
    if faults := _finding_faults(check, findings):
        raise CheckIncomplete(faults)
    concluded = check.but(findings=tuple(findings), concluded_at=at)
    after = policy.but(checks=(*policy.checks[:-1], concluded))
    if differing := concluded.differing():
        told = PolicyDiscrepancyFound(
            policy_id=policy.id, client_id=policy.client_id, items=[item.key for item in differing]
        )
        return move(after, MOVES, Status.DISCREPANT), told
    return _verified(after, at)


def accept_difference(policy: Policy, accepted: AcceptedDifference, now: datetime) -> tuple[Policy, *tuple[Fact, ...]]:
    """The client accepts in writing what the check found to differ; the document then stands as it is.

    Raises:
        DecisionOutOfTime.

    Rule: PLC-094.
    """
    if policy.status is not Status.DISCREPANT:
        raise illegal(policy, MOVES, Status.VERIFIED)
    check = policy.checks[-1]
    if check.concluded_at is None or not check.concluded_at <= accepted.decided_at <= now:
        raise DecisionOutOfTime([Fault("/decided_at", DecisionOutOfTime.zh, DecisionOutOfTime.en)])
    notes = {finding.key: finding.note for finding in check.findings}
    differences = tuple(f"{item.subject or item.kind}: {notes[item.key]}" for item in check.differing())
    return _verified(policy.but(accepted_difference=accepted, cover=policy.cover.but(differences=differences)), now)


def deliver(policy: Policy, mark: Mark) -> tuple[Policy, PolicyDelivered]:
    """The client signed for the document, on the day of its last check or later. Rule: PLC-093, PLC-096."""
    if policy.status not in CHECKED:
        raise NotVerified
    _check_mark(policy, policy.delivered, mark)
    concluded = [check.concluded_at for check in policy.checks if check.concluded_at]
    checked_on = business_date(max(concluded, default=policy.bound_at))
    if mark.on < checked_on:
        fault = Fault("/on", f"不能早于 {checked_on}", f"cannot lie before {checked_on}")
        raise DeliveredUnchecked([fault], checked_on=checked_on)
    delivered = move(policy, MOVES, policy.status, delivered=mark)
    return delivered, PolicyDelivered(policy_id=policy.id, client_id=policy.client_id, delivered_on=mark.on)


def reach_milestone(policy: Policy, milestone: Milestone, mark: Mark) -> tuple[Policy, Fact]:
    """Record that the manual, the renewal notice or the year report reached the client, once, with its proof.

    It does not wait for the paper policy: the clocks run from inception and expiry.

    Raises:
        PolicyEnded, RecordedBefore, MarkOutOfTime.

    Rule: PLC-096 (SD-02, SD-03, SD-04).
    """
    if policy.status not in OPEN:
        raise PolicyEnded(status=policy.status)
    _check_mark(policy, getattr(policy, milestone), mark)
    marked = move(policy, MOVES, policy.status, **{milestone: mark})
    told = {"policy_id": policy.id, "client_id": policy.client_id}
    match milestone:
        case Milestone.MANUAL:
            return marked, InsuranceManualDelivered(**told, delivered_on=mark.on)
        case Milestone.RENEWAL_NOTICE:
            return marked, RenewalNoticeSent(**told, sent_on=mark.on)
        case Milestone.YEAR_REPORT:
            return marked, PolicyYearReportSent(**told, sent_on=mark.on)


def begin(policy: Policy, today: date) -> tuple[Policy, PolicyInForce] | None:
    """A checked policy reaches its inception; None when it is not checked, or inception is still to come."""
    if policy.status is not Status.VERIFIED or policy.cover.starts_on > today:
        return None
    return move(policy, MOVES, Status.IN_FORCE), _in_force(policy)


def expire(policy: Policy, today: date) -> tuple[Policy, PolicyExpired] | None:
    """The last day of cover is over; None when it is not, or the policy is not in force. Rule: PLC-098."""
    if policy.status is not Status.IN_FORCE or policy.cover.ends_on >= today:
        return None
    return move(policy, MOVES, Status.EXPIRED), PolicyExpired(policy_id=policy.id, client_id=policy.client_id)


def void(policy: Policy, reason: str) -> tuple[Policy, PolicyVoided]:
    """It was never on risk, or was rescinded."""
    voided = move(policy, MOVES, Status.VOID, reason=reason, versions=policy.versions + 1)
    return voided, PolicyVoided(policy_id=policy.id, client_id=policy.client_id, reason=reason)


def version_of(policy: Policy, cause: str, by: str, at: datetime) -> Version:
    """The policy's newest version, to be kept for ever. Rule: PLC-097."""
    return Version(
        id=f"{policy.id}/{policy.versions}",
        policy_id=policy.id,
        branch=policy.branch,
        number=policy.versions,
        effective_on=policy.cover.starts_on,
        made_at=at,
        made_by=by,
        cause=cause,
        void=policy.status is Status.VOID,
        cover=policy.cover,
    )


def in_force_on(versions: Sequence[Version], on: date) -> Version | None:
    """The version that was in force on a business date: the newest one that took effect by then, if cover ran.

    None before inception, after the last day, and for a policy that is void.

    Rule: PLC-097 (Y2).
    """
    begun = [version for version in versions if version.effective_on <= on]
    newest = max(begun, key=lambda version: version.number, default=None)
    if newest is None or newest.void or on > newest.cover.ends_on:
        return None
    return newest


def _verified(policy: Policy, at: datetime) -> tuple[Policy, *tuple[Fact, ...]]:
    cover: Cover = policy.cover.but(number=policy.documents[-1].number)
    told = PolicyVerified(policy_id=policy.id, client_id=policy.client_id, checker_id=policy.checks[-1].checker_id)
    verified = move(policy, MOVES, Status.VERIFIED, cover=cover, versions=policy.versions + 1)
    begun = begin(verified, business_date(at))
    return (verified, told) if begun is None else (begun[0], told, begun[1])


def _in_force(policy: Policy) -> PolicyInForce:
    assert policy.cover.number is not None
    return PolicyInForce(
        policy_id=policy.id,
        client_id=policy.client_id,
        number=policy.cover.number,
        starts_on=policy.cover.starts_on,
        ends_on=policy.cover.ends_on,
    )


def _finding_faults(check: Check, findings: Sequence[Finding]) -> list[Fault]:
    keys = [finding.key for finding in findings]
    known = {item.key for item in check.items}
    faults = [
        Fault(f"/findings/{item.key}", f"未答复:{item.subject or item.kind}", "has no answer")
        for item in check.items
        if item.key not in keys
    ]
    for finding in findings:
        if finding.key not in known or keys.count(finding.key) > 1:
            faults.append(
                Fault(f"/findings/{finding.key}", "清单中没有该项或重复", "is not on the list, or stands twice")
            )
        elif not finding.agrees and not finding.note.strip():
            faults.append(Fault(f"/findings/{finding.key}/note", "须写明保单内容", "must say what the document says"))
    return faults


def _check_mark(policy: Policy, before: Mark | None, mark: Mark) -> None:
    if before is not None:
        raise RecordedBefore(on=before.on)
    if not business_date(policy.bound_at) <= mark.on <= business_date(mark.recorded_at):
        raise MarkOutOfTime([Fault("/on", MarkOutOfTime.zh, MarkOutOfTime.en)])
