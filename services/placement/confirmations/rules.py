"""The decisions about a cover confirmation. Instants are aware UTC, shares basis points."""

from collections.abc import Collection
from datetime import datetime

from chassis.moves import illegal, move
from chassis.refusals import Conflict, Fault, Invalid
from contracts.placement import CoverConfirmationDelivered, CoverConfirmationDrafted, CoverConfirmed
from services.placement.confirmations.model import MOVES, Condition, Confirmation, Status
from services.placement.placings.model import WHOLE_BP, Placing
from services.placement.placings.model import Status as PlacingStatus
from services.placement.placings.rules import LeadRefused
from services.placement.quotes.comparison import percent


class SharesIncomplete(Conflict):
    """The bound shares do not total exactly 100 %."""

    rule = "PLC-085"
    zh = "已承保份额合计为 {total},未恰好达到 100%,不得出具承保确认书"
    en = "The bound shares total {total}, not exactly 100 %; cover cannot be confirmed"
    todo_zh = "请取得其余份额的书面承保,或办理份额签下"
    todo_en = "Get the remaining shares in writing, or sign the lines down"


class AnswersOutstanding(Conflict):
    """The lines total 100 %, but not everybody on the panel has answered."""

    rule = "PLC-085"
    zh = "份额合计已为 100%,但 {insurers} 尚未书面答复,不得出具承保确认书"
    en = "The lines total 100 %, but {insurers} have not answered; cover cannot be confirmed"
    todo_zh = "请取得其书面承保或拒绝"
    todo_en = "Get their line or their refusal in writing"


class ConditionOpen(Conflict):
    """A condition that is to be met before binding is open."""

    rule = "PLC-086"
    zh = "承保前须满足的附加条件尚未满足"
    en = "A condition that must be met before binding is still open"
    todo_zh = "请先满足该条件并注明,或请保险公司书面放弃"
    todo_en = "Meet it and mark it as met, or have the insurer waive it in writing"


class ConditionUnknown(Invalid):
    """The list of conditions has no such number."""

    rule = "PLC-086"
    zh = "没有第 {number} 项附加条件"
    en = "There is no condition number {number}"


class DeliveredOutOfTime(Invalid):
    """The delivery lies in the future or before the issue."""

    rule = "PLC-087"
    zh = "送达时间须在出具之后、当前时间之前"
    en = "The delivery lies between the issue and now"


def draft(confirmation: Confirmation) -> tuple[Confirmation, CoverConfirmationDrafted]:
    """A new confirmation of a placing."""
    return confirmation, CoverConfirmationDrafted(
        confirmation_id=confirmation.id, placing_id=confirmation.placing_id, client_id=confirmation.client_id
    )


def check_whole(placing: Placing) -> None:
    """Refuse a placing that is not bound with exactly 100 %: by its sum, or by who keeps it from being bound.

    Raises:
        SharesIncomplete, AnswersOutstanding, LeadRefused.

    Rule: PLC-077, PLC-085.
    """
    if placing.total_bp() != WHOLE_BP:
        raise SharesIncomplete(total=percent(placing.total_bp()))
    if outstanding := placing.unsettled():
        raise AnswersOutstanding(insurers=", ".join(seat.insurer_name for seat in outstanding))
    if placing.status is not PlacingStatus.BOUND:
        raise LeadRefused(insurer=placing.lead.insurer_name)


def marked(conditions: tuple[Condition, ...], met: Collection[int]) -> tuple[Condition, ...]:
    """The conditions with those of these numbers (from 0) met; refuses an open one that is due before binding.

    Rule: PLC-086, subjectivities are listed with what is open.
    """
    for number in met:
        if not 0 <= number < len(conditions):
            raise ConditionUnknown([Fault("/met", "没有该项", "no such condition")], number=number)
    after = tuple(condition.but(met=condition.met or n in met) for n, condition in enumerate(conditions))
    missing = [n for n, condition in enumerate(after) if condition.before_binding and not condition.met]
    if missing:
        raise ConditionOpen([Fault(f"/conditions/{n}", after[n].text, after[n].text) for n in missing])
    return after


def issue(
    confirmation: Confirmation,
    placing: Placing,
    conditions: tuple[Condition, ...],
    document_ids: tuple[str, ...],
    at: datetime,
) -> tuple[Confirmation, CoverConfirmed]:
    """Confirm the cover to the client.

    Raises:
        SharesIncomplete, AnswersOutstanding, LeadRefused: it is not bound with exactly 100 %.

    Rule: PLC-085, PLC-086.
    """
    if confirmation.status is not Status.DRAFT:
        raise illegal(confirmation, MOVES, Status.ISSUED)
    check_whole(placing)
    issued = move(confirmation, MOVES, Status.ISSUED, conditions=conditions, document_ids=document_ids, issued_at=at)
    return issued, CoverConfirmed(
        confirmation_id=confirmation.id,
        placing_id=confirmation.placing_id,
        client_id=confirmation.client_id,
        project_id=confirmation.project_id,
        policy_id=confirmation.policy_id,
        document_id=document_ids[0],
    )


def deliver(
    confirmation: Confirmation, delivered_at: datetime, evidence_id: str, now: datetime
) -> tuple[Confirmation, CoverConfirmationDelivered]:
    """The client has it. Refuses an instant before the issue or in the future. Rule: PLC-087."""
    delivered = move(confirmation, MOVES, Status.DELIVERED, delivered_at=delivered_at, evidence_id=evidence_id)
    assert confirmation.issued_at is not None
    if not confirmation.issued_at <= delivered_at <= now:
        raise DeliveredOutOfTime([Fault("/delivered_at", DeliveredOutOfTime.zh, DeliveredOutOfTime.en)])
    return delivered, CoverConfirmationDelivered(
        confirmation_id=confirmation.id, client_id=confirmation.client_id, delivered_at=delivered_at
    )
