"""What HTTP sends and receives about project registrations."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from chassis.http import Body, View
from contracts.money import Money
from contracts.personal import PersonName
from contracts.shared import LineFamily
from services.clients.clients.model import Kind, NumberKind, Seat, TeamRole
from services.clients.clients.rules import identity_of
from services.clients.projects.model import (
    Budget,
    Costs,
    Extension,
    LostReason,
    Milestone,
    Project,
    Prospect,
    Status,
    Terms,
)
from services.clients.trail import Step

Id = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Notes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class IdentityBody(Body):
    """A USCC of a company; a resident identity or passport number of an individual."""

    kind: NumberKind
    number: Annotated[str, StringConstraints(max_length=60)]


class ProspectBody(Body):
    """Somebody whom the branch has no record of: a company by `name`, an individual by `person_name`."""

    kind: Kind
    name: Name | None = None
    person_name: PersonName | None = None
    identity: IdentityBody | None = None

    def prospect(self, today: date) -> Prospect:
        """The prospect of the model; raises NumberInvalid, PersonalNumberInvalid."""
        identity = identity_of(self.identity.kind, self.identity.number, today) if self.identity else None
        return Prospect(kind=self.kind, name=self.name, person_name=self.person_name, identity=identity)


class DraftProject(Body):
    """A registration of a client on file (`client_id`), or of a `prospect` by a `branch`. Notes stay with the owner's
    branch.
    """

    client_id: Id | None = None
    prospect: ProspectBody | None = None
    branch: Id | None = None
    line_family: LineFamily
    expected_premium: Money | None = None
    present_cover_ends_on: date | None = None
    first_cover: bool = False
    notes: Notes = ""

    def terms(self) -> Terms:
        """The terms of the model."""
        return Terms(**{name: getattr(self, name) for name in Terms.model_fields})


class SeatBody(Body):
    """A user's place in the team."""

    user_id: Id
    role: TeamRole


class MilestoneBody(Body):
    """A step of the timetable and its date."""

    name: Name
    due_on: date


class ChangeProject(Body):
    """What is named changes (merge-patch): premium and present cover of a draft; notes, team and timetable while it
    is open.
    """

    expected_premium: Money | None = None
    present_cover_ends_on: date | None = None
    first_cover: bool = False
    notes: Notes = ""
    team: Annotated[tuple[SeatBody, ...], Field(max_length=30)] = ()
    timetable: Annotated[tuple[MilestoneBody, ...], Field(max_length=50)] = ()

    def told(self) -> dict[str, Any]:
        """The fields that were sent, as values of the model."""
        values = {
            "team": tuple(Seat(user_id=seat.user_id, role=seat.role) for seat in self.team),
            "timetable": tuple(Milestone(name=step.name, due_on=step.due_on) for step in self.timetable),
        }
        return {name: values.get(name, getattr(self, name)) for name in self.model_fields_set}


class Arbitrate(Body):
    """Register the conflicted project (the rival gives way), or reject it. Both sides read the reason."""

    award: bool
    reason: Reason


class AskBudget(Body):
    """The expenses wanted (费用支持), in CNY, and what for."""

    amount: Money
    purpose: Told


class DecideRequest(Body):
    """Approve the open request, or refuse it with a reason."""

    approve: bool
    reason: Reason = ""


class AskExtension(Body):
    """What was done with the client, and the file that shows it."""

    activity: Told
    evidence_id: Id


class LoseProject(Body):
    """Why it was lost; a note is needed for `other`."""

    reason: LostReason
    note: Reason = ""


class PostCosts(Body):
    """What the project cost in all, and the voucher."""

    amount: Money
    reference: Name


class CloseProject(Body):
    """What was learned."""

    review: Told


class TransferProject(Body):
    """The new owner, and why."""

    owner_id: Id
    reason: Reason


class LinkClient(Body):
    """The record of the prospect that was registered."""

    client_id: Id


class ProjectView(View):
    """A registration, for those who see its branch. A `conflict_at` says that another registration stands against it,
    and no more.
    """

    id: str
    version: int
    branch: str
    client_id: str | None
    prospect: Prospect | None
    terms: Terms
    owner_id: str
    drafted_by: str
    status: Status
    submitted_at: datetime | None
    conflict_at: datetime | None
    protected_until_on: date | None
    extension: Extension | None
    team: tuple[Seat, ...]
    timetable: tuple[Milestone, ...]
    budget: Budget | None
    policy_id: str | None
    lost_reason: LostReason | None
    costs: Costs | None
    review: str
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, state: Project) -> Self:
        return cls.model_validate(state, from_attributes=True)


class RivalView(View):
    """A live registration that stands against another, as its arbiter sees it."""

    id: str
    branch: str
    owner_id: str
    status: Status
    submitted_at: datetime | None


class ConflictView(View):
    """The rivals in the arbiter's own reach, first submitted first; `elsewhere` says that there are others, and no
    more.
    """

    project_id: str
    conflict_at: datetime | None
    rivals: tuple[RivalView, ...]
    elsewhere: bool

    @classmethod
    def of(cls, state: Project, rivals: Iterable[Project] = (), elsewhere: bool = False) -> Self:
        shown = tuple(RivalView.model_validate(rival, from_attributes=True) for rival in rivals)
        return cls(project_id=state.id, conflict_at=state.conflict_at, rivals=shown, elsewhere=elsewhere)
