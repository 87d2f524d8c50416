"""Who may be on file, and how records change, merge and become clients."""

from datetime import date
from itertools import product

import pytest

from chassis.moves import IllegalMove, move
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PostalAddress
from services.clients.clients import rules
from services.clients.clients.model import (
    MOVES,
    Contact,
    ContactRole,
    FormerCode,
    Identity,
    NumberKind,
    Seat,
    Status,
    TeamRole,
)
from services.clients.clients.refusals import (
    ClientIncomplete,
    ContactNotFound,
    GroupCycle,
    NotMergeable,
    NumberInvalid,
    NumberMissing,
    ParentNotACompany,
    RecordMerged,
    TooManyContacts,
)
from tests.support.clients import TODAY, a_company, a_person, a_uscc

OTHER_NUMBER = Identity(kind=NumberKind.USCC, number=IdentityNumber(a_uscc(2)))


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_a_record_moves_only_as_its_table_says(before: Status, after: Status):
    client = a_company(status=before)
    if after in MOVES[before]:
        assert move(client, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(client, MOVES, after)


@pytest.mark.rule("CLI-009")
def test_every_fault_of_a_record_is_told_at_once():
    faulty = a_company(
        name=None,
        person_name=PersonName("花禾"),
        person_address=PostalAddress("上海"),
        region="99",
        on_file_since_on=date(2027, 1, 1),
        parent_id="cli-1",
        team=(Seat(user_id="u", role=TeamRole.BROKER), Seat(user_id="u", role=TeamRole.MANAGER)),
        identity=a_person().identity,
    )
    with pytest.raises(ClientIncomplete) as refusal:
        rules.add(faulty, TODAY)
    assert {fault.pointer for fault in refusal.value.faults} == {
        "/name",
        "/person_name",
        "/person_address",
        "/identity/kind",
        "/region",
        "/parent_id",
        "/on_file_since_on",
        "/team",
    }


@pytest.mark.rule("CLI-004")
def test_a_prospect_may_lack_a_number_a_client_may_not():
    rules.add(a_company(identity=None), TODAY)
    with pytest.raises(ClientIncomplete):
        rules.add(a_company(identity=None, status=Status.CLIENT), TODAY)
    with pytest.raises(NumberMissing):
        rules.identified(a_company(identity=None))


@pytest.mark.rule("CLI-001")
def test_a_number_is_checked_before_it_is_kept():
    assert rules.identity_of(NumberKind.USCC, a_uscc().lower(), TODAY).number.reveal() == a_uscc()
    with pytest.raises(NumberInvalid) as refusal:
        rules.identity_of(NumberKind.USCC, "1", TODAY)
    assert "18" in refusal.value.say("zh")


def test_a_change_that_changes_nothing_is_no_event():
    client = a_company()
    assert rules.change(client, {"region": "31"}, TODAY) is None
    changed = rules.change(client, {"region": "44"}, TODAY)
    assert changed is not None and changed[1].card.region == "44"


def test_the_card_tells_a_companys_name_in_clear_and_a_persons_sealed():
    assert rules.card(a_company()).name == a_company().name
    told = rules.card(a_person())
    assert (told.name, str(told.person_name)) == (None, "花**")


@pytest.mark.rule("CLI-009")
def test_contacts_are_named_by_their_ids():
    client = a_company()
    changed, told = rules.change_contact(client, "c1", {"may_sign": False})
    assert [contact.may_sign for contact in told.card.contacts] == [False]
    emptied, _ = rules.remove_contact(changed, "c1")
    with pytest.raises(ContactNotFound):
        rules.remove_contact(emptied, "c1")
    full = a_company(contacts=[Contact(id=str(n), name=PersonName("某")) for n in range(rules.MOST_CONTACTS)])
    with pytest.raises(TooManyContacts):
        rules.add_contact(full, Contact(id="x", name=PersonName("某")))


@pytest.mark.rule("CLI-006")
def test_a_parent_is_a_company_that_does_not_stand_below():
    top, bottom = a_company(id="top"), a_company(id="bottom")
    rules.place_under(bottom, top, [])
    with pytest.raises(GroupCycle):
        rules.place_under(top, bottom, [a_company(id="middle"), top])
    with pytest.raises(GroupCycle):
        rules.place_under(top, top, [])
    with pytest.raises(ParentNotACompany):
        rules.place_under(bottom, a_person(), [])


@pytest.mark.rule("CLI-007")
def test_the_record_that_stays_takes_over_what_it_lacks():
    gone = a_company(
        id="gone",
        code="OLD-1",
        former_codes=[FormerCode(branch="sz", code="SZ1")],
        industry="物流",
        status=Status.CLIENT,
        on_file_since_on=date(2020, 1, 1),
        contacts=[*a_company().contacts, Contact(id="c9", name=PersonName("钱二"))],
    )
    kept = a_company(id="kept", code="NEW-1", identity=None, city="上海市", parent_id="gone")
    (merged, told), (stayed, card) = rules.merge(gone, kept)
    assert (merged.status, merged.merged_into, told.into_id) == (Status.MERGED, "kept", "kept")
    assert (stayed.industry, stayed.city, stayed.status) == ("物流", "上海市", Status.CLIENT)
    assert (stayed.identity, stayed.on_file_since_on, stayed.parent_id) == (gone.identity, date(2020, 1, 1), None)
    assert [contact.id for contact in stayed.contacts] == ["c1", "c9"]
    assert card.card.former_codes == ["OLD-1", "SZ1"]


@pytest.mark.rule("CLI-007")
def test_what_only_the_merged_record_tells_of_one_contact_is_kept():
    [known] = a_company().contacts
    told = known.but(id="c9", email=EmailAddress("zhao@example.com"), roles=(ContactRole.FINANCE,), may_sign=True)
    kept = a_company(id="kept", contacts=[known.but(may_sign=False, roles=(ContactRole.CLAIMS,))])
    (_, _), (stayed, _) = rules.merge(a_company(id="gone", contacts=[told]), kept)
    assert stayed.contacts == (told.but(id="c1", roles=(ContactRole.CLAIMS, ContactRole.FINANCE)),)


@pytest.mark.rule("CLI-007")
@pytest.mark.parametrize(
    ("of_gone", "of_kept", "stays"),
    [("top", None, "top"), ("top", "other", "other"), ("top", "gone", "top"), ("kept", None, None), (None, None, None)],
)
def test_the_record_that_stays_takes_over_a_note_and_a_place_in_a_group(
    of_gone: str | None, of_kept: str | None, stays: str | None
):
    gone, kept = a_company(id="gone", parent_id=of_gone, note="易燃品"), a_company(id="kept", parent_id=of_kept)
    (_, _), (stayed, told) = rules.merge(gone, kept, [a_company(id=of_gone)] if of_gone else [])
    assert (stayed.note, stayed.parent_id, told.card.parent_id) == ("易燃品", stays, stays)


@pytest.mark.rule("CLI-006")
def test_the_record_that_stays_is_not_put_below_its_own_subsidiary():
    above = [a_company(id="middle", parent_id="kept"), a_company(id="kept")]
    (_, _), (stayed, _) = rules.merge(a_company(id="gone", parent_id="middle"), a_company(id="kept"), above)
    assert stayed.parent_id is None


@pytest.mark.rule("CLI-007")
def test_records_that_are_not_one_client_never_merge():
    kept = a_company(id="kept")
    for gone in (kept, a_person(), a_company(id="gone", identity=OTHER_NUMBER)):
        with pytest.raises(NotMergeable):
            rules.merge(gone, kept)
    with pytest.raises(RecordMerged):
        rules.merge(a_company(id="gone", status=Status.MERGED, merged_into="x"), kept)


@pytest.mark.rule("CLI-008")
def test_only_a_prospect_is_converted():
    converted = rules.convert(a_company())
    assert converted is not None and converted[0].status == Status.CLIENT
    assert rules.convert(converted[0]) is None


@pytest.mark.rule("CLI-005")
def test_a_former_code_is_added_once():
    new = FormerCode(branch="sz", code="SZ1")
    added = rules.add_former_codes(a_company(), [new, new, FormerCode(branch="sh", code="SH-00001")])
    assert added is not None and added[0].former_codes == (new,)
    assert rules.add_former_codes(added[0], [new]) is None


@pytest.mark.rule("CLI-003")
def test_one_client_is_the_same_number_or_the_same_name_without_one():
    one = a_company()
    assert rules.same_client(one, a_company(id="x", name="别名有限公司"))
    assert not rules.same_client(one, a_company(id="x", identity=OTHER_NUMBER))
    assert rules.same_client(one, a_company(id="x", identity=None, name="雾汀 启朗电子科技有限公司"))
    assert not rules.same_client(one, a_person())
