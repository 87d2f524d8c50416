import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typst
from pydantic import ValidationError

from chassis.papers import Entry, data
from chassis.rendering import ROOT, font_folders, render
from contracts.money import yuan
from services.placement import papers
from tests.unit.papers import samples

PAPERS = {
    "enquiry": (papers.ENQUIRY, samples.an_enquiry_paper),
    "proposal": (papers.PROPOSAL, samples.a_proposal_paper),
    "placing instruction": (papers.PLACING_INSTRUCTION, samples.a_placing_instruction_paper),
    "cover confirmation": (papers.COVER_CONFIRMATION, samples.a_cover_confirmation_paper),
}
HOSTILE = '#panic("run") $x$ *b* _i_ `c` <l> @ref [ ] { } \\ // /* "q" 人"名\n第二行 ' + "X" * 300


def pages(template: Path, paper: Any) -> list[bytes]:
    """The paper's pages as pictures, drawn in this process."""
    inputs = {"data": json.dumps(data(paper))}
    drawn = typst.compile(
        str(template),
        root=str(ROOT),
        font_paths=font_folders(),
        ignore_system_fonts=True,
        format="png",
        ppi=10,
        sys_inputs=inputs,
    )
    return drawn if isinstance(drawn, list) else [drawn]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAPERS)
def test_every_paper_is_drawn_in_both_languages(name: str, language: str):
    template, make = PAPERS[name]
    assert len(pages(template, make(language))) >= 1


@pytest.mark.parametrize("name", PAPERS)
def test_text_is_never_run_as_markup(name: str):
    template, make = PAPERS[name]
    paper = make("en", client=HOSTILE, number="#panic()", broker="*[" + HOSTILE)
    paper = paper.but(line=HOSTILE, insured=(HOSTILE, HOSTILE))
    assert pages(template, paper)


async def test_the_same_paper_gives_the_same_bytes():
    told = data(samples.a_proposal_paper())
    first, second = await render(papers.PROPOSAL, told), await render(papers.PROPOSAL, told)
    assert first.startswith(b"%PDF-")
    assert first == second


def test_a_long_schedule_runs_over_as_many_pages_as_it_needs():
    short, long = (len(pages(papers.ENQUIRY, samples.an_enquiry_paper(rows=rows))) for rows in (5, 400))
    assert short < 10 < long


@pytest.mark.parametrize("offers", [1, 2, 5, 9])
def test_a_comparison_shows_any_number_of_offers(offers: int):
    assert pages(papers.PROPOSAL, samples.a_proposal_paper(offers=offers))


def test_a_proposal_without_offers_of_one_dimension_is_refused():
    paper = samples.a_proposal_paper()
    with pytest.raises(ValidationError, match="eight dimensions"):
        paper.but(comparison=paper.comparison[1:])
    with pytest.raises(ValidationError, match="one cell for each offer"):
        paper.but(offers=paper.offers[1:])


def test_a_cover_confirmation_for_less_than_the_whole_is_refused():
    paper = samples.a_cover_confirmation_paper()
    with pytest.raises(ValidationError, match="exactly 100 %"):
        paper.but(lines=paper.lines[:1])


def test_an_optional_part_may_be_missing():
    proposal = samples.a_proposal_paper(edition=None, contact=None)
    proposal = proposal.but(unanswered=(), restrictions=(), shortfalls=(), exclusions=())
    instruction = samples.a_placing_instruction_paper().but(
        clauses=(), subjectivities=(), reply_by_on=None, policy_due_on=None, terms=()
    )
    assert pages(papers.PROPOSAL, proposal)
    assert pages(papers.PLACING_INSTRUCTION, instruction)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (yuan("1234.50"), {"amount": "1234.50", "currency": "CNY"}),
        (date(2026, 3, 1), {"on": "2026-03-01"}),
        (datetime(2026, 2, 28, 16, 30, tzinfo=UTC), {"at": "2026-03-01T00:30"}),
        ("2026-03-01", "2026-03-01"),
        (True, True),
        (7, 7),
        (("a", "b"), ["a", "b"]),
        (None, None),
    ],
)
def test_data_tells_the_template_what_kind_a_value_is(value: Any, told: Any):
    assert data(Entry(label="x", value=value)) == {"label": "x", "value": told}
