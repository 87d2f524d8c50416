"""Registration, conflict, protection, and whose a project is; what comes after the start stands in progress.py."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chassis.clock import business_date
from chassis.moves import move
from chassis.refusals import Fault
from contracts.clients import (
    ProjectChanged,
    ProjectConflictDetected,
    ProjectConflictResolved,
    ProjectLapsed,
    ProjectProtectionExtended,
    ProjectRegistered,
    ProjectSubmitted,
    ProjectTransferred,
)
from contracts.facts import Fact
from services.clients.clients.model import Kind
from services.clients.clients.rules import KINDS_OF_NUMBER
from services.clients.projects.clashes import protection_over, same_client
from services.clients.projects.model import (
    MOVES,
    OPEN,
    PROTECTED,
    Extension,
    Mark,
    Project,
    Prospect,
    Status,
    Terms,
)
from services.clients.projects.refusals import (
    ArbitrationNeeded,
    ExtendedAlready,
    NothingAsked,
    NothingToArbitrate,
    NotTheSameClient,
    OwnerAlready,
    ProjectFixed,
    ProjectIncomplete,
    ProjectOver,
    ProtectionOver,
    ReasonMissing,
    SameHands,
)
from services.clients.trail import Step

PROTECTED_DAYS = 90
"""Natural days after the registration, and after the first last day when extended. G-01."""

Moved = tuple[Project, *tuple[Fact, ...]]


def check_party(client_id: str | None, prospect: Prospect | None, branch: str | None) -> None:
    """Refuse a registration that names nobody or two, a prospect without a branch, or one whose name or number is not
    of his kind.

    Raises ProjectIncomplete with all faults. Rule: CLI-062 (docs/rules/clients.md).
    """
    faults = list(_party_faults(client_id, prospect, branch))
    if faults:
        raise ProjectIncomplete(faults, count=len(faults))


def _party_faults(client_id: str | None, prospect: Prospect | None, branch: str | None) -> Iterable[Fault]:
    if (client_id is None) == (prospect is None):
        yield Fault("/client_id", "须填写客户或潜在客户,二者择一", "name a client or a prospect, one of them")
    if prospect is None:
        return
    if branch is None:
        yield Fault("/branch", "须填写机构", "say for which branch")
    company = prospect.kind == Kind.COMPANY
    named = (prospect.name is not None, prospect.person_name is not None)
    if named != (company, not company):
        yield Fault(
            "/prospect/name", "企业填 name,个人填 person_name", "a company has a name, an individual a person_name"
        )
    if prospect.identity is not None and prospect.identity.kind not in KINDS_OF_NUMBER[prospect.kind]:
        yield Fault("/prospect/identity/kind", "证件类型与客户类型不符", "this kind of number does not belong to him")


def edit(project: Project, terms: Terms, changes: dict[str, Any]) -> Moved:
    """New terms while it is a draft; notes, and `changes` of team and timetable, while it is open.

    Raises ProjectOver, ProjectFixed, ProjectIncomplete (somebody twice in the team). Rule: CLI-062
    (docs/rules/clients.md).
    """
    _check_open(project)
    team = changes.get("team", ())
    if len({seat.user_id for seat in team}) < len(team):
        raise ProjectIncomplete([Fault("/team", "同一人在小组中出现两次", "somebody is in the team twice")], count=1)
    if project.status != Status.DRAFT and terms.but(notes=project.terms.notes) != project.terms:
        raise ProjectFixed(state=str(project.status), field="terms")
    return project.but(terms=terms, **changes), ProjectChanged(project_id=project.id)


def check_complete(project: Project) -> None:
    """Refuse a registration without client, expected premium or expiry of the present cover; names all gaps.

    Raises ProjectIncomplete. Rule: CLI-062 (docs/rules/clients.md).
    """
    faults = list(_gaps(project))
    if faults:
        raise ProjectIncomplete(faults, count=len(faults))


def _gaps(project: Project) -> Iterable[Fault]:
    terms, premium = project.terms, project.terms.expected_premium
    if project.client_id is None and (project.prospect is None or project.prospect.identity is None):
        yield Fault("/prospect/identity", "须写明潜在客户的证件号码", "the prospect's identity number is needed")
    if premium is None or premium.amount_minor <= 0:
        yield Fault("/terms/expected_premium", "须填写大于零的预计保费", "an expected premium above zero is needed")
    if terms.first_cover == (terms.present_cover_ends_on is not None):
        reason = (
            "须填写现有保单到期日,或注明目前无保险(二者择一)",
            "say when the present cover ends, or that there is none",
        )
        yield Fault("/terms/present_cover_ends_on", *reason)


def submit(project: Project, mark: Mark, rivals: Sequence[Project], by: str, at: datetime) -> Moved:
    """Hand in a complete draft; with a live rival it is conflicted at once, because the first complete one wins by
    default.

    `mark` is the client's as it is now; `rivals` were searched over all branches. Raises IllegalMove,
    ProjectIncomplete. Rule: CLI-062, CLI-063 (docs/rules/clients.md).
    """
    step = Step(status=Status.SUBMITTED, at=at, by=by)
    submitted = move(project, MOVES, Status.SUBMITTED, mark=mark, submitted_at=at, steps=(*project.steps, step))
    check_complete(submitted)
    premium = submitted.terms.expected_premium
    assert premium is not None
    fact = ProjectSubmitted(
        project_id=project.id,
        client_id=project.told_client_id,
        line_family=project.terms.line_family,
        expected_premium=premium,
    )
    if not rivals:
        return submitted, fact
    conflicted, detected = _conflict(submitted, [rival.id for rival in rivals], at)
    return conflicted, fact, detected


def _conflict(project: Project, against: Sequence[str], at: datetime) -> tuple[Project, ProjectConflictDetected]:
    step = Step(status=Status.CONFLICTED, at=at, by="system:clients")
    conflicted = move(
        project, MOVES, Status.CONFLICTED, conflict_at=at, against=tuple(against), steps=(*project.steps, step)
    )
    fact = ProjectConflictDetected(project_id=project.id, client_id=project.told_client_id, against_id=against[0])
    return conflicted, fact


def register(project: Project, by: str, at: datetime) -> Moved:
    """Register what has no conflict; protected for 90 days from now.

    Raises IllegalMove, ArbitrationNeeded, SameHands. Rule: CLI-064, CLI-065, SYS-011 (docs/rules/clients.md).
    """
    if project.status == Status.CONFLICTED:
        raise ArbitrationNeeded
    registered = _registered(project, "", by, at)
    check_other_hands(by, project.owner_id, project.drafted_by)
    return registered


def _registered(project: Project, reason: str, by: str, at: datetime) -> Moved:
    until_on = business_date(at) + timedelta(days=PROTECTED_DAYS)
    step = Step(status=Status.REGISTERED, at=at, by=by, reason=reason)
    registered = move(project, MOVES, Status.REGISTERED, protected_until_on=until_on, steps=(*project.steps, step))
    return registered, ProjectRegistered(
        project_id=project.id,
        client_id=project.told_client_id,
        line_family=project.terms.line_family,
        protected_until_on=until_on,
    )


def arbitrate(project: Project, award: bool, reason: str, rivals: Sequence[Project], by: str, at: datetime) -> Moved:
    """Decide a conflict: register the later one, or reject it. The reason is read by both sides.

    Raises NothingToArbitrate, ReasonMissing, SameHands (also for the owner of a rival). Rule: CLI-064
    (docs/rules/clients.md).
    """
    target = Status.REGISTERED if award else Status.REJECTED
    if project.status != Status.CONFLICTED:
        raise NothingToArbitrate(state=str(project.status))
    check_reason(reason)
    for side in (project, *rivals):
        check_other_hands(by, side.owner_id, side.drafted_by)
    resolved = ProjectConflictResolved(
        project_id=project.id, client_id=project.told_client_id, outcome=target, arbiter_id=by
    )
    if award:
        registered, fact = _registered(project, reason, by, at)
        return registered, resolved, fact
    step = Step(status=target, at=at, by=by, reason=reason)
    return move(project, MOVES, target, steps=(*project.steps, step)), resolved


def give_way(rival: Project, to_id: str, reason: str, by: str, at: datetime) -> Moved | None:
    """What becomes of a rival when the arbiter awarded the client to the other: one not yet registered is rejected, a
    protected one lapses. A conflicted one waits for its own arbitration and a won one keeps what it won: None. Rule:
    CLI-064.
    """
    if rival.status == Status.SUBMITTED:
        conflicted, detected = _conflict(rival, [to_id], at)
        step = Step(status=Status.REJECTED, at=at, by=by, reason=reason)
        rejected = move(conflicted, MOVES, Status.REJECTED, steps=(*conflicted.steps, step))
        resolved = ProjectConflictResolved(
            project_id=rival.id, client_id=rival.told_client_id, outcome=Status.REJECTED, arbiter_id=by
        )
        return rejected, detected, resolved
    if rival.status in PROTECTED:
        return _lapsed(rival, reason, by, at)
    return None


def lapse(project: Project, by: str, at: datetime) -> Moved | None:
    """End what is no longer protected; None while it is, or when its cover was confirmed. Rule: CLI-065."""
    if project.status not in PROTECTED or project.policy_id or not protection_over(project, business_date(at)):
        return None
    return _lapsed(project, "protection over", by, at)


def _lapsed(project: Project, reason: str, by: str, at: datetime) -> Moved:
    step = Step(status=Status.LAPSED, at=at, by=by, reason=reason)
    lapsed = move(project, MOVES, Status.LAPSED, steps=(*project.steps, step))
    return lapsed, ProjectLapsed(project_id=project.id, client_id=project.told_client_id)


def ask_extension(project: Project, activity: str, evidence_id: str, by: str, at: datetime) -> Moved:
    """Ask for more time, with evidence of activity, while protected. Raises ProtectionOver, ExtendedAlready. Rule:
    CLI-066.
    """
    _check_extensible(project, business_date(at))
    extension = Extension(activity=activity, evidence_id=evidence_id, asked_by=by, asked_at=at)
    return project.but(extension=extension), ProjectChanged(project_id=project.id)


def decide_extension(project: Project, grant: bool, reason: str, by: str, at: datetime) -> Moved:
    """Grant another 90 days from the first last day, or refuse with a reason; both only while it is protected.

    Raises NothingAsked, ProtectionOver, ExtendedAlready, SameHands, ReasonMissing. Rule: CLI-066, SYS-011.
    """
    _check_extensible(project, business_date(at))
    asked = project.extension
    if asked is None or asked.decided_at is not None:
        raise NothingAsked
    check_other_hands(by, asked.asked_by)
    if not grant:
        check_reason(reason)
    decided = asked.but(decided_by=by, decided_at=at, granted=grant, reason=reason)
    if not grant:
        return project.but(extension=decided), ProjectChanged(project_id=project.id)
    assert project.protected_until_on is not None
    until_on = project.protected_until_on + timedelta(days=PROTECTED_DAYS)
    step = Step(status="extended", at=at, by=by, reason=asked.activity, evidence_id=asked.evidence_id)
    extended = project.but(extension=decided, protected_until_on=until_on, steps=(*project.steps, step))
    return extended, ProjectProtectionExtended(project_id=project.id, protected_until_on=until_on)


def _check_extensible(project: Project, on: date) -> None:
    if project.extension is not None and project.extension.granted:
        raise ExtendedAlready
    if project.status not in PROTECTED or protection_over(project, on):
        raise ProtectionOver(until=project.protected_until_on or "-")


def transfer(project: Project, owner_id: str, reason: str, by: str, at: datetime) -> Moved:
    """Give an open project to another user. Raises ProjectOver, OwnerAlready, ReasonMissing. Rule: CLI-071."""
    _check_open(project)
    if owner_id == project.owner_id:
        raise OwnerAlready
    check_reason(reason)
    step = Step(status="transferred", at=at, by=by, reason=reason)
    transferred = project.but(owner_id=owner_id, steps=(*project.steps, step))
    return transferred, ProjectTransferred(project_id=project.id, owner_id=owner_id)


def link(project: Project, mark: Mark) -> Moved:
    """The prospect is on file now. Raises ProjectOver, NotTheSameClient. Rule: CLI-063 (docs/rules/clients.md)."""
    _check_open(project)
    if project.client_id is not None or mark.client_id is None or not same_client(project.mark, mark):
        raise NotTheSameClient
    return follow(project, mark)


def follow(project: Project, mark: Mark) -> Moved:
    """The client stands under this record now: it came on file, or another record was merged into it. Rule: CLI-063."""
    changed = project.but(client_id=mark.client_id, mark=mark)
    return changed, ProjectChanged(project_id=project.id, client_id=changed.told_client_id)


def check_other_hands(by: str, *makers: str) -> None:
    """Refuse a decision by somebody who asked for it. Raises SameHands. Rule: SYS-011."""
    if by in makers:
        raise SameHands


def _check_open(project: Project) -> None:
    if project.status not in OPEN:
        raise ProjectOver(state=str(project.status))


def check_reason(reason: str) -> None:
    """Refuse a decision without a reason. Raises ReasonMissing. Rule: CLI-072."""
    if not reason.strip():
        raise ReasonMissing([Fault("/reason", "须写明理由", "a reason is needed")])
