"""The client files that come with the product, and those of the moving brokerage where they are at hand."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.client_files import ROOT, rows_of, send
from tests.support.service import HQ, Caller, RunningService

FILES = ("clients.xlsx", "clients-legacy.csv")


@dataclass(frozen=True)
class Book:
    """A folder of client files: whose its sheets are, and what the rows of each file become, by their old codes."""

    folder: Path
    branches: dict[str, str]
    outcomes: tuple[dict[str, set[str]], ...]


def codes(pattern: str, *numbers: int) -> set[str]:
    return {pattern.format(number) for number in numbers}


COMPANY = Book(
    ROOT / "deploy/local/data",
    {"广州": "gz", "深圳": "sz"},
    (
        {
            "created": codes("GZ-{:04}", *range(1, 7)) | codes("SZ{:03}", 1, 2, 3),
            "known": {"GZ-0008", "SZ004"},
            "refused": {"GZ-0007", "SZ005", "SZ006"},
        },
        {"created": codes("FS{:04}", 1, 2, 3, 4), "known": {"FS0005"}, "refused": {"FS0006"}},
    ),
)
BROKERAGE = Book(
    ROOT.parent / "shared/data",
    {"上海总公司": "sh", "深圳分公司": "sz", "昆明分公司": "km"},
    (
        {
            "created": codes("SH-{:05}", *range(1, 81))
            | codes("SZ{:04}", *range(81, 151))
            | codes("KM/{:04}", *range(151, 199)),
            "known": codes("SZ{:04}", 257, 259, 271) | codes("KM/{:04}", 258, 262, 266, 278),
            "refused": codes("SH-{:05}", 283, 286, 288, 291, 294, 297, 298)
            | codes("SZ{:04}", 281, 285, 287, 293, 296)
            | codes("KM/{:04}", 282, 284),
        },
        {
            "created": codes("BJ{:05}", *range(199, 257)),
            "known": codes(
                "BJ{:05}", 260, 261, 263, 264, 265, 267, 268, 269, 270, 272, 273, 274, 275, 276, 277, 279, 280
            ),
            "refused": codes("BJ{:05}", 289, 290, 292, 295),
        },
    ),
)
"""The moving brokerage's numbers tell what is what: to 256 clients, to 280 repetitions, to 298 not to be taken."""

BOOKS = [book for book in (COMPANY, BROKERAGE) if book.folder.is_dir()]


@pytest.fixture
async def brokerage(service: RunningService) -> RunningService:
    """The service after the day on which the files were made, with all branches that they name."""
    service.clock.at = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
    for branch in ("km", "gz"):
        await service.knows_branch(branch)
    return service


async def taken_in(chief: Caller, book: Book, name: str, *, dry_run: bool) -> dict[str, Any]:
    content = (book.folder / name).read_bytes()
    branches = book.branches if name.endswith(".xlsx") else None
    answer = await send(chief, content, dry_run=dry_run, branch=HQ, name=name, branches=branches)
    assert answer.status_code == 201, answer.text
    return answer.json() | {"rows": await rows_of(chief, answer.json()["id"])}


@pytest.mark.rule("CLI-014")
@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.folder.parent.name)
async def test_every_row_of_the_files_has_the_outcome_that_it_deserves(brokerage: RunningService, book: Book):
    chief = brokerage.user("chief", HQ)
    for name, expected in zip(FILES, book.outcomes, strict=True):
        dry = await taken_in(chief, book, name, dry_run=True)
        done = await taken_in(chief, book, name, dry_run=False)
        assert dry["rows"] == done["rows"]
        outcomes = {outcome: {row["code"] for row in done["rows"] if row["outcome"] == outcome} for outcome in expected}
        assert outcomes == expected
        assert len(done["rows"]) == sum(len(rows) for rows in expected.values())
        assert all(row["findings"] for row in done["rows"] if row["outcome"] == "refused")
        assert done["findings"] == []
        again = await taken_in(chief, book, name, dry_run=False)
        assert (again["created"], again["refused"]) == (0, len(expected["refused"]))
    made = sum(len(expected["created"]) for expected in book.outcomes)
    assert await brokerage.host.db["clients"].count_documents({}) == made
    for repeated in set().union(*(expected["known"] for expected in book.outcomes)):
        listed = (await chief.get("/clients", params={"code": repeated})).json()["items"]
        assert len(listed) == 1, f"{repeated} leads to one client"
