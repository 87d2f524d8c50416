"""The comparison matrix."""

import pytest

from contracts.money import Money, yuan
from services.placement.enquiries.model import Deductible
from services.placement.papers.model import Dimension
from services.placement.quotes.comparison import Comparison, compare, percent, valid_on
from services.placement.quotes.model import Status
from tests.support.placement_terms import (
    AFTER,
    CLOSES_AT,
    DURING,
    VALID_UNTIL,
    a_quote,
    a_scheme,
    a_standing,
    a_subjectivity,
    an_offer,
    terms_of,
)


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
    comparison = compare([dear, cheap], a_scheme(), DURING)
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


@pytest.mark.rule("PLC-053")
def test_an_authority_in_another_currency_is_shown_and_not_ranked():
    dollars = Money(amount_minor=99_000_000, currency="USD")
    quotes = [
        a_quote(name, standing=a_standing(claims_authority=authority))
        for name, authority in (("less", yuan("400000.00")), ("more", yuan("500000.00")), ("usd", dollars))
    ]
    comparison = compare(quotes, a_scheme(), DURING)
    assert best(comparison)["claims_authority"] == ["more"]
    assert comparison.rows[4].cells[2].value == dollars


@pytest.mark.rule("PLC-054")
def test_a_restrictive_condition_is_flagged_in_its_cell():
    from services.placement.quotes.shortfalls import restrictions

    offer = an_offer(subjectivities=(a_subjectivity(),))
    bound = a_quote("bound", terms=terms_of(offer, restrictions=restrictions(offer, a_scheme())))
    comparison = compare([bound, a_quote("free")], a_scheme(), DURING)
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
        DURING,
    )
    assert [(silent.outcome, silent.reason) for silent in comparison.silent] == [
        ("declined", "超出承保能力"),
        ("no_response", ""),
        ("expired", ""),
    ]
    assert comparison.pending == ("保险公司five",)
    assert len(comparison.columns) == 1


@pytest.mark.rule("PLC-053", "PLC-061")
def test_terms_on_an_older_edition_are_not_compared_and_end_as_not_answered():
    quotes = [a_quote("one"), a_quote("old", Status.CLARIFYING, edition=2), a_quote("asked", Status.CLARIFYING)]
    before = compare(quotes, a_scheme(), CLOSES_AT)
    assert ([column.quote_id for column in before.columns], before.pending) == (["asked", "one"], ("保险公司old",))
    after = compare(quotes, a_scheme(), AFTER)
    assert (len(after.columns), after.pending) == (2, ())
    assert [(silent.insurer_name, silent.outcome) for silent in after.silent] == [("保险公司old", "no_response")]


@pytest.mark.rule("PLC-053")
def test_an_insurer_that_declined_and_was_asked_anew_is_listed_once_as_it_stands_now():
    quotes = [
        a_quote(f"{name}1", Status.DECLINED, insurer_id=name, insurer_name=name)
        for name in ("quoted", "asked", "silent")
    ]
    quotes += [
        a_quote("quoted2", edition=2, terms=terms_of(edition=2), insurer_id="quoted", insurer_name="quoted"),
        a_quote("asked2", Status.REQUESTED, edition=2, insurer_id="asked", insurer_name="asked", closes_at=AFTER),
        a_quote("silent2", Status.NO_RESPONSE, edition=2, insurer_id="silent", insurer_name="silent"),
    ]
    comparison = compare(quotes, a_scheme(), AFTER)
    assert [column.quote_id for column in comparison.columns] == ["quoted2"]
    assert comparison.pending == ("asked",)
    assert [(silent.insurer_name, silent.outcome) for silent in comparison.silent] == [("silent", "no_response")]


@pytest.mark.rule("PLC-066")
def test_an_offer_that_lapses_before_a_day_is_not_compared_on_it():
    short = terms_of(an_offer(premium=yuan("20000.00"), valid_until_on=VALID_UNTIL.replace(day=1)))
    comparison = compare([a_quote("long"), a_quote("short", terms=short)], a_scheme(), AFTER)
    assert valid_on(comparison, VALID_UNTIL.replace(day=1)) == comparison
    held = valid_on(comparison, VALID_UNTIL)
    assert [column.quote_id for column in held.columns] == ["long"]
    assert held.rows[0].cells[0].value == yuan("30000.00")
    assert all(len(row.cells) == 1 for row in held.rows)
    assert [(silent.insurer_name, silent.outcome) for silent in held.silent] == [("保险公司short", "expired")]


def test_what_is_not_on_record_is_shown_as_such_and_nothing_is_best_alone():
    comparison = compare([a_quote("one", standing=None)], a_scheme(), DURING)
    cells = {row.dimension: row.cells[0] for row in comparison.rows}
    assert cells[Dimension.SOLVENCY].value is None
    assert not any(cell.best for cell in cells.values())


@pytest.mark.parametrize(("points", "text"), [(0, "0.00%"), (5, "0.05%"), (22850, "228.50%"), (10_000, "100.00%")])
def test_basis_points_read_as_percent(points: int, text: str):
    assert percent(points) == text
