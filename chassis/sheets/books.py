"""Bytes to sheets: what kind of file it is, whether it is safe to open, and its rows. Pure."""

import csv
import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from math import prod
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
_LONGEST_TAG = 64 * 1024
_OVERLAP = 512

# As calamine reads tags: any prefix, either quote, blanks around =. What is written in a way that these do not know is
# refused. Possessive, and `[^<>]`: linear whatever the bytes are
_PREFIX = rb"(?:(?!/)[^\s<>:]*+:)?+"
_END = rb"</(?:[^\s<>:]*+:)?+"
_OTHERS = rb"""(?:[ \t\r\n]++(?!r[\s=])[^\s=<>"']++[ \t\r\n]*+=[ \t\r\n]*+(?:"[^"<>]*+"|'[^'<>]*+'))*+"""
_PLACE = rb"""(?:[ \t\r\n]++r[ \t\r\n]*+=[ \t\r\n]*+(["'])%b\1)?+"""
_PLACED = rb"<" + _PREFIX + rb"%b(?=[\s/>])(?:" + _OTHERS + _PLACE + _OTHERS + rb"[ \t\r\n]*+(/?)>|(?=([\s/>])))"
_CELL = re.compile(_PLACED % (b"c", rb"([A-Za-z]{1,3}+)(\d{1,7}+)"))
_ROW = re.compile(_PLACED % (b"row", rb"(\d{1,7}+)"))
_ROW_END = re.compile(_END + rb"row\s*+>")
_NAMED_WITH_PREFIX = re.compile(rb":(?:c|row)[\s/>]")
_QUOTED_NAME = re.compile(rb"""<(?![!?])[^\s<>"']*+["']""")
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)|\x00", re.IGNORECASE)
_COUNT = re.compile(rb"""uniqueCount\s*=\s*["'][^"'<>]{8}""")
_NAMED = re.compile(rb"""t\s*+=\s*+["']s["']""")
_SHARED = re.compile(rb"""t\s*+=\s*+["']s["'][^<>]{0,200}+>\s{0,9}+<(?:\w{1,9}+:)?+v>(\d{1,9}+)<""")
_VALUE_END = re.compile(_END + rb"v\s*+>")
_MORE_VALUES = re.compile(_VALUE_END.pattern + rb"[^<]*+(?!" + _END + rb"c\s*+>)<")
_TEXT = re.compile(rb"<" + _PREFIX + rb"si[\s/>]")
_ODD_TAG = re.compile(rb"""<(?!/?+[^\s<>"'/=]++(?:\s++[^\s<>"'/=]++\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'))*+\s*+[/?]?+>)""")
"""Comments, CDATA and attributes in which a tag seems to begin."""
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
    last_row, last_column = (max((merge[end] for merge in merges), default=0) for end in (2, 3))
    if (
        len(merges) > MOST_MERGES
        or last_row > MOST_ROWS
        or last_column > MOST_COLUMNS
        or sum(last - first + 1 for first, _, last, _ in merges) > MOST_CELLS
    ):
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
    scans = [_scan(packed, part) for part in parts]
    if sum(prod(scan.extent) for scan in scans) > MOST_CELLS:
        raise refused("行列过多", "it has too many rows or columns")
    _check_text(packed, scans)
    return _by_sheet(packed, {part.filename: scan.hidden for part, scan in zip(parts, scans, strict=True)})


@dataclass
class _Scan:
    """What a part holds: hidden columns, how far its cells reach (row, column), cells without a place, shared texts by
    number, as written, and those that are named in another way."""

    is_sheet: bool = False
    hidden: list[range] = field(default_factory=list)
    filled: tuple[int, int] = (0, 0)
    empty: tuple[int, int] = (0, 0)
    unplaced: int = 0
    unplaced_in_row: int = 0
    row_ends: int = 0
    texts: Counter[bytes] = field(default_factory=Counter)
    texts_otherwise: int = 0
    _in_row: int = 0
    _after_value: bool = False

    @property
    def extent(self) -> tuple[int, int]:
        """The last row and column at most; what has no place stands behind what came before it, empty or not."""
        if not self.unplaced:
            return self.filled
        row, column = map(max, self.filled, self.empty)
        return row + self.row_ends, column + self.unplaced_in_row

    def read(self, window: bytes) -> None:
        """Take in whole tags of a sheet."""
        cells, rows = _CELL.findall(window), _ROW.findall(window)
        _, letters, numbers, closed, odd = zip(*cells, strict=True) if cells else ((),) * 5
        quoted = _NAMED_WITH_PREFIX.search(window) and _QUOTED_NAME.search(window)
        if quoted or any(odd) or any(row[3] for row in rows) or self._tells_more(window):
            raise refused("单元格标记不规范", "a cell is written in an unusual way")
        unplaced = letters.count(b"")
        if any(closed):
            empty = [cell for cell in cells if cell[3]]
            self.empty = _furthest(self.empty, {cell[1] for cell in empty}, {cell[2] for cell in empty})
            letters, numbers = ([cell[at] for cell in cells if not cell[3]] for at in (1, 2))
        empty_rows = {row[1] for row in rows if row[2]}
        self.empty = _furthest(self.empty, (), empty_rows)
        self.filled = _furthest(self.filled, set(letters), {*numbers, *(row[1] for row in rows if not row[2])})
        self.row_ends += sum(bool(row[2]) for row in rows) + len(_ROW_END.findall(window))
        self.unplaced += unplaced
        if unplaced or self._in_row:
            first, *more = (sum(not cell[1] for cell in _CELL.findall(row)) for row in _ROW_END.split(window))
            self._in_row += first
            self.unplaced_in_row = max(self.unplaced_in_row, self._in_row, *more)
            self._in_row = more[-1] if more else self._in_row
        shared = _SHARED.findall(window)
        self.texts.update(shared)
        self.texts_otherwise += len(_NAMED.findall(window)) - len(shared)

    def _tells_more(self, window: bytes) -> bool:
        """Whether anything but the end of its cell follows a value: a second one, whose text nobody counted."""
        more = _MORE_VALUES.search(b"</v>" + window if self._after_value else window)
        if (last := window.rfind(b"<")) >= 0:
            self._after_value = bool(_VALUE_END.match(window, last))
        return bool(more)


def _furthest(before: tuple[int, int], columns: Iterable[bytes], rows: Iterable[bytes]) -> tuple[int, int]:
    row = max((int(number or 0) for number in rows), default=0)
    column = max(map(_column_number, columns), default=0)
    return max(before[0], row), max(before[1], column)


def _check_text(packed: zipfile.ZipFile, scans: list[_Scan]) -> None:
    """Refuse texts that are short in the file and endless in memory, because many cells name the same long one."""
    named, otherwise = Counter[bytes](), 0
    for scan in scans:
        named.update(scan.texts)
        otherwise += scan.texts_otherwise
    for name in {part.filename for part in packed.infolist() if part.filename.lower().endswith("sharedstrings.xml")}:
        content = packed.read(name)
        if _ODD_TAG.search(content):
            raise refused("文字标记不规范", "a text is written in an unusual way")
        begins = [found.start() for found in _TEXT.finditer(content)] + [len(content)]
        lengths = [after - before for before, after in pairwise(begins)]
        times_of = ((int(text), times) for text, times in named.items())
        known = sum(lengths[text] * times for text, times in times_of if text < len(lengths))
        if known + otherwise * max(lengths, default=0) > MOST_TEXT:
            raise refused("解压后过大", "it is too large when unpacked")


def _scan(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> _Scan:
    """Read one part to its end: no entities, no cell outside the limits. A sheet may have any name."""
    xml = part.filename.lower().endswith((".xml", ".rels"))
    scan = _Scan()
    tail = b""
    with packed.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window, tail = _whole_tags(tail + chunk)
            _check(window, scan, xml=xml)
            if len(tail) > _LONGEST_TAG:
                if xml or scan.is_sheet:
                    raise refused("标记过长", "a tag of it is too long")
                tail = tail[-_OVERLAP:]
        _check(tail, scan, xml=xml)
    return scan


def _check(window: bytes, scan: _Scan, *, xml: bool) -> None:
    if (xml and _ENTITY.search(window)) or _COUNT.search(window):
        raise refused("含有 XML 实体或非 UTF-8 内容", "it carries XML entities or is not UTF-8")
    if not scan.is_sheet:
        head, begun, _ = window.partition(b"sheetData")
        scan.hidden += _hidden(head) if xml else []
        scan.is_sheet = bool(begun)
    if scan.is_sheet:
        scan.read(window)
        row, column = scan.extent
        if scan.unplaced > MOST_UNPLACED or row > MOST_ROWS or column > MOST_COLUMNS or row * column > MOST_CELLS:
            raise refused("行列过多", "it has too many rows or columns")


def _whole_tags(window: bytes) -> tuple[bytes, bytes]:
    """Up to the last tag that has not come to its end, and the rest."""
    edge = window.rfind(b"<")
    if edge < 0 or b">" in window[edge:]:
        return window, b""
    return window[:edge], window[edge:]


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
        reader = csv.reader(io.StringIO(shown, newline=""), delimiter=delimiter, strict=False)
        records = list(islice(reader, MOST_ROWS + 1))
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
