"""Load, decide, save clients."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from chassis.store import together
from chassis.work import Work
from services.clients.clients import codes, names, rules
from services.clients.clients.model import Client, Contact, Identity, Kind, Seat
from services.clients.clients.refusals import AlreadyOnFile, CodeTaken, NameTaken, NotMergeable, NumberTaken
from services.clients.clients.store import Clients
from services.clients.people.actions import the_colleague

MOST_LEVELS = 20
ALIKE_FROM = 80
MOST_ALIKE = 20
MOST_COMPARED = 500


async def add_client(client: Client, work: Work) -> Client:
    """Put a prospect on file, once, with the next code of its branch unless it brings one. Rules: CLI-003, CLI-005,
    CLI-061.

    With an identity number this is one write: the number's index and the write's own condition say whether somebody is
    on file already. Only a name without a number, and a place in a group, need a transaction.
    """
    if client.code:
        return await _add_coded(client, work)
    while True:
        try:
            async with codes.drawn(client.branch, work) as code:
                return await _add_coded(client.model_copy(update={"code": code}), work)
        except CodeTaken:  # brought along since the code was reserved
            continue


async def _add_coded(client: Client, work: Work) -> Client:
    await _check_team(client.team, client.branch, work)
    if client.identity is None or client.parent_id is not None:
        return await together(work, lambda inside: _add_checked(client, inside))
    clients = Clients(work)
    try:
        return await clients.add(*rules.add(client, work.today), unless=(clients.unnumbered(client), NameTaken()))
    except (NumberTaken, NameTaken):
        await _check_new(client, work)
        raise


async def _add_checked(client: Client, work: Work) -> Client:
    """Within a transaction."""
    clients = Clients(work)
    if found := await clients.already(client.id):
        return found
    await clients.hold_name(client)
    await _check_new(client, work)
    if client.parent_id is not None:
        await _check_place(client, client.parent_id, work)
    return await clients.add(*rules.add(client, work.today))


async def change_client(client_id: str, edits: Mapping[str, Any], work: Work) -> Client:
    """Change fields of a record. Rules: CLI-003, CLI-004, CLI-006, CLI-009, CLI-061."""

    async def act(inside: Work) -> Client:
        client = rules.live(await Clients(inside).get(client_id))
        if edits.keys() & {"identity", "name", "person_name"}:
            await _check_new(client.but(**edits), inside)
        await _check_team(edits.get("team", ()), client.branch, inside)
        if edits.get("parent_id"):
            await _check_place(client, edits["parent_id"], inside)
        return await Clients(inside).change(client_id, lambda client: rules.change(client, edits, inside.today))

    return await together(work, act)


async def _check_new(client: Client, work: Work) -> None:
    """Refuse what is on file already; of another branch's record only that there is one. Rule: CLI-003."""
    clients, name = Clients(work), rules.name_of(client)
    found = await clients.with_number(client.identity.number.reveal()) if client.identity else None
    if found is not None and found.id != client.id:
        raise AlreadyOnFile(code=found.code, id=found.id) if work.sees(found.branch) else NumberTaken()
    found = await clients.with_name(name, client.kind, but=client.id)
    if found is None or not rules.same_client(client, found):
        return
    if work.sees(found.branch):
        raise AlreadyOnFile(code=found.code, id=found.id)
    if client.identity is None:
        raise NameTaken


async def _check_team(team: tuple[Seat, ...], branch: str, work: Work) -> None:
    """Refuse whoever is no colleague of the branch. Rule: CLI-061."""
    for seat in team:
        await the_colleague(seat.user_id, branch, work)


async def _check_place(client: Client, parent_id: str, work: Work) -> None:
    """Check the place in the group, and hold everybody above until the transaction ends. Rule: CLI-006."""
    parent = await Clients(work).get(parent_id)
    above = await _above(parent, work)
    rules.place_under(client, parent, above)
    await Clients(work).hold([parent.id, *(one.id for one in above)])


async def _above(client: Client, work: Work) -> list[Client]:
    """Everybody above, nearest first, whatever the branch."""
    clients, above = Clients(work), list[Client]()
    while client.parent_id is not None and len(above) < MOST_LEVELS:
        parent = await clients.whatever_branch(client.parent_id)
        if parent is None:
            break
        above.append(parent)
        client = parent
    return above


async def add_contact(client_id: str, contact: Contact, work: Work) -> Client:
    """Add a contact. Rule: CLI-009."""
    return await Clients(work).change(client_id, lambda client: rules.add_contact(client, contact))


async def change_contact(client_id: str, contact_id: str, edits: Mapping[str, Any], work: Work) -> Client:
    """Change a contact. Rule: CLI-009."""
    return await Clients(work).change(client_id, lambda client: rules.change_contact(client, contact_id, edits))


async def remove_contact(client_id: str, contact_id: str, work: Work) -> Client:
    """Remove a contact. Rule: CLI-009."""
    return await Clients(work).change(client_id, lambda client: rules.remove_contact(client, contact_id))


async def convert_client(client_id: str, work: Work) -> None:
    """Make the prospect, or the record that it was merged into, a client. Rule: CLI-008."""
    client = await stayed(client_id, work)
    await Clients(work).change(client.id, rules.convert, subject=False)


async def stayed(client_id: str, work: Work) -> Client:
    """The record that a reference leads to: itself, or what it was merged into. Rule: CLI-007.

    Whatever its branch, since a merge may lead from one to another: for rules, not for showing.
    """
    clients = Clients(replace(work, reach=None))
    client = await clients.get(client_id)
    while client.merged_into is not None:
        client = await clients.get(client.merged_into)
    return client


async def merge_client(client_id: str, into_id: str, work: Work) -> Client:
    """Merge a duplicate into the record that stays; its subsidiaries follow. Gives the merged record. Rule: CLI-007."""

    async def act(inside: Work) -> Client:
        clients = Clients(inside)
        gone, kept = await clients.get(client_id), await clients.get(into_id)
        if any(one.id == client_id and one.id != kept.parent_id for one in await _above(kept, inside)):
            raise NotMergeable(zh="一方间接位于另一方之下", en="one stands indirectly below the other")
        above = await _above(gone, inside)
        merged = await clients.change(client_id, lambda gone: rules.merge(gone, kept, above)[0])
        await clients.change(into_id, lambda kept: rules.merge(gone, kept, above)[1], subject=False)
        everywhere = Clients(replace(inside, reach=None))
        for child in await everywhere.some({"parent_id": client_id, "_id": {"$ne": into_id}}, MOST_COMPARED):
            await everywhere.change(child.id, lambda child: rules.move_below(child, into_id), subject=False)
        return merged

    return await together(work, act)


@dataclass(frozen=True)
class Alike:
    """A record that may be the same client. `likeness` in per cent; `why`: same_number, same_name or alike."""

    client: Client
    likeness: int
    why: str


async def find_alike(
    name: str, kind: Kind, identity: Identity | None, but: str, work: Work
) -> tuple[list[Alike], bool]:
    """Visible records that may be the same client, and whether another branch has one. Rule: CLI-003."""
    clients = Clients(work)
    owner = await clients.with_number(identity.number.reveal()) if identity else None
    elsewhere = owner is not None and not work.sees(owner.branch)
    if identity is None:
        named = await clients.with_name(name, kind, but=but)
        elsewhere = named is not None and not work.sees(named.branch)
    found: list[Alike] = []
    if owner is not None and owner.id != but and not elsewhere:
        found.append(Alike(owner, 100, "same_number"))
    for client in await clients.alike(name, kind, MOST_COMPARED):
        if client.id != but and client.kind == kind and all(client.id != one.client.id for one in found):
            found.append(_compared(name, client))
    found = sorted((one for one in found if one.likeness >= ALIKE_FROM), key=lambda one: (-one.likeness, one.client.id))
    return found[:MOST_ALIKE], elsewhere


def _compared(name: str, client: Client) -> Alike:
    other = rules.name_of(client)
    if names.name_key(name) == names.name_key(other):
        return Alike(client, 100, "same_name")
    return Alike(client, min(99, round(fuzz.ratio(names.core(name), names.core(other)))), "alike")
