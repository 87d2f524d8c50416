"""Read a client file, plan what it makes, make it, report it."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chassis.clock import business_date
from chassis.files import XLSX, BranchMissing, Files
from chassis.ids import new_id
from chassis.refusals import Fault
from chassis.sheets import Reading, Row, Table, read_tables, to_csv, to_xlsx
from chassis.work import Answer, Work
from services.clients.clients import actions as clients_actions
from services.clients.clients import codes
from services.clients.clients import rules as client_rules
from services.clients.clients.model import Client, FormerCode, Kind
from services.clients.clients.refusals import CodeTaken
from services.clients.clients.store import Clients
from services.clients.imports import rules
from services.clients.imports.cells import COLUMNS, Draft, read_row
from services.clients.imports.model import (
    Finding,
    Import,
    LeftOutRow,
    Level,
    Outcome,
    ReportRow,
    SheetReport,
    Status,
)
from services.clients.imports.rules import ImportRunning, Line, NoClientTable, UnknownSheet
from services.clients.imports.store import Imports, ReportRows, batches, new_client_id, on_file

AT_ONCE = 2000
"""Files of up to so many rows are done before the answer is given; longer ones by the worker."""

TAKEN_UP_AFTER = timedelta(minutes=2)
ROWS_AT_A_TIME = 200
MOST_LEFT_OUT = 100
LONGEST_LEFT_OUT = 60
_STATED = re.compile(r"(?:合计|总计|共计)\D*?(\d+)\D{0,2}$")


class RowsUnseen(Exception):
    """A server that has just become MongoDB's primary does not show yet all that the one before it acknowledged."""


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: its bytes and name, the owning branch, and other branches by sheet."""

    content: bytes
    name: str
    branch: str
    branches: Mapping[str, str]

    def owner(self, sheet: str) -> str:
        """The branch that owns the clients of a sheet."""
        return self.branches.get(sheet, self.branch)


async def import_clients(upload: Upload, *, dry_run: bool, work: Work) -> Import:
    """Plan what a file makes, and unless it is a dry run make exactly that. Rules: CLI-013, CLI-014."""
    imports = Imports(work)
    import_id = work.new_id("imports")
    if found := await imports.already(import_id):
        return found
    reading = await asyncio.to_thread(read_tables, upload.content, COLUMNS)
    _check_sheets(reading, upload, work)
    media_type = XLSX if upload.content.startswith(b"PK") else "text/csv"
    stored = await Files(work).keep(upload.content, upload.name, media_type, upload.branch)
    lines, sheets = await asyncio.to_thread(_survey, reading, upload, work)
    without_table = reading.without_table
    del reading  # the plan needs the memory
    new_ids = {line.seq: new_client_id(line.number, work) for line in lines if line.number}
    planned = rules.plan(lines, await on_file(lines, new_ids, work), new_ids, work.reach)
    plan = ReportRows(import_id, new_id(), work)
    await plan.keep(planned)
    counted = {sheet.sheet: rules.counted(row for row in planned if row.sheet == sheet.sheet) for sheet in sheets}
    opened = Import(
        id=import_id,
        branch=upload.branch,
        file_id=stored.id,
        file_name=upload.name,
        dry_run=dry_run,
        status=Status.CHECKED if dry_run else Status.RUNNING,
        branches={sheet.sheet: sheet.branch for sheet in sheets},
        sheets=tuple(sheet.but(counts=counted[sheet.sheet]) for sheet in sheets),
        findings=tuple(_file_findings(without_table, sheets, counted)),
        counts=rules.counted(planned),
        by=work.actor.id,
        started_at=work.now,
        continue_at=work.now + TAKEN_UP_AFTER if len(planned) <= AT_ONCE else work.now,
        plan_id=plan.plan_id,
    )
    opened = await imports.add(*rules.open_import(opened))
    if opened.plan_id != plan.plan_id:  # a call under the same key was faster
        await plan.drop()
        return opened
    await plan.drop_others()
    if dry_run or len(planned) > AT_ONCE:
        return opened
    try:
        done = await _make_planned(opened, upload.content, work)
    except RowsUnseen:
        return opened  # the worker makes it
    work.answer.version = done.version
    return done


def _check_sheets(reading: Reading, upload: Upload, work: Work) -> None:
    if not reading.tables:
        faults = [
            Fault("/file", f"工作表“{sheet}”缺少列:{'、'.join(lacking)}", f"{sheet} lacks {', '.join(lacking)}")
            for sheet, lacking in reading.without_table.items()
        ]
        raise NoClientTable(faults)
    known = {table.sheet for table in reading.tables}
    for sheet in upload.branches:
        if sheet not in known:
            raise UnknownSheet(sheet=sheet)
    for branch in {upload.owner(sheet) for sheet in known} | {upload.branch}:
        if not work.sees(branch):
            raise BranchMissing(id=branch)


def _survey(reading: Reading, upload: Upload, work: Work) -> tuple[list[Line], list[SheetReport]]:
    """What the plan needs of each row, and what each sheet is; the rest of the rows is read again when it is needed."""
    lines: list[Line] = []
    sheets: list[SheetReport] = []
    clients = Clients(work)
    for table in reading.tables:
        left_out: list[LeftOutRow] = []
        for found in table.lines():
            if isinstance(found, Row):
                lines.append(_line(len(lines), read_row(found, work.today), upload.owner(table.sheet), clients))
            elif found.why != "blank" and len(left_out) < MOST_LEFT_OUT:
                left_out.append(LeftOutRow(row=found.number, why=found.why, shown=found.shown[:LONGEST_LEFT_OUT]))
        sheets.append(_sheet(table, upload.owner(table.sheet), left_out))
    return lines, sheets


def _sheet(table: Table, branch: str, left_out: list[LeftOutRow]) -> SheetReport:
    return SheetReport(
        sheet=table.sheet,
        branch=branch,
        header_row=table.header.last_row,
        unread=tuple(table.unread),
        left_out=tuple(left_out),
    )


def _line(seq: int, draft: Draft, branch: str, clients: Clients) -> Line:
    kinds = [draft.kind] if draft.kind else list(Kind)
    return Line(
        seq=seq,
        sheet=draft.row.table.sheet,
        row=draft.row.number,
        branch=branch,
        code=draft.code,
        shown=draft.shown,
        number=clients.number_mark(draft.number) if draft.number else None,
        names=tuple(clients.name_mark(draft.name, kind) for kind in kinds) if draft.name else (),
        findings=tuple(draft.findings),
        name_column=draft.row.label("name"),
        number_column=draft.row.label("number"),
        code_column=draft.row.label("code"),
    )


def _file_findings(
    without_table: Mapping[str, Sequence[str]], sheets: list[SheetReport], counted: Mapping[str, rules.Counts]
) -> Iterator[Finding]:
    """What is wrong with the file as a whole: sheets without a client table, totals that do not agree with the rows."""
    for sheet, lacking in without_table.items():
        zh = f"工作表“{sheet}”没有客户表,缺少列:{'、'.join(lacking)}"
        en = f"{sheet} has no client table; it lacks {', '.join(lacking)}"
        yield Finding(level=Level.NOTE, column="", rule="CLI-013", zh=zh, en=en)
    for sheet in sheets:
        rows = counted[sheet.sheet].created + counted[sheet.sheet].known + counted[sheet.sheet].refused
        for left in sheet.left_out:
            stated = _STATED.search(left.shown) if left.why == "total" else None
            if stated and int(stated[1]) != rows:
                zh = f"“{sheet.sheet}”第 {left.row} 行合计为 {stated[1]} 户,实有 {rows} 行"
                en = f"{sheet.sheet} row {left.row} states {stated[1]} clients; there are {rows} rows"
                yield Finding(level=Level.NOTE, column="", rule="CLI-013", zh=zh, en=en)


async def run_import(import_id: str, work: Work) -> Import:
    """Make what was planned, unless that is done; work that sees every branch. Rule: CLI-014. Raises RowsUnseen."""
    running = await Imports(work).get(import_id)
    if running.status != Status.RUNNING:
        return running
    return await _make_planned(running, await Files(work).read(running.file_id), work)


async def _make_planned(running: Import, content: bytes, work: Work) -> Import:
    """Make the clients of a file, batch by batch; what an earlier run made stays as it is."""
    inside = replace(work, key=None, digest="", reach=None, if_match=None, must_match=False, answer=Answer())
    reading = await asyncio.to_thread(read_tables, content, COLUMNS)
    rows = (row for table in reading.tables for row in table.rows())
    drafts = _drafts_of(batches(rows, ROWS_AT_A_TIME), business_date(running.started_at))
    report = ReportRows(running.id, running.plan_id, inside)
    seen = frozenset({running.branch, *running.branches.values()})
    made = 0
    batch = await asyncio.to_thread(next, drafts, None)
    while batch:  # the next is read while MongoDB keeps this one
        made += len(batch)
        _, batch = await asyncio.gather(_make(batch, report, seen, inside), asyncio.to_thread(next, drafts, None))
    counts = await report.counts()
    if sum(one.created + one.known + one.refused for one in counts.values()) != made:
        raise RowsUnseen(running.id)
    return await Imports(inside).change(
        running.id,
        lambda running: rules.finish(running, counts, inside.now) if running.status == Status.RUNNING else None,
        subject=False,
    )


def _drafts_of(parts: Iterator[list[Row]], today: date) -> Iterator[dict[int, Draft]]:
    """What the rows say, part by part, by their sequence numbers."""
    first = 0
    for part in parts:
        yield {seq: read_row(row, today) for seq, row in enumerate(part, first)}
        first += len(part)


async def _make(drafts: Mapping[int, Draft], report: ReportRows, seen: frozenset[str], work: Work) -> None:
    """Make the clients of a batch, add the codes of known ones, and correct the report where others were faster."""
    planned = await report.part(min(drafts), max(drafts))
    if planned.keys() != drafts.keys():
        raise RowsUnseen(report.import_id)
    to_make = {row.client_id: row for row in planned.values() if row.outcome == Outcome.CREATED and row.client_id}
    clients = Clients(work)
    corrected = await _made_before(to_make, to_make, seen, work)
    ready = []
    for client_id, row in to_make.items():
        if not row.code:
            row = row.but(code=await codes.draw(row.branch, work))
            corrected[row.seq] = row
        client = replace(drafts[row.seq], code=row.code).client(client_id, row.branch, row.codes)
        ready.append(client_rules.add(client, work.today))
    refused = await clients.add_many(ready) if ready else {}
    there = [client_id for client_id, index in refused.items() if index == "_id_"]
    corrected |= await _made_before(there, to_make, seen, work)
    if to_make.keys() & there:
        raise RowsUnseen(report.import_id)
    for client_id in refused.keys() & to_make.keys():
        row = to_make[client_id]
        corrected[row.seq] = await _overtaken(row, refused[client_id], drafts, seen, work)
    for row in planned.values():
        if row.adds_code and row.client_id and not await _add_code(row.client_id, row.own_code, work):
            corrected[row.seq] = rules.code_lost(row, refuses=False)
    await report.correct(corrected.values())


async def _made_before(
    client_ids: Iterable[str], to_make: dict[str, ReportRow], seen: frozenset[str], work: Work
) -> dict[int, ReportRow]:
    """Take those out that are there: made by another run of the file, or by another file. Gives the rows that did not
    know this, by number.
    """
    corrected: dict[int, ReportRow] = {}
    for client in await Clients(work).with_ids(list(client_ids)):
        row = to_make.pop(client.id)
        ours = client.branch == row.branch and (not row.code or row.own_code in client_rules.codes_of(client))
        if not ours:
            corrected[row.seq] = await _known_by_now(row, await clients_actions.stayed(client.id, work), seen, work)
        elif not row.code:
            corrected[row.seq] = row.but(code=client.code)
    return corrected


async def _overtaken(
    row: ReportRow, index: str, drafts: Mapping[int, Draft], seen: frozenset[str], work: Work
) -> ReportRow:
    """The row as it turned out when somebody else was faster with its number or its code."""
    number = drafts[row.seq].number
    owner = await Clients(work).with_number(number) if number and index == "number" else None
    if owner is None:
        return rules.code_lost(row, refuses=True)
    return await _known_by_now(row, owner, seen, work)


async def _known_by_now(row: ReportRow, owner: Client, seen: frozenset[str], work: Work) -> ReportRow:
    """The row as known, with its codes and those of its duplicates leading to the client that is on file."""
    mark = Clients(work).name_mark_of(owner)
    known = rules.overtaken(row, rules.Holder(owner.id, owner.branch, owner.code, mark, numbered=True), seen)
    for code in row.codes:
        await _add_code(owner.id, code, work)
    if row.code and not await _add_code(owner.id, row.own_code, work):
        return rules.code_lost(known, refuses=False)
    return known


async def _add_code(client_id: str, code: FormerCode, work: Work) -> bool:
    """Let a code lead to a client; False when it leads to another by now."""
    client, clients = await clients_actions.stayed(client_id, work), Clients(work)
    try:
        await clients.change(client.id, lambda client: client_rules.add_former_codes(client, [code]), subject=False)
    except CodeTaken:
        return False
    return True


HEADER = (
    "工作表 Sheet",
    "行 Row",
    "机构 Branch",
    "结果 Outcome",
    "客户编号 Code",
    "名称 Name",
    "已有客户 Known as",
    "列 Column",
    "规则 Rule",
    "原因",
    "Reason",
)


async def export_report(import_id: str, form: str, work: Work) -> tuple[bytes, str]:
    """The report as a file ("csv" or "xlsx"), a line for each finding, and its name. Raises ImportRunning."""
    found = await Imports(work).get(import_id)
    if found.status == Status.RUNNING:
        raise ImportRunning
    rows = await ReportRows(import_id, found.plan_id, work).all()
    cells = (cells for row in rows for cells in _report_cells(row))
    if form == "csv":
        return await asyncio.to_thread(to_csv, HEADER, cells), f"import-{import_id}.csv"
    return await asyncio.to_thread(to_xlsx, "report", HEADER, cells), f"import-{import_id}.xlsx"


def _report_cells(row: ReportRow) -> Iterator[list[str | int]]:
    known = f"{row.same_row.sheet}!{row.same_row.row}" if row.same_row else row.known_code
    known = "其他机构 another branch" if row.elsewhere else known
    start: list[str | int] = [row.sheet, row.row, row.branch, str(row.outcome), row.code, row.name, known]
    if not row.findings:
        yield [*start, "", "", "", ""]
    for finding in row.findings:
        yield [*start, finding.column, finding.rule, finding.zh, finding.en]
