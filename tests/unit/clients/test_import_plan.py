"""What importing a file makes, whatever the order of its rows and whatever is on file already."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from chassis.moves import IllegalMove, move
from services.clients.imports.model import (
    MOVES,
    Counts,
    Finding,
    Import,
    Level,
    Outcome,
    Place,
    ReportRow,
    Status,
)
from services.clients.imports.rules import Holder, Line, OnFile, counted, plan

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REFUSAL = Finding(level=Level.ROW, column="C", rule="CLI-001", zh="坏", en="bad")
REMARK = Finding(level=Level.FIELD, column="D", rule="CLI-012", zh="电话", en="phone")


def a_line(seq: int, number: str | None = None, name: str = "甲", **told: Any) -> Line:
    defaults: dict[str, Any] = {
        "seq": seq,
        "sheet": "表",
        "row": seq + 2,
        "branch": "sh",
        "code": f"S{seq}",
        "shown": name,
        "number": number,
        "names": (name,),
        "findings": (),
        "number_column": "C",
    }
    return Line(**{**defaults, **told})


def planned(*lines: Line, on_file: OnFile | None = None, seen: frozenset[str] | None = None) -> list[ReportRow]:
    return plan(lines, on_file or OnFile(), {line.seq: f"new-{line.seq}" for line in lines}, seen)


def outcomes(rows: list[ReportRow]) -> list[str]:
    return [f"{row.outcome} {row.client_id or '-'}" for row in rows]


def on_file(*holders: tuple[str, Holder]) -> OnFile:
    found = OnFile(numbers={number: holder for number, holder in holders if number})
    for _, holder in holders:
        found.names[holder.name].append(holder)
        found.codes[holder.branch, holder.code] = holder
    return found


@pytest.mark.rule("CLI-003")
def test_the_same_number_is_the_same_client_whatever_the_name():
    rows = planned(a_line(0, "n1"), a_line(1, "n1", "乙"), a_line(2, "n2"))
    assert outcomes(rows) == ["created new-0", "known new-0", "created new-2"]
    assert rows[1].same_row == Place(sheet="表", row=2)
    assert [finding.level for finding in rows[1].findings] == [Level.NOTE]


@pytest.mark.rule("CLI-003")
@pytest.mark.parametrize("bare_first", [True, False])
def test_the_same_name_without_a_number_is_the_same_client_wherever_it_stands(bare_first: bool):
    bare, numbered = a_line(0 if bare_first else 1), a_line(1 if bare_first else 0, "n1")
    rows = planned(*sorted((bare, numbered), key=lambda line: line.seq))
    assert {row.seq: row.outcome for row in rows} == {bare.seq: Outcome.KNOWN, numbered.seq: Outcome.CREATED}


@pytest.mark.rule("CLI-004")
def test_a_row_without_a_number_makes_nobody():
    rows = planned(a_line(0), a_line(1), a_line(2, name="丙"))
    assert outcomes(rows) == ["refused -"] * 3
    assert {finding.rule for row in rows for finding in row.findings} == {"CLI-004"}


@pytest.mark.rule("CLI-003")
def test_a_name_that_two_have_leads_to_neither():
    rows = planned(a_line(0, "n1"), a_line(1, "n2"), a_line(2))
    assert outcomes(rows) == ["created new-0", "created new-1", "refused -"]


@pytest.mark.rule("CLI-001")
def test_a_refused_row_is_nobody_and_keeps_its_reason():
    rows = planned(a_line(0, "n1", findings=(REFUSAL,)), a_line(1, "n1"), a_line(2))
    assert outcomes(rows) == ["refused -", "created new-1", "known new-1"]
    assert rows[0].findings == (REFUSAL,)


@pytest.mark.rule("CLI-005")
def test_the_codes_of_duplicates_lead_to_the_client_that_is_made():
    rows = planned(
        a_line(0, "n1"), a_line(1, "n1"), a_line(2, "n1", branch="sz", code="Z1"), a_line(3, "n1", code="S1")
    )
    assert [(code.branch, code.code) for code in rows[0].codes] == [("sh", "S1"), ("sz", "Z1")]
    assert not any(row.adds_code for row in rows if row.same_row is None)


@pytest.mark.rule("CLI-005")
def test_a_code_that_is_another_clients_refuses_the_row_and_of_a_duplicate_only_the_code():
    rows = planned(a_line(0, "n1", code="K"), a_line(1, "n2", code="K"), a_line(2, "n3"), a_line(3, "n3", code="K"))
    assert outcomes(rows) == ["created new-0", "refused -", "created new-2", "known new-2"]
    assert [finding.level for finding in rows[3].findings] == [Level.FIELD]


@pytest.mark.rule("CLI-014")
def test_who_is_on_file_is_known_and_gets_the_rows_code_once():
    holder = Holder("cli-9", "sh", "OLD", "甲", numbered=True)
    rows = planned(a_line(0, "n1"), a_line(1, "n1", code="OLD"), on_file=on_file(("n1", holder)))
    assert outcomes(rows) == ["known cli-9", "known cli-9"]
    assert [(row.adds_code, row.known_code) for row in rows] == [(True, "OLD"), (False, "OLD")]


@pytest.mark.rule("CLI-003")
def test_a_record_without_a_number_is_the_client_of_its_name():
    bare = Holder("cli-9", "sh", "OLD", "甲", numbered=False)
    rows = planned(a_line(0, "n1"), on_file=on_file(("", bare)))
    assert outcomes(rows) == ["known cli-9"]
    assert rows[0].findings[0].rule == "CLI-004"


@pytest.mark.rule("CLI-003")
def test_another_branchs_namesake_without_a_number_is_not_the_client_of_a_row_that_has_one():
    theirs = Holder("cli-9", "sz", "GEHEIM", "甲", numbered=False)
    own = Holder("cli-8", "sh", "OLD", "甲", numbered=False)
    seen = frozenset({"sh"})
    [row] = planned(a_line(0, "n1"), on_file=on_file(("", theirs)), seen=seen)
    assert (row.outcome, row.client_id, row.elsewhere, row.adds_code) == (Outcome.CREATED, "new-0", False, False)
    assert outcomes(planned(a_line(0, "n1"), on_file=on_file(("", theirs), ("", own)), seen=seen)) == ["known cli-8"]
    assert outcomes(planned(a_line(0, "n1"), on_file=on_file(("", theirs)))) == ["known cli-9"]


@pytest.mark.rule("CLI-003")
def test_of_another_branchs_client_nothing_is_told_but_that_there_is_one():
    holder = Holder("cli-9", "sz", "GEHEIM", "另名", numbered=True)
    [row] = planned(a_line(0, "n1"), on_file=on_file(("n1", holder)), seen=frozenset({"sh"}))
    assert (row.outcome, row.elsewhere, row.known_code, row.findings) == (Outcome.KNOWN, True, "", ())


def test_rows_are_counted_by_outcome_and_remarks():
    rows = planned(a_line(0, "n1", findings=(REMARK,)), a_line(1, "n1"), a_line(2))
    assert counted(rows) == Counts(created=1, known=2, refused=0, remarked=1)


@pytest.mark.parametrize(("before", "after"), list(product(Status, Status)))
def test_an_import_moves_only_as_its_table_says(before: Status, after: Status):
    told = Import(
        id="i",
        branch="sh",
        file_id="f",
        file_name="a.csv",
        dry_run=False,
        status=before,
        branches={},
        sheets=(),
        counts=Counts(),
        by="ann",
        started_at=NOW,
        continue_at=NOW,
    )
    if after in MOVES[before]:
        assert move(told, MOVES, after).status == after
    else:
        with pytest.raises(IllegalMove):
            move(told, MOVES, after)
