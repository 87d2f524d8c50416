"""The decisions about a placing instruction. Shares are basis points; dates are business dates."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from chassis.clock import business_date
from chassis.moves import illegal, move
from chassis.refusals import Conflict, Fault, Invalid
from contracts.facts import Fact
from contracts.placement import (
    LineBound,
    LineRefused,
    PlacementBound,
    PlacementRefused,
    PlacingChanged,
    PlacingDrafted,
    PlacingInstructed,
    PlacingWithdrawn,
    QuoteNotTakenUp,
)
from services.placement.placings.model import (
    MOVES,
    WHOLE_BP,
    Instruction,
    Placing,
    RefusedLine,
    Seat,
    Status,
    WrittenLine,
)
from services.placement.quotes import rules as quote_rules
from services.placement.quotes.comparison import percent
from services.placement.quotes.model import Quote
from services.placement.quotes.model import Status as QuoteStatus


class ProposalNotAccepted(Conflict):
    """The client has not accepted this edition."""

    rule = "PLC-075"
    zh = "建议书当前为 {status},未获客户书面确认,不得出单"
    en = "The proposal is {status}; nothing is placed without the client's written acceptance"
    todo_zh = "请先取得客户对该版建议书的书面确认"
    todo_en = "Get the client's written acceptance of this edition first"


class LeadNotChosen(Invalid):
    """The lead of the panel is not the insurer whose quote the client put first."""

    rule = "PLC-077"
    zh = "首席承保人须为客户确认的 {insurer}"
    en = "The lead must be {insurer}, whose terms the client accepted"
    todo_zh = "请调整首席承保人,或以新版建议书取得客户确认"
    todo_en = "Change the lead, or have the client accept a new edition"


class QuoteNotSelected(Conflict):
    """A quote that the panel rests on is no longer selected."""

    rule = "PLC-077"
    zh = "{insurer} 的报价当前为 {status},不能据以出单"
    en = "The quote of {insurer} is {status}; nothing can be placed on it"
    todo_zh = "请调整共保安排"
    todo_en = "Change the panel"


class QuoteOnPanel(Conflict):
    """A live instruction rests on the quote."""

    rule = "PLC-077"
    zh = "{insurer} 的报价已列入出单通知 {number} 的共保安排"
    en = "The quote of {insurer} is on the panel of instruction {number}"
    todo_zh = "请先撤回或终止该出单通知,或在其草稿中调整共保安排"
    todo_en = "Withdraw or give up that instruction first, or change the panel of its draft"


class PanelFaulty(Invalid):
    """Panel or payment plan cannot be right; all faults at once."""

    rule = "PLC-076"
    zh = "共保安排或缴费计划有误"
    en = "The panel or the payment plan has faults"
    todo_zh = "份额合计须恰为 100%,首席承保人须有且仅有一家"
    todo_en = "The shares total exactly 100 %, and exactly one insurer leads"


class NotOnPanel(Invalid):
    """The insurer has no seat."""

    rule = "PLC-078"
    zh = "保险公司 {insurer} 不在本次出单安排中"
    en = "Insurer {insurer} is not on this panel"


class LineFaulty(Invalid):
    """A written line that cannot be right."""

    rule = "PLC-078"
    zh = "承保份额记录有误"
    en = "The written line has faults"


class LineRefusedBefore(Conflict):
    """An insurer that refused cannot write, one that wrote cannot refuse."""

    rule = "PLC-078"
    zh = "保险公司 {insurer} 已作出书面答复"
    en = "Insurer {insurer} has answered already"
    todo_zh = "如需改变,请以新的出单通知办理"
    todo_en = "Issue a new instruction if this is to change"


class LinesOutstanding(Conflict):
    """Not everybody on the panel has answered."""

    rule = "PLC-079"
    zh = "{insurers} 尚未书面答复"
    en = "{insurers} have not answered yet"
    todo_zh = "请待全部保险公司答复后再签下份额"
    todo_en = "Sign down when all of the panel have answered"


class LeadRefused(Conflict):
    """The insurer whose terms these are will not write a line."""

    rule = "PLC-077"
    zh = "首席承保人 {insurer} 已拒绝,不能按其条件承保"
    en = "The lead {insurer} refused; nothing is bound on its terms"
    todo_zh = "请终止该出单通知,并以新的出单通知办理"
    todo_en = "Give this instruction up and issue a new one"


class SigningFaulty(Invalid):
    """Signed lines must be at most the written ones and total exactly 100 %."""

    rule = "PLC-079"
    zh = "签下份额有误"
    en = "The signed lines have faults"
    todo_zh = "每家签下份额不得超过其书面份额,合计须恰为 100%"
    todo_en = "No signed line exceeds the written one, and all total exactly 100 %"


class AlreadyPartlyBound(Conflict):
    """Something is bound."""

    rule = "PLC-080"
    zh = "已有保险公司承保,不能撤回"
    en = "Something is bound already; it cannot be withdrawn"
    todo_zh = "请与已承保的保险公司协商解除"
    todo_en = "Agree its release with the insurers that have bound"


def draft(placing: Placing) -> tuple[Placing, PlacingDrafted]:
    """A new instruction on an accepted proposal. Rule: PLC-075, PLC-076, PLC-081."""
    check_instruction(placing.instruction)
    return placing, PlacingDrafted(placing_id=placing.id, proposal_id=placing.proposal_id, client_id=placing.client_id)


def check_lead(panel: Sequence[Seat], lead_quote_id: str, insurer_name: str) -> None:
    """Refuse a lead other than the insurer of the quote that the client put first. Rule: PLC-077."""
    leads = [seat for seat in panel if seat.lead]
    if leads and leads[0].quote_id != lead_quote_id:
        fault = Fault("/panel", f"首席须为 {insurer_name}", f"{insurer_name} leads")
        raise LeadNotChosen([fault], insurer=insurer_name)


def check_quotes(quotes: Sequence[Quote]) -> None:
    """Refuse a panel that rests on a quote which is no longer selected. Rule: PLC-077."""
    for quote in quotes:
        if quote.status is not QuoteStatus.SELECTED:
            raise QuoteNotSelected(insurer=quote.insurer_name, status=quote.status)


def leave(quote: Quote, number: str | None, reason: str) -> tuple[Quote, QuoteNotTakenUp]:
    """The client does not take a selected quote up; raises QuoteOnPanel while an instruction, `number`, rests on it.

    Rule: PLC-077.
    """
    left = quote_rules.leave(quote, reason)
    if number is not None:
        raise QuoteOnPanel(insurer=quote.insurer_name, number=number)
    return left


def change(placing: Placing, instruction: Instruction, by: str) -> tuple[Placing, PlacingChanged]:
    """Change panel, payment or owner of a draft. Rule: PLC-076, PLC-081."""
    if placing.status is not Status.DRAFT:
        raise illegal(placing, MOVES, Status.DRAFT)
    check_instruction(instruction)
    changed = move(placing, MOVES, Status.DRAFT, instruction=instruction, makers=_with(placing.makers, by))
    return changed, PlacingChanged(placing_id=placing.id)


def check_instruction(instruction: Instruction) -> None:
    """Refuse shares that do not total exactly 10,000, a panel without exactly one lead, and a plan that cannot be paid.

    Raises:
        PanelFaulty: with all faults.

    Rule: PLC-076, PLC-081.
    """
    panel, faults = instruction.panel, list[Fault]()
    total = sum(seat.share_bp for seat in panel)
    if total != WHOLE_BP:
        says = percent(total)
        faults.append(Fault("/panel", f"份额合计为 {says},须恰为 100%", f"the shares total {says}, not exactly 100 %"))
    faults += [
        Fault(f"/panel/{number}/share_bp", "份额须大于零", "must be more than zero")
        for number, seat in enumerate(panel)
        if seat.share_bp <= 0
    ]
    if sum(seat.lead for seat in panel) != 1:
        faults.append(Fault("/panel", "须有且仅有一家首席承保人", "exactly one insurer leads"))
    if len({seat.insurer_id for seat in panel}) != len(panel):
        faults.append(Fault("/panel", "同一保险公司出现两次", "an insurer stands twice"))
    due = [instalment.due_on for instalment in instruction.instalments]
    if not due or due != sorted(set(due)):
        faults.append(
            Fault("/instalments", "缴费日期须至少一个、由早到晚、互不相同(PLC-081)", "dates must ascend (PLC-081)")
        )
    if any(instalment.weight <= 0 for instalment in instruction.instalments):
        faults.append(Fault("/instalments", "各期比例须大于零(PLC-081)", "weights must be more than zero (PLC-081)"))
    if faults:
        raise PanelFaulty(faults)


def issue(placing: Placing, document_ids: tuple[str, ...], by: str, at: datetime) -> tuple[Placing, PlacingInstructed]:
    """Tell the panel in writing to cover. Rule: PLC-075."""
    if placing.status is not Status.DRAFT:
        raise illegal(placing, MOVES, Status.ISSUED)
    issued = move(
        placing, MOVES, Status.ISSUED, issued_at=at, document_ids=document_ids, makers=_with(placing.makers, by)
    )
    return issued, PlacingInstructed(
        placing_id=placing.id,
        proposal_id=placing.proposal_id,
        client_id=placing.client_id,
        insurer_ids=[seat.insurer_id for seat in placing.instruction.panel],
        document_id=document_ids[0],
    )


def write_line(placing: Placing, line: WrittenLine) -> tuple[Placing, *tuple[Fact, ...]]:
    """Record an insurer's written line; it may differ from the share asked for, and a later one takes its place.

    The placement is bound when everybody on the panel has answered, the lines total exactly 100 %, and the leader,
    whose terms they are, is among them; not before.

    Raises:
        NotOnPanel, LineRefusedBefore, LineFaulty.

    Rule: PLC-078.
    """
    _check_open(placing, Status.PARTLY_BOUND)
    if placing.seat(line.insurer_id) is None:
        raise NotOnPanel(insurer=line.insurer_id)
    if any(refused.insurer_id == line.insurer_id for refused in placing.refused):
        raise LineRefusedBefore(insurer=line.insurer_id)
    assert placing.issued_at is not None
    if faults := _line_faults(line, business_date(placing.issued_at)):
        raise LineFaulty(faults)
    told = LineBound(placing_id=placing.id, insurer_id=line.insurer_id, share_bp=line.share_bp)
    return _settled(placing.but(lines=(*placing.lines, line)), line.recorded_at, told)


def refuse_line(placing: Placing, insurer_id: str, reason: str, at: datetime) -> tuple[Placing, *tuple[Fact, ...]]:
    """Record that an insurer of the panel refused; when all have refused, the placement is refused.

    Raises:
        NotOnPanel, LineRefusedBefore.

    Rule: PLC-078.
    """
    _check_open(placing, Status.ISSUED)
    if placing.seat(insurer_id) is None:
        raise NotOnPanel(insurer=insurer_id)
    answered = {line.insurer_id for line in placing.lines} | {refused.insurer_id for refused in placing.refused}
    if insurer_id in answered:
        raise LineRefusedBefore(insurer=insurer_id)
    refused = RefusedLine(insurer_id=insurer_id, reason=reason, recorded_at=at)
    after = placing.but(refused=(*placing.refused, refused))
    told = LineRefused(placing_id=placing.id, insurer_id=insurer_id, reason=reason)
    if len(after.refused) == len(after.instruction.panel):
        ended, all_refused = refuse(after, reason)
        return ended, told, all_refused
    return _settled(after, at, told)


def sign_down(
    placing: Placing, shares: Mapping[str, int], evidence_id: str, by: str, at: datetime
) -> tuple[Placing, *tuple[Fact, ...]]:
    """Reduce written lines so that they total exactly 100 % (P20); each reduced line is kept as a new one.

    `shares` has the signed share of every insurer that wrote a line.

    Raises:
        LinesOutstanding: somebody has not answered.
        LeadRefused: the insurer whose terms these are wrote no line.
        SigningFaulty: with all faults.

    Rule: PLC-077, PLC-079.
    """
    _check_open(placing, Status.BOUND)
    if outstanding := placing.unsettled():
        raise LinesOutstanding(insurers=", ".join(seat.insurer_name for seat in outstanding))
    if not placing.led():
        raise LeadRefused(insurer=placing.lead.insurer_name)
    written = {line.insurer_id: line for line in placing.current_lines()}
    if faults := _signing_faults({insurer: line.share_bp for insurer, line in written.items()}, shares):
        raise SigningFaulty(faults)
    signed = [
        line.but(
            share_bp=shares[insurer],
            signed_down=True,
            evidence_id=evidence_id,
            recorded_by=by,
            recorded_at=at,
            accepted_on=business_date(at),
        )
        for insurer, line in written.items()
        if shares[insurer] != line.share_bp
    ]
    told = [LineBound(placing_id=placing.id, insurer_id=line.insurer_id, share_bp=line.share_bp) for line in signed]
    return _settled(placing.but(lines=(*placing.lines, *signed)), at, *told)


def refuse(placing: Placing, reason: str) -> tuple[Placing, PlacementRefused]:
    """It cannot be placed like this; another instruction may follow on the same acceptance."""
    refused = move(placing, MOVES, Status.REFUSED, reason=reason)
    return refused, PlacementRefused(placing_id=placing.id, client_id=placing.client_id, reason=reason)


def withdraw(placing: Placing, reason: str) -> tuple[Placing, PlacingWithdrawn]:
    """The client withdrew; refused once an insurer has bound. Rule: PLC-080."""
    if placing.lines:
        raise AlreadyPartlyBound
    withdrawn = move(placing, MOVES, Status.WITHDRAWN, reason=reason)
    return withdrawn, PlacingWithdrawn(placing_id=placing.id, client_id=placing.client_id, reason=reason)


def _settled(placing: Placing, at: datetime, *told: Fact) -> tuple[Placing, *tuple[Fact, ...]]:
    if not placing.lines:
        return move(placing, MOVES, Status.ISSUED), *told
    if placing.unsettled() or placing.total_bp() != WHOLE_BP or not placing.led():
        return move(placing, MOVES, Status.PARTLY_BOUND), *told
    bound = move(placing, MOVES, Status.BOUND, bound_at=at)
    return bound, *told, PlacementBound(placing_id=placing.id, client_id=placing.client_id, bound_at=at)


def _line_faults(line: WrittenLine, issued_on: date) -> list[Fault]:
    faults: list[Fault] = []
    if not 0 < line.share_bp <= WHOLE_BP:
        faults.append(Fault("/share_bp", "份额须在 0 与 100% 之间", "must lie between 0 and 100 %"))
    if not issued_on <= line.accepted_on <= business_date(line.recorded_at):
        faults.append(
            Fault("/accepted_on", "承保日期须在出单通知之后、今天之前", "must lie between the instruction and today")
        )
    return faults


def _signing_faults(written: Mapping[str, int], shares: Mapping[str, int]) -> list[Fault]:
    faults: list[Fault] = []
    for insurer in sorted(set(written) | set(shares)):
        if insurer not in written or insurer not in shares:
            faults.append(
                Fault(
                    f"/shares/{insurer}", "须列明每家已承保公司的份额", "name every insurer that wrote a line, no other"
                )
            )
        elif not 0 < shares[insurer] <= written[insurer]:
            faults.append(
                Fault(
                    f"/shares/{insurer}",
                    f"须大于零且不超过书面份额 {percent(written[insurer])}",
                    f"must be more than zero and at most the written {percent(written[insurer])}",
                )
            )
    total = sum(shares.values())
    if total != WHOLE_BP:
        faults.append(Fault("/shares", f"合计为 {percent(total)}", f"they total {percent(total)}, not exactly 100 %"))
    return faults


def _check_open(placing: Placing, target: Status) -> None:
    if placing.status not in (Status.ISSUED, Status.PARTLY_BOUND):
        raise illegal(placing, MOVES, target)


def _with(makers: Collection[str], by: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*makers, by)))
