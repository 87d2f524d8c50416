"""Load, decide, save: mandates."""

from chassis.files import Files
from chassis.work import Work
from contracts.clients import MandateDrafted
from services.clients.clients import rules as client_rules
from services.clients.clients.actions import stayed
from services.clients.clients.store import Clients
from services.clients.mandates import rules
from services.clients.mandates.model import Mandate, Signatures, Status, Terms
from services.clients.mandates.store import BATCH, Mandates
from services.clients.people.actions import the_colleague
from services.clients.trail import Step


async def draft_mandate(client_id: str, terms: Terms, work: Work) -> Mandate:
    """A mandate for a client or prospect, to be reviewed and signed.

    Raises ClientNotFound, RecordMerged, FullAuthorityRefused, TermsFaulty.
    """
    client = client_rules.live(await Clients(work).get(client_id))
    rules.check_terms(terms)
    mandate = Mandate(
        id=work.new_id("mandates"),
        branch=client.branch,
        client_id=client.id,
        terms=terms,
        authors=(work.actor.id,),
        steps=(Step(status=Status.DRAFT, at=work.now, by=work.actor.id),),
    )
    fact = MandateDrafted(mandate_id=mandate.id, client_id=client.id, kind=terms.kind)
    return await Mandates(work).add(mandate, fact)


async def edit_mandate(mandate_id: str, terms: Terms, work: Work) -> Mandate:
    """New terms of a draft. Raises MandateNotFound, MandateFixed, FullAuthorityRefused, TermsFaulty."""
    return await Mandates(work).change(mandate_id, lambda mandate: rules.edit(mandate, terms, work.actor.id))


async def submit_mandate(mandate_id: str, work: Work) -> Mandate:
    """Give a draft to compliance. Raises MandateNotFound, IllegalMove, MandateFixed."""
    return await Mandates(work).change(mandate_id, lambda mandate: rules.submit(mandate, work.actor.id, work.now))


async def review_mandate(mandate_id: str, passed: bool, reason: str, work: Work) -> Mandate:
    """Compliance passes or returns it. Raises MandateNotFound, IllegalMove, NotInReview, ReviewedByAuthor,
    ReasonMissing.
    """
    return await Mandates(work).change(
        mandate_id, lambda mandate: rules.review(mandate, passed, reason, work.actor.id, work.now)
    )


async def sign_mandate(mandate_id: str, signatures: Signatures, work: Work) -> Mandate:
    """Record both signatures; in force at once when its first day has come.

    Raises MandateNotFound, IllegalMove, ReviewMissing, NumberMissing (the client has no identity number),
    SignatoryMissing, ContactNotFound, NotASignatory, SignedOutOfTime, UserUnknown, UserNotInBranch, FileMissing.
    """
    mandate = await Mandates(work).get(mandate_id)
    client = client_rules.identified(await stayed(mandate.client_id, work))
    rules.check_signatory(client, signatures.client_contact_id)
    await the_colleague(signatures.broker_user_id, mandate.branch, work)
    await Files(work).get(signatures.evidence_id)
    return await Mandates(work).change(
        mandate_id, lambda mandate: rules.sign(mandate, signatures, work.actor.id, work.now)
    )


async def terminate_mandate(mandate_id: str, reason: str, evidence_id: str, work: Work) -> Mandate:
    """End it today. Raises MandateNotFound, IllegalMove, FileMissing."""
    await Files(work).get(evidence_id)
    return await Mandates(work).change(
        mandate_id, lambda mandate: rules.terminate(mandate, reason, evidence_id, work.actor.id, work.now)
    )


async def overlapping(mandate: Mandate, work: Work) -> list[Mandate]:
    """The client's signed or active contracts that this one overlaps: allowed, and told as warnings. Rule: CLI-060."""
    return [other for other in await Mandates(work).standing(mandate.client_id) if rules.overlaps(mandate, other)]


async def follow_merge(client_id: str, into_id: str, work: Work) -> None:
    """Mandates of a merged record are those of the record that stayed."""
    mandates, kept = Mandates(work), await stayed(into_id, work)
    while found := await mandates.some({"client_id": client_id}, BATCH):
        for mandate in found:
            await mandates.change(mandate.id, lambda mandate: rules.follow(mandate, kept.id), subject=False)


async def activate_due(work: Work) -> None:
    """Signed mandates whose first day has come."""
    mandates = Mandates(work)
    for due in await mandates.to_activate(work.today):
        await mandates.change(due.id, lambda mandate: _activated(mandate, work))


def _activated(mandate: Mandate, work: Work) -> rules.Activation | None:
    if mandate.status != Status.SIGNED:
        return None
    return rules.activate(mandate, work.actor.id, work.now)


async def warn_due(work: Work) -> None:
    """Active mandates whose end is near and was not told."""
    mandates = Mandates(work)
    for due in await mandates.to_warn(work.today):
        await mandates.change(due.id, lambda mandate: rules.warn(mandate, work.today))


async def expire_due(work: Work) -> None:
    """Active mandates whose last day is over."""
    mandates = Mandates(work)
    for due in await mandates.to_expire(work.today):
        await mandates.change(due.id, lambda mandate: rules.expire(mandate, work.actor.id, work.now))
