"""Sessions: one signing-in and the chain of refresh tokens that follows from it."""

from datetime import datetime

from chassis.model import Value


class Session(Value):
    """`current` is the hash of the one refresh token that is good; `used` are those that came before."""

    id: str
    user_id: str
    session_epoch: int
    current: str
    used: tuple[str, ...] = ()
    began_at: datetime
    ends_at: datetime
