"""What an insurer may be asked for."""

from datetime import date
from typing import Any

import pytest

from contracts.personal import EmailAddress, PersonName
from contracts.shared import LineFamily
from services.placement.insurers.model import Contact, ContactRole, Insurer, Licence, Terms
from services.placement.insurers.rules import (
    ContactNotFound,
    InsurerNotLicensed,
    InsurerUnreachable,
    card,
    check_licensed,
    drop_contact,
    licensed,
    put_contact,
    recipients,
)

TODAY = date(2026, 3, 2)
PROPERTY, MOTOR = LineFamily.PROPERTY, LineFamily.MOTOR


def an_insurer(*licences: Licence, contacts: list[Contact] | None = None, **changes: Any) -> Insurer:
    told: dict[str, Any] = {"id": "i", "branch": "hq", "code": "YS", "name": "砚石财险", "contacts": contacts or []}
    return Insurer(**(told | changes), licences=list(licences))


def a_licence(*regions: str, until_on: date | None = None) -> Licence:
    return Licence(line_families=[PROPERTY], regions=list(regions), until_on=until_on)


def a_contact(contact_id: str = "k", role: ContactRole = ContactRole.UNDERWRITER, **changes: Any) -> Contact:
    told: dict[str, Any] = {"name": PersonName("方晴"), "email": EmailAddress("uw@insurer.example")}
    return Contact(id=contact_id, role=role, **(told | changes))


@pytest.mark.rule("PLC-008")
def test_a_licence_counts_for_its_lines_in_its_regions_until_its_last_day():
    insurer = an_insurer(a_licence("44", "53", until_on=TODAY))
    assert licensed(insurer, PROPERTY, "44", TODAY)
    assert not licensed(insurer, PROPERTY, "32", TODAY)
    assert not licensed(insurer, MOTOR, "44", TODAY)
    assert not licensed(insurer, PROPERTY, "44", date(2026, 3, 3))
    assert licensed(an_insurer(a_licence("*")), PROPERTY, "32", date(2099, 1, 1))


@pytest.mark.rule("PLC-008")
def test_every_insurer_and_region_without_licence_is_told_at_once():
    panel = [an_insurer(a_licence("*")), an_insurer(a_licence("44")), an_insurer(a_licence("32"))]
    with pytest.raises(InsurerNotLicensed) as refused:
        check_licensed(panel, PROPERTY, ["44", "53", "44"], TODAY)
    assert [fault.pointer for fault in refused.value.faults] == ["/insurer_ids/1", "/insurer_ids/2", "/insurer_ids/2"]
    check_licensed(panel[:2], PROPERTY, ["44"], TODAY)


@pytest.mark.rule("PLC-030")
def test_an_enquiry_is_addressed_to_underwriters_of_the_line_who_can_be_written_to():
    good = an_insurer(
        contacts=[
            a_contact("all"),
            a_contact("property", line_families=[PROPERTY]),
            a_contact("motor", line_families=[MOTOR]),
            a_contact("claims", ContactRole.CLAIMS),
            a_contact("silent", email=None),
        ]
    )
    assert len(recipients([good], ContactRole.UNDERWRITER, PROPERTY)) == 2
    with pytest.raises(InsurerUnreachable) as refused:
        recipients([good, an_insurer(contacts=[a_contact(email=None)])], ContactRole.UNDERWRITER, PROPERTY)
    assert [fault.pointer for fault in refused.value.faults] == ["/insurer_ids/1"]


def test_a_contact_is_replaced_under_its_id_and_removed():
    insurer, _ = put_contact(an_insurer(contacts=[a_contact("a"), a_contact("b")]), a_contact("a", email=None))
    assert [contact.email is None for contact in insurer.contacts] == [False, True]
    left, fact = drop_contact(insurer, "a")
    assert ([contact.id for contact in left.contacts], fact.card.code) == (["b"], "YS")
    with pytest.raises(ContactNotFound):
        drop_contact(left, "a")


def test_others_are_told_how_soon_the_insurer_issues():
    terms = Terms(agreement="HZ-2026-01", from_on=TODAY, issue_days=10)
    assert card(an_insurer(a_licence("*"), terms=terms)).issue_days == 10
    assert card(an_insurer(a_licence("*"))).issue_days is None
