"""Who may be on file, and how a record changes, merges and becomes a client."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from chassis.moves import move
from chassis.refusals import Fault
from contracts.clients import (
    ClientAdded,
    ClientCard,
    ClientChanged,
    ClientConverted,
    ClientMerged,
    ContactCard,
    TeamMember,
)
from contracts.personal import IdentityNumber
from services.clients.clients.identities import PROVINCES, NotThatNumber, number_of
from services.clients.clients.model import MOVES, Client, Contact, FormerCode, Identity, Kind, NumberKind, Status
from services.clients.clients.names import name_key
from services.clients.clients.refusals import (
    ClientIncomplete,
    ContactNotFound,
    GroupCycle,
    NotMergeable,
    NumberInvalid,
    NumberMissing,
    ParentNotACompany,
    PersonalNumberInvalid,
    RecordMerged,
    TooManyContacts,
)
from services.clients.clients.refusals import (
    ClientNotFound as ClientNotFound,
)

MOST_CONTACTS = 50
NOT_OF_THIS_KIND = ("与客户类型不符", "it does not belong to this kind of client")
TAKEN_OVER = (
    "identity", "industry", "region", "city", "address", "person_address", "classification", "manager_name", "note"
)  # fmt: skip
KINDS_OF_NUMBER = {
    Kind.COMPANY: (NumberKind.USCC,),
    Kind.INDIVIDUAL: (NumberKind.RESIDENT_ID, NumberKind.PASSPORT),
}


def name_of(client: Client) -> str:
    """The name in clear, of a company or a person."""
    if client.person_name is not None:
        return client.person_name.reveal()
    return client.name or ""


def codes_of(client: Client) -> tuple[FormerCode, ...]:
    """Every code that leads to the client, the present one first."""
    return (FormerCode(branch=client.branch, code=client.code), *client.former_codes)


def cleaned_code(text: str) -> str:
    """A client code as it is kept: narrow, capital, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def identity_of(kind: NumberKind, text: str, today: date) -> Identity:
    """A checked identity; raises NumberInvalid or PersonalNumberInvalid. Rules: CLI-001, CLI-002."""
    try:
        number = number_of(kind, text, today)
    except NotThatNumber as why:
        refusal = NumberInvalid if kind == NumberKind.USCC else PersonalNumberInvalid
        raise refusal([Fault("/identity/number", why.zh, why.en)], zh=why.zh, en=why.en) from why
    return Identity(kind=kind, number=IdentityNumber(number))


def check(client: Client, today: date) -> None:
    """Raise ClientIncomplete with every fault of a record. Rules: CLI-004, CLI-009."""
    faults = [*_kind_faults(client), *_place_faults(client)]
    if client.on_file_since_on > today:
        faults.append(Fault("/on_file_since_on", "建档日期在将来", "the date lies in the future"))
    for number, contact in enumerate(client.contacts):
        if sum(other.id == contact.id for other in client.contacts) > 1:
            faults.append(Fault(f"/contacts/{number}/id", "联系人编号重复", "two contacts have this id"))
    if len({seat.user_id for seat in client.team}) < len(client.team):
        faults.append(Fault("/team", "同一人在团队中出现两次", "somebody is in the team twice"))
    if faults:
        raise ClientIncomplete(faults, count=len(faults))


def _kind_faults(client: Client) -> Iterable[Fault]:
    company = client.kind == Kind.COMPANY
    needed, barred = (client.name, client.person_name) if company else (client.person_name, client.name)
    pointer, other = ("/name", "/person_name") if company else ("/person_name", "/name")
    if needed is None or not name_of(client).strip():
        yield Fault(pointer, "缺少名称", "the name is missing")
    if barred is not None:
        yield Fault(other, *NOT_OF_THIS_KIND)
    if (client.person_address if company else client.address) is not None:
        yield Fault("/person_address" if company else "/address", *NOT_OF_THIS_KIND)
    if client.identity is not None and client.identity.kind not in KINDS_OF_NUMBER[client.kind]:
        yield Fault("/identity/kind", *NOT_OF_THIS_KIND)
    if client.identity is None and client.status == Status.CLIENT:
        yield Fault("/identity", "客户须有证件号码", "a client has an identity number")


def _place_faults(client: Client) -> Iterable[Fault]:
    if client.region and client.region not in PROVINCES:
        yield Fault("/region", "应为 GB/T 2260 两位省级代码", "a two-digit province code of GB/T 2260")
    if client.parent_id == client.id:
        yield Fault("/parent_id", "上级单位不能是自己", "nobody is his own parent")


def add(client: Client, today: date) -> tuple[Client, ClientAdded]:
    """A new record and its fact; raises ClientIncomplete. Rules: CLI-004, CLI-009."""
    check(client, today)
    return client, ClientAdded(card=card(client))


def change(client: Client, edits: Mapping[str, Any], today: date) -> tuple[Client, ClientChanged] | None:
    """The record with these fields changed, or None when they are so already; raises ClientIncomplete, RecordMerged."""
    live(client)
    changed = client.but(**edits)
    check(changed, today)
    return None if changed == client else (changed, ClientChanged(card=card(changed)))


def live(client: Client) -> Client:
    """The record, unless it was merged. Rule: CLI-007."""
    if client.status == Status.MERGED:
        raise RecordMerged(into=client.merged_into)
    return client


def add_contact(client: Client, contact: Contact) -> tuple[Client, ClientChanged]:
    """The record with one contact more. Rule: CLI-009."""
    live(client)
    if len(client.contacts) >= MOST_CONTACTS:
        raise TooManyContacts(most=MOST_CONTACTS)
    return _told(client.but(contacts=(*client.contacts, contact)))


def change_contact(client: Client, contact_id: str, edits: Mapping[str, Any]) -> tuple[Client, ClientChanged]:
    """The record with a contact changed; raises ContactNotFound. Rule: CLI-009."""
    live(client)
    kept = contact_of(client, contact_id)
    changed = kept.but(**edits)
    return _told(client.but(contacts=tuple(changed if contact is kept else contact for contact in client.contacts)))


def remove_contact(client: Client, contact_id: str) -> tuple[Client, ClientChanged]:
    """The record without a contact; raises ContactNotFound. Rule: CLI-009."""
    live(client)
    gone = contact_of(client, contact_id)
    return _told(client.but(contacts=tuple(contact for contact in client.contacts if contact is not gone)))


def contact_of(client: Client, contact_id: str) -> Contact:
    """A contact by id; raises ContactNotFound."""
    for contact in client.contacts:
        if contact.id == contact_id:
            return contact
    raise ContactNotFound(id=contact_id)


def convert(client: Client) -> tuple[Client, ClientConverted] | None:
    """A prospect as a client, because his mandate is active; None for one that is a client already. Rule: CLI-008.

    Whether he has an identity number is checked when the mandate is signed (`identified`), not here: a mandate in force
    is a fact.
    """
    if client.status != Status.PROSPECT:
        return None
    return move(client, MOVES, Status.CLIENT), ClientConverted(client_id=client.id)


def identified(client: Client) -> Client:
    """The client, unless he has no identity number; raises NumberMissing. Rule: CLI-004."""
    if live(client).identity is None:
        raise NumberMissing(id=client.id)
    return client


def place_under(client: Client, parent: Client, above: Iterable[Client]) -> None:
    """Raise GroupCycle or ParentNotACompany, unless the client may stand below `parent`, which stands below `above`.

    Rule: CLI-006.
    """
    if live(parent).kind != Kind.COMPANY:
        raise ParentNotACompany([Fault("/parent_id", ParentNotACompany.zh, ParentNotACompany.en)])
    if any(one.id == client.id for one in (parent, *above)):
        raise GroupCycle(parent=parent.code)


def move_below(client: Client, parent_id: str) -> tuple[Client, ClientChanged]:
    """The client below another parent, because the one it had was merged. Rule: CLI-007."""
    return _told(client.but(parent_id=parent_id))


def add_former_codes(client: Client, codes: Iterable[FormerCode]) -> tuple[Client, ClientChanged] | None:
    """The client, reached by these codes too; None when he is already. Rule: CLI-005."""
    known = list(codes_of(client))
    for code in codes:
        if code not in known:
            known.append(code)
    return _told(client.but(former_codes=tuple(known[1:]))) if len(known) > 1 + len(client.former_codes) else None


def merge(
    gone: Client, kept: Client, above: Iterable[Client] = ()
) -> tuple[tuple[Client, ClientMerged], tuple[Client, ClientChanged]]:
    """The merged record and the one that stays, which takes over codes, contacts and what it lacks itself: its place
    in a group too, unless it is one of those `above` the merged record.

    Raises NotMergeable for two kinds, two different numbers, or one record; RecordMerged for one merged before.
    Rule: CLI-007.
    """
    live(gone)
    live(kept)
    _check_mergeable(gone, kept)
    known = {(contact.name, contact.phone) for contact in kept.contacts}
    room = MOST_CONTACTS - len(kept.contacts)
    more = [contact for contact in gone.contacts if (contact.name, contact.phone) not in known][:room]
    lacking = {field: getattr(gone, field) for field in TAKEN_OVER if not getattr(kept, field) and getattr(gone, field)}
    if kept.parent_id in (None, gone.id):
        lacking["parent_id"] = None if any(one.id == kept.id for one in above) else gone.parent_id
    codes = (*kept.former_codes, *codes_of(gone))
    stayed = kept.but(
        **lacking,
        former_codes=codes,
        contacts=(*(_completed(contact, gone.contacts) for contact in kept.contacts), *more),
        team=kept.team or gone.team,
        status=Status.CLIENT if Status.CLIENT in (gone.status, kept.status) else kept.status,
        on_file_since_on=min(gone.on_file_since_on, kept.on_file_since_on),
    )
    merged = move(gone, MOVES, Status.MERGED, merged_into=kept.id)
    return (merged, ClientMerged(client_id=gone.id, into_id=kept.id)), _told(stayed)


def _completed(contact: Contact, others: Iterable[Contact]) -> Contact:
    """The contact with what the merged record tells of the same person."""
    for other in others:
        if (other.name, other.phone) == (contact.name, contact.phone):
            contact = contact.but(
                title=contact.title or other.title,
                email=contact.email or other.email,
                roles=tuple(dict.fromkeys((*contact.roles, *other.roles))),
                may_sign=contact.may_sign or other.may_sign,
            )
    return contact


def _check_mergeable(gone: Client, kept: Client) -> None:
    if gone.id == kept.id:
        raise NotMergeable(zh="是同一份档案", en="it is one record")
    if gone.kind != kept.kind:
        raise NotMergeable(zh="客户类型不同", en="one is a company, the other an individual")
    if gone.identity is not None and kept.identity is not None and gone.identity != kept.identity:
        raise NotMergeable(zh="各有不同的有效证件号码", en="each has a valid identity number of its own")


def same_client(one: Client, other: Client) -> bool:
    """Whether two records are one client: the same number, or the same name where one has no number. Rule: CLI-003."""
    if one.kind != other.kind:
        return False
    if one.identity is not None and other.identity is not None:
        return one.identity == other.identity
    return name_key(name_of(one)) == name_key(name_of(other))


def _told(client: Client) -> tuple[Client, ClientChanged]:
    return client, ClientChanged(card=card(client))


def card(client: Client) -> ClientCard:
    """What others get to know of a client."""
    return ClientCard(
        client_id=client.id,
        code=client.code,
        kind=client.kind,
        status=client.status,
        name=client.name,
        person_name=client.person_name,
        region=client.region,
        industry=client.industry,
        parent_id=client.parent_id,
        team=[TeamMember(user_id=seat.user_id, role=seat.role) for seat in client.team],
        contacts=[
            ContactCard(
                contact_id=contact.id,
                name=contact.name,
                email=contact.email,
                roles=list(contact.roles),
                may_sign=contact.may_sign,
            )
            for contact in client.contacts
        ],
        former_codes=[former.code for former in client.former_codes],
    )
