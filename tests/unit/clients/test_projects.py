"""Registration, conflict, arbitration, protection and the life of a project."""

from datetime import date, timedelta
from itertools import permutations, product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from contracts.clients import (
    ProjectConflictDetected,
    ProjectConflictResolved,
    ProjectLapsed,
    ProjectRegistered,
    ProjectSubmitted,
)
from contracts.money import yuan
from contracts.personal import IdentityNumber
from contracts.shared import LineFamily
from services.clients.clients.model import Identity, Kind, NumberKind, Seat, TeamRole
from services.clients.projects import progress, rules
from services.clients.projects import refusals as no
from services.clients.projects.clashes import is_live, keys_of, rivals_of, same_client
from services.clients.projects.model import (
    LIVE,
    MOVES,
    OPEN,
    PROTECTED,
    Costs,
    LostReason,
    Mark,
    Prospect,
    Status,
)
from tests.support.clients_projects import BUDGET, TEAM, TIMETABLE, in_status
from tests.support.clients_work import NOW, TODAY, a_mark, a_number, a_project

LATER = NOW + timedelta(hours=1)


@pytest.mark.rule("CLI-062")
def test_all_gaps_of_a_registration_are_told_at_once():
    prospect = Prospect(kind=Kind.COMPANY, name="某公司")
    project = a_project({"expected_premium": None, "present_cover_ends_on": None}, client_id=None, prospect=prospect)
    with pytest.raises(no.ProjectIncomplete) as refused:
        rules.submit(project, project.mark, [], "ae", NOW)
    assert [fault.pointer for fault in refused.value.faults] == [
        "/prospect/identity",
        "/terms/expected_premium",
        "/terms/present_cover_ends_on",
    ]


@pytest.mark.rule("CLI-062")
@pytest.mark.parametrize(
    ("terms", "complete"),
    [
        ({}, True),
        ({"present_cover_ends_on": None, "first_cover": True}, True),
        ({"first_cover": True}, False),
        ({"expected_premium": yuan("0.00")}, False),
    ],
)
def test_premium_and_present_cover_are_told(terms: dict[str, Any], complete: bool):
    if complete:
        rules.check_complete(a_project(terms))
    else:
        with pytest.raises(no.ProjectIncomplete):
            rules.check_complete(a_project(terms))


@pytest.mark.rule("CLI-062")
@pytest.mark.parametrize(
    ("told", "pointers"),
    [
        ((None, None, None), ["/client_id"]),
        (("cl1", Prospect(kind=Kind.COMPANY, name="甲"), "gd"), ["/client_id"]),
        ((None, Prospect(kind=Kind.INDIVIDUAL, name="甲"), None), ["/branch", "/prospect/name"]),
        (
            (
                None,
                Prospect(
                    kind=Kind.COMPANY,
                    name="甲",
                    identity=Identity(kind=NumberKind.PASSPORT, number=IdentityNumber("E12345678")),
                ),
                "gd",
            ),
            ["/prospect/identity/kind"],
        ),
    ],
)
def test_a_registration_names_one_client_or_prospect(told: Any, pointers: list[str]):
    with pytest.raises(no.ProjectIncomplete) as refused:
        rules.check_party(*told)
    assert [fault.pointer for fault in refused.value.faults] == pointers


@pytest.mark.rule("CLI-062")
def test_what_was_submitted_stands_but_notes_may_be_added():
    project = in_status(Status.SUBMITTED)
    with pytest.raises(no.ProjectFixed):
        rules.edit(project, project.terms.but(expected_premium=yuan("1.00")), {})
    edited, _ = rules.edit(project, project.terms.but(notes="新"), {"team": TEAM})
    assert (edited.terms.notes, edited.team) == ("新", TEAM)


@pytest.mark.rule("CLI-062")
def test_nobody_is_twice_in_a_team():
    with pytest.raises(no.ProjectIncomplete):
        rules.edit(a_project(), a_project().terms, {"team": (*TEAM, Seat(user_id="am", role=TeamRole.BROKER))})


@pytest.mark.rule("CLI-063")
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"client_id": "cl1"}, {"client_id": "cl1", "name": "name-2", "number": None}, True),
        ({"number": "number-1"}, {"number": "number-1", "name": "name-2"}, True),
        ({"number": "number-1"}, {"number": "number-2"}, False),
        ({"number": "number-1"}, {"number": None}, True),
        ({"number": None}, {"number": None}, True),
        ({"number": None}, {"number": None, "name": "name-2"}, False),
        ({"number": None}, {"number": None, "kind": Kind.INDIVIDUAL}, False),
        ({"client_id": "cl1", "number": "number-1"}, {"client_id": "cl2", "number": "number-1"}, True),
    ],
)
def test_clients_are_recognised_by_number_or_else_by_name_and_from_both_sides(one: Any, other: Any, same: bool):
    first, second = a_mark(**one), a_mark(**other)
    assert same_client(first, second) is same_client(second, first) is same


@pytest.mark.rule("CLI-063")
def test_marks_of_one_client_always_share_a_key():
    marks = [
        Mark(kind=Kind.COMPANY, name=name, number=number, client_id=client_id)
        for name, number, client_id in product(("a", "b"), ("1", "2", None), ("x", "y", None))
    ]
    for one, other in permutations(marks, 2):
        if same_client(one, other):
            assert set(keys_of(one)) & set(keys_of(other))


@pytest.mark.rule("CLI-063")
@pytest.mark.parametrize("status", list(Status))
def test_only_live_registrations_stand_in_the_way(status: Status):
    other = in_status(status, id="p2")
    assert (rivals_of(a_project(), [other], TODAY) == [other]) is (status in LIVE)


@pytest.mark.rule("CLI-063")
@pytest.mark.parametrize(("days", "live"), [(90, True), (91, False)])
def test_protection_is_judged_by_its_last_day_not_by_when_the_clock_ran(days: int, live: bool):
    other = in_status(Status.ACTIVE, id="p2")
    assert is_live(other, TODAY + timedelta(days=days)) is live


@pytest.mark.rule("CLI-063")
def test_another_line_family_is_no_rival():
    other = in_status(Status.ACTIVE, id="p2").but(terms=a_project({"line_family": LineFamily.CARGO}).terms)
    assert rivals_of(a_project(), [other, a_project()], TODAY) == []


@pytest.mark.rule("CLI-064")
def test_the_first_complete_registration_wins_by_default():
    submitted, fact = rules.submit(a_project(), a_mark(), [], "ae", NOW)
    assert (submitted.status, type(fact)) == (Status.SUBMITTED, ProjectSubmitted)
    second, *facts = rules.submit(a_project(id="p2"), a_mark(), [submitted], "zj-ae", LATER)
    assert (second.status, second.conflict_at) == (Status.CONFLICTED, LATER)
    assert [type(fact) for fact in facts] == [ProjectSubmitted, ProjectConflictDetected]


@pytest.mark.rule("CLI-064")
def test_a_conflicted_registration_is_not_registered_past_the_arbiter():
    with pytest.raises(no.ArbitrationNeeded):
        rules.register(in_status(Status.CONFLICTED), "bm", NOW)


@pytest.mark.rule("CLI-065")
def test_a_registration_is_protected_for_ninety_days_after_it():
    registered, fact = rules.register(in_status(Status.SUBMITTED), "sup", NOW)
    assert registered.protected_until_on == date(2026, 5, 31)
    assert isinstance(fact, ProjectRegistered)
    assert fact.protected_until_on == date(2026, 5, 31)


@pytest.mark.rule("SYS-011")
@pytest.mark.parametrize("own", [{"owner_id": "sup"}, {"drafted_by": "sup"}])
def test_nobody_registers_his_own_project(own: dict[str, str]):
    with pytest.raises(no.SameHands):
        rules.register(in_status(Status.SUBMITTED, **own), "sup", NOW)


@pytest.mark.rule("CLI-064")
@pytest.mark.parametrize(
    ("award", "status", "facts"),
    [
        (True, Status.REGISTERED, [ProjectConflictResolved, ProjectRegistered]),
        (False, Status.REJECTED, [ProjectConflictResolved]),
    ],
)
def test_an_arbiter_decides_with_a_reason(award: bool, status: Status, facts: list[type]):
    project, rival = in_status(Status.CONFLICTED), in_status(Status.ACTIVE, id="p2")
    decided, *told = rules.arbitrate(project, award, "先报备者跟进充分", [rival], "gm", NOW)
    assert (decided.status, decided.steps[-1].reason) == (status, "先报备者跟进充分")
    assert [type(fact) for fact in told] == facts


@pytest.mark.rule("CLI-072")
def test_an_arbitration_without_reason_is_refused():
    with pytest.raises(no.ReasonMissing):
        rules.arbitrate(in_status(Status.CONFLICTED), True, "  ", [], "gm", NOW)


@pytest.mark.rule("CLI-064")
@pytest.mark.parametrize("status", [status for status in Status if status != Status.CONFLICTED])
def test_only_a_conflict_is_arbitrated(status: Status):
    with pytest.raises(no.NothingToArbitrate):
        rules.arbitrate(in_status(status), True, "理由", [], "gm", NOW)


@pytest.mark.rule("SYS-011")
def test_the_arbiter_has_no_part_in_either_project():
    project, rival = in_status(Status.CONFLICTED), in_status(Status.ACTIVE, id="p2", owner_id="gm")
    with pytest.raises(no.SameHands):
        rules.arbitrate(project, True, "理由", [rival], "gm", NOW)


@pytest.mark.rule("CLI-064")
@pytest.mark.parametrize(
    ("status", "after"),
    [
        (Status.SUBMITTED, Status.REJECTED),
        (Status.REGISTERED, Status.LAPSED),
        (Status.ACTIVE, Status.LAPSED),
        (Status.CONFLICTED, None),
        (Status.WON, None),
    ],
)
def test_the_rival_gives_way_unless_it_waits_itself_or_has_won(status: Status, after: Status | None):
    gone = rules.give_way(in_status(status, id="p2"), "p1", "理由", "gm", NOW)
    assert (gone[0].status if gone else None) == after


@pytest.mark.rule("CLI-065")
@pytest.mark.parametrize(("days", "lapses"), [(90, False), (91, True)])
def test_a_project_lapses_after_its_last_protected_day(days: int, lapses: bool):
    lapsed = rules.lapse(in_status(Status.ACTIVE), "system", NOW + timedelta(days=days))
    assert (lapsed is not None) is lapses
    if lapsed:
        assert isinstance(lapsed[1], ProjectLapsed)


@pytest.mark.rule("CLI-065")
def test_what_has_cover_or_has_ended_does_not_lapse():
    long_after = NOW + timedelta(days=200)
    assert rules.lapse(in_status(Status.REGISTERED, policy_id="pol-1"), "system", long_after) is None
    for status in set(Status) - PROTECTED:
        assert rules.lapse(in_status(status), "system", long_after) is None


@pytest.mark.rule("CLI-066")
def test_the_protection_is_extended_once_from_its_last_day():
    asked, _ = rules.ask_extension(in_status(Status.REGISTERED), "三次拜访", "f1", "am", NOW)
    granted, _ = rules.decide_extension(asked, True, "", "sup", LATER)
    assert (granted.status, granted.protected_until_on) == (Status.REGISTERED, date(2026, 8, 29))
    assert granted.steps[-1].evidence_id == "f1"
    with pytest.raises(no.ExtendedAlready):
        rules.ask_extension(granted, "再次拜访", "f2", "am", LATER)


@pytest.mark.rule("CLI-066")
def test_an_extension_is_asked_for_and_granted_while_protected():
    project = in_status(Status.ACTIVE)
    last, after = NOW + timedelta(days=90), NOW + timedelta(days=91)
    asked, _ = rules.ask_extension(project, "拜访", "f1", "am", last)
    with pytest.raises(no.ProtectionOver):
        rules.decide_extension(asked, True, "", "sup", after)
    with pytest.raises(no.ProtectionOver):
        rules.ask_extension(project, "拜访", "f1", "am", after)
    with pytest.raises(no.ProtectionOver):
        rules.ask_extension(in_status(Status.SUBMITTED), "拜访", "f1", "am", NOW)


@pytest.mark.rule("CLI-066")
def test_a_refused_extension_needs_a_reason_and_may_be_asked_for_again():
    asked, _ = rules.ask_extension(in_status(Status.ACTIVE), "拜访", "f1", "am", NOW)
    with pytest.raises(no.ReasonMissing):
        rules.decide_extension(asked, False, "", "sup", NOW)
    refused, _ = rules.decide_extension(asked, False, "证据不足", "sup", NOW)
    assert refused.protected_until_on == asked.protected_until_on
    with pytest.raises(no.NothingAsked):
        rules.decide_extension(refused, True, "", "sup", NOW)
    assert rules.ask_extension(refused, "拜访二", "f2", "am", NOW)[0].extension is not None


@pytest.mark.rule("SYS-011")
def test_who_asks_for_an_extension_does_not_grant_it():
    asked, _ = rules.ask_extension(in_status(Status.ACTIVE), "拜访", "f1", "sup", NOW)
    with pytest.raises(no.SameHands):
        rules.decide_extension(asked, True, "", "sup", NOW)


@pytest.mark.rule("CLI-071")
@pytest.mark.parametrize("status", list(Status))
def test_an_open_project_is_transferred_and_keeps_its_status(status: Status):
    project = in_status(status)
    if status in OPEN:
        transferred, fact = rules.transfer(project, "am", "离职交接", "bm", NOW)
        assert (transferred.owner_id, transferred.status) == ("am", status)
        assert fact.model_dump() == {"project_id": "p1", "owner_id": "am"}
    else:
        with pytest.raises(no.ProjectOver):
            rules.transfer(project, "am", "离职交接", "bm", NOW)


@pytest.mark.rule("CLI-071")
def test_a_project_is_transferred_to_somebody_else_with_a_reason():
    with pytest.raises(no.OwnerAlready):
        rules.transfer(a_project(), "ae", "离职交接", "bm", NOW)
    with pytest.raises(no.ReasonMissing):
        rules.transfer(a_project(), "am", " ", "bm", NOW)


@pytest.mark.rule("CLI-063")
def test_a_prospect_is_linked_only_to_his_own_record():
    identity = Identity(kind=NumberKind.USCC, number=IdentityNumber(a_number()))
    project = in_status(
        Status.REGISTERED, client_id=None, prospect=Prospect(kind=Kind.COMPANY, name="甲", identity=identity)
    )
    linked, _ = rules.link(project, a_mark(client_id="cl9"))
    assert (linked.client_id, linked.mark.client_id) == ("cl9", "cl9")
    for mark in (a_mark(client_id="cl9", number="number-2"), a_mark()):
        with pytest.raises(no.NotTheSameClient):
            rules.link(project, mark)
    with pytest.raises(no.NotTheSameClient):
        rules.link(linked, a_mark(client_id="cl8"))


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_a_project_moves_only_as_drawn(before: Status, after: Status):
    project = in_status(before)
    if after in MOVES[before]:
        assert move(project, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(project, MOVES, after)


@pytest.mark.parametrize(
    ("act", "from_status"),
    [
        (lambda project: rules.submit(project, project.mark, [], "ae", NOW), {Status.DRAFT}),
        (lambda project: rules.register(project, "sup", NOW), {Status.SUBMITTED}),
        (lambda project: progress.activate(project, "am", NOW), {Status.REGISTERED}),
        (lambda project: progress.lose(project, LostReason.PRICE, "", "am", NOW), {Status.ACTIVE}),
        (lambda project: progress.close(project, "总结", "am", NOW), {Status.WON}),
    ],
    ids=["submit", "register", "activate", "lose", "close"],
)
def test_each_step_is_taken_from_its_own_status_only(act: Any, from_status: set[Status]):
    costs = Costs(amount=yuan("1.00"), reference="x", posted_by="fin", posted_at=NOW)
    for status in Status:
        project = in_status(status, team=TEAM, timetable=TIMETABLE, budget=BUDGET, costs=costs)
        if status in from_status:
            act(project)
        else:
            with pytest.raises((IllegalMove, no.ArbitrationNeeded)):
                act(project)
