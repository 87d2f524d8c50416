"""Users and employees, as far as reminders need them."""

from datetime import date

from chassis.model import Value
from contracts.personal import EmailAddress


class Post(Value):
    """Roles in a branch and all below it, from a date on, until a date (inclusive) or for good."""

    branch_id: str
    roles: tuple[str, ...]
    from_on: date
    until_on: date | None = None

    def holds(self, role: str, on: date) -> bool:
        """Whether the post carries the role on a business date."""
        return role in self.roles and self.from_on <= on and (self.until_on is None or on <= self.until_on)


class User(Value):
    """A user: how to address and reach him, and what he is where."""

    id: str
    name: str
    email: EmailAddress
    language: str = "zh"
    assignments: tuple[Post, ...] = ()
    enabled: bool = True


class Employee(Value):
    """An employee: his sign-in, and the employee he reports to."""

    id: str
    user_id: str | None = None
    supervisor_id: str | None = None
    left_on: date | None = None

    def works(self, on: date) -> bool:
        """Whether he still works here on a business date."""
        return self.left_on is None or on <= self.left_on
