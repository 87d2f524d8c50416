"""The paper of a placing instruction: what the panel is told in writing."""

from chassis.clock import business_date
from chassis.papers import Head
from services.placement.gates.insured import in_clear
from services.placement.papers.model import Instalment, PanelLine, Payment, PlacingInstructionPaper, Subjectivity
from services.placement.placings.model import Placing
from services.placement.quotes.wording import clause_texts, terms_entries


def paper_of(placing: Placing, head: Head) -> PlacingInstructionPaper:
    """The paper of an instruction that is being issued, in the head's language. Rule: PLC-075, PLC-076."""
    language, panel = head.language, placing.instruction.panel
    parts = placing.premium.split([seat.share_bp for seat in panel])
    return PlacingInstructionPaper(
        head=head,
        line=placing.called(language),
        insured=in_clear(placing.insured),
        starts_on=placing.starts_on,
        ends_on=placing.ends_on,
        addressee=("、" if language == "zh" else ", ").join(seat.insurer_name for seat in panel),
        proposal_number=placing.proposal_number,
        proposal_edition=placing.proposal_edition,
        accepted_on=business_date(placing.accepted_at),
        panel=tuple(
            PanelLine(insurer=seat.insurer_name, share_bp=seat.share_bp, lead=seat.lead, premium=part)
            for seat, part in zip(panel, parts, strict=True)
        ),
        premium=placing.premium,
        payment=payment_of(placing),
        terms=terms_entries(placing.terms, language),
        clauses=clause_texts(placing.terms.clauses, language),
        subjectivities=tuple(
            Subjectivity(text=condition.text, due_on=condition.due_on) for condition in placing.terms.subjectivities
        ),
        reply_by_on=placing.instruction.reply_by_on,
    )


def payment_of(placing: Placing) -> Payment:
    """How and when the premium is paid; the parts add up to it to the fen. Rule: PLC-081."""
    plan = placing.instruction.instalments
    parts = placing.premium.split([instalment.weight for instalment in plan])
    return Payment(
        collection=placing.instruction.collection,
        instalments=tuple(
            Instalment(due_on=instalment.due_on, amount=part) for instalment, part in zip(plan, parts, strict=True)
        ),
    )
