"""Clients and policies, as far as a reminder names them."""

from chassis.model import Value
from contracts.personal import PersonName


class Member(Value):
    """Somebody who serves a client."""

    user_id: str
    role: str


class Client(Value):
    """A client: what he is called, and who serves him. A person's name is shown masked."""

    id: str
    code: str
    name: str | None = None
    person_name: PersonName | None = None
    team: tuple[Member, ...] = ()

    @property
    def shown_as(self) -> str:
        """The name for a reminder."""
        return self.name or (str(self.person_name) if self.person_name else self.code)

    def served_by(self) -> str | None:
        """The user who serves the client: account manager, else executive, else director, else who is listed first."""
        ranked = [
            member for role in ("manager", "executive", "director") for member in self.team if member.role == role
        ]
        return next((member.user_id for member in (*ranked, *self.team)), None)


class Policy(Value):
    """A policy: who serves it, and its number once it has one."""

    id: str
    client_id: str
    owner_id: str
    number: str = ""
