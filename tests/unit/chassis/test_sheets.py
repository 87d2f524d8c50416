"""Tables are read the way a careful clerk reads them."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from chassis.sheets import LeftOut, TableFileRefused, Unreadable, column, read_tables, to_csv, to_xlsx
from chassis.sheets import values as read
from contracts.money import yuan

COLUMNS = [
    column("code", "编号", "客户编号"),
    column("name", "名称", "单位全称", needed=True),
    column("number", "证件号", "证件 > 号码", needed=True),
    column("premium", "保费"),
    column("secret", "内部编号"),
]


def a_book(
    *rows: list[Any], merges: dict[str, str] | None = None, hide: str = "", sheet: str = "甲", hidden: bool = False
) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("首页")
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell)
        for area, label in (merges or {}).items():
            page.merge_range(area, label)
        if hide:
            page.set_column(hide, 10, None, {"hidden": True})
        if hidden:
            page.hide()
    return out.getvalue()


def records(content: bytes, **more: Any) -> list[tuple[int, str | None, str | None]]:
    reading = read_tables(content, COLUMNS, **more)
    return [(row.number, row.text("name"), row.code("number")) for table in reading.tables for row in table.rows()]


def left_out(content: bytes) -> list[tuple[int, str]]:
    [table] = read_tables(content, COLUMNS).tables
    return [(line.number, line.why) for line in table.lines() if isinstance(line, LeftOut)]


def test_the_header_is_found_under_titles_and_what_is_no_record_is_left_out():
    content = a_book(
        ["某分公司客户资料"],
        ["编号", "名称", "证件号", "保费"],
        ["A1", "甲公司", "1", 10],
        [],
        ["编号", "名称", "证件号", "保费"],
        ["A2", "乙公司", "2", 20],
        ["以下为新增客户"],
        ["A3", "丙公司", "3", 30],
        ["广东省小计", "", "", 60],
        ["合 计", "3户", "", 60],
        ["注：未经审计"],
    )
    assert records(content) == [(3, "甲公司", "1"), (6, "乙公司", "2"), (8, "丙公司", "3")]
    assert left_out(content) == [(4, "blank"), (5, "header"), (7, "note"), (9, "total"), (10, "total"), (11, "note")]


def test_a_header_of_two_rows_is_read_by_its_path():
    content = a_book(
        ["客户编号", "单位全称", "", "", "联系人"],
        ["", "", "类型", "号码", "号码"],
        ["A1", "甲公司", "执照", "9", "138"],
        merges={"C1:D1": "证件"},
    )
    assert records(content) == [(3, "甲公司", "9")]


def test_a_row_that_lacks_a_needed_cell_is_still_a_record():
    content = a_book(["编号", "名称", "证件号"], ["A1", "", "9"], ["A2", "甲公司", ""], ["", "乙公司", ""])
    assert records(content) == [(2, None, "9"), (3, "甲公司", None), (4, "乙公司", None)]


def test_hidden_columns_and_sheets_are_read_only_when_asked_for():
    rows = [["编号", "名称", "证件号", "内部编号"], ["A1", "甲公司", "9", "X"]]
    [table] = read_tables(a_book(*rows, hide="D:D"), COLUMNS).tables
    assert [row.raw("secret") for row in table.rows()] == [None]
    asked = [*COLUMNS[:-1], column("secret", "内部编号", hidden=True)]
    [table] = read_tables(a_book(*rows, hide="D:D"), asked).tables
    assert [row.text("secret") for row in table.rows()] == ["X"]
    assert records(a_book(*rows, hidden=True)) == []
    assert records(a_book(*rows, hidden=True), hidden_sheets=["甲"]) == [(2, "甲公司", "9")]


def test_a_sheet_without_the_table_is_named_with_what_it_lacks():
    reading = read_tables(a_book(["编号", "名称"], ["A1", "甲公司"]), COLUMNS)
    assert (reading.tables, reading.without_table) == ([], {"甲": ["证件号"]})


@pytest.mark.parametrize(
    ("header", "note", "cell", "amount"),
    [
        ("保费（万元）", "", 12.5, "125000.00"),
        ("保费", "金额单位：万元", 1.5, "15000.00"),
        ("保费（元）", "单位：万元", 1.5, "1.50"),
        ("保费（万元）", "", "12.5元", "12.50"),
    ],
)
def test_a_unit_in_the_header_or_above_the_table_counts(header: str, note: str, cell: Any, amount: str):
    [table] = read_tables(a_book([note], ["名称", "证件号", header], ["甲公司", "9", cell]), COLUMNS).tables
    [row] = table.rows()
    assert row.money("premium") == yuan(amount)


def test_cells_merged_downwards_stand_in_every_row():
    content = a_book(["名称", "证件号"], ["", "1"], ["", "2"], merges={"A2:A3": "甲公司"})
    assert records(content) == [(2, "甲公司", "1"), (3, "甲公司", "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_usual_encoding_and_counts_records(encoding: str):
    content = '编号,名称,证件号\r\nA1,"甲龑\r\n公司",9\r\n,,\r\nA2,乙公司,"8"\r\n'.encode(encoding)
    assert records(content) == [(2, "甲龑 公司", "9"), (4, "乙公司", "8")]


def test_other_delimiters_are_recognised():
    assert records("名称;证件号\n甲公司;9\n".encode()) == [(2, "甲公司", "9")]
    assert records("名称\t证件号\n甲公司\t9\n".encode()) == [(2, "甲公司", "9")]


def test_a_column_is_named_as_a_person_finds_it():
    [table] = read_tables(a_book(["编号", "名称", "证件号"], ["A1", "甲公司", 4.4e17]), COLUMNS).tables
    [row] = table.rows()
    with pytest.raises(Unreadable) as fault:
        row.code("number")
    assert (fault.value.lost, row.label(fault.value.field), row.number) == (True, "C 证件号", 2)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("  ９１３１　００００-max ", "91310000MAX"),
        (13800008222.0, "13800008222"),
        ("13600004642.0", "13600004642"),
        ("无", None),
        ("—", None),
        ("\ufeff91\u200b31", "9131"),
    ],
)
def test_case_width_spaces_and_hyphens_are_no_guesses(raw: Any, code: str | None):
    assert read.code(raw) == code


@pytest.mark.parametrize("raw", [9.13100000000184e17, 440301199001011234, "9.13100E+17", "4.40301e17"])
def test_a_number_turned_into_a_figure_is_lost(raw: Any):
    with pytest.raises(Unreadable) as fault:
        read.code(raw)
    assert fault.value.lost


@pytest.mark.parametrize(
    "raw",
    [
        date(2023, 1, 14),
        datetime(2023, 1, 14, 8, tzinfo=UTC),
        44940,
        44940.0,
        "44940",
        "20230114",
        20230114.0,
        "2023-01-14",
        "2023.1.14",
        "2023/1/14",
        "2023年1月14日",
        "２０２３年１月14日",
        "2023 年 1 月 14 日",
        "二〇二三年一月十四日",
        "2023-01-14 00:00:00",
        "2023-01-14T09:30:00",
    ],
)
def test_a_date_is_read_in_every_form_that_has_one_meaning(raw: Any):
    assert read.day(raw) == date(2023, 1, 14)


@pytest.mark.parametrize(
    "raw", ["20250229", "2023年13月5日", "03/04/2022", "23.1.14", "2023年1月", "明天", 3.0, "2023"]
)
def test_a_date_without_one_meaning_is_refused(raw: Any):
    with pytest.raises(Unreadable):
        read.day(raw)


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("123.45万", "1234500.00"),
        ("￥11943.78万元", "119437800.00"),
        ("RMB 16,594,000", "16594000.00"),
        ("1,234.50", "1234.50"),
        ("(1,234.50)", "-1234.50"),
        ("-5", "-5.00"),
        ("￥-5元", "-5.00"),
        ("２００万", "2000000.00"),
        ("1.2亿", "120000000.00"),
        ("100元整", "100.00"),
        (1234.5, "1234.50"),
        (0.1 + 0.2, "0.30"),
        (0, "0.00"),
        ("人民币 5 元", "5.00"),
    ],
)
def test_an_amount_is_read_in_every_form_that_has_one_meaning(raw: Any, amount: str):
    assert read.money(raw) == yuan(amount)


@pytest.mark.parametrize(
    "raw", ["待评估", "12,34", "1.234", 33.333, "1.5E+6", "USD 5", "(5", "5-", "若干", "#REF!", "1e400"]
)
def test_an_amount_without_one_meaning_is_refused(raw: Any):
    with pytest.raises(Unreadable):
        read.money(raw)


@pytest.mark.parametrize("raw", ["", "-", "—", "/", "无", " 　", None])
def test_a_blank_amount_is_none(raw: Any):
    assert read.money(raw) is None


@pytest.mark.parametrize("raw", [0.15, 15, "15%", "15 ％", "0.15", "15", "150‰"])
def test_a_share_is_the_same_as_fraction_and_per_cent(raw: Any):
    assert read.share(raw) == Decimal("0.15")


@pytest.mark.parametrize("raw", ["NaN%", "一成", "15%%"])
def test_a_share_that_is_none_is_refused(raw: str):
    with pytest.raises(Unreadable):
        read.share(raw)


@pytest.mark.parametrize(
    ("raw", "figure"),
    [("40吨", 40), ("3座", 3), ("2019年", 2019), ("1,234", 1234), ("1.5万", 15000), (2.0, 2), ("６４２", 642)],
)
def test_a_figure_drops_the_unit_behind_it(raw: Any, figure: int):
    assert read.figure(raw) == figure


def test_yes_and_no_are_read_in_their_usual_signs():
    assert [read.flag(raw) for raw in ("是", "√", "Y", 1.0, "否", "×", "Ｎ", 0.0, "")] == [True] * 4 + [False] * 4 + [
        None
    ]
    with pytest.raises(Unreadable):
        read.flag("也许")


def test_formula_text_stays_text():
    assert read.text("=1+1") == "=1+1"


def a_zip(parts: dict[str, bytes], like: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(like)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in ({name: source.read(name) for name in source.namelist()} | parts).items():
            packed.writestr(name, content)
    return out.getvalue()


BOOK = a_book(["名称", "证件号"], ["甲公司", "9"])
SHEET = "xl/worksheets/sheet2.xml"
XML = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'

TALL = b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:A1000000"/>' % row for row in range(1, 9)) + b"</mergeCells>"


@pytest.mark.rule("SYS-010")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x" * (8 * 1024 * 1024 + 1),
        b"PK\x03\x04 rubbish",
        b"\xd0\xcf\x11\xe0 old",
        b"\x89PNG\x00\x00",
        a_zip({SHEET: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + XML}, BOOK),
        a_zip({SHEET: XML % b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'}, BOOK),
        a_zip({SHEET: XML % b'<row r="40000"><c r="IA40000"><v>1</v></c></row>'}, BOOK),
        a_zip({SHEET: XML % (b" " * 3_000_000)}, BOOK),
        a_zip({SHEET: b"\xff\xfe" + (XML % b"").decode().encode("utf-16-le")}, BOOK),
        a_zip({SHEET: (XML % b"").replace(b"</worksheet>", TALL + b"</worksheet>")}, BOOK),
        b"a,b\n" * 60_000,
    ],
    ids=[
        "empty",
        "big",
        "no zip",
        "xls",
        "binary",
        "entities",
        "far cell",
        "wide area",
        "packed",
        "utf-16",
        "merges",
        "long",
    ],
)
def test_a_file_that_is_not_safe_to_open_is_refused(content: bytes):
    with pytest.raises(TableFileRefused):
        read_tables(content, COLUMNS)


def test_what_is_written_is_never_run_as_a_formula():
    assert to_csv(["原因"], [["=cmd|' /C calc'!A0"], ["-1"], ["好"]]).decode("utf-8-sig").splitlines()[1:] == [
        "'=cmd|' /C calc'!A0",
        "'-1",
        "好",
    ]
    with zipfile.ZipFile(io.BytesIO(to_xlsx("报告", ["原因"], [["=1+1"], [5]]))) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


@pytest.mark.rule("SYS-010")
def test_a_file_made_to_keep_the_reader_busy_is_done_with_quickly():
    numbers = [number * 7919 % 99991 for number in range(400_000)]
    for busy in (b'<c x="%d" ', b'<c t="s" t%d="s" '):
        with pytest.raises(TableFileRefused):
            read_tables(a_zip({SHEET: XML % b"".join(busy % number for number in numbers)}, BOOK), COLUMNS)
