"""The comparison matrix."""

import pytest

from contracts.money import yuan
from services.placement.enquiries.model import Deductible
from services.placement.papers.model import Dimension
from services.placement.quotes.comparison import Comparison, compare, percent
from services.placement.quotes.model import Status
from tests.support.placement_terms import a_quote, a_scheme, a_standing, a_subjectivity, an_offer, terms_of


def best(comparison: Comparison) -> dict[str, list[str]]:
    """By dimension, the quotes whose value is marked as best."""
    ids = [column.quote_id for column in comparison.columns]
    return {
        row.dimension: [quote_id for quote_id, cell in zip(ids, row.cells, strict=True) if cell.best]
        for row in comparison.rows
    }


@pytest.mark.rule("PLC-053")
def test_all_eight_dimensions_are_shown_and_the_best_of_each_is_marked():
    dear = a_quote(
        "dear",
        terms=terms_of(an_offer(premium=yuan("40000.00"), deductible=Deductible(amount=yuan("1000.00")))),
        standing=a_standing(solvency_bp=30000, claims_authority=yuan("900000.00"), service_score=5, payment_days=9),
    )
    cheap = a_quote("cheap", terms=terms_of(an_offer(), restrictions=()), standing=a_standing(adjusters_score=5))
    comparison = compare([dear, cheap], a_scheme())
    assert [row.dimension for row in comparison.rows] == list(Dimension)
    assert [column.quote_id for column in comparison.columns] == ["cheap", "dear"]
    assert best(comparison) == {
        "premium": ["cheap"],
        "deductible": ["dear"],
        "clauses": ["cheap", "dear"],
        "solvency": ["dear"],
        "claims_authority": ["dear"],
        "service_promise": ["dear"],
        "adjusters": ["cheap"],
        "payment_efficiency": ["cheap"],
    }


@pytest.mark.rule("PLC-054")
def test_a_restrictive_condition_is_flagged_in_its_cell():
    from services.placement.quotes.shortfalls import restrictions

    offer = an_offer(subjectivities=(a_subjectivity(),))
    bound = a_quote("bound", terms=terms_of(offer, restrictions=restrictions(offer, a_scheme())))
    comparison = compare([bound, a_quote("free")], a_scheme())
    clauses = next(row for row in comparison.rows if row.dimension is Dimension.CLAUSES)
    cells = dict(zip([column.quote_id for column in comparison.columns], clauses.cells, strict=True))
    assert (cells["bound"].restrictive, cells["bound"].note, cells["bound"].best) == (True, "提供消防验收报告", False)
    assert (cells["free"].restrictive, cells["free"].value, cells["free"].best) == (False, "1/1", True)


def test_who_declined_or_did_not_answer_is_listed_and_who_may_still_answer_is_pending():
    comparison = compare(
        [
            a_quote("one"),
            a_quote("two", Status.DECLINED, reason="超出承保能力"),
            a_quote("three", Status.NO_RESPONSE),
            a_quote("four", Status.EXPIRED),
            a_quote("five", Status.REQUESTED),
        ],
        a_scheme(),
    )
    assert [(silent.outcome, silent.reason) for silent in comparison.silent] == [
        ("declined", "超出承保能力"),
        ("no_response", ""),
        ("expired", ""),
    ]
    assert comparison.pending == ("保险公司five",)
    assert len(comparison.columns) == 1


def test_what_is_not_on_record_is_shown_as_such_and_nothing_is_best_alone():
    comparison = compare([a_quote("one", standing=None)], a_scheme())
    cells = {row.dimension: row.cells[0] for row in comparison.rows}
    assert cells[Dimension.SOLVENCY].value is None
    assert not any(cell.best for cell in cells.values())


@pytest.mark.parametrize(("points", "text"), [(0, "0.00%"), (5, "0.05%"), (22850, "228.50%"), (10_000, "100.00%")])
def test_basis_points_read_as_percent(points: int, text: str):
    assert percent(points) == text
