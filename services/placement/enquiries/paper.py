"""The enquiry as a paper: sections in one language, schedules as tables. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.papers import Entry, Head, Shown, Table
from services.placement.enquiries.model import Content, Enquiry, Told
from services.placement.gates.insured import in_clear
from services.placement.papers.model import ClauseText, EnquiryPaper, Section, SectionKey
from services.placement.question_sets.model import ScheduleKind
from services.placement.schedules.model import Schedule, ScheduleRow

MOST_ROWS = 500
LABELS = {
    "business": ("经营范围", "Business"),
    "situation": ("标的地址", "Situation"),
    "deductible": ("免赔额", "Deductible"),
    "deductible_rate": ("免赔率", "Deductible, per cent of the loss"),
    "deductible_note": ("免赔说明", "Deductible, note"),
    "solvency": ("综合偿付能力充足率不低于", "Comprehensive solvency ratio of at least"),
    "co_insurance": ("是否接受共保", "Co-insurance"),
    "valid_days": ("报价有效期(天)", "Quotes to hold for (days)"),
    "currency": ("币种", "Currency"),
    "payment": ("缴费方式", "Payment of premium"),
    "brokerage": ("佣金比例", "Brokerage"),
    "more_rows": ("清单其余行数(见电子清单)", "Further rows, in the electronic schedule"),
}
COLUMNS: dict[ScheduleKind, list[tuple[str, str, str]]] = {
    ScheduleKind.VEHICLES: [
        ("plate", "车牌号码", "Plate"),
        ("vin", "车架号", "VIN"),
        ("kind", "车辆类型", "Kind"),
        ("registered_on", "初次登记日期", "First registered"),
        ("hull_sum", "车损保额", "Hull sum"),
        ("liability_limit", "三者限额", "Third-party limit"),
    ],
    ScheduleKind.LOCATIONS: [
        ("province", "省份", "Province"),
        ("address", "地址", "Address"),
        ("occupancy", "占用性质", "Occupancy"),
        ("buildings", "房屋建筑物", "Buildings"),
        ("machinery", "机器设备", "Machinery"),
        ("stock", "存货", "Stock"),
        ("total", "合计", "Total"),
    ],
}
Attached = tuple[Schedule, Sequence[ScheduleRow]]


def paper_of(
    enquiry: Enquiry,
    content: Content,
    head: Head,
    closes_at: datetime,
    changes: Sequence[str],
    attached: Sequence[Attached],
) -> EnquiryPaper:
    """An edition as a paper, in the language of its head. The first and last day of cover must be set.

    Rule: PLC-026, PLC-030.
    """
    language, risk = head.language, content.risk
    assert risk.starts_on is not None and risk.ends_on is not None
    return EnquiryPaper(
        head=head,
        line=enquiry.called(language),
        insured=in_clear(risk.insured),
        starts_on=risk.starts_on,
        ends_on=risk.ends_on,
        closes_at=closes_at,
        changes=tuple(changes),
        sections=_sections(content, language, attached),
        clauses=tuple(
            ClauseText(code=clause.code, title=clause.title(language), text=clause.text(language))
            for clause in content.clauses
        ),
    )


def _sections(content: Content, language: str, attached: Sequence[Attached]) -> tuple[Section, ...]:
    def entries(*pairs: tuple[str, Shown], told: Sequence[Told] = ()) -> tuple[Entry, ...]:
        own = [Entry(label=_label(name, language), value=value) for name, value in pairs if value not in (None, "", ())]
        return (*own, *(_answer(line, language) for line in told))

    def section(key: SectionKey, lines: tuple[Entry, ...], notes: str = "", **more: Any) -> Section:
        return Section(key=key, entries=lines, notes=(notes,) if notes else (), **more)

    security, fiscal, pay = content.security, content.fiscal, content.remuneration
    subscription = content.subscription
    return (
        section(
            SectionKey.RISK,
            (*entries(*_risk(content)), *_limits(content), *entries(told=content.risk.told)),
            content.risk.notes,
            tables=tuple(_table(schedule, rows, language) for schedule, rows in attached),
        ),
        section(SectionKey.INFORMATION, entries(told=content.information.told), content.information.notes),
        section(
            SectionKey.SECURITY,
            entries(
                ("solvency", _percent(security.minimum_solvency_bp)),
                ("co_insurance", security.co_insurance),
                told=security.told,
            ),
            security.notes,
        ),
        section(
            SectionKey.SUBSCRIPTION,
            entries(("valid_days", subscription.valid_days), told=subscription.told),
            subscription.notes,
        ),
        section(
            SectionKey.FISCAL,
            entries(("currency", fiscal.currency), ("payment", fiscal.payment), told=fiscal.told),
        ),
        section(
            SectionKey.REMUNERATION,
            entries(("brokerage", _percent(pay.brokerage_bp)), told=pay.told),
            pay.statement,
        ),
    )


def _risk(content: Content) -> list[tuple[str, Shown]]:
    risk = content.risk
    lines: list[tuple[str, Shown]] = [("business", risk.business), ("situation", tuple(risk.situation))]
    if risk.deductible is not None:
        lines += [
            ("deductible", risk.deductible.amount),
            ("deductible_rate", _percent(risk.deductible.rate_bp)),
            ("deductible_note", risk.deductible.note),
        ]
    return lines


def _limits(content: Content) -> list[Entry]:
    return [Entry(label=limit.subject, value=limit.amount) for limit in content.risk.limits]


def _answer(line: Told, language: str) -> Entry:
    if language == "en":
        return Entry(label=line.en, value=line.answer_en)
    return Entry(label=line.zh, value=line.answer_zh)


def _label(name: str, language: str) -> str:
    return LABELS[name][language == "en"]


def _percent(basis_points: int | None) -> str | None:
    return None if basis_points is None else f"{basis_points / 100:g}%"


def _table(schedule: Schedule, rows: Sequence[ScheduleRow], language: str) -> Table:
    columns = COLUMNS[schedule.kind]
    shown = [tuple(getattr(row.vehicle or row.location, name) for name, _, _ in columns) for row in rows]
    if schedule.rows > len(rows):
        rest = f"{_label('more_rows', language)}: {schedule.rows - len(rows)}"
        shown.append((rest, *(None for _ in columns[1:])))
    sums = {total.column: total.amount for total in schedule.totals}
    total: list[Shown] = [sums.get(name) for name, _, _ in columns]
    total[0] = "Total" if language == "en" else "合计"
    return Table(
        title=schedule.name,
        columns=tuple(en if language == "en" else zh for _, zh, en in columns),
        rows=tuple(shown),
        total=tuple(total),
    )
