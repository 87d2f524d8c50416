"""Every copy that a consumer keeps is its source: the same things, the same version, the same fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.chaos.journal import Violation
from tests.chaos.reading import Books, Document, plain

EQUAL = "a consumer's copy equals its source"
Field = tuple[str, Callable[[Document], Any]]
"""A field of a copy, and what it is by the source, which has it under the same name."""


def _same(*names: str) -> tuple[Field, ...]:
    return tuple((name, lambda source, name=name: source.get(name)) for name in names)


def _contacts(client: Document) -> list[Document]:
    kept = ("name", "email", "roles", "may_sign")
    return [{"contact_id": one["id"]} | {name: one[name] for name in kept} for one in client["contacts"]]


CONTACTS: Field = ("contacts", _contacts)
OF_CLIENT: Field = ("client_id", lambda project: project["client_id"] or "")
"""A project may be registered before there is a client."""


@dataclass(frozen=True)
class Copied:
    """A copy: who keeps it, of which source, and the fields that must be equal."""

    keeper: str
    collection: str
    owner: str
    source: str
    fields: tuple[Field, ...] = ()


BRANCH = _same("code", "name", "region")
COPIES = (
    *(
        Copied(keeper, "copy_branches", "identity", "branches", BRANCH)
        for keeper in ("clients", "finance", "hr", "notifications", "placement")
    ),
    Copied("clients", "copy_users", "identity", "users", _same("name")),
    Copied("finance", "copy_users", "identity", "users", _same("name", "email")),
    Copied("hr", "copy_users", "identity", "users", _same("name")),
    Copied("notifications", "copy_users", "identity", "users", _same("name", "email", "language")),
    Copied("placement", "copy_users", "identity", "users", _same("name", "email")),
    Copied("clients", "copy_employees", "hr", "employees", _same("user_id", "supervisor_id")),
    Copied("notifications", "copy_employees", "hr", "employees", _same("user_id", "supervisor_id")),
    Copied("placement", "copy_employees", "hr", "employees", _same("user_id", "supervisor_id")),
    Copied("placement", "copy_registrations", "hr", "registrations", _same("employee_id", "status", "from_on")),
    Copied("finance", "copy_clients", "clients", "clients", (*_same("name", "person_name", "status"), CONTACTS)),
    Copied("notifications", "copy_clients", "clients", "clients", _same("name", "person_name", "code", "team")),
    Copied(
        "placement",
        "copy_clients",
        "clients",
        "clients",
        (*_same("name", "person_name", "status", "code", "region", "industry", "team", "kind"), CONTACTS),
    ),
    Copied("placement", "copy_notices", "clients", "notices", _same("client_id", "status")),
    Copied("placement", "copy_mandates", "clients", "mandates", _same("client_id")),
    Copied("placement", "copy_projects", "clients", "projects", (OF_CLIENT,)),
    Copied("clients", "copy_authority_matrices", "placement", "authority_matrices", _same("kind")),
    Copied("finance", "copy_policies", "placement", "policies", _same("client_id", "owner_id")),
    Copied("notifications", "copy_policies", "placement", "policies", _same("client_id", "owner_id")),
)


async def check_copies(books: Books, keepers: Iterable[str] | None = None) -> tuple[int, list[Violation]]:
    """Compare every copy with its source; gives how many copies there are, and what differs."""
    count = 0
    found: list[Violation] = []
    wanted = set(keepers or books.services)
    for copied in COPIES:
        if copied.keeper in wanted:
            count += await _compare(copied, books, found)
    return count, found


async def _compare(copied: Copied, books: Books, found: list[Violation]) -> int:
    fields = ("v", *(name for name, _ in copied.fields))
    sources = books.all(copied.owner, copied.source, *fields)
    copies = books.all(copied.keeper, copied.collection, *fields)
    count = 0
    where = f"{copied.keeper}.{copied.collection}"
    source, copy = await anext(sources, None), await anext(copies, None)
    while source is not None or copy is not None:
        if copy is None or (source is not None and source["_id"] < copy["_id"]):
            assert source is not None
            found.append(Violation(EQUAL, f"{where} {source['_id']}", f"missing; the source is at {source['v']}"))
            source = await anext(sources, None)
        elif source is None or copy["_id"] < source["_id"]:
            found.append(Violation(EQUAL, f"{where} {copy['_id']}", "there is no source"))
            copy = await anext(copies, None)
        else:
            count += 1
            _compare_one(copied, where, source, copy, found)
            source, copy = await anext(sources, None), await anext(copies, None)
    return count


def _compare_one(copied: Copied, where: str, source: Document, copy: Document, found: list[Violation]) -> None:
    about = f"{where} {source['_id']}"
    if copy["v"] != source["v"]:
        found.append(Violation(EQUAL, about, f"version {copy['v']}, the source is at {source['v']}"))
        return
    for name, of_source in copied.fields:
        kept, told = plain(copy.get(name)), plain(of_source(source))
        if kept != told:
            found.append(Violation(EQUAL, about, f"{name} is {_short(kept)}, the source says {_short(told)}"))


def _short(value: Any) -> str:
    return repr(value)[:120]
