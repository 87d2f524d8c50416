"""Whom finance writes to and who works here: copies of clients and users, fed by their events."""

from chassis.model import Value
from contracts.clients import ContactCard
from contracts.personal import EmailAddress, PersonName


class Client(Value):
    """A client; `merged_into` leads to the record that stayed."""

    id: str
    branch: str
    status: str
    name: str | None
    person_name: PersonName | None
    language: str = "zh"
    contacts: tuple[ContactCard, ...] = ()
    merged_into: str | None = None

    def called(self) -> str:
        """The full name, in clear: for papers that go to the client."""
        if self.name is not None:
            return self.name
        return self.person_name.reveal() if self.person_name else ""

    def billed_to(self) -> tuple[ContactCard, ...]:
        """Who gets its bills: the finance contacts, or else those for insurance matters."""
        for role in ("finance", "insurance"):
            if found := tuple(contact for contact in self.contacts if role in contact.roles):
                return found
        return ()


class User(Value):
    """A member of the staff."""

    id: str
    branch: str
    name: str
    email: EmailAddress | None = None
