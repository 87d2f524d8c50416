"""Papers with sensible defaults, and one set that is as long and awkward as real business can be."""

from datetime import UTC, date, datetime
from typing import Any

from chassis.papers import Correspondent, Entry, Head, Table
from contracts.money import Money, yuan
from services.placement.papers.model import (
    BoundLine,
    Cell,
    ClauseText,
    Collection,
    ComparisonRow,
    CoverConfirmationPaper,
    Dimension,
    EnquiryPaper,
    Instalment,
    Offer,
    Outcome,
    PanelLine,
    Payment,
    PlacingInstructionPaper,
    ProposalPaper,
    RecommendedLine,
    Restriction,
    Section,
    SectionKey,
    Shortfall,
    Subjectivity,
    Unanswered,
)

CLIENT = {"zh": "深圳市南山华宇精密电子制造有限公司", "en": "Huayu Precision Electronics (Shenzhen) Co., Ltd."}
BROKER = {"zh": "保桥保险经纪有限公司", "en": "Baoqiao Insurance Brokers Co., Ltd."}
BRANCH = {"zh": "广东分公司", "en": "Guangdong Branch"}
LINE = {"zh": "财产一切险", "en": "Property all risks"}
INSURERS = {
    "zh": ("安诚财产保险股份有限公司", "华东联合财产保险有限公司", "南海财产保险股份有限公司", "鼎盛保险", "中原产险"),
    "en": ("Ancheng Property Insurance", "East China United", "Nanhai P&C Insurance", "Dingsheng", "Zhongyuan P&C"),
}


def say(language: str, zh: str, en: str) -> str:
    """One of two wordings."""
    return zh if language == "zh" else en


def a_head(language: str = "zh", **changes: Any) -> Head:
    """A head of a paper of the Guangdong branch."""
    told: dict[str, Any] = {
        "broker": BROKER[language],
        "branch": BRANCH[language],
        "language": language,
        "number": "EQ-GD-2026-000017",
        "edition": 2,
        "dated_on": date(2026, 3, 2),
        "client": CLIENT[language],
        "contact": Correspondent(
            name=say(language, "陈晓", "Chen Xiao"), phone="0755-8888 1234", email="chen.xiao@baoqiao.example"
        ),
    }
    return Head(**told | changes)


def _common(language: str, **head: Any) -> dict[str, Any]:
    return {
        "head": a_head(language, **head),
        "line": LINE[language],
        "insured": (CLIENT[language], say(language, "华宇(惠州)置业有限公司", "Huayu (Huizhou) Properties Ltd.")),
        "starts_on": date(2026, 4, 1),
        "ends_on": date(2027, 3, 31),
    }


def terms(language: str) -> tuple[Entry, ...]:
    """The main terms of a property cover."""
    each = say(
        language,
        "每次事故人民币 5 万元或损失金额的 10%,以高者为准",
        "CNY 50,000 or 10% of each loss, whichever is higher",
    )
    return (
        Entry(
            label=say(language, "保险标的", "Subject-matter insured"),
            value=say(language, "厂房、机器设备、存货", "Buildings, plant, stock"),
        ),
        Entry(label=say(language, "保险金额", "Sum insured"), value=yuan("1286500000.00")),
        Entry(label=say(language, "每次事故免赔额", "Deductible each loss"), value=each),
        Entry(label=say(language, "首次投保", "First insurance"), value=False),
        Entry(label=say(language, "上次查勘日期", "Last survey"), value=date(2025, 11, 3)),
    )


def clause_list(language: str, count: int = 3) -> tuple[ClauseText, ...]:
    """Clauses with and without text."""
    text = say(
        language,
        "发生本保险合同约定的保险事故时,被保险人为防止或者减少保险标的的损失所支付的必要的、合理的费用,由保险人承担。",
        "Necessary and reasonable costs that the insured incurs to prevent or limit a loss are borne by the insurer.",
    )
    title = say(language, "施救费用扩展条款", "Sue and labour extension")
    return tuple(
        ClauseText(code=f"PAR-{n:03}", title=f"{title} {n}", text=text if n % 2 else "") for n in range(1, count + 1)
    )


def _payment(parts: int = 4) -> Payment:
    amounts = yuan("1029200.00").split([1] * parts)
    return Payment(
        collection=Collection.BROKER,
        instalments=tuple(Instalment(due_on=date(2026, 4 + n, 15), amount=amount) for n, amount in enumerate(amounts)),
    )


def _schedule(language: str, rows: int) -> Table:
    columns = {"zh": "序号 地点 建筑结构 建成年份 保险金额", "en": "No. Location Construction Year Insured"}
    place = say(language, "广东省惠州市仲恺高新区惠风七路 88 号 {} 栋", "Building {}, 88 Huifeng Road, Huizhou")
    structure = say(language, "钢筋混凝土", "Reinforced concrete")
    sums = [Money(amount_minor=12_345_678_00 + n) for n in range(1, rows + 1)]
    total = Money(amount_minor=sum(amount.amount_minor for amount in sums))
    return Table(
        title=say(language, "财产地点清单", "Schedule of locations"),
        columns=tuple(columns[language].split()),
        rows=tuple((n, place.format(n), structure, 2005 + n % 15, amount) for n, amount in enumerate(sums, 1)),
        total=(None, say(language, "合计", "Total"), None, None, total),
    )


def _information(language: str, rows: int) -> Section:
    fire = {"zh": ("自动喷淋", "室内消火栓", "烟感报警"), "en": ("sprinklers", "hydrants", "smoke detectors")}
    return Section(
        key=SectionKey.INFORMATION,
        entries=(
            Entry(label=say(language, "近五年赔付记录", "Losses in five years"), value=yuan("186200.00")),
            Entry(label=say(language, "消防设施", "Fire protection"), value=fire[language]),
            Entry(label=say(language, "占用性质", "Occupancy"), value=None),
        ),
        tables=(_schedule(language, rows),),
    )


def an_enquiry_paper(language: str = "zh", rows: int = 8, **head: Any) -> EnquiryPaper:
    """An enquiry with a schedule of `rows` locations."""
    notes = {
        SectionKey.SECURITY: ("综合偿付能力充足率不低于 150%。", "Solvency ratio of at least 150%."),
        SectionKey.SUBSCRIPTION: ("接受两家共保,首席份额不低于 60%。", "Two insurers; the lead takes 60% or more."),
        SectionKey.FISCAL: ("保险费含增值税。", "Premium includes VAT."),
        SectionKey.REMUNERATION: ("由保险人按约定支付佣金。", "Commission, paid by the insurer as agreed."),
    }
    change = ("保险金额由 12.00 亿元调整为 12.865 亿元。", "Sum insured raised from 1.200 to 1.2865 billion.")
    return EnquiryPaper(
        **_common(language, **head),
        closes_at=datetime(2026, 3, 20, 9, 0, tzinfo=UTC),
        changes=(say(language, *change),),
        sections=(
            Section(key=SectionKey.RISK, entries=terms(language)),
            _information(language, rows),
            *(Section(key=key, notes=(say(language, *note),)) for key, note in notes.items()),
        ),
        clauses=clause_list(language),
    )


OFFERED: dict[Dimension, tuple[tuple[str, str], ...]] = {
    Dimension.DEDUCTIBLE: (
        ("每次 5 万元或 10%", "50,000 or 10% each loss"),
        ("每次 20 万元", "200,000 each loss"),
        ("每次 5 万元", "50,000 each loss"),
    ),
    Dimension.CLAUSES: (
        ("全部接受 28 条扩展条款", "all 28 extensions"),
        ("不接受自动恢复保额条款;玻璃破碎以 5 万元为限", "no automatic reinstatement; glass limited to 50,000"),
        ("接受 27 条", "27 of 28 extensions"),
    ),
    Dimension.SOLVENCY: (("231.4%", "231.4%"), ("178.2%", "178.2%"), ("204.0%", "204.0%")),
    Dimension.CLAIMS_AUTHORITY: (
        ("省分公司 500 万元", "branch, 5 million"),
        ("总公司核赔", "head office"),
        ("省分公司 300 万元", "branch, 3 million"),
    ),
    Dimension.SERVICE_PROMISE: (
        ("每年两次防灾查勘", "two surveys a year"),
        ("每年一次防灾查勘", "one survey a year"),
        ("无", "none"),
    ),
    Dimension.ADJUSTERS: (
        ("专属理赔经理,10 年以上经验", "own claims manager, 10 years and more"),
        ("共享理赔团队", "shared team"),
        ("本地理赔团队", "local team"),
    ),
    Dimension.PAYMENT_EFFICIENCY: (
        ("协议达成后 5 日内", "5 days after agreement"),
        ("10 日内", "10 days"),
        ("7 日内", "7 days"),
    ),
}
PREMIUMS = [yuan(amount) for amount in ("1029200.00", "964875.00", "1106390.00", "1250000.00", "998700.50")] * 2


def _cell(language: str, dimension: Dimension, n: int) -> Cell:
    """The n-th insurer's cell: the first is best but for its premium, every third from the second restricts."""
    if dimension is Dimension.PREMIUM:
        return Cell(value=PREMIUMS[n], note=say(language, "费率 0.08%", "rate 0.08%"), best=n == 1)
    restrictive = n % 3 == 1 and dimension in (Dimension.CLAUSES, Dimension.DEDUCTIBLE)
    return Cell(value=say(language, *OFFERED[dimension][n % 3]), best=n == 0, restrictive=restrictive)


def _restriction(language: str) -> Restriction:
    text = (
        "仓库未安装喷淋前,存货损失每次赔偿限额 200 万元。",
        "Stock limited to 2 million until sprinklers are fitted.",
    )
    advice = ("贵方存货峰值 1.2 亿元,此限制使保障明显不足。", "Your stock peaks at 120 million: far too little cover.")
    return Restriction(insurer=INSURERS[language][1], text=say(language, *text), advice=say(language, *advice))


def _told_to_the_client(language: str) -> dict[str, Any]:
    insurers = INSURERS[language]
    deductible = say(language, "每次事故免赔额", "Deductible each loss")
    capacity = say(language, "超出承保能力", "beyond its capacity")
    wear = say(language, "自然磨损、内在或潜在缺陷、物质本身变化;", "Wear and tear, inherent vice, latent defect.")
    war = say(language, "战争、核辐射、行政行为。", "War, nuclear radiation, acts of authorities.")
    unrelated = (
        "我公司及高级管理人员与所推荐的保险人不存在关联关系。",
        "Neither we nor our executives are related to them.",
    )
    pay = ("我公司由保险人按保险费的 12% 支付佣金,不向贵方另行收费。", "The insurers pay us 12%; you pay no fee.")
    return {
        "unanswered": (
            Unanswered(insurer=insurers[3], outcome=Outcome.DECLINED, reason=capacity),
            Unanswered(insurer=insurers[4], outcome=Outcome.NO_RESPONSE),
        ),
        "restrictions": (_restriction(language),),
        "shortfalls": (
            Shortfall(insurer=insurers[1], subject=deductible, requested=yuan("50000.00"), offered=yuan("200000.00")),
        ),
        "exclusions": (wear, war),
        "related_parties": say(language, *unrelated),
        "remuneration": say(language, *pay),
    }


def a_proposal_paper(language: str = "zh", offers: int = 3, **head: Any) -> ProposalPaper:
    """A proposal that compares this many offers, the second with a restrictive condition."""
    names = (INSURERS[language] * 2)[:offers]
    until = date(2026, 4, 10)
    reasons = (
        ("条款最完整,免赔额与所要求方案一致;", "Widest clauses, and the deductible that was asked for."),
        ("偿付能力充足,省内理赔权限最高。", "Strong solvency, highest local claims authority."),
    )
    return ProposalPaper(
        **_common(language, **{"number": "PR-GD-2026-000009", **head}),
        answer_until_on=date(2026, 3, 28),
        requested=terms(language),
        offers=tuple(
            Offer(insurer=name, premium=PREMIUMS[n], valid_until_on=until, recommended=n == 0)
            for n, name in enumerate(names)
        ),
        comparison=tuple(
            ComparisonRow(dimension=dimension, cells=tuple(_cell(language, dimension, n) for n in range(offers)))
            for dimension in Dimension
        ),
        recommendation=(
            RecommendedLine(insurer=names[0], share_bp=6000, lead=True, premium=yuan("617520.00")),
            RecommendedLine(insurer=names[-1], share_bp=4000, lead=False, premium=yuan("411680.00")),
        ),
        reasons=tuple(say(language, *reason) for reason in reasons),
        **_told_to_the_client(language),
    )


def a_placing_instruction_paper(language: str = "zh", **head: Any) -> PlacingInstructionPaper:
    """An instruction to a panel of two."""
    names = INSURERS[language]
    return PlacingInstructionPaper(
        **_common(language, **{"number": "PI-GD-2026-000005", "edition": None, **head}),
        addressee=names[0],
        proposal_number="PR-GD-2026-000009",
        proposal_edition=2,
        accepted_on=date(2026, 3, 25),
        panel=(
            PanelLine(insurer=names[0], share_bp=6667, lead=True, premium=yuan("686167.64")),
            PanelLine(insurer=names[2], share_bp=3333, lead=False, premium=yuan("343032.36")),
        ),
        premium=yuan("1029200.00"),
        payment=_payment(),
        terms=terms(language),
        clauses=clause_list(language),
        subjectivities=(
            Subjectivity(
                text=say(language, "起保后 60 日内完成仓库喷淋改造", "Sprinklers fitted within 60 days"),
                due_on=date(2026, 5, 31),
            ),
        ),
        reply_by_on=date(2026, 3, 30),
        policy_due_on=date(2026, 4, 20),
    )


def a_cover_confirmation_paper(language: str = "zh", **head: Any) -> CoverConfirmationPaper:
    """A confirmation of a cover bound by two insurers, one subjectivity open."""
    instruction = a_placing_instruction_paper(language)
    lines = tuple(
        BoundLine(
            insurer=line.insurer,
            share_bp=line.share_bp,
            lead=line.lead,
            premium=line.premium,
            reference="AC-2026-4403-PAR-00017",
            accepted_on=date(2026, 3, 27),
        )
        for line in instruction.panel
    )
    return CoverConfirmationPaper(
        **_common(language, **{"number": "CC-GD-2026-000005", "edition": None, **head}),
        instruction_number=instruction.head.number,
        lines=lines,
        premium=instruction.premium,
        payment=instruction.payment,
        terms=instruction.terms,
        clauses=instruction.clauses,
        subjectivities=(
            *instruction.subjectivities,
            Subjectivity(
                text=say(language, "提供消防验收合格证", "Fire safety certificate"), insurer=lines[0].insurer, met=True
            ),
        ),
        claims_contact=Correspondent(
            name=say(language, "李理", "Li Li"), phone="400-000-0000", email="claims@baoqiao.example"
        ),
    )
