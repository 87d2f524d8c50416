"""What clients tells: clients, notices, mandates, projects."""

from datetime import date, datetime

from .facts import Fact, Part
from .money import Money
from .personal import EmailAddress, PersonName
from .shared import LineFamily


class TeamMember(Part):
    """Somebody who serves the client: director, manager, executive or broker (C9)."""

    user_id: str
    role: str


class ContactCard(Part):
    """A contact of the client. Name and address travel sealed, because others write to him."""

    contact_id: str
    name: PersonName
    email: EmailAddress | None
    roles: list[str]
    """e.g. decision, insurance, finance, claims"""
    may_sign: bool


class ClientCard(Part):
    """What others need of a client. A company's name travels in clear, a person's sealed."""

    client_id: str
    code: str
    kind: str
    """company or individual"""
    status: str
    """prospect or client"""
    name: str | None
    person_name: PersonName | None
    region: str
    industry: str
    parent_id: str | None
    team: list[TeamMember]
    contacts: list[ContactCard]
    language: str = "zh"
    """zh or en: the language in which the client wants papers; Chinese ones are made in any case."""
    former_codes: list[str] = []
    """Codes under which branches knew the client before; references by them lead here (C7)."""


class ClientAdded(Fact, topic="clients.clients"):
    """A client or prospect is on file."""

    card: ClientCard


class ClientChanged(Fact, topic="clients.clients"):
    """The card is now this."""

    card: ClientCard


class ClientConverted(Fact, topic="clients.clients"):
    """A prospect became a client, because a mandate became active (C23)."""

    client_id: str


class ClientMerged(Fact, topic="clients.clients"):
    """This record was a duplicate; whoever asks for it is led to `into_id` (C7)."""

    client_id: str
    into_id: str


class NoticeEditionDrafted(Fact, topic="clients.notice_editions"):
    """An edition of the client notice's template is being written."""

    edition_id: str
    edition: str


class NoticeEditionChanged(Fact, topic="clients.notice_editions"):
    """The draft was changed."""

    edition_id: str


class NoticeEditionPublished(Fact, topic="clients.notice_editions"):
    """Complete, and from now on the one to issue; it never changes."""

    edition_id: str
    edition: str


class ClientNoticeDrafted(Fact, topic="clients.notices"):
    """A notice is being prepared for a client, on a published edition."""

    notice_id: str
    client_id: str
    edition: str


class ClientNoticeChanged(Fact, topic="clients.notices"):
    """The draft was changed, or the client's record was merged (then `client_id` says into which)."""

    notice_id: str
    client_id: str = ""


class ClientNoticeIssued(Fact, topic="clients.notices"):
    """The client notice (客户告知书) was handed to the client in this edition."""

    notice_id: str
    client_id: str
    edition: str
    issued_on: date


class ClientNoticeAcknowledged(Fact, topic="clients.notices"):
    """The client signed for it."""

    notice_id: str
    client_id: str
    acknowledged_at: datetime


class ClientNoticeSuperseded(Fact, topic="clients.notices"):
    """A newer notice took its place."""

    notice_id: str
    client_id: str


class MandateDrafted(Fact, topic="clients.mandates"):
    """A mandate is being prepared."""

    mandate_id: str
    client_id: str
    kind: str
    """contract (委托合同) or letter (授权委托书)"""


class MandateChanged(Fact, topic="clients.mandates"):
    """The draft was changed, given to or back from compliance, or the client's record was merged."""

    mandate_id: str
    client_id: str
    status: str


class MandateSigned(Fact, topic="clients.mandates"):
    """Both sides have signed."""

    mandate_id: str
    client_id: str
    signed_at: datetime


class MandateActivated(Fact, topic="clients.mandates"):
    """In force: `kind` contract unlocks placement, letter only fact-finding (X-05)."""

    mandate_id: str
    client_id: str
    kind: str
    line_families: list[LineFamily]
    from_on: date
    until_on: date


class MandateExpiring(Fact, topic="clients.mandates"):
    """Ends within 30 days."""

    mandate_id: str
    client_id: str
    until_on: date
    kind: str = ""
    line_families: list[LineFamily] = []


class MandateEnded(Fact, topic="clients.mandates"):
    """Expired or terminated."""

    mandate_id: str
    client_id: str
    ended_on: date
    reason: str


class ProjectDrafted(Fact, topic="clients.projects"):
    """A project registration (项目报备) is being written."""

    project_id: str
    client_id: str
    line_family: LineFamily


class ProjectSubmitted(Fact, topic="clients.projects"):
    """It is complete and was handed in."""

    project_id: str
    client_id: str
    line_family: LineFamily
    expected_premium: Money


class ProjectConflictDetected(Fact, topic="clients.projects"):
    """Another live registration has the same client and line family."""

    project_id: str
    client_id: str
    against_id: str


class ProjectConflictResolved(Fact, topic="clients.projects"):
    """The arbiter decided: registered or rejected."""

    project_id: str
    client_id: str
    outcome: str
    arbiter_id: str


class ProjectRegistered(Fact, topic="clients.projects"):
    """Protected until a date (inclusive)."""

    project_id: str
    client_id: str
    line_family: LineFamily
    protected_until_on: date


class ProjectActivated(Fact, topic="clients.projects"):
    """Team, timetable and budget stand."""

    project_id: str
    client_id: str
    line_family: LineFamily
    team: list[TeamMember]


class ProjectExpenseApproved(Fact, topic="clients.projects"):
    """The expense budget was approved."""

    project_id: str
    amount: Money
    approver_id: str


class ProjectProtectionExtended(Fact, topic="clients.projects"):
    """Protection now runs until a later date; granted once."""

    project_id: str
    protected_until_on: date


class ProjectChanged(Fact, topic="clients.projects"):
    """Notes, team, timetable or a request were changed, or the prospect came on file (then `client_id` says as
    whom)."""

    project_id: str
    client_id: str = ""


class ProjectLapsed(Fact, topic="clients.projects"):
    """Protection ended."""

    project_id: str
    client_id: str


class ProjectWon(Fact, topic="clients.projects"):
    """The first cover of the project was confirmed."""

    project_id: str
    client_id: str
    policy_id: str


class ProjectLost(Fact, topic="clients.projects"):
    """Given up or lost, with a reason code."""

    project_id: str
    client_id: str
    reason: str


class ProjectClosed(Fact, topic="clients.projects"):
    """Reviewed and closed."""

    project_id: str
    client_id: str


class ProjectTransferred(Fact, topic="clients.projects"):
    """Another user owns it now."""

    project_id: str
    owner_id: str


class ClientsImportPlanned(Fact, topic="clients.imports"):
    """An import file was read and the outcome of every row is known; a dry run ends here."""

    import_id: str
    dry_run: bool
    created: int
    known: int
    refused: int


class ClientsImported(Fact, topic="clients.imports"):
    """An import file was taken in: how many rows were created, found to be known, refused."""

    import_id: str
    created: int
    known: int
    refused: int
