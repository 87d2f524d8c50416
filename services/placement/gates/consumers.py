"""The event door of the copies: every fact of a topic is followed, so that each copy keeps up with its original."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts import clients as told
from contracts.facts import Fact
from contracts.hr import (
    EmployeeChanged,
    EmployeeHired,
    EmployeeLeft,
    EmployeeTransferred,
    PractitionerCancelled,
    PractitionerRegistered,
    PractitionerReinstated,
    PractitionerScopeChanged,
    PractitionerSuspended,
)
from contracts.identity import UserAdded, UserAssigned, UserChanged, UserDisabled, UserEnabled, UserSecretChanged
from services.placement.gates.model import MandateStatus, NoticeStatus, RegistrationStatus
from services.placement.gates.store import Clients, Employees, Mandates, Notices, Projects, Registrations, Users

consumers = Consumers()

NoticeFact = (
    told.ClientNoticeDrafted | told.ClientNoticeIssued | told.ClientNoticeAcknowledged | told.ClientNoticeSuperseded
)
NOTICES = {
    told.ClientNoticeDrafted: NoticeStatus.DRAFTED,
    told.ClientNoticeIssued: NoticeStatus.ISSUED,
    told.ClientNoticeAcknowledged: NoticeStatus.ACKNOWLEDGED,
    told.ClientNoticeSuperseded: NoticeStatus.SUPERSEDED,
}
MandateFact = (
    told.MandateDrafted
    | told.MandateChanged
    | told.MandateSigned
    | told.MandateActivated
    | told.MandateExpiring
    | told.MandateEnded
)
REGISTRATIONS = {
    PractitionerSuspended: RegistrationStatus.SUSPENDED,
    PractitionerReinstated: RegistrationStatus.REGISTERED,
    PractitionerCancelled: RegistrationStatus.CANCELLED,
}
PROJECTS = (
    told.ProjectDrafted,
    told.ProjectSubmitted,
    told.ProjectConflictDetected,
    told.ProjectConflictResolved,
    told.ProjectRegistered,
    told.ProjectActivated,
    told.ProjectExpenseApproved,
    told.ProjectProtectionExtended,
    told.ProjectChanged,
    told.ProjectWon,
    told.ProjectTransferred,
    told.ProjectLapsed,
    told.ProjectLost,
    told.ProjectClosed,
)


@consumers.on(told.ClientAdded, told.ClientChanged)
async def copy_client(fact: told.ClientAdded | told.ClientChanged, work: Work) -> None:
    """Take over a client's card."""
    await Clients(work).put(fact.card.client_id, **fact.card.model_dump(exclude={"client_id"}))


@consumers.on(told.ClientConverted)
async def convert_client(fact: told.ClientConverted, work: Work) -> None:
    """A prospect is a client now."""
    await Clients(work).put(fact.client_id, status="client")


@consumers.on(told.ClientMerged)
async def merge_client(fact: told.ClientMerged, work: Work) -> None:
    """Lead whoever asks for the duplicate to the record that stayed."""
    await Clients(work).put(fact.client_id, merged_into=fact.into_id)


@consumers.on(*NOTICES)
async def copy_notice(fact: NoticeFact, work: Work) -> None:
    """Follow a client notice."""
    await Notices(work).put(fact.notice_id, client_id=fact.client_id, status=NOTICES[type(fact)])


@consumers.on(told.ClientNoticeChanged)
async def note_notice(fact: told.ClientNoticeChanged, work: Work) -> None:
    """A draft was changed; nothing that placement keeps."""
    await Notices(work).put(fact.notice_id)


@consumers.on(
    told.MandateDrafted,
    told.MandateChanged,
    told.MandateSigned,
    told.MandateActivated,
    told.MandateExpiring,
    told.MandateEnded,
)
async def copy_mandate(fact: MandateFact, work: Work) -> None:
    """Follow a mandate: in force from its activation to its end."""
    fields: dict[str, object] = {"client_id": fact.client_id}
    match fact:
        case told.MandateDrafted():
            fields |= {"kind": fact.kind}
        case told.MandateActivated():
            fields |= fact.model_dump(include={"kind", "line_families", "from_on", "until_on"}) | {
                "status": MandateStatus.ACTIVE
            }
        case told.MandateEnded():
            fields |= {"status": MandateStatus.ENDED}
    await Mandates(work).put(fact.mandate_id, **fields)


@consumers.on(*PROJECTS)
async def copy_project(fact: Fact, work: Work) -> None:
    """Follow a project; some of its facts do not repeat whose it is."""
    fields: dict[str, object] = {}
    match fact:
        case told.ProjectDrafted() | told.ProjectSubmitted() | told.ProjectRegistered() | told.ProjectActivated():
            fields = {"client_id": fact.client_id}
        case told.ProjectLapsed() | told.ProjectLost() | told.ProjectClosed():
            fields = {"open": False}
        case told.ProjectConflictResolved():
            fields = {"open": fact.outcome != "rejected"}
        case _:
            pass
    await Projects(work).put(fact.project_id, **fields)  # type: ignore[attr-defined]


@consumers.on(PractitionerRegistered)
async def copy_registration(fact: PractitionerRegistered, work: Work) -> None:
    """A practitioner is registered."""
    fields = fact.model_dump(include={"employee_id", "user_id", "kinds_of_work", "line_families", "from_on"})
    await Registrations(work).put(fact.registration_id, **fields, status=RegistrationStatus.REGISTERED)


@consumers.on(PractitionerScopeChanged)
async def change_registration(fact: PractitionerScopeChanged, work: Work) -> None:
    """His scope of authority is now this."""
    fields = fact.model_dump(include={"employee_id", "user_id", "kinds_of_work", "line_families"})
    await Registrations(work).put(fact.registration_id, **fields)


@consumers.on(*REGISTRATIONS)
async def set_registration(
    fact: PractitionerSuspended | PractitionerReinstated | PractitionerCancelled, work: Work
) -> None:
    """He may not practise for the time being, may again, or no more."""
    await Registrations(work).put(fact.registration_id, employee_id=fact.employee_id, status=REGISTRATIONS[type(fact)])


@consumers.on(EmployeeHired, EmployeeChanged)
async def copy_employee(fact: EmployeeHired | EmployeeChanged, work: Work) -> None:
    """Follow who somebody signs in as and reports to."""
    await Employees(work).put(fact.employee_id, user_id=fact.user_id, supervisor_id=fact.supervisor_id)


@consumers.on(EmployeeTransferred)
async def move_employee(fact: EmployeeTransferred, work: Work) -> None:
    """He works for another branch; his registration and sign-in stay as they are."""
    await Employees(work).put(fact.employee_id)


@consumers.on(EmployeeLeft)
async def leave_employee(fact: EmployeeLeft, work: Work) -> None:
    """He leaves."""
    await Employees(work).put(fact.employee_id, last_on=fact.last_on)


@consumers.on(UserAdded, UserChanged)
async def copy_user(fact: UserAdded | UserChanged, work: Work) -> None:
    """Follow a user's name, address, language and, at first, roles."""
    await Users(work).put(fact.user_id, **fact.model_dump(exclude={"user_id"}))


@consumers.on(UserAssigned)
async def assign_user(fact: UserAssigned, work: Work) -> None:
    """All his assignments are now these."""
    await Users(work).put(fact.user_id, **fact.model_dump(include={"assignments"}))


@consumers.on(UserDisabled, UserEnabled)
async def set_user(fact: UserDisabled | UserEnabled, work: Work) -> None:
    """Whether he may sign in."""
    await Users(work).put(fact.user_id, disabled=isinstance(fact, UserDisabled))


@consumers.on(UserSecretChanged)
async def note_user(fact: UserSecretChanged, work: Work) -> None:
    """Nothing that placement keeps has changed, but the version has."""
    await Users(work).put(fact.user_id)
