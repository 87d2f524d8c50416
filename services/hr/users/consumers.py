"""The event door of the copy; every fact of the topic is followed, so that its version keeps up."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.identity import UserAdded, UserAssigned, UserChanged, UserDisabled, UserEnabled, UserSecretChanged
from services.hr.users.store import Users

consumers = Consumers()


@consumers.on(UserAdded, UserChanged)
async def copy_user(fact: UserAdded | UserChanged, work: Work) -> None:
    """A user exists, under this name."""
    await Users(work).put(fact.user_id, name=fact.name)


@consumers.on(UserAssigned, UserDisabled, UserEnabled, UserSecretChanged)
async def note_user(fact: UserAssigned | UserDisabled | UserEnabled | UserSecretChanged, work: Work) -> None:
    """Nothing that hr keeps has changed, but the version has."""
    await Users(work).put(fact.user_id)
