"""Table files to rows: what a careful clerk would take over, and why the rest is refused. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from chassis.refusals import Invalid
from chassis.sheets import Column, LeftOut, Row, Table, Unreadable, column, read_tables
from chassis.sheets.values import money
from contracts.money import Money
from services.placement.insurers.provinces import code_of
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules.model import Finding, Location, Report, RowFault, ScheduleRow, Vehicle

MOST_TOLD = 1000
NOTHING = Money(amount_minor=0)
VEHICLE_COLUMNS = [
    column("plate", "车牌号码", "号牌号码", "车牌号", needed=True),
    column("vin", "车架号", "车辆识别代号", "VIN", needed=True),
    column("kind", "车辆类型", "车辆种类", "车型"),
    column("engine", "发动机号"),
    column("registered_on", "初次登记日期", "初登日期", "注册日期"),
    column("seats", "座位数", "核定座位数", "核定载客"),
    column("load_tonnes", "核定载质量", "核定载质量(吨)"),
    column("compulsory", "投保险种 > 交强险", "交强险"),
    column("hull", "投保险种 > 车损险", "车损险"),
    column("liability", "投保险种 > 三者险", "三者险"),
    column("passengers", "投保险种 > 车上人员", "车上人员"),
    column("cargo", "投保险种 > 货责险", "货责险"),
    column("hull_sum", "保险金额/限额 > 车损保额", "车损保额"),
    column("liability_limit", "保险金额/限额 > 三者限额", "三者限额"),
]
LOCATION_COLUMNS = [
    column("province", "省份", "省", "所在省份", needed=True),
    column("address", "标的地址", "地址", "坐落地址", needed=True),
    column("occupancy", "占用性质", "用途"),
    column("buildings", "保险金额 > 房屋建筑物", "房屋建筑物", "建筑物"),
    column("machinery", "保险金额 > 机器设备", "机器设备"),
    column("stock", "保险金额 > 存货", "存货"),
    column("total", "保险金额 > 合计", "合计", "保险金额合计"),
    column("structure", "建筑结构"),
    column("protection", "消防设施"),
    column("built_in", "建成年份"),
]
COVERS = ("compulsory", "hull", "liability", "passengers", "cargo")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z]"
    r"([A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[挂学警港澳])"
)
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")


class NoScheduleFound(Invalid):
    """The file has no table of this kind."""

    rule = "PLC-023"
    zh = "文件中没有找到该种清单的表格"
    en = "There is no such schedule in the file"
    todo_zh = "车辆清单须有车牌号码和车架号两列,标的清单须有省份和标的地址两列"
    todo_en = "A vehicle schedule needs 车牌号码 and 车架号, a location schedule 省份 and 标的地址"


@dataclass
class Taken:
    """The rows of a file that can be taken over, and the report on all of it."""

    rows: list[ScheduleRow] = field(default_factory=list)
    known: int = 0
    refused: int = 0
    faults: list[RowFault] = field(default_factory=list)
    warnings: list[RowFault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def report(self) -> Report:
        """The report, with at most a thousand faults and warnings each."""
        return Report(
            taken=len(self.rows),
            known=self.known,
            refused=self.refused,
            faults=self.faults[:MOST_TOLD],
            warnings=self.warnings[:MOST_TOLD],
            findings=self.findings,
        )


class _RowRefused(Exception):
    """A row that cannot be taken over, with the field and the reason."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        self.name, self.zh, self.en = name, zh, en
        super().__init__(en)


class _Known(Exception):
    """The same row stood before."""

    def __init__(self, before: int) -> None:
        self.before = before
        super().__init__(str(before))


def read_schedule(content: bytes, kind: ScheduleKind, today: date) -> Taken:
    """The vehicles or locations of an .xlsx or CSV file; a row with a fault is refused, with its place and reason.

    Raises:
        TableFileRefused, NoScheduleFound.

    Rule: PLC-023.
    """
    columns, reader = (
        (VEHICLE_COLUMNS, _Vehicles(today)) if kind is ScheduleKind.VEHICLES else (LOCATION_COLUMNS, _Locations())
    )
    reading = read_tables(content, columns)
    if not reading.tables:
        raise NoScheduleFound
    taken = Taken()
    for table in reading.tables:
        _take_table(table, columns, reader, taken)
    return taken


def _take_table(table: Table, columns: list[Column], reader: "_Vehicles | _Locations", taken: Taken) -> None:
    lacking = [wanted.labels[0] for wanted in columns if wanted.field not in table.header.places]
    if lacking:
        shown = "、".join(lacking)
        taken.findings.append(
            Finding(sheet=table.sheet, zh=f"没有以下各列:{shown}", en=f"these columns are missing: {shown}")
        )
    for line in table.lines():
        if isinstance(line, LeftOut):
            if line.why == "total" and (finding := reader.total(table.sheet, line)):
                taken.findings.append(finding)
            continue
        try:
            read = reader.read(line, _warner(line, taken))
            vehicle, location = (read, None) if isinstance(read, Vehicle) else (None, read)
            n = len(taken.rows) + 1
            taken.rows.append(ScheduleRow(n=n, sheet=table.sheet, row=line.number, vehicle=vehicle, location=location))
        except _Known as known:
            taken.known += 1
            zh, en = f"与第 {known.before} 行相同", f"the same as row {known.before}"
            taken.warnings.append(RowFault(sheet=table.sheet, row=line.number, column="", zh=zh, en=en))
        except (Unreadable, _RowRefused) as fault:
            taken.refused += 1
            name = fault.field if isinstance(fault, Unreadable) else fault.name
            place = line.label(name)
            taken.faults.append(RowFault(sheet=table.sheet, row=line.number, column=place, zh=fault.zh, en=fault.en))


def _warner(row: Row, taken: Taken) -> Callable[[str, Callable[[str], object]], str]:
    """A reader of fields that nothing depends on: one that cannot be read is left out and told."""

    def read(name: str, reader: Callable[[str], object]) -> str:
        try:
            value = reader(name)
        except Unreadable as fault:
            label = row.label(name)
            taken.warnings.append(
                RowFault(sheet=row.table.sheet, row=row.number, column=label, zh=fault.zh, en=fault.en)
            )
            return ""
        return "" if value is None else str(value)

    return read


Warner = Callable[[str, Callable[[str], object]], str]


class _Vehicles:
    """Reads vehicles; plates and VINs stand once in a file."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.plates: dict[str, int] = {}
        self.vins: dict[str, int] = {}
        self.count = 0

    def read(self, row: Row, told: Warner) -> Vehicle:
        self.count += 1
        plate, vin = self._identity(row)
        registered_on = row.day("registered_on")
        if registered_on is not None and registered_on > self.today:
            raise _RowRefused("registered_on", f"登记日期 {registered_on} 在将来", f"{registered_on} lies ahead")
        covers = [name for name in COVERS if row.flag(name)]
        sums = {name: row.money(name) for name in ("hull_sum", "liability_limit")}
        self._check_sums(covers, sums)
        self.plates[plate], self.vins[vin] = row.number, row.number
        return Vehicle(
            plate=plate,
            vin=vin,
            kind=told("kind", row.text),
            engine=told("engine", row.code),
            registered_on=registered_on,
            seats=told("seats", row.figure),
            load_tonnes=told("load_tonnes", row.figure),
            covers=covers,
            **{name: amount if amount and amount.amount_minor else None for name, amount in sums.items()},
        )

    def _identity(self, row: Row) -> tuple[str, str]:
        plate, vin = row.code("plate", " -·•.") or "", row.code("vin") or ""
        if not _PLATE.fullmatch(plate):
            raise _RowRefused("plate", f"车牌号码“{plate}”不正确", f'"{plate}" is no number plate')
        if not _VIN.fullmatch(vin):
            zh = f"车架号“{vin}”不正确(17 位,不含 I、O、Q)"
            raise _RowRefused("vin", zh, f'"{vin}" is no VIN (17 characters without I, O and Q)')
        before = (self.plates.get(plate), self.vins.get(vin))
        if before[0] is not None and before[0] == before[1]:
            raise _Known(before[0])
        for name, number in zip(("plate", "vin"), before, strict=True):
            if number is not None:
                raise _RowRefused(name, f"与第 {number} 行重复", f"stands in row {number} already")
        return plate, vin

    @staticmethod
    def _check_sums(covers: list[str], sums: dict[str, Money | None]) -> None:
        for cover, name in (("hull", "hull_sum"), ("liability", "liability_limit")):
            amount = sums[name]
            stated = amount is not None and amount.amount_minor != 0
            if amount is not None and amount.amount_minor < 0:
                raise _RowRefused(name, "金额为负", "the amount is negative")
            if cover in covers and not stated:
                raise _RowRefused(name, "已投保但没有金额", "the cover is wanted, but there is no amount")
            if cover not in covers and stated:
                raise _RowRefused(name, "有金额但未投保", "there is an amount, but the cover is not wanted")

    def total(self, sheet: str, line: LeftOut) -> Finding | None:
        """A total says how many vehicles there are."""
        found = re.search(r"(\d+)\s*[辆台]", line.shown)
        if found is None or int(found[1]) == self.count:
            return None
        zh = f"第 {line.number} 行合计 {found[1]} 辆,实有 {self.count} 行"
        return Finding(sheet=sheet, zh=zh, en=f"row {line.number} counts {found[1]} vehicles; there are {self.count}")


class _Locations:
    """Reads locations; adds them up, to be compared with the file's own subtotals and total."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, str], int] = {}
        self.group, self.all = 0, 0

    def read(self, row: Row, told: Warner) -> Location:
        parts, stated, fault = self._sums(row)
        added = sum(part.amount_minor for part in parts.values())
        self.group += added
        self.all += added
        if fault is not None:
            raise fault
        province = row.text("province") or ""
        region = code_of(province)
        if region is None:
            raise _RowRefused("province", f"“{province}”不是省份", f'"{province}" is no province')
        address, occupancy = row.text("address") or "", told("occupancy", row.text)
        if not address:
            raise _RowRefused("address", "没有地址", "there is no address")
        total = NOTHING
        for part in parts.values():
            total += part
        self._check_total(total, stated)
        key = (region, address, occupancy)
        if key in self.seen:
            raise _Known(self.seen[key])
        self.seen[key] = row.number
        return Location(
            region=region,
            province=province,
            address=address,
            occupancy=occupancy,
            total=total,
            structure=told("structure", row.text),
            protection=told("protection", row.text),
            built_in=told("built_in", row.figure),
            **parts,
        )

    @staticmethod
    def _sums(row: Row) -> tuple[dict[str, Money], Money | None, Unreadable | None]:
        """The amounts that can be read, the stated total, and the first fault among them."""
        fault: Unreadable | None = None
        amounts: dict[str, Money | None] = {}
        for name in ("buildings", "machinery", "stock", "total"):
            try:
                amounts[name] = row.money(name)
            except Unreadable as wrong:
                amounts[name], fault = None, fault or wrong
        stated = amounts.pop("total")
        return {name: amount or NOTHING for name, amount in amounts.items()}, stated, fault

    @staticmethod
    def _check_total(total: Money, stated: Money | None) -> None:
        if total.amount_minor <= 0:
            raise _RowRefused("total", "没有保险金额", "there is no sum insured")
        if stated is not None and stated != total:
            zh = f"合计 {stated.amount} 与各项之和 {total.amount} 不符"
            raise _RowRefused("total", zh, f"the total {stated.amount} is not the sum of its parts, {total.amount}")

    def total(self, sheet: str, line: LeftOut) -> Finding | None:
        """A subtotal counts the rows since the one before it, a grand total all rows."""
        name, *cells = line.shown.split(" | ")
        grand = "小计" not in name
        counted = self.all if grand else self.group
        self.group = 0
        try:
            stated = money(cells[-1]) if cells else None
        except Unreadable:
            stated = None
        if stated is None or stated.amount_minor == counted:
            return None
        shown = Money(amount_minor=counted).amount
        zh = f"第 {line.number} 行{name} {stated.amount} 与各行之和 {shown} 不符"
        return Finding(sheet=sheet, zh=zh, en=f"row {line.number} states {stated.amount}; its rows add up to {shown}")
