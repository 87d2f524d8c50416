"""Bytes to sheets: what kind of file it is, whether it is safe to open, and its rows. Pure."""

import csv
import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from chassis.refusals import Fault, Invalid

MOST_BYTES = 8 * 1024 * 1024
MOST_UNPACKED = 96 * 1024 * 1024
MOST_RATIO = 200
MOST_PARTS = 2000
MOST_SHEETS = 50
MOST_ROWS = 50_000
MOST_COLUMNS = 250
MOST_CELLS = 3_000_000
"""Of all sheets together, as rectangles: a reader fills them in."""
MOST_UNPLACED = 100_000
"""Cells that do not say where they stand."""
MOST_TEXT = 256 * 1024 * 1024
"""Of all cells together: a shared text is read once for each cell that names it."""
MOST_MERGES = 20_000
_CHUNK = 1024 * 1024
_OVERLAP = 512

# `[^<>]` keeps these linear whatever the bytes are
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*?\br="([A-Za-z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^<>]*?\br="(\d{1,7})"[^<>]*(?<!/)>')
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?:\s+[a-qs-z][^<>]*)?(?<!/)>")
_SHARED = re.compile(rb"""<(?:\w+:)?c\s[^<>]*?\bt=["']s["'][^<>]*>\s{0,9}<(?:\w+:)?v>(\d{1,9})<""")
_TEXT = re.compile(rb"<(?:\w+:)?si[\s>]")
_COL = re.compile(rb"<(?:\w+:)?col\s([^<>]*)>")
_TAG = re.compile(rb"<(?:\w+:)?(?:sheet|Relationship)\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, as the spreadsheet counts them, from 1."""


class TableFileRefused(Invalid):
    """A table file that is not safe to open or not a table file."""

    rule = "SYS-010"
    zh = "表格文件不被接受:{zh}"
    en = "The table file is not accepted: {en}"
    todo_zh = "请另存为 .xlsx 或 .csv(UTF-8 或 GB18030),不超过 8 MiB、5 万行"
    todo_en = "Save it as .xlsx or .csv (UTF-8 or GB18030), at most 8 MiB and 50,000 rows"


def refused(zh: str, en: str) -> TableFileRefused:
    """The refusal, with its reason."""
    return TableFileRefused([Fault("/file", zh, en)], zh=zh, en=en)


@dataclass
class Sheet:
    """A sheet: its rows as (number, cells), numbers from 1; the first cell is column 1."""

    name: str
    hidden: bool
    source: CalamineSheet | list[list[str]]
    hidden_columns: list[range] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        """All rows in order; rows above the first used one are left out."""
        if isinstance(self.source, list):
            yield from enumerate(self.source, 1)
            return
        first_row, first_column = self.source.start or (0, 0)
        left: list[Any] = [""] * first_column
        for number, cells in enumerate(self.source.iter_rows(), 1):
            if number > first_row:
                yield number, left + cells

    def hides(self, column: int) -> bool:
        """Whether a column, from 1, is hidden."""
        return any(column in columns for columns in self.hidden_columns)


def open_book(content: bytes) -> list[Sheet]:
    """The sheets of an .xlsx or CSV file; raises TableFileRefused. Rule: SYS-010."""
    if not content or len(content) > MOST_BYTES:
        raise refused(f"大小为 {len(content)} 字节", f"it has {len(content)} bytes")
    if content.startswith(b"PK"):
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused("旧式 .xls 或加密文件,请另存为 .xlsx", "an old .xls or an encrypted file; save it as .xlsx")
    return [_csv(content)]


def _workbook(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            hidden = _inspect(packed)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [told for told in book.sheets_metadata if told.typ == SheetTypeEnum.WorkSheet]
        if len(shown) > MOST_SHEETS:
            raise refused(f"工作表超过 {MOST_SHEETS} 张", f"more than {MOST_SHEETS} sheets")
        return [_sheet(book, told, hidden.get(told.name, [])) for told in shown]
    except (
        zipfile.BadZipFile,
        CalamineError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        ValueError,
        OSError,
    ) as error:
        raise refused("文件已损坏或不是 .xlsx", "it is damaged or no .xlsx file") from error
    except BaseException as error:
        # a panic of the parser comes as a BaseException of its own
        if type(error).__name__ == "PanicException":
            raise refused("文件已损坏", "it is damaged") from error
        raise


def _sheet(book: CalamineWorkbook, told: SheetMetadata, hidden_columns: list[range]) -> Sheet:
    source = book.get_sheet_by_name(told.name)
    merges = [(a[0] + 1, a[1] + 1, b[0] + 1, b[1] + 1) for a, b in source.merged_cell_ranges or []]
    if len(merges) > MOST_MERGES or sum(last - first + 1 for first, _, last, _ in merges) > MOST_CELLS:
        raise refused("合并单元格过多", "it has too many merged cells")
    return Sheet(told.name, told.visible != SheetVisibleEnum.Visible, source, hidden_columns, merges)


def _inspect(packed: zipfile.ZipFile) -> dict[str, list[range]]:
    """Refuse what would blow up when opened; gives the hidden columns by sheet."""
    parts = packed.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED:
        raise refused("解压后过大", "it is too large when unpacked")
    for part in parts:
        if part.flag_bits & 1:
            raise refused("文件已加密", "it is encrypted")
        if part.file_size > _CHUNK and part.file_size > MOST_RATIO * max(1, part.compress_size):
            raise refused("压缩比异常", "it is packed too tightly")
    scans = {part.filename: _scan(packed, part) for part in parts if part.filename.endswith((".xml", ".rels"))}
    unplaced = max((scan.unplaced for scan in scans.values()), default=0)
    if sum(scan.area for scan in scans.values()) > MOST_CELLS or unplaced > MOST_UNPLACED:
        raise refused("行列过多", "it has too many rows or columns")
    _check_text(packed, scans)
    return _by_sheet(packed, {name: scan.hidden for name, scan in scans.items()})


@dataclass
class _Scan:
    """What a part holds: hidden columns, the rectangle of its cells, cells without a place, shared texts by number,
    as written."""

    hidden: list[range] = field(default_factory=list)
    area: int = 0
    unplaced: int = 0
    texts: Counter[bytes] = field(default_factory=Counter)


def _check_text(packed: zipfile.ZipFile, scans: dict[str, _Scan]) -> None:
    """Refuse texts that are short in the file and endless in memory, because many cells name the same long one."""
    named = Counter[bytes]()
    for scan in scans.values():
        named.update(scan.texts)
    if not named or "xl/sharedStrings.xml" not in scans:
        return
    content = packed.read("xl/sharedStrings.xml")
    begins = [found.start() for found in _TEXT.finditer(content)] + [len(content)]
    lengths = [after - before for before, after in pairwise(begins)]
    times_of = ((int(text), times) for text, times in named.items())
    if sum(lengths[text] * times for text, times in times_of if text < len(lengths)) > MOST_TEXT:
        raise refused("解压后过大", "it is too large when unpacked")


def _scan(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> _Scan:
    """Read one XML part to its end: no entities, no cell outside the limits."""
    sheet = part.filename.startswith("xl/worksheets/")
    scan = _Scan()
    tail, last_row, last_column, before_cells = b"", 0, 0, True
    with packed.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            if _ENTITY.search(window):
                raise refused("含有 XML 实体或非 UTF-8 内容", "it carries XML entities or is not UTF-8")
            if sheet:
                if before_cells:
                    scan.hidden += _hidden(window.partition(b"sheetData")[0])
                    before_cells = b"sheetData" not in window
                cells = _CELL.findall(window)
                rows = {*_ROW.findall(window), *(row for _, row in cells)}
                last_row = max(last_row, *map(int, rows), 0)
                last_column = max(last_column, *map(_column_number, {column for column, _ in cells}), 0)
                scan.unplaced += len(_UNPLACED.findall(window))
                scan.texts.update(_SHARED.findall(window))
                if last_row > MOST_ROWS or last_column > MOST_COLUMNS or last_row * last_column > MOST_CELLS:
                    raise refused("行列过多", "it has too many rows or columns")
            tail = window[-_OVERLAP:]
    scan.area = last_row * last_column
    return scan


def _hidden(head: bytes) -> list[range]:
    hidden: list[range] = []
    for found in _COL.finditer(head):
        told = _attributes(found[1])
        if told.get("hidden") in ("1", "true") or told.get("width") == "0":
            hidden.append(range(int(told["min"]), int(told["max"]) + 1))
    return hidden


def _by_sheet(packed: zipfile.ZipFile, columns: dict[str, list[range]]) -> dict[str, list[range]]:
    names = [_attributes(found[1]) for found in _TAG.finditer(packed.read("xl/workbook.xml"))]
    links = [_attributes(found[1]) for found in _TAG.finditer(packed.read("xl/_rels/workbook.xml.rels"))]
    targets = {link["Id"]: link["Target"].removeprefix("/xl/") for link in links if "Id" in link and "Target" in link}
    hidden: dict[str, list[range]] = {}
    for told in names:
        link = next((value for key, value in told.items() if key.endswith(":id")), "")
        if "name" in told:
            hidden[told["name"]] = columns.get(f"xl/{targets.get(link, '')}", [])
    return hidden


def _attributes(raw: bytes) -> dict[str, str]:
    return {
        found[1].decode(): html.unescape((found[2] or found[3] or b"").decode()) for found in _ATTRIBUTE.finditer(raw)
    }


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _csv(content: bytes) -> Sheet:
    shown = _decoded(content)
    head = shown[:20_000]
    delimiter = max(",;\t|", key=lambda mark: (head.count(mark), mark == ","))
    try:
        records = list(csv.reader(io.StringIO(shown, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as error:
        raise refused("不是有效的 CSV", "it is no valid CSV") from error
    if len(records) > MOST_ROWS or max((len(record) for record in records), default=0) > MOST_COLUMNS:
        raise refused("行列过多", "it has too many rows or columns")
    return Sheet("CSV", hidden=False, source=records)


def _decoded(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            shown = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in shown:
            return shown
    raise refused("无法识别的编码或不是文本", "its encoding is unknown, or it is not text")
