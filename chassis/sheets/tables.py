"""Tables in sheets: where the header is, which column is which, and which rows are records."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from sys import intern
from typing import Any, TypeVar

from chassis.sheets import values
from chassis.sheets.books import Sheet, open_book
from chassis.sheets.values import Unreadable
from contracts.money import Money

HEADER_WITHIN = 60
_BRACKET = re.compile(r"\(([^()]*)\)")
_UNIT = re.compile(r"(?:单位[::]?|^|[,;、])(?:人民币)?(百万|十万|千万|亿|万|千)?元(?:$|[,;、])")
_TOTAL = re.compile(r"(.{0,12}(小计|合计|总计|共计|累计)|(sub|grand)?total)([::].*)?", re.IGNORECASE)
_NOTE = re.compile(
    r"(注|备注|说明|填表|填写|制表|审核|复核|以下|以上|第.{1,4}页|续表|单位|截止|声明).*|.*(签章|盖章|签字).*"
)
_HAN = re.compile(r"[㐀-鿿]")
T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """A column that a reader asks for: its name in code, and how headers call it, best first. See `column`."""

    field: str
    labels: tuple[str, ...]
    needed: bool = False
    hidden: bool = False


def column(name: str, *labels: str, needed: bool = False, hidden: bool = False) -> Column:
    """A column called `labels` by those who keep such tables.

    In a header of two rows "top > sub", or the sub-label where it is the only one.

    A label that stands twice is found the second time as "label2". `needed`: without it, it is not this table.
    `hidden`: it may be read although it is hidden.
    """
    return Column(name, tuple(_label(label) for label in labels), needed, hidden)


@dataclass(frozen=True)
class LeftOut:
    """A row that is no record: blank, title, header, total or note."""

    number: int
    why: str
    shown: str


@dataclass(frozen=True)
class Header:
    """Where the columns are: by field the index (from 0), the label as shown, and the unit of amounts; `needed` are the
    indexes of those without which it is not this table."""

    first_row: int
    last_row: int
    places: dict[str, int]
    labels: dict[str, str]
    times: dict[str, int]
    needed: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One record. Each reader gives None for a blank cell or a column that the table lacks.

    Raises Unreadable, with its `field`, for a cell that has no one meaning.
    """

    number: int
    table: "Table"
    header: Header
    cells: Sequence[Any]

    def raw(self, field: str) -> Any:
        """The cell as the file keeps it; None for a column that the table lacks."""
        place = self.header.places.get(field)
        return self.cells[place] if place is not None and place < len(self.cells) else None

    def blank(self, field: str) -> bool:
        """Whether nothing stands there."""
        return self.raw(field) in (None, "")

    def label(self, field: str) -> str:
        """The column as a person finds it: letter and label ("E 证件号码"); one text for all rows of a long file."""
        place = self.header.places.get(field)
        return intern(f"{_letters(place + 1)} {self.header.labels[field]}") if place is not None else field

    def text(self, field: str) -> str | None:
        """Cleaned text."""
        return self._read(field, values.text)

    def code(self, field: str, drop: str = " -") -> str | None:
        """A number that is a name, without the characters of `drop`."""
        return self._read(field, lambda raw: values.code(raw, drop))

    def day(self, field: str) -> date | None:
        """A calendar date."""
        return self._read(field, values.day)

    def money(self, field: str, currency: str = "CNY") -> Money | None:
        """An amount, in the unit that the cell, its header or the table names."""
        return self._read(field, lambda raw: values.money(raw, self.header.times.get(field, 1), currency))

    def share(self, field: str) -> Decimal | None:
        """A share or rate as a fraction."""
        return self._read(field, values.share)

    def figure(self, field: str) -> Decimal | None:
        """A figure; a unit behind it is dropped."""
        return self._read(field, values.figure)

    def flag(self, field: str) -> bool | None:
        """Yes or no."""
        return self._read(field, values.flag)

    def _read(self, field: str, reader: Callable[[Any], T]) -> T | None:
        raw = self.raw(field)
        if raw is None or raw == "":
            return None
        try:
            return reader(raw)
        except Unreadable as fault:
            fault.field = field
            raise


@dataclass
class Table:
    """A table found in a sheet. `above`: texts over its header (titles, notes). `unread`: labels nobody asked for."""

    sheet: str
    header: Header
    above: list[str]
    unread: list[str]
    _source: Sheet
    _columns: Sequence[Column]
    _labels: list[list[str]]
    _words: frozenset[str]
    _times: int

    def rows(self) -> Iterator[Row]:
        """The records, in order."""
        return (line for line in self.lines() if isinstance(line, Row))

    def lines(self) -> Iterator[Row | LeftOut]:
        """Everything below the header: records, and what was left out and why."""
        header, skip_to = self.header, self.header.last_row
        above: dict[int, Any] = {}
        wide = _wide(self._source, skip_to)
        merged = _tall(self._source, skip_to)
        for number, cells in self._source.rows():
            if number <= skip_to:
                continue
            cells = list(cells)
            for start, last, place in merged.get(number, ()):
                if number == start:
                    above[place] = cells[place]
                elif number <= last:
                    cells[place] = above[place]
            again = self._header_again(number, cells)
            if again is not None:
                header = again
                yield LeftOut(number, "header", _shown(cells))
            elif why := self._why_left_out(cells, header, number in wide):
                yield LeftOut(number, why, _shown(cells))
            else:
                yield Row(number, self, header, cells)

    def _header_again(self, number: int, cells: list[Any]) -> Header | None:
        """The header that counts from this row on, when the row repeats it or heads another table; None for others."""
        if sum(isinstance(cell, str) and _folded(cell) in self._words for cell in cells) < 2:
            return None
        labels = [(place, label) for place, label in enumerate(_labels_of(cells)) if label]
        same = sum(any(label == _at(row, place) for row in self._labels) for place, label in labels)
        if same >= 2 and same * 2 >= len(labels):
            return self.header
        found = _matched([_labels_of(cells)], self._columns, self._source)
        return (
            _header(number, number, found, [cells], self._times, self._columns)
            if len(found) >= 2 and _complete(found, self._columns)
            else None
        )

    def _why_left_out(self, cells: list[Any], header: Header, wide: bool) -> str:
        needed = header.needed
        lacks = not all(_plain(_at(cells, place)) for place in needed)
        if len(needed) > 1 and not lacks and not _TOTAL.fullmatch(_first(cells).replace(" ", "")):
            return ""
        filled = [(place, shown) for place, cell in enumerate(cells) if (shown := _plain(cell))]
        if not filled:
            return "blank"
        first_place, first = filled[0]
        mapped = set(header.places.values())
        if _TOTAL.fullmatch(first.replace(" ", "")) and (lacks or len(filled) * 2 <= len(mapped)):
            return "total"
        if not any(place in mapped for place, _ in filled):
            return "note" if _HAN.search(first) else "blank"
        if len(filled) > 1 or not _HAN.search(first):
            return ""
        return "note" if wide or _NOTE.fullmatch(first) or (first_place == 0 and first_place not in needed) else ""


@dataclass(frozen=True)
class Reading:
    """What was found in a file: tables, and the visible sheets in which there is none, with the columns they lack."""

    tables: list[Table]
    without_table: dict[str, list[str]]


def read_tables(content: bytes, columns: Sequence[Column], hidden_sheets: Sequence[str] = ()) -> Reading:
    """The tables with these columns in an .xlsx or CSV file. Raises TableFileRefused. Rule: SYS-010.

    Hidden sheets are read only when they are named in `hidden_sheets`.
    """
    tables: list[Table] = []
    without: dict[str, list[str]] = {}
    for sheet in open_book(content):
        if sheet.hidden and sheet.name not in hidden_sheets:
            continue
        head = list(islice(sheet.rows(), HEADER_WITHIN))
        table = _find(sheet, head, columns)
        if table is not None:
            tables.append(table)
        elif any(_plain(cell) for _, cells in head for cell in cells):
            seen = {label for _, cells in head for label in _labels_of(cells)}
            without[sheet.name] = [
                column.labels[0] for column in columns if column.needed and not seen & _parts(column)
            ]
    return Reading(tables, without)


def _find(sheet: Sheet, head: list[tuple[int, list[Any]]], columns: Sequence[Column]) -> Table | None:
    best: tuple[int, int] = (0, 0)
    chosen: tuple[int, int, dict[str, int]] | None = None
    for index in range(len(head)):
        for height in (1, 2):
            if index + height > len(head):
                continue
            found = _matched([_labels_of(row) for row in _header_rows(sheet, head, index, height)], columns, sheet)
            if _complete(found, columns) and (len(found), -height) > best:
                best, chosen = (len(found), -height), (index, height, found)
    if chosen is None:
        return None
    index, height, places = chosen
    rows = _header_rows(sheet, head, index, height)
    above = [shown for _, cells in head[:index] for cell in cells if (shown := _plain(cell))]
    times = next((_times_in(shown) for shown in above if _times_in(shown)), 1)
    first = head[index][0]
    header = _header(first, first + height - 1, places, rows, times, columns)
    passed_over = {place for place in range(len(rows[0])) if place in places.values() or sheet.hides(place + 1)}
    unread = [shown for place in range(len(rows[0])) if place not in passed_over and (shown := _path(rows, place))]
    words = {_folded(cell) for row in rows for cell in row if isinstance(cell, str) and cell}
    words |= {part for column in columns for part in _parts(column)}
    labels = [_labels_of(row) for row in rows]
    return Table(sheet.name, header, above, unread, sheet, columns, labels, frozenset(words), times)


def _header_rows(sheet: Sheet, head: list[tuple[int, list[Any]]], index: int, height: int) -> list[list[Any]]:
    return [_spread(sheet, *head[index]), *(below for _, below in head[index + 1 : index + height])]


def _header(
    first: int, last: int, places: dict[str, int], rows: list[list[Any]], times: int, columns: Sequence[Column]
) -> Header:
    labels = {field: _path(rows, place) for field, place in places.items()}
    units = {field: _times_in(_bracketed(label)) or times for field, label in labels.items()}
    needed = tuple(places[column.field] for column in columns if column.needed)
    return Header(first, last, places, labels, units, needed)


def _matched(rows: list[list[str]], columns: Sequence[Column], sheet: Sheet) -> dict[str, int]:
    """The place of each column whose label is found; every place is given to one column only."""
    by_label: dict[str, int] = {}
    for place in range(max(len(row) for row in rows)):
        for label in _names(rows, place):
            while label in by_label:
                stem, count = re.fullmatch(r"(.*?)(\d*)", label).groups()  # type: ignore[union-attr]
                label = f"{stem}{int(count or 1) + 1}"
            by_label[label] = place
    found: dict[str, int] = {}
    for asked in columns:
        for label in asked.labels:
            place = by_label.get(label)
            if place is not None and place not in found.values() and (asked.hidden or not sheet.hides(place + 1)):
                found[asked.field] = place
                break
    return found


def _names(rows: list[list[str]], place: int) -> list[str]:
    """How a column may be called: its path, with and without brackets; the sub-label alone where it stands once."""
    parts = [row[place] for row in rows if place < len(row) and row[place]]
    if not parts:
        return []
    names = [">".join(parts), ">".join(_bare(part) for part in parts)]
    if len(parts) == 2 and sum(label == parts[1] for label in rows[1]) == 1:
        names += [parts[1], _bare(parts[1])]
    return list(dict.fromkeys(name for name in names if name))


def _complete(found: dict[str, int], columns: Sequence[Column]) -> bool:
    return bool(found) and all(asked.field in found for asked in columns if asked.needed)


def _spread(sheet: Sheet, number: int, cells: list[Any]) -> list[Any]:
    """A header row in which a label merged over several columns stands in each of them."""
    spread = list(cells)
    for first_row, first, last_row, last in sheet.merges:
        if first_row <= number <= last_row and last > first:
            spread[first - 1 : last] = [_at(cells, first - 1)] * (min(last, len(cells)) - first + 1)
    return spread


def _wide(sheet: Sheet, below: int) -> set[int]:
    return {row for row, first, last_row, last in sheet.merges if row > below and row == last_row and last > first}


def _tall(sheet: Sheet, below: int) -> dict[int, list[tuple[int, int, int]]]:
    """By row, the areas merged downwards there: (first row, last row, index of the column)."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for first_row, first, last_row, last in sheet.merges:
        if first_row > below and first == last and last_row > first_row:
            area = first_row, last_row, first - 1
            for row in range(first_row, last_row + 1):
                found.setdefault(row, []).append(area)
    return found


def _labels_of(cells: Sequence[Any]) -> list[str]:
    return [_label(cell) if isinstance(cell, str) else "" for cell in cells]


def _label(shown: str) -> str:
    narrow = unicodedata.normalize("NFKC", shown)
    return re.sub(r"[\s**::]", "", narrow).lower()


def _folded(cell: str) -> str:
    """A cheap form of a cell, to look whether it may be a label at all."""
    return "".join(cell.split()).lower()


def _bare(label: str) -> str:
    return _BRACKET.sub("", label)


def _bracketed(label: str) -> str:
    return next((found[1] for found in _BRACKET.finditer(unicodedata.normalize("NFKC", label))), "")


def _times_in(shown: str) -> int:
    """The unit of amounts that a text names: 10000 for 单位：万元, 1 for 元, 0 when it names none."""
    for part in re.split(r"\s+", unicodedata.normalize("NFKC", shown)):
        if found := _UNIT.search(part):
            return values.TIMES.get(found[1] or "", 1)
    return 0


def _parts(asked: Column) -> set[str]:
    return {part for label in asked.labels for part in label.split(">")}


def _path(rows: list[list[Any]], place: int) -> str:
    parts = [_plain(_at(row, place)) for row in rows]
    return " > ".join(dict.fromkeys(part for part in parts if part))


def _plain(cell: Any) -> str:
    return " ".join(str(cell).split()) if cell is not None else ""


def _first(cells: Sequence[Any]) -> str:
    return next((shown for cell in cells if (shown := _plain(cell))), "")


def _at(cells: Sequence[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None


def _shown(cells: Sequence[Any]) -> str:
    return " | ".join(shown for cell in cells if (shown := _plain(cell)))[:200]


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
