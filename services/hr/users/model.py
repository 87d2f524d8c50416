"""A user as identity tells of him."""

from chassis.model import Value


class UserCopy(Value):
    """Somebody who may sign in."""

    id: str
    branch: str
    name: str = ""
