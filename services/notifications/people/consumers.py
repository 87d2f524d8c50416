"""Follow users and employees."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.hr import EmployeeChanged, EmployeeHired, EmployeeLeft, EmployeeTransferred
from contracts.identity import UserAdded, UserAssigned, UserChanged, UserDisabled, UserEnabled, UserSecretChanged
from services.notifications.people.store import Employees, Users

consumers = Consumers()
UserFact = UserAdded | UserChanged | UserAssigned | UserDisabled | UserEnabled | UserSecretChanged
EmployeeFact = EmployeeHired | EmployeeChanged | EmployeeTransferred | EmployeeLeft


@consumers.on(UserAdded, UserChanged, UserAssigned, UserDisabled, UserEnabled, UserSecretChanged)
async def copy_user(fact: UserFact, work: Work) -> None:
    """Keep name, address, language, assignments and whether the user may sign in."""
    users = Users(work)
    match fact:
        case UserAdded():
            posts = [post.model_dump() for post in fact.assignments]
            told = {"name": fact.name, "email": fact.email, "language": fact.language, "assignments": posts}
            await users.put(fact.user_id, **told, enabled=True)
        case UserChanged():
            await users.put(fact.user_id, name=fact.name, email=fact.email, language=fact.language)
        case UserAssigned():
            await users.put(fact.user_id, assignments=[post.model_dump() for post in fact.assignments])
        case UserDisabled():
            await users.put(fact.user_id, enabled=False)
        case UserEnabled():
            await users.put(fact.user_id, enabled=True)
        case UserSecretChanged():
            await users.put(fact.user_id)


@consumers.on(EmployeeHired, EmployeeChanged, EmployeeTransferred, EmployeeLeft)
async def copy_employee(fact: EmployeeFact, work: Work) -> None:
    """Keep the sign-in, the superior, and the last day."""
    employees = Employees(work)
    match fact:
        case EmployeeHired():
            await employees.put(fact.employee_id, user_id=fact.user_id, supervisor_id=fact.supervisor_id, left_on=None)
        case EmployeeChanged():
            await employees.put(fact.employee_id, user_id=fact.user_id, supervisor_id=fact.supervisor_id)
        case EmployeeTransferred():
            await employees.put(fact.employee_id)
        case EmployeeLeft():
            await employees.put(fact.employee_id, left_on=fact.last_on)
