"""The panel: adding and changing insurers, and finding those that others name."""

from collections.abc import Sequence
from typing import Any

from chassis import audit
from chassis.work import Work
from contracts.placement import InsurerAdded
from services.placement.insurers import rules
from services.placement.insurers.model import Contact, Insurer
from services.placement.insurers.store import InsurerNotFound, Insurers


async def add_insurer(work: Work, **fields: Any) -> Insurer:
    """Put an insurer on the panel; raises InsurerCodeTaken. Rule: PLC-007."""
    insurer = Insurer(id=work.new_id("insurers"), branch=work.actor.branch, **fields)
    return await Insurers(work).add(insurer, InsurerAdded(card=rules.card(insurer)))


async def change_insurer(insurer_id: str, changes: dict[str, Any], work: Work) -> Insurer:
    """Change name, licences, offices or terms; raises InsurerNotFound."""
    return await Insurers(work).change(insurer_id, lambda insurer: rules.changed(insurer.but(**changes)))


async def add_contact(insurer_id: str, work: Work, **fields: Any) -> Insurer:
    """Add somebody who works there."""
    contact = Contact(id=work.new_id("contacts"), **fields)
    return await Insurers(work).change(insurer_id, lambda insurer: rules.put_contact(insurer, contact))


async def change_contact(insurer_id: str, contact_id: str, changes: dict[str, Any], work: Work) -> Insurer:
    """Change a contact; what is not named stays. Raises ContactNotFound."""
    return await Insurers(work).change(
        insurer_id, lambda insurer: rules.put_contact(insurer, rules.the_contact(insurer, contact_id).but(**changes))
    )


async def drop_contact(insurer_id: str, contact_id: str, work: Work) -> Insurer:
    """Remove a contact; raises ContactNotFound."""
    return await Insurers(work).change(insurer_id, lambda insurer: rules.drop_contact(insurer, contact_id))


async def reveal_contact(insurer_id: str, contact_id: str, work: Work) -> Contact:
    """A contact to be shown in clear; the audit record is kept first. Rule: SYS-012."""
    contact = rules.the_contact(await Insurers(work).get(insurer_id), contact_id)
    await audit.record(work, "placement.insurer_contact", contact_id)
    return contact


async def the_insurers(insurer_ids: Sequence[str], work: Work) -> list[Insurer]:
    """The insurers in the order named; raises InsurerNotFound for the first that is not there."""
    wanted = list(dict.fromkeys(insurer_ids))
    found = {
        insurer.id: insurer for insurer in await Insurers(work).some({"_id": {"$in": wanted}}, limit=len(wanted) or 1)
    }
    for insurer_id in wanted:
        if insurer_id not in found:
            raise InsurerNotFound(id=insurer_id)
    return [found[insurer_id] for insurer_id in wanted]
