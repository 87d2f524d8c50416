"""The paper of a cover confirmation: what the client is covered for, by whom, under which open conditions."""

from chassis.papers import Correspondent, Head
from services.placement.confirmations.model import Confirmation
from services.placement.gates.insured import in_clear
from services.placement.papers.model import BoundLine, CoverConfirmationPaper, Subjectivity
from services.placement.placings.model import Placing
from services.placement.placings.paper import payment_of
from services.placement.quotes.wording import clause_texts, terms_entries


def paper_of(
    confirmation: Confirmation,
    placing: Placing,
    head: Head,
    claims_contact: Correspondent,
) -> CoverConfirmationPaper:
    """The paper of a confirmation that is being issued, in the head's language. Rule: PLC-085, PLC-086."""
    language = head.language
    names = {seat.insurer_id: seat for seat in placing.instruction.panel}
    return CoverConfirmationPaper(
        head=head,
        line=placing.called(language),
        insured=in_clear(placing.insured),
        starts_on=placing.starts_on,
        ends_on=placing.ends_on,
        instruction_number=placing.number,
        lines=tuple(
            BoundLine(
                insurer=names[line.insurer_id].insurer_name,
                share_bp=line.share_bp,
                lead=names[line.insurer_id].lead,
                premium=part,
                reference=line.reference,
                accepted_on=line.accepted_on,
            )
            for line, part in zip(placing.current_lines(), placing.premium_parts(), strict=True)
        ),
        premium=placing.premium,
        payment=payment_of(placing),
        terms=terms_entries(placing.terms, language),
        clauses=clause_texts(placing.terms.clauses, language),
        subjectivities=tuple(
            Subjectivity(text=condition.text, due_on=condition.due_on, insurer=condition.insurer, met=condition.met)
            for condition in confirmation.conditions
        ),
        claims_contact=claims_contact,
    )
