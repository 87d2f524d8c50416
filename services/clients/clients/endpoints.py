"""The HTTP door of clients."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from chassis import audit
from chassis.files import BranchMissing
from chassis.http import Listing, Page, Work, paged, refusals, requires
from chassis.problems import MEDIA_TYPE
from services.clients.clients import actions, rules
from services.clients.clients.model import Kind, Status
from services.clients.clients.refusals import (
    AlreadyOnFile,
    ClientIncomplete,
    ClientNotFound,
    CodeTaken,
    ContactNotFound,
    GroupCycle,
    NameTaken,
    NotMergeable,
    NumberInvalid,
    NumberTaken,
    ParentNotACompany,
    PersonalNumberInvalid,
    RecordMerged,
    TooManyContacts,
)
from services.clients.clients.schemas import (
    AlikesView,
    Candidate,
    ClientEdits,
    ClientView,
    ContactBody,
    ContactEdits,
    MergeClient,
    NewClient,
    RevealedContact,
    RevealedIdentity,
)
from services.clients.clients.store import Clients
from services.clients.people.actions import UserNotInBranch
from services.clients.people.store import UserUnknown

router = APIRouter(prefix="/clients", tags=["clients"])
PRINTED = r"^[^\x00-\x1f]+$"
ASKED = "Part of a name, pinyin, initials, a code or a USCC"
NUMBER = (NumberInvalid, PersonalNumberInvalid, NumberTaken)
MERGED = {
    "description": "The record was merged into the one that `Location` names",
    "headers": {"Location": {"description": "The id of the record that stayed", "schema": {"type": "string"}}},
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PLACE = (GroupCycle, ParentNotACompany, UserUnknown, UserNotInBranch)


@router.post(
    "",
    status_code=201,
    dependencies=[requires("clients:write")],
    responses=refusals(ClientIncomplete, *NUMBER, AlreadyOnFile, NameTaken, CodeTaken, *PLACE, BranchMissing),
)
async def add_client(body: NewClient, work: Work) -> ClientView:
    """Put a prospect on file; he becomes a client with his first active mandate.

    Rules: CLI-001, CLI-002, CLI-003, CLI-005, CLI-061 (docs/rules/clients.md).
    """
    return ClientView.of(await actions.add_client(body.client(work.new_id("clients"), work.today), work))


@router.get("", dependencies=[requires("clients:read")])
async def list_clients(
    work: Work,
    paging: Annotated[Listing, paged("code")],
    q: Annotated[str | None, Query(max_length=100, pattern=PRINTED, description=ASKED)] = None,
    code: Annotated[str | None, Query(max_length=40, pattern=PRINTED, description="A present or former code")] = None,
    status: Status | None = None,
    kind: Kind | None = None,
    branch: Annotated[str | None, Query(max_length=64)] = None,
    parent_id: Annotated[str | None, Query(max_length=64, description="The insured entities below this client")] = None,
) -> Page[ClientView]:
    """Clients and prospects by page; merged records only when `status=merged` asks for them."""
    clients = Clients(work)
    exact = {"kind": kind, "branch": branch, "parent_id": parent_id}
    parts: list[dict[str, object]] = [{name: value} for name, value in exact.items() if value is not None]
    parts.append({"status": status or {"$ne": Status.MERGED}})
    if q:
        parts.append(clients.matching(q))
    if code:
        parts.append(clients.with_code(code))
    found = await clients.page(paging, {"$and": parts})
    return Page(items=[ClientView.of(client) for client in found.items], next=found.next)


@router.post(
    "/duplicate_searches",
    dependencies=[requires("clients:read")],
    responses=refusals(NumberInvalid, PersonalNumberInvalid),
)
async def search_duplicates(body: Candidate, work: Work) -> AlikesView:
    """Look whether somebody is on file already, before he is added. Keeps nothing.

    Rule: CLI-003 (docs/rules/clients.md).
    """
    told = body.identity
    identity = rules.identity_of(told.kind, told.number.reveal(), work.today) if told else None
    return AlikesView.of(await actions.find_alike(body.name, body.kind, identity, "", work))


@router.get(
    "/{client_id}",
    dependencies=[requires("clients:read")],
    responses={308: MERGED, **refusals(ClientNotFound)},
)
async def show_client(client_id: str, work: Work) -> ClientView:
    """One client; the id of a merged record answers 308 with the place of the record that stayed.

    Rule: CLI-007 (docs/rules/clients.md).
    """
    client = await Clients(work).get(client_id)
    if client.merged_into is not None:
        raise HTTPException(308, headers={"Location": (await actions.stayed(client_id, work)).id})
    return ClientView.of(client)


@router.patch(
    "/{client_id}",
    dependencies=[requires("clients:write")],
    responses=refusals(ClientNotFound, ClientIncomplete, *NUMBER, AlreadyOnFile, NameTaken, *PLACE, RecordMerged),
)
async def change_client(client_id: str, body: ClientEdits, work: Work) -> ClientView:
    """Change master data, number, classification, team or the place in the group.

    Rules: CLI-001, CLI-002, CLI-003, CLI-006, CLI-009, CLI-061 (docs/rules/clients.md).
    """
    return ClientView.of(await actions.change_client(client_id, body.edits(work.today), work))


@router.get("/{client_id}/duplicates", dependencies=[requires("clients:read")], responses=refusals(ClientNotFound))
async def list_duplicates(client_id: str, work: Work) -> AlikesView:
    """Records that may be the same client.

    Rule: CLI-003 (docs/rules/clients.md).
    """
    client = await Clients(work).get(client_id)
    found = await actions.find_alike(rules.name_of(client), client.kind, client.identity, client.id, work)
    return AlikesView.of(found)


@router.post(
    "/{client_id}/merge",
    dependencies=[requires("clients:merge")],
    responses=refusals(ClientNotFound, NotMergeable, RecordMerged),
)
async def merge_client(client_id: str, body: MergeClient, work: Work) -> ClientView:
    """Merge this duplicate into the record that stays, for good; codes, contacts and what that record lacks go over.

    Rule: CLI-007 (docs/rules/clients.md).
    """
    return ClientView.of(await actions.merge_client(client_id, body.into_id, work))


@router.post(
    "/{client_id}/contacts",
    status_code=201,
    dependencies=[requires("clients:write")],
    responses=refusals(ClientNotFound, RecordMerged, TooManyContacts),
)
async def add_contact(client_id: str, body: ContactBody, work: Work) -> ClientView:
    """Add a contact; he is the last one in the answer.

    Rule: CLI-009 (docs/rules/clients.md).
    """
    return ClientView.of(await actions.add_contact(client_id, body.contact(work.new_id("contacts")), work))


@router.patch(
    "/{client_id}/contacts/{contact_id}",
    dependencies=[requires("clients:write")],
    responses=refusals(ClientNotFound, ContactNotFound, RecordMerged),
)
async def change_contact(client_id: str, contact_id: str, body: ContactEdits, work: Work) -> ClientView:
    """Change a contact, for example whether he may sign."""
    return ClientView.of(await actions.change_contact(client_id, contact_id, body.edits(), work))


@router.delete(
    "/{client_id}/contacts/{contact_id}",
    dependencies=[requires("clients:write")],
    responses=refusals(ClientNotFound, ContactNotFound, RecordMerged),
)
async def remove_contact(client_id: str, contact_id: str, work: Work) -> ClientView:
    """Remove a contact; what he signed stays as it is."""
    return ClientView.of(await actions.remove_contact(client_id, contact_id, work))


@router.get("/{client_id}/identity", dependencies=[requires("clients:reveal")], responses=refusals(ClientNotFound))
async def reveal_identity(client_id: str, work: Work) -> RevealedIdentity:
    """Name, identity number and address in clear; leaves a record of who read them.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    client = await Clients(work).get(client_id)
    await audit.record(work, "clients.identity_number", client_id)
    return RevealedIdentity(
        id=client.id,
        version=client.version,
        name=rules.name_of(client),
        number=client.identity.number.reveal() if client.identity else None,
        address=client.person_address.reveal() if client.person_address else client.address,
    )


@router.get(
    "/{client_id}/contacts/{contact_id}/details",
    dependencies=[requires("clients:reveal")],
    responses=refusals(ClientNotFound, ContactNotFound),
)
async def reveal_contact(client_id: str, contact_id: str, work: Work) -> RevealedContact:
    """A contact's name, telephone and e-mail in clear; leaves a record of who read them.

    Rule: SYS-012 (docs/rules/chassis.md).
    """
    client = await Clients(work).get(client_id)
    contact = rules.contact_of(client, contact_id)
    await audit.record(work, "clients.contact", f"{client_id} {contact_id}")
    return RevealedContact(
        id=contact.id,
        version=client.version,
        name=contact.name.reveal(),
        phone=contact.phone.reveal() if contact.phone else None,
        email=contact.email.reveal() if contact.email else None,
    )
