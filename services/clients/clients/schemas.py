"""What HTTP sends and receives about clients."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from chassis.http import Body, View
from contracts.personal import EmailAddress, IdentityNumber, PersonName, PhoneNumber, PostalAddress
from services.clients.clients import names, rules
from services.clients.clients.actions import Alike
from services.clients.clients.model import (
    Classification,
    Client,
    Contact,
    ContactRole,
    FormerCode,
    Kind,
    NumberKind,
    Seat,
    Status,
)

Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")]
Short = Annotated[str, Field(max_length=100)]
Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")]
Id = Annotated[str, Field(min_length=1, max_length=64)]
Province = Annotated[str, Field(pattern=r"^(|[0-9]{2})$", description="GB/T 2260, two digits")]


class IdentityBody(Body):
    """An identity number and its kind; case, width, spaces and hyphens do not matter."""

    kind: NumberKind
    number: IdentityNumber


class ContactBody(Body):
    """A contact. `may_sign`: his signature binds the client."""

    name: PersonName
    title: Short = ""
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    roles: Annotated[list[ContactRole], Field(max_length=8)] = []
    may_sign: bool = False

    def contact(self, contact_id: str) -> Contact:
        """The contact with this id."""
        return Contact(id=contact_id, **_fields(self))


class ContactEdits(Body):
    """A merge patch of a contact: what is left out stays, null empties."""

    name: PersonName | None = None
    title: Short | None = None
    phone: PhoneNumber | None = None
    email: EmailAddress | None = None
    roles: Annotated[list[ContactRole], Field(max_length=8)] | None = None
    may_sign: bool | None = None

    def edits(self) -> dict[str, Any]:
        """What is to change, null as the empty value of its field."""
        empty: dict[str, Any] = {"title": "", "roles": (), "may_sign": False}
        return {name: empty.get(name) if value is None else value for name, value in _given(self).items()}


class NewClient(Body):
    """A prospect. A company brings `name`, `address` and a USCC; an individual `person_name`, `person_address` and a
    resident identity or passport number. The number may follow later, before the first mandate is signed. `code`: left
    out, the next one of the branch's series.
    """

    branch: Id
    kind: Kind
    code: Code | None = None
    name: Name | None = None
    person_name: PersonName | None = None
    identity: IdentityBody | None = None
    industry: Short = ""
    region: Province = ""
    city: Short = ""
    address: Annotated[str, Field(max_length=300)] | None = None
    person_address: PostalAddress | None = None
    classification: Classification | None = None
    parent_id: Id | None = None
    team: Annotated[list[Seat], Field(max_length=20)] = []
    contacts: Annotated[list[ContactBody], Field(max_length=rules.MOST_CONTACTS)] = []
    note: Annotated[str, Field(max_length=2000)] = ""

    def client(self, client_id: str, today: date) -> Client:
        """The prospect with this id; raises NumberInvalid. An empty code means the next one."""
        fields = _fields(self) | _cleaned(self, today)
        fields["code"] = rules.cleaned_code(self.code or "")
        fields["contacts"] = [body.contact(f"{client_id}-{n}") for n, body in enumerate(self.contacts, 1)]
        return Client(id=client_id, on_file_since_on=today, **fields)


class ClientEdits(Body):
    """A merge patch of a client: what is left out stays, null empties, lists are replaced. Not for contacts."""

    name: Name | None = None
    person_name: PersonName | None = None
    identity: IdentityBody | None = None
    industry: Short | None = None
    region: Province | None = None
    city: Short | None = None
    address: Annotated[str, Field(max_length=300)] | None = None
    person_address: PostalAddress | None = None
    classification: Classification | None = None
    parent_id: Id | None = None
    team: Annotated[list[Seat], Field(max_length=20)] | None = None
    note: Annotated[str, Field(max_length=2000)] | None = None

    def edits(self, today: date) -> dict[str, Any]:
        """What is to change; raises NumberInvalid."""
        empty: dict[str, Any] = {"industry": "", "region": "", "city": "", "team": (), "note": ""}
        given = _given(self)
        cleaned = {name: value for name, value in _cleaned(self, today).items() if name in given}
        return {name: empty.get(name) if value is None else value for name, value in (given | cleaned).items()}


def _given(body: Body) -> dict[str, Any]:
    """The fields that were sent, lists as tuples."""
    fields = {name: getattr(body, name) for name in body.model_fields_set}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _fields(body: Body) -> dict[str, Any]:
    return {name: getattr(body, name) for name in type(body).model_fields}


def _cleaned(body: NewClient | ClientEdits, today: date) -> dict[str, Any]:
    identity = body.identity
    return {
        "name": names.cleaned(body.name) if body.name else None,
        "person_name": PersonName(names.cleaned(body.person_name.reveal())) if body.person_name else None,
        "identity": rules.identity_of(identity.kind, identity.number.reveal(), today) if identity else None,
    }


class MergeClient(Body):
    """The record that stays."""

    into_id: Id


class Candidate(Body):
    """Somebody who may be on file already."""

    kind: Kind
    name: Name
    identity: IdentityBody | None = None


class IdentityView(View):
    """An identity number, masked."""

    kind: NumberKind
    number: IdentityNumber


class ContactView(View):
    """A contact; personal data are masked."""

    id: str
    name: PersonName
    title: str
    phone: PhoneNumber | None
    email: EmailAddress | None
    roles: list[ContactRole]
    may_sign: bool


class ClientView(View):
    """A client or prospect; personal data are masked. `merged_into` names the record that stayed."""

    id: str
    version: int
    branch: str
    kind: Kind
    status: Status
    code: str
    former_codes: list[FormerCode]
    name: str | None
    person_name: PersonName | None
    identity: IdentityView | None
    industry: str
    region: str
    city: str
    address: str | None
    person_address: PostalAddress | None
    classification: Classification | None
    parent_id: str | None
    team: list[Seat]
    manager_name: str
    contacts: list[ContactView]
    note: str
    on_file_since_on: date
    merged_into: str | None


class AlikeView(View):
    """A record that may be the same client. `likeness` in per cent."""

    id: str
    version: int
    branch: str
    code: str
    name: str | None
    person_name: PersonName | None
    likeness: int
    why: str

    @classmethod
    def of(cls, state: Alike) -> "AlikeView":
        found = state.client
        shown = {name: getattr(found, name) for name in ("id", "version", "branch", "code", "name", "person_name")}
        return cls(**shown, likeness=state.likeness, why=state.why)


class AlikesView(View):
    """Likely duplicates that the caller may see, likeliest first; `elsewhere`: another branch has this client."""

    items: list[AlikeView]
    elsewhere: bool

    @classmethod
    def of(cls, state: tuple[list[Alike], bool]) -> "AlikesView":
        return cls(items=[AlikeView.of(one) for one in state[0]], elsewhere=state[1])


class RevealedIdentity(View):
    """Who a client is, in clear."""

    id: str
    version: int
    name: str | None
    number: str | None
    address: str | None


class RevealedContact(View):
    """A contact in clear; `version` is the client's."""

    id: str
    version: int
    name: str
    phone: str | None
    email: str | None
