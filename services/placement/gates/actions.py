"""The gates as every placement step calls them."""

from chassis.work import Work
from contracts.shared import KindOfWork, LineFamily, Recipient
from services.placement.gates import rules
from services.placement.gates.model import ClientCopy, ProjectCopy, UserCopy
from services.placement.gates.store import (
    Clients,
    Employees,
    Mandates,
    Notices,
    Projects,
    ProjectUnknown,
    Registrations,
    Users,
)

MOST_MERGES = 20


async def the_client(client_id: str, work: Work) -> ClientCopy:
    """The client, or the one that it was merged into; raises ClientUnknown for one outside the caller's branches.

    Rule: PLC-006.
    """
    client = await Clients(work).get(client_id)
    for _ in range(MOST_MERGES):
        if client.merged_into is None:
            break
        client = await Clients(work).get(client.merged_into)
    return client


async def the_user(user_id: str, work: Work) -> UserCopy:
    """The user, whatever his branch; raises UserUnknown. Rule: PLC-006."""
    return await Users(work).get(user_id)


async def the_project(project_id: str, client: ClientCopy, work: Work) -> ProjectCopy:
    """The client's open project; raises ProjectUnknown for another client's or one that is given up.

    Rule: PLC-034.
    """
    project = await Projects(work).get(project_id)
    if not project.open or project.client_id not in await known_ids(client, work):
        raise ProjectUnknown(id=project_id)
    return project


async def known_ids(client: ClientCopy, work: Work) -> set[str]:
    """The client's id and those of the records that were merged into it."""
    found = {client.id}
    newest = {client.id}
    while newest:
        merged = await Clients(work).some({"merged_into": {"$in": list(newest)}})
        newest = {copy.id for copy in merged} - found
        found |= newest
    return found


async def check_client_ready(
    client_id: str, line_family: LineFamily | None, work: Work, *, fact_finding: bool = False
) -> ClientCopy:
    """The client, if it may be served today: notice acknowledged, live mandate contract for the line family.

    `fact_finding` is content with a letter of authority; None for the line family with a mandate for any line.

    Raises:
        ClientUnknown, NoticeMissing, MandateMissing, LetterOnly.

    Rule: PLC-001, PLC-002, PLC-003.
    """
    client = await the_client(client_id, work)
    of_client = {"client_id": {"$in": list(await known_ids(client, work))}}
    notices = await Notices(work).some(of_client)
    mandates = await Mandates(work).some(of_client)
    rules.check_ready(client.code, notices, mandates, line_family, work.today, fact_finding=fact_finding)
    return client


async def check_practitioner(user_id: str, kind: KindOfWork, line_family: LineFamily, work: Work) -> UserCopy:
    """The user, if he is registered today for this kind of work in this line family.

    Raises:
        UserUnknown, PractitionerUnregistered, PractitionerOutOfScope.

    Rule: PLC-004, PLC-005.
    """
    user = await the_user(user_id, work)
    employees = await Employees(work).some({"user_id": user_id})
    mine = {"$or": [{"user_id": user_id}, {"employee_id": {"$in": [employee.id for employee in employees]}}]}
    registrations = await Registrations(work).some(mine)
    rules.check_registered(user.name, registrations, employees, kind, line_family, work.today)
    return user


async def is_subordinate(user_id: str, of_user_id: str, work: Work) -> bool:
    """Whether a user reports to another one, directly or through others."""
    superiors = {employee.id for employee in await Employees(work).some({"user_id": of_user_id})}
    todo = await Employees(work).some({"user_id": user_id})
    seen: set[str] = set()
    while todo:
        employee = todo.pop()
        if employee.supervisor_id in superiors:
            return True
        if employee.supervisor_id and employee.supervisor_id not in seen:
            seen.add(employee.supervisor_id)
            todo += await Employees(work).some({"_id": employee.supervisor_id})
    return False


def client_recipients(client: ClientCopy, *roles: str) -> list[Recipient]:
    """The client's contacts who can be written to and have one of these roles; all of them when none has."""
    reachable = [contact for contact in client.contacts if contact.email is not None]
    named = [contact for contact in reachable if set(roles) & set(contact.roles)] or reachable
    return [Recipient(kind="client", party_id=client.id, name=contact.name, email=contact.email) for contact in named]
