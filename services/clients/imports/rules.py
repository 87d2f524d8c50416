"""What importing a file makes: each client once, whatever the order of its rows and whatever is on file already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chassis.moves import move
from chassis.refusals import Conflict, Invalid, Missing
from contracts.clients import ClientsImported, ClientsImportPlanned
from services.clients.clients.model import FormerCode
from services.clients.imports.model import (
    MOVES,
    Counts,
    Finding,
    Import,
    Level,
    Outcome,
    Place,
    ReportRow,
    Status,
)

NO_NUMBER = (
    "CLI-004",
    "缺少证件号码,且没有同名客户",
    "the identity number is missing, and nobody of this name is on file",
)
AMBIGUOUS = ("CLI-003", "缺少证件号码,而同名客户不止一个", "the identity number is missing, and several have this name")
CODE_USED = ("CLI-005", "客户编号已用于本机构另一客户", "the branch has given this code to another client")
NAME_DIFFERS = ("CLI-003", "证件号码相同,名称与已有档案不同", "the number is the same, the name on file differs")
NO_NUMBER_ON_FILE = (
    "CLI-004",
    "已有档案尚无证件号码,请补录",
    "the record on file has no identity number yet; enter it",
)


class ImportNotFound(Missing):
    """No such import, or not in the caller's branches."""

    rule = "CLI-014"
    zh = "没有导入 {id}"
    en = "There is no import {id}"


class NoClientTable(Invalid):
    """No sheet of the file has a client table."""

    rule = "CLI-013"
    zh = "文件中没有可识别的客户表"
    en = "The file has no client table that can be recognised"
    todo_zh = "表头至少应有“客户名称”和“证件号码”两列"
    todo_en = "The header needs at least the columns 客户名称 and 证件号码"


class UnknownSheet(Invalid):
    """A branch is given for a sheet that the file does not have."""

    rule = "CLI-013"
    zh = "文件中没有工作表“{sheet}”"
    en = 'The file has no sheet "{sheet}" with a client table'
    todo_zh = "请核对 branches 中的工作表名称"
    todo_en = "Check the names of the sheets in `branches`"


class ImportRunning(Conflict):
    """The report is complete when the import is done."""

    rule = "CLI-014"
    zh = "导入尚在进行"
    en = "The import is still running"
    todo_zh = "请稍后再下载报告"
    todo_en = "Download the report in a moment"


@dataclass(frozen=True, slots=True)
class Line:
    """What the plan needs of a row: marks instead of names and numbers, and what its cells were found to be.

    `names` are the marks that its name has for the kinds of client it may be.
    """

    seq: int
    sheet: str
    row: int
    branch: str
    code: str
    shown: str
    number: str | None
    names: tuple[str, ...]
    findings: tuple[Finding, ...]
    name_column: str = ""
    number_column: str = ""
    code_column: str = ""

    @property
    def place(self) -> Place:
        """Where it stands; made when it is asked for, since nearly no row of a long file is."""
        return Place(sheet=self.sheet, row=self.row)

    @property
    def refused(self) -> bool:
        """Whether a cell refuses the row."""
        return any(finding.level == Level.ROW for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Holder:
    """A client on file: where a number, name or code leads."""

    client_id: str
    branch: str
    code: str
    name: str
    numbered: bool


@dataclass
class OnFile:
    """What is on file already, as far as a file touches it: holders by number, name and (branch, code)."""

    numbers: dict[str, Holder] = field(default_factory=dict[str, Holder])
    names: dict[str, list[Holder]] = field(default_factory=lambda: defaultdict(list))
    codes: dict[tuple[str, str], Holder] = field(default_factory=dict[tuple[str, str], Holder])


def plan(
    lines: Sequence[Line], on_file: OnFile, new_ids: Mapping[int, str], seen: frozenset[str] | None
) -> list[ReportRow]:
    """The outcome of every row, in the order of the file. `new_ids`: the id of the client that a row would make.

    The same number is the same client; so is the same name where one has no number: rows without a number are judged
    after all others. Two different numbers are two clients. `seen`: the branches that the importer sees, None for all;
    a namesake without a number elsewhere is not the client of a row with one.
    Rules: CLI-003, CLI-004, CLI-005, CLI-014.
    """
    planning = _Planning(on_file, new_ids, seen)
    for line in lines:
        if line.refused or line.number is not None:
            planning.judge_numbered(line)
    for line in lines:
        if line.seq not in planning.rows:
            planning.judge_nameless(line)
    return [planning.rows[line.seq] for line in lines]


class _Planning:
    """The plan while it is made: what rows so far have taken."""

    def __init__(self, on_file: OnFile, new_ids: Mapping[int, str], seen: frozenset[str] | None) -> None:
        self.on_file, self.new_ids, self.seen = on_file, new_ids, seen
        self.rows: dict[int, ReportRow] = {}
        self.made: dict[str, Line] = {}
        self.made_names: dict[str, list[Line]] = defaultdict(list)
        self.taken: dict[tuple[str, str], str] = {}

    def judge_numbered(self, line: Line) -> None:
        if line.refused or line.number is None:
            self._keep(line, Outcome.REFUSED)
        elif holder := self.on_file.numbers.get(line.number):
            self._know(line, holder)
        elif first := self.made.get(line.number):
            self._repeat(line, first)
        else:
            named = [holder for name in line.names for holder in self.on_file.names.get(name, ())]
            bare = [holder for holder in named if not holder.numbered and self._sees(holder)]
            if len(bare) == 1:
                self._know(line, bare[0])
            elif bare:
                self._refuse(line, line.name_column, AMBIGUOUS)
            else:
                self._create(line)

    def judge_nameless(self, line: Line) -> None:
        holders = {holder.client_id: holder for name in line.names for holder in self.on_file.names.get(name, ())}
        firsts = {first.seq: first for name in line.names for first in self.made_names.get(name, ())}
        if not holders and not firsts:
            self._refuse(line, line.number_column, NO_NUMBER)
        elif len(holders) + len(firsts) > 1:
            self._refuse(line, line.number_column, AMBIGUOUS)
        elif holders:
            self._know(line, next(iter(holders.values())))
        else:
            self._repeat(line, next(iter(firsts.values())))

    def _sees(self, holder: Holder) -> bool:
        return self.seen is None or holder.branch in self.seen

    def _create(self, line: Line) -> None:
        key = (line.branch, line.code)
        if line.code and (key in self.on_file.codes or key in self.taken):
            self._refuse(line, line.code_column, CODE_USED)
            return
        assert line.number is not None
        self.made[line.number] = line
        for name in line.names:
            self.made_names[name].append(line)
        if line.code:
            self.taken[key] = self.new_ids[line.seq]
        self._keep(line, Outcome.CREATED, client_id=self.new_ids[line.seq])

    def _know(self, line: Line, holder: Holder) -> None:
        elsewhere = not self._sees(holder)
        notes: list[tuple[str, tuple[str, str, str]]] = []
        if not holder.numbered and line.number is not None and not elsewhere:
            notes.append((line.number_column, NO_NUMBER_ON_FILE))
        if holder.name not in line.names and not elsewhere:
            notes.append((line.name_column, NAME_DIFFERS))
        adds, clash = self._adds_code(line, holder.client_id)
        findings = [_finding(Level.NOTE, column, *told) for column, told in notes]
        findings += [_finding(Level.FIELD, line.code_column, *CODE_USED)] if clash else []
        self._keep(
            line,
            Outcome.KNOWN,
            findings,
            client_id=holder.client_id,
            known_code="" if elsewhere else holder.code,
            elsewhere=elsewhere,
            adds_code=adds,
        )

    def _repeat(self, line: Line, first: Line) -> None:
        client_id = self.new_ids[first.seq]
        adds, clash = self._adds_code(line, client_id)
        findings = [_finding(Level.FIELD, line.code_column, *CODE_USED)] if clash else []
        if not set(first.names) & set(line.names):
            findings.append(_finding(Level.NOTE, line.name_column, *NAME_DIFFERS))
        self._keep(line, Outcome.KNOWN, findings, client_id=client_id, known_code=first.code, same_row=first.place)
        if adds:
            made = self.rows[first.seq]
            self.rows[first.seq] = made.but(codes=(*made.codes, FormerCode(branch=line.branch, code=line.code)))

    def _adds_code(self, line: Line, client_id: str) -> tuple[bool, bool]:
        """Whether the row's code becomes one of the known client's, and whether it is another client's."""
        key = (line.branch, line.code)
        if not line.code:
            return False, False
        holder = self.on_file.codes.get(key)
        owner = holder.client_id if holder else self.taken.get(key)
        if owner is None:
            self.taken[key] = client_id
        return owner is None, owner not in (None, client_id)

    def _refuse(self, line: Line, column: str, told: tuple[str, str, str]) -> None:
        self._keep(line, Outcome.REFUSED, [_finding(Level.ROW, column, *told)])

    def _keep(self, line: Line, outcome: Outcome, findings: Iterable[Finding] = (), **more: object) -> None:
        self.rows[line.seq] = ReportRow.model_validate(
            {
                "seq": line.seq,
                "sheet": line.sheet,
                "row": line.row,
                "branch": line.branch,
                "outcome": outcome,
                "code": line.code,
                "name": line.shown,
                "findings": (*line.findings, *findings),
                **more,
            }
        )


def _finding(level: Level, column: str, rule: str, zh: str, en: str) -> Finding:
    return Finding(level=level, column=column, rule=rule, zh=zh, en=en)


def counted(rows: Iterable[ReportRow]) -> Counts:
    """How many rows had which outcome."""
    found = dict.fromkeys(Outcome, 0)
    remarked = 0
    for row in rows:
        found[row.outcome] += 1
        remarked += row.outcome != Outcome.REFUSED and bool(row.findings)
    return Counts(
        created=found[Outcome.CREATED],
        known=found[Outcome.KNOWN],
        refused=found[Outcome.REFUSED],
        remarked=remarked,
    )


def open_import(planned: Import) -> tuple[Import, ClientsImportPlanned]:
    """The import as planned: checked only, or running. Rule: CLI-014."""
    return planned, ClientsImportPlanned(
        import_id=planned.id,
        dry_run=planned.dry_run,
        created=planned.counts.created,
        known=planned.counts.known,
        refused=planned.counts.refused,
    )


def finish(running: Import, counts: Mapping[str, Counts], at: datetime) -> tuple[Import, ClientsImported]:
    """The import with every row done; `counts` by sheet, `at` aware UTC. Rule: CLI-014."""
    total = Counts(
        created=sum(one.created for one in counts.values()),
        known=sum(one.known for one in counts.values()),
        refused=sum(one.refused for one in counts.values()),
        remarked=sum(one.remarked for one in counts.values()),
    )
    sheets = tuple(sheet.but(counts=counts.get(sheet.sheet, Counts())) for sheet in running.sheets)
    done = move(running, MOVES, Status.DONE, finished_at=at, counts=total, sheets=sheets)
    told = ClientsImported(import_id=done.id, created=total.created, known=total.known, refused=total.refused)
    return done, told


def overtaken(row: ReportRow, holder: Holder, seen: frozenset[str] | None) -> ReportRow:
    """A row whose client somebody else put on file between the plan and now. Rule: CLI-003."""
    elsewhere = seen is not None and holder.branch not in seen
    return row.but(
        outcome=Outcome.KNOWN,
        client_id=holder.client_id,
        known_code="" if elsewhere else holder.code,
        elsewhere=elsewhere,
        codes=(),
    )


def code_lost(row: ReportRow, *, refuses: bool) -> ReportRow:
    """A row whose code somebody else gave away between the plan and now. Rule: CLI-005."""
    finding = _finding(Level.ROW if refuses else Level.FIELD, "", *CODE_USED)
    outcome = Outcome.REFUSED if refuses else row.outcome
    return row.but(outcome=outcome, findings=(*row.findings, finding), adds_code=False)
