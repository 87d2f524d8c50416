"""Looking up clients and users for rules and papers, whatever the caller's branches."""

from chassis.refusals import TryLater
from chassis.work import Work
from services.finance.parties.model import Client, User
from services.finance.parties.store import Clients, Users


class ClientUnknown(TryLater):
    """The client has not reached finance yet."""

    rule = "FIN-008"
    zh = "财务尚未收到客户 {id} 的资料"
    en = "Finance has not heard of client {id} yet"
    todo_zh = "请稍候再试"
    todo_en = "Try again in a moment"


async def the_client(client_id: str, work: Work) -> Client:
    """The client, or the one that it was merged into; raises ClientUnknown.

    Rule: FIN-008 (docs/rules/finance.md).
    """
    found = await Clients(work).some({"_id": client_id}, 1)
    if not found:
        raise ClientUnknown(id=client_id)
    if found[0].merged_into is not None:
        return await the_client(found[0].merged_into, work)
    return found[0]


async def the_user(user_id: str, work: Work) -> User | None:
    """The member of the staff, or None for the system itself and for somebody not known (yet)."""
    found = await Users(work).some({"_id": user_id}, 1)
    return found[0] if found else None
