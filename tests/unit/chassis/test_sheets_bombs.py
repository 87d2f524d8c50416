"""Table files that are small on disk and would be endless in memory."""

import io
import zipfile

import pytest

from chassis.sheets import TableFileRefused, read_tables
from chassis.sheets.books import MOST_UNPLACED, open_book
from tests.unit.chassis.test_sheets import BOOK, COLUMNS, SHEET, XML, a_book, a_zip

FAR = XML % b'<row r="1"><c r="A1"><v>1</v></c></row><row r="11000"><c r="IA11000"><v>1</v></c></row>'
SHARED = "xl/sharedStrings.xml"
NAMES = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%b</t></si></sst>'


def cells(count: int) -> bytes:
    """So many cells that all name the first shared text."""
    return b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, count + 1))


def in_parts(count: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(count):
            packed.writestr(f"xl/media/{number}.xml", b"<a/>")
    return out.getvalue()


@pytest.mark.rule("SYS-010")
@pytest.mark.parametrize(
    "content",
    [
        a_zip({"xl/worksheets/sheet1.xml": FAR, SHEET: FAR}, BOOK),
        a_zip({SHEET: XML % (b"<row>" + b"<c><v>1</v></c>" * (MOST_UNPLACED + 1) + b"</row>")}, BOOK),
        a_zip({SHEET: XML % (b"<row>" + b'<c t="n"><v>1</v></c>' * (MOST_UNPLACED + 1) + b"</row>")}, BOOK),
        a_zip({SHARED: NAMES % (b"text" * 5_000), SHEET: XML % cells(20_000)}, BOOK),
        a_zip({SHEET: b"<?xml version='1.0'?><!DOCTYPE r SYSTEM 'file:///etc/passwd'>" + XML}, BOOK),
        a_zip({SHARED: b"<!DOCTYPE s [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>" + NAMES}, BOOK),
        in_parts(2_001),
    ],
    ids=["wide together", "cells without place", "typed without place", "one text", "external", "laughs", "parts"],
)
def test_a_small_file_that_grows_without_end_is_refused(content: bytes):
    assert len(content) < 2_000_000
    with pytest.raises(TableFileRefused):
        read_tables(content, COLUMNS)


def test_many_cells_may_name_the_same_short_text():
    parts = {SHARED: NAMES % b"text", "xl/worksheets/sheet1.xml": XML % cells(20_000), SHEET: XML % b""}
    [sheet, *_] = open_book(a_zip(parts, BOOK))
    assert sum(1 for _ in sheet.rows()) == 20_000


def test_a_million_empty_rows_are_no_rows():
    empty = b"".join(b'<row r="%d" spans="1:2"/>' % row for row in range(3, 100_000))
    full = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    [sheet, *_] = open_book(a_zip({"xl/worksheets/sheet1.xml": XML % (full + empty)}, a_book(["a"])))
    assert sum(1 for _ in sheet.rows()) == 1
