"""Follows users, employees and delegations."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.hr import EmployeeChanged, EmployeeHired, EmployeeLeft, EmployeeTransferred
from contracts.identity import (
    Assignment,
    UserAdded,
    UserAssigned,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserSecretChanged,
)
from contracts.placement import AuthorityDelegated, AuthorityDelegationEnded
from services.clients.people.store import Delegations, Employees, Users

consumers = Consumers()


@consumers.on(UserAdded)
async def copy_new_user(added: UserAdded, work: Work) -> None:
    """Keep a new user."""
    await Users(work).put(added.user_id, name=added.name, enabled=True, posts=_posts(added.assignments))


@consumers.on(UserChanged)
async def copy_user_name(changed: UserChanged, work: Work) -> None:
    """Keep a user's name."""
    await Users(work).put(changed.user_id, name=changed.name)


@consumers.on(UserAssigned)
async def copy_user_posts(assigned: UserAssigned, work: Work) -> None:
    """Keep a user's posts."""
    await Users(work).put(assigned.user_id, posts=_posts(assigned.assignments))


@consumers.on(UserDisabled, UserEnabled)
async def copy_user_access(fact: UserDisabled | UserEnabled, work: Work) -> None:
    """Keep whether a user can act."""
    await Users(work).put(fact.user_id, enabled=isinstance(fact, UserEnabled))


@consumers.on(UserSecretChanged)
async def follow_user_secret(changed: UserSecretChanged, work: Work) -> None:
    """Follow the user's version only."""
    await Users(work).put(changed.user_id)


@consumers.on(EmployeeHired, EmployeeChanged)
async def copy_employee(fact: EmployeeHired | EmployeeChanged, work: Work) -> None:
    """Keep an employee's sign-in and superior."""
    await Employees(work).put(fact.employee_id, user_id=fact.user_id, supervisor_id=fact.supervisor_id)


@consumers.on(EmployeeTransferred, EmployeeLeft)
async def follow_employee(fact: EmployeeTransferred | EmployeeLeft, work: Work) -> None:
    """Follow the employee's version only."""
    await Employees(work).put(fact.employee_id)


@consumers.on(AuthorityDelegated)
async def copy_delegation(lent: AuthorityDelegated, work: Work) -> None:
    """Keep who lent his authority to whom, and when. Rule: CLI-068."""
    await Delegations(work).put(lent.delegation_id, **lent.model_dump(exclude={"delegation_id"}))


@consumers.on(AuthorityDelegationEnded)
async def end_delegation(ended: AuthorityDelegationEnded, work: Work) -> None:
    """Keep that it was taken back."""
    await Delegations(work).put(ended.delegation_id, ended_on=ended.ended_on)


def _posts(assignments: list[Assignment]) -> list[dict[str, object]]:
    return [assignment.model_dump() for assignment in assignments]
