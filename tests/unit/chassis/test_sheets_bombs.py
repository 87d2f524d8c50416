"""Table files that are small on disk and would be endless in memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.sheets import TableFileRefused, books, read_tables
from chassis.sheets.books import MOST_COLUMNS, MOST_ROWS, MOST_UNPLACED, open_book
from tests.unit.chassis.test_sheets import BOOK, COLUMNS, SHEET, XML, a_book, a_zip

FAR = XML % b'<row r="1"><c r="A1"><v>1</v></c></row><row r="11000"><c r="IA11000"><v>1</v></c></row>'
SHARED = "xl/sharedStrings.xml"
NAMES = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>%b</t></si></sst>'


def cells(count: int) -> bytes:
    """So many cells that all name the first shared text."""
    return b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, count + 1))


@pytest.fixture
def never_opened(monkeypatch: pytest.MonkeyPatch):
    """What is tried here would take the process with it: it has to be refused before it is opened."""

    class Closed:
        @staticmethod
        def from_filelike(_: object) -> None:
            raise AssertionError("it was opened")

    monkeypatch.setattr(books, "CalamineWorkbook", Closed)


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


ONE = b"<c><v>1</v></c>"
FIRST = b'<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize(
    "rows",
    [
        b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        b'<row r = "1"><c r = "XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'>" + ONE + b"</row>",
        b'<row r="1"><c\ns="1"\tr\n=\n"XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c' + b"".join(b' a%d=""' % number for number in range(150_000)) + b' r="XFD1048576"/></row>',
        b'<row r="1"><c s="r=\'A1\'" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c x:r="A1" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1\' a=\'" r="XFD1048576" b=\'\'><v>1</v></c></row>',
        b'<row r="1"><c s=">" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="XFD0000000001048576"><v>1</v></c></row>',
        b'<row r="1"><a-b:c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><:c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><">":c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c \x0br="A1"\x0cr="XFD1048576"><v>1</v></c></row>',
        FIRST + b"<row/>" * (MOST_ROWS + 1) + b"<row>" + ONE + b"</row>",
        FIRST + b"<row></row>" * (MOST_ROWS + 1) + b"<row>" + ONE + b"</row>",
        FIRST + b"<x></row>" * (MOST_ROWS + 1) + b"<row>" + ONE + b"</row>",
        FIRST + b"<row>" + ONE * (MOST_COLUMNS + 1) + b"</row>",
        FIRST + b"<row>" + b"<c/>" * (MOST_COLUMNS + 1) + ONE + b"</row>",
        b'<row r="1"><c r="XFD1"/>' + ONE + b"</row>",
        b'<row r="1048576"/><row>' + ONE + b"</row>",
    ],
)
def test_a_cell_far_out_is_refused_however_it_is_written(rows: bytes):
    with pytest.raises(TableFileRefused):
        open_book(a_zip({SHEET: XML % rows}, BOOK))


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize("name", ["xl/media/image1.png", "XL/Worksheets/Sheet2.XML", "other/worksheets/sheet2"])
def test_a_sheet_is_looked_at_wherever_it_lies(name: str):
    with pytest.raises(TableFileRefused):
        open_book(a_zip({name: XML % b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"}, BOOK))


@pytest.mark.parametrize(
    "rows",
    [
        b"<row r='7'><c r='B7'><v>1</v></c></row>",
        b'<row r = "7" >\n<c s="1" r = "B7" ><v>1</v></c></row>',
        b"<row/>" * 6 + b"<row><c/><c t='n'><v>1</v></c></row>",
        b'<x:row r="7"><x:c r="b7"><x:v>1</x:v></x:c></x:row>',
        b'<row r="7"><c r="B7"><v>1</v></c><c r="XFD7" s="1"/></row><row r="1048576" ht="20"/>',
    ],
)
def test_what_other_programs_write_is_read(rows: bytes):
    [_, sheet] = open_book(a_zip({SHEET: XML % rows}, BOOK))
    assert list(sheet.rows()) == [(7, ["", 1.0])]


def test_a_tag_that_lies_between_two_chunks_counts_once():
    cells = [b"<c><v>%d</v></c>" % (number * 7919 % 99991) for number in range(390 * MOST_COLUMNS)]
    rows = [cells[at : at + MOST_COLUMNS] for at in range(0, len(cells), MOST_COLUMNS)]
    long = b"".join(b"<row>" + b"".join(row) + b"</row>" for row in rows)
    assert len(long) > 1_500_000
    [_, sheet] = open_book(a_zip({SHEET: XML % long}, BOOK))
    assert [len(row) for _, row in sheet.rows()] == [MOST_COLUMNS] * 390


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize(
    "names",
    [
        NAMES.replace(b"<sst ", b'<sst uniqueCount="4000000000" ') % b"text",
        NAMES.replace(b"<sst ", b"<sst uniqueCount = '000004000000000' ") % b"text",
    ],
)
def test_texts_that_are_only_announced_are_refused(names: bytes):
    with pytest.raises(TableFileRefused):
        open_book(a_zip({SHARED: names}, BOOK))


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize(
    "value",
    [
        *(b'<v x="y">0</v>', b"<v> 0 </v>", b"<v>0000000000</v>", b"<!-- --><v>0</v>", b"<f>1</f><v>0</v>"),
        *(b"<v>1</v><v>0</v>", b"<v>1</v><f/><x:v>0</x:v>", b"<v/><v>0</v>"),
    ],
)
def test_a_long_text_is_counted_however_a_cell_names_it(value: bytes):
    named = b"".join(b'<row r="%d"><c r="A%d" t = \'s\'>%b</c></row>' % (row, row, value) for row in range(1, 20_001))
    with pytest.raises(TableFileRefused):
        open_book(a_zip({SHARED: NAMES % (b"text" * 5_000), SHEET: XML % named}, BOOK))


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize("chunk", range(1, 40))
def test_a_second_value_is_found_wherever_a_chunk_ends(chunk: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(books, "_CHUNK", chunk)
    twice = b"<row r='1'><c r='A1' t='s'><v>1</v> and <v>0</v></c></row>"
    with pytest.raises(TableFileRefused, match="unusual"):
        open_book(a_zip({SHEET: XML % twice}, BOOK))


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize("before", [b"<si/>", b"<si><t/></si>", b"<x:si></x:si>"])
def test_an_empty_text_has_its_number_too(before: bytes):
    names = NAMES.replace(b"<si>", before + b"<si>") % (b"text" * 5_000)
    with pytest.raises(TableFileRefused, match="too large"):
        open_book(a_zip({SHARED: names, SHEET: XML % cells(20_000).replace(b"<v>0<", b"<v>1<")}, BOOK))


@pytest.mark.rule("SYS-010")
@pytest.mark.usefixtures("never_opened")
@pytest.mark.parametrize(
    "before", [b"<!-- <si> -->", b'<x a="<si>"/>', b"<x a='> <si> '/>", b"<![CDATA[<si>]]>", b"<?x <si>?>"]
)
def test_what_would_shift_the_numbers_of_texts_is_refused(before: bytes):
    with pytest.raises(TableFileRefused, match="unusual"):
        open_book(a_zip({SHARED: NAMES.replace(b"<si>", before + b"<si>") % b"text"}, BOOK))


@pytest.mark.rule("SYS-010")
def test_a_csv_is_not_read_beyond_its_limit(monkeypatch: pytest.MonkeyPatch):
    read, real = [], csv.reader

    def reader(*asked: Any, **more: Any) -> Iterator[list[str]]:
        for record in real(*asked, **more):
            read.append(1)
            yield record

    monkeypatch.setattr(csv, "reader", reader)
    with pytest.raises(TableFileRefused):
        open_book(b"\n" * 1_000_000)
    assert len(read) == MOST_ROWS + 1


@pytest.mark.rule("SYS-010")
@pytest.mark.parametrize("area", ["A2:A300000", "B2:XFD2"])
def test_areas_that_are_merged_beyond_the_limits_are_refused(area: str):
    merged = XML % FIRST
    merged = merged.replace(
        b"</worksheet>", b'<mergeCells><mergeCell ref="%b"/></mergeCells></worksheet>' % area.encode()
    )
    with pytest.raises(TableFileRefused):
        open_book(a_zip({SHEET: merged}, BOOK))


def test_many_cells_may_name_the_same_short_text():
    parts = {SHARED: NAMES % b"text", "xl/worksheets/sheet1.xml": XML % cells(20_000), SHEET: XML % b""}
    [sheet, *_] = open_book(a_zip(parts, BOOK))
    assert sum(1 for _ in sheet.rows()) == 20_000


def test_a_million_empty_rows_are_no_rows():
    empty = b"".join(b'<row r="%d" spans="1:2"/>' % row for row in range(3, 100_000))
    full = b'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
    [sheet, *_] = open_book(a_zip({"xl/worksheets/sheet1.xml": XML % (full + empty)}, a_book(["a"])))
    assert sum(1 for _ in sheet.rows()) == 1
