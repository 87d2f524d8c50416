"""Who is whose rival: clients recognised across branches by their marks."""

from collections.abc import Iterable
from datetime import date

from services.clients.projects.model import LIVE, PROTECTED, Mark, Project


def same_client(one: Mark, other: Mark) -> bool:
    """Whether two marks mean one client: one record, or the same number; without a number on either side, the same
    name.

    Two different numbers are two clients, however alike the names. Symmetrical. Rule: CLI-063 (docs/rules/clients.md).
    """
    if one.client_id is not None and one.client_id == other.client_id:
        return True
    if one.kind != other.kind:
        return False
    if one.number is not None and other.number is not None:
        return one.number == other.number
    return one.name == other.name


def is_live(project: Project, on: date) -> bool:
    """Whether it stands in others' way on a business date: judged by its protection, not by when the clock's job
    ran."""
    over = project.status in PROTECTED and project.policy_id is None and protection_over(project, on)
    return project.status in LIVE and not over


def protection_over(project: Project, on: date) -> bool:
    """Whether the last protected day is over."""
    return project.protected_until_on is not None and project.protected_until_on < on


def rivals_of(project: Project, others: Iterable[Project], on: date) -> list[Project]:
    """The live registrations of the same client and line family, first submitted first."""
    found = [
        other
        for other in others
        if other.id != project.id
        and other.terms.line_family == project.terms.line_family
        and is_live(other, on)
        and same_client(project.mark, other.mark)
    ]
    return sorted(found, key=lambda other: (other.submitted_at is None, other.submitted_at, other.id))


def keys_of(mark: Mark) -> list[str]:
    """What registrations of one client have at least one of in common."""
    keys = [f"name {mark.kind} {mark.name}"]
    if mark.number is not None:
        keys.append(f"number {mark.number}")
    if mark.client_id is not None:
        keys.append(f"client {mark.client_id}")
    return sorted(keys)
