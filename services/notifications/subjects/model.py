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
        """The user who serves the client: account manager, else executive, else director, else anybody of the team."""
        by_role = {member.role: member.user_id for member in reversed(self.team)}
        return next(
            (by_role[role] for role in ("AM", "AE", "AD") if role in by_role), next(iter(by_role.values()), None)
        )


class Policy(Value):
    """A policy: who serves it, and its number once it has one."""

    id: str
    client_id: str
    owner_id: str
    number: str = ""
