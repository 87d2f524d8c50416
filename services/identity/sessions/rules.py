"""How long a session lasts and what it is refused for."""

from datetime import datetime, timedelta
from enum import StrEnum

from chassis.refusals import Forbidden
from chassis.tokens import NotSignedIn
from services.identity.sessions.model import Session
from services.identity.users.model import Status, User

ACCESS_LIVES = timedelta(minutes=15)
SESSION_LIVES = timedelta(hours=12)


class WrongCredentials(NotSignedIn):
    """Login or secret are wrong; it does not say which, nor whether the account is disabled."""

    rule = "IDN-019"
    zh = "登录名或密码不正确"
    en = "Login or password is not right"
    todo_zh = "请核对后重试;连续失败 5 次将锁定 15 分钟"
    todo_en = "Check both and try again; after 5 failures the login is locked for 15 minutes"


class SessionOver(NotSignedIn):
    """The refresh token is unknown, used, too old, or its user may no longer sign in."""

    rule = "IDN-020"
    zh = "会话已结束"
    en = "The session is over"
    todo_zh = "请重新登录"
    todo_en = "Sign in again"


class PasswordChangeNeeded(Forbidden):
    """Somebody else has set this password."""

    rule = "IDN-016"
    zh = "首次登录须修改密码"
    en = "The password was set by somebody else and must be changed"
    todo_zh = "请在登录请求中同时提交 new_password"
    todo_en = "Send new_password along with this sign-in"


class Refresh(StrEnum):
    """What a refresh token is worth."""

    GOOD = "good"
    STOLEN = "stolen"
    WORTHLESS = "worthless"


def judge(session: Session, token_hash: str, user: User | None, now: datetime) -> Refresh:
    """Whether a refresh token may be exchanged. One that was exchanged before is in two hands: the whole session ends.

    Rule: IDN-020.
    """
    if token_hash in session.used:
        return Refresh.STOLEN
    live = user is not None and user.status is Status.ACTIVE and user.session_epoch == session.session_epoch
    return Refresh.GOOD if live and token_hash == session.current and now < session.ends_at else Refresh.WORTHLESS
