"""Decisions on debit notes."""

from collections.abc import Sequence
from datetime import date, datetime

from chassis.moves import move
from chassis.refusals import Conflict, Fault, Forbidden, Invalid
from contracts.finance import (
    DebitNoteApproved,
    DebitNoteCancelled,
    DebitNoteChanged,
    DebitNoteDrafted,
    DebitNoteIssued,
    DebitNoteNumbered,
    InstalmentDue,
)
from contracts.money import Money
from services.finance.debit_notes.model import MOVES, DebitNote, Instalment, Status
from services.finance.policies.model import Collection, Plan, Policy

SERIES = {Collection.BROKER: "DN", Collection.INSURER: "PN"}
"""What the numbers of each kind of note begin with: debit note, premium notice."""


class PlanBroken(Invalid):
    """The parts are not a plan for this premium."""

    rule = "FIN-001"
    zh = "分期安排有误"
    en = "The parts are not a plan for this premium"
    todo_zh = "请更正后重新提交:各期金额为正、日期递增、合计等于保险费"
    todo_en = "Send parts above zero, by rising dates, that add up to the premium"


class AmountsFrozen(Conflict):
    """The note is past its draft."""

    rule = "FIN-002"
    zh = "付款通知已复核,金额和分期不可更改"
    en = "The debit note was approved; its amounts and dates are fixed"
    todo_zh = "请取消该通知并重新起草"
    todo_en = "Cancel it and draft another"


class OwnNote(Forbidden):
    """Who drafted or changed a note may not approve it."""

    rule = "SYS-011"
    zh = "付款通知由您起草或修改,不能由您复核"
    en = "You drafted or changed this debit note, so you may not approve it"
    todo_zh = "请由另一位有权人员复核"
    todo_en = "Ask somebody else who may approve debit notes"


class AlreadyBilled(Conflict):
    """The policy has a debit note that was not cancelled."""

    rule = "FIN-003"
    zh = "该保单已有有效的付款通知"
    en = "The policy has a debit note already"
    todo_zh = "如需更改,请先取消原付款通知"
    todo_en = "Cancel that one first if it is wrong"


class PolicyVoid(Conflict):
    """Nothing is owed for a policy that was never on risk."""

    rule = "FIN-003"
    zh = "保单 {id} 已作废,不能开具付款通知"
    en = "Policy {id} is void; nothing is owed for it"


class NoContact(Conflict):
    """Nobody at the client is named for bills."""

    rule = "FIN-007"
    zh = "客户没有负责财务或保险事务的联系人"
    en = "The client has no contact for finance or insurance matters"
    todo_zh = "请先在客户档案中登记财务联系人"
    todo_en = "Name a finance contact on the client's file first"


def parts_of(premium: Money, plan: Plan, starts_on: date) -> tuple[Instalment, ...]:
    """The parts by the policy's plan: equal ones when it has no weights; all at inception when it has no dates.

    They add up to the premium to the minor unit; parts of nothing are left out. Refuses a plan whose weights and dates
    differ in number, and a premium that is not above zero.

    Rule: FIN-001 (docs/rules/finance.md).
    """
    dates = plan.due_on or (starts_on,)
    weights = plan.weights or (1,) * len(dates)
    if len(weights) != len(dates) or sum(weights) <= 0 or min(weights) < 0 or premium.amount_minor <= 0:
        raise PlanBroken
    parts = sorted(zip(dates, premium.split(weights), strict=True), key=lambda part: part[0])
    kept = [(due_on, amount) for due_on, amount in parts if amount.amount_minor]
    return tuple(Instalment(number=n, due_on=due_on, amount=amount) for n, (due_on, amount) in enumerate(kept, 1))


def check_parts(parts: Sequence[Instalment], total: Money) -> None:
    """Raise PlanBroken with all faults at once. Rule: FIN-001 (docs/rules/finance.md)."""
    faults: list[Fault] = []
    for n, part in enumerate(parts):
        at = f"/instalments/{n}"
        if part.amount.currency != total.currency:
            faults.append(Fault(f"{at}/amount", f"币种应为 {total.currency}", f"the currency is {total.currency}"))
        if part.amount.amount_minor <= 0:
            faults.append(Fault(f"{at}/amount", "金额应大于零", "must be above zero"))
        if n and part.due_on <= parts[n - 1].due_on:
            faults.append(Fault(f"{at}/due_on", "应晚于上一期", "must be after the part before"))
    told = sum(part.amount.amount_minor for part in parts)
    if not faults and told != total.amount_minor:
        whole = Money(amount_minor=told, currency=total.currency).amount
        zh = f"合计为 {whole},应为 {total.amount}"
        faults.append(Fault("/instalments", zh, f"the sum is {whole}, it must be {total.amount}"))
    if faults:
        raise PlanBroken(faults)


def draft(
    note_id: str, policy: Policy, client_id: str, by: str, parts: tuple[Instalment, ...] | None = None
) -> tuple[DebitNote, DebitNoteDrafted]:
    """Debit the premium of a bound policy, by the policy's plan or by `parts`; `by` becomes its maker.

    Raises:
        PolicyVoid: the policy was never on risk.
        PlanBroken: the parts do not add up to the premium.

    Rule: FIN-003, FIN-001 (docs/rules/finance.md).
    """
    if policy.voided:
        raise PolicyVoid(id=policy.id)
    if parts is None:
        parts = parts_of(policy.premium, policy.instalments, policy.starts_on)
    else:
        check_parts(parts, policy.premium)
    note = DebitNote(
        id=note_id,
        branch=policy.branch,
        policy_id=policy.id,
        client_id=client_id,
        line=policy.line,
        insured_name=policy.insured_name,
        lines=policy.lines,
        collection=policy.collection,
        starts_on=policy.starts_on,
        ends_on=policy.ends_on,
        owner_id=policy.owner_id,
        total=policy.premium,
        instalments=parts,
        makers=(by,),
    )
    return note, DebitNoteDrafted(
        debit_note_id=note.id,
        policy_id=note.policy_id,
        client_id=note.client_id,
        total=note.total,
        instalments=due(note),
        collection=note.collection,
    )


def change_plan(note: DebitNote, parts: tuple[Instalment, ...], by: str) -> tuple[DebitNote, DebitNoteChanged]:
    """Replace a draft's parts; `by` becomes one of its makers.

    Raises:
        AmountsFrozen: it is past its draft.
        PlanBroken: the parts do not add up to the total.

    Rule: FIN-001, FIN-002 (docs/rules/finance.md).
    """
    if note.status is not Status.DRAFT:
        raise AmountsFrozen
    check_parts(parts, note.total)
    makers = note.makers if by in note.makers else (*note.makers, by)
    changed = note.but(instalments=parts, makers=makers)
    return changed, DebitNoteChanged(debit_note_id=note.id, instalments=due(changed))


def approve(note: DebitNote, by: str, at: datetime) -> tuple[DebitNote, DebitNoteApproved]:
    """Confirm a draft, by the user `by` at the aware instant `at`.

    Raises:
        IllegalMove: it is not a draft.
        OwnNote: `by` drafted or changed it.

    Rule: SYS-011 (docs/rules/chassis.md).
    """
    approved = move(note, MOVES, Status.APPROVED, approved_by=by, approved_at=at)
    if by in note.makers:
        raise OwnNote
    return approved, DebitNoteApproved(debit_note_id=note.id, approver_id=by)


def series(note: DebitNote, year: int) -> str:
    """The number series that the note belongs to: of its kind, branch and year. Rule: FIN-004."""
    return f"{SERIES[note.collection]} {note.branch} {year}"


def number(note: DebitNote, branch_code: str, year: int, count: int) -> tuple[DebitNote, DebitNoteNumbered]:
    """Give an approved note its number, such as DN-GD-2026-000017; it keeps it for good, even when it is cancelled.

    Raises:
        IllegalMove: it is not approved.

    Rule: FIN-004 (docs/rules/finance.md).
    """
    check_issuable(note)
    text = f"{SERIES[note.collection]}-{branch_code}-{year}-{count:06}"
    return note.but(number=text), DebitNoteNumbered(debit_note_id=note.id, number=text)


def check_issuable(note: DebitNote) -> None:
    """Raise IllegalMove for a note that is not approved."""
    move(note, MOVES, Status.ISSUED)


def issue(note: DebitNote, client_id: str, on: date, document_ids: Sequence[str]) -> tuple[DebitNote, DebitNoteIssued]:
    """Issue a numbered note on a business date, as these papers; the first is the Chinese one.

    `client_id` is the client as of now: another one than at the draft when the records were merged since.

    Raises:
        IllegalMove: it is not approved.

    Rule: FIN-002, FIN-004 (docs/rules/finance.md).
    """
    issued = move(note, MOVES, Status.ISSUED, client_id=client_id, issued_on=on, document_ids=tuple(document_ids))
    return issued, DebitNoteIssued(
        debit_note_id=note.id,
        number=note.number,
        policy_id=note.policy_id,
        client_id=client_id,
        total=note.total,
        instalments=due(note),
        document_id=document_ids[0],
        collection=note.collection,
    )


def cancel(note: DebitNote, reason: str) -> tuple[DebitNote, DebitNoteCancelled]:
    """Withdraw a note before anything was paid on it.

    Raises:
        IllegalMove: it is cancelled.

    Rule: FIN-005 (docs/rules/finance.md).
    """
    cancelled = move(note, MOVES, Status.CANCELLED, cancelled_because=reason)
    return cancelled, DebitNoteCancelled(debit_note_id=note.id, reason=reason)


def due(note: DebitNote) -> list[InstalmentDue]:
    """The parts as events tell them."""
    return [InstalmentDue(number=part.number, due_on=part.due_on, amount=part.amount) for part in note.instalments]
