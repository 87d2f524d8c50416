"""What an insurer may be asked for, and whom to write to. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from chassis.refusals import Conflict, Fault, Missing
from contracts.placement import InsurerCard, InsurerChanged, InsurerLicence
from contracts.shared import LineFamily, Recipient
from services.placement.gates.words import line_words
from services.placement.insurers.model import ANYWHERE, Contact, ContactRole, Insurer
from services.placement.insurers.provinces import NAMES

ROLES_ZH = {
    ContactRole.UNDERWRITER: "核保",
    ContactRole.CLAIMS: "理赔",
    ContactRole.FINANCE: "财务",
    ContactRole.MANAGEMENT: "管理",
}


class InsurerNotLicensed(Conflict):
    """A licence does not cover the line in every region of the risk on the day."""

    rule = "PLC-008"
    zh = "有 {count} 处超出保险公司的业务范围或经营区域"
    en = "In {count} case(s) the insurer's licence does not cover line and region"
    todo_zh = "请去掉这些保险公司,或先登记其新的许可范围"
    todo_en = "Leave these insurers out, or record their new licence first"


class InsurerUnreachable(Conflict):
    """An insurer has no underwriter contact with an e-mail address for the line."""

    rule = "PLC-030"
    zh = "有 {count} 家保险公司没有该险种的核保联系邮箱"
    en = "{count} insurer(s) have no underwriter with an e-mail address for this line"
    todo_zh = "请先登记其核保联系人"
    todo_en = "Record an underwriter contact first"


class ContactNotFound(Missing):
    """The insurer has no such contact."""

    rule = "PLC-006"
    zh = "保险公司没有联系人 {id}"
    en = "The insurer has no contact {id}"


def card(insurer: Insurer) -> InsurerCard:
    """What other services are told of an insurer."""
    return InsurerCard(
        insurer_id=insurer.id,
        code=insurer.code,
        name=insurer.name,
        licences=[InsurerLicence(**licence.model_dump()) for licence in insurer.licences],
        issue_days=insurer.terms.issue_days if insurer.terms else None,
    )


def changed(insurer: Insurer) -> tuple[Insurer, InsurerChanged]:
    """The insurer in its new state, with the fact that tells of it."""
    return insurer, InsurerChanged(card=card(insurer))


def put_contact(insurer: Insurer, contact: Contact) -> tuple[Insurer, InsurerChanged]:
    """Add a contact, or replace the one with the same id."""
    others = [known for known in insurer.contacts if known.id != contact.id]
    return changed(insurer.but(contacts=[*others, contact]))


def drop_contact(insurer: Insurer, contact_id: str) -> tuple[Insurer, InsurerChanged]:
    """Remove a contact; raises ContactNotFound."""
    gone = the_contact(insurer, contact_id)
    return changed(insurer.but(contacts=[contact for contact in insurer.contacts if contact.id != gone.id]))


def the_contact(insurer: Insurer, contact_id: str) -> Contact:
    """The contact; raises ContactNotFound."""
    for contact in insurer.contacts:
        if contact.id == contact_id:
            return contact
    raise ContactNotFound(id=contact_id)


def licensed(insurer: Insurer, line_family: LineFamily, region: str, on: date) -> bool:
    """Whether one of its licences covers the line family in a province (two-digit code) on a business date.

    Rule: PLC-008.
    """
    return any(
        line_family in licence.line_families
        and (ANYWHERE in licence.regions or region in licence.regions)
        and (licence.until_on is None or on <= licence.until_on)
        for licence in insurer.licences
    )


def check_licensed(insurers: Sequence[Insurer], line_family: LineFamily, regions: Iterable[str], on: date) -> None:
    """Refuse insurers that may not write the line in each of the regions on a business date; every case is told.

    Pointers lead into the list of insurers as it was given.

    Raises:
        InsurerNotLicensed.

    Rule: PLC-008.
    """
    faults: list[Fault] = []
    for place, insurer in enumerate(insurers):
        for region in sorted(set(regions)):
            if not licensed(insurer, line_family, region, on):
                line_zh, line_en = line_words(line_family)
                province = NAMES.get(region, region)
                zh = f"{insurer.name}在 {on} 没有{line_zh}在{province}的许可"
                en = f"{insurer.name} has no licence for {line_en} in region {region} on {on}"
                faults.append(Fault(f"/insurer_ids/{place}", zh, en))
    if faults:
        raise InsurerNotLicensed(faults, count=len(faults))


def recipients(insurers: Sequence[Insurer], role: ContactRole, line_family: LineFamily) -> list[Recipient]:
    """The insurers' contacts with this role for the line, with their addresses; every insurer has at least one.

    Raises:
        InsurerUnreachable.

    Rule: PLC-030.
    """
    found: list[Recipient] = []
    faults: list[Fault] = []
    for place, insurer in enumerate(insurers):
        reachable = [c for c in insurer.contacts if c.email is not None and c.serves(role, line_family)]
        if not reachable:
            zh, en = (
                f"{insurer.name}没有可发送的{ROLES_ZH[role]}联系人",
                f"{insurer.name} has no {role} contact to write to",
            )
            faults.append(Fault(f"/insurer_ids/{place}", zh, en))
        found += [Recipient(kind="insurer", party_id=insurer.id, name=c.name, email=c.email) for c in reachable]
    if faults:
        raise InsurerUnreachable(faults, count=len(faults))
    return found
