"""A row of a client file as a careful clerk reads it: a value where a cell has one meaning, else a finding.

Pure.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import phonenumbers

from chassis.sheets import Row, Unreadable, column
from chassis.sheets import values as cell_values
from contracts.personal import IdentityNumber, PersonName, PhoneNumber, PostalAddress
from services.clients.clients import names
from services.clients.clients.identities import NotThatNumber, looks_like_uscc, number_of, province_of
from services.clients.clients.model import (
    Classification,
    Client,
    Contact,
    FormerCode,
    Identity,
    Kind,
    NumberKind,
    Status,
)
from services.clients.clients.rules import cleaned_code
from services.clients.imports.model import Finding, Level

COLUMNS = [
    column("code", "客户编号", "客户代码", "客户号", "编号", "代码"),
    column(
        "name",
        "客户名称",
        "单位全称",
        "投保人",
        "客户名",
        "名称",
        "姓名",
        "单位名称",
        "客户姓名",
        "企业名称",
        needed=True,
    ),
    column("kind", "客户类型", "客户类别", "证件 > 类型", "证件种类", "证件类型", "类型"),
    column(
        "number",
        "证件号码",
        "证件 > 号码",
        "证件号",
        "统一社会信用代码",
        "统一社会信用代码/身份证号",
        "信用代码",
        "证照号码",
        needed=True,
    ),
    column("industry", "所属行业", "行业类别", "行业"),
    column("province", "省份", "所在地 > 省", "省", "省市", "所在省份", "地区"),
    column("city", "城市", "所在地 > 市", "市"),
    column("address", "地址", "所在地 > 详细地址", "通讯地址", "详细地址", "联系地址"),
    column("people", "联系人及电话", "联系人和电话", "联系人/电话"),
    column("contact1", "联系人", "联系人一 > 姓名", "联系人1"),
    column("title1", "职务", "联系人一 > 职务", "职务1"),
    column("phone1", "联系电话", "电话", "联系人一 > 手机/座机", "联系电话1", "手机", "联系方式"),
    column("contact2", "联系人2", "联系人二 > 姓名"),
    column("title2", "职务2", "联系人二 > 职务"),
    column("phone2", "联系电话2", "联系人二 > 手机/座机", "电话2"),
    column("contact3", "联系人3", "联系人三 > 姓名"),
    column("title3", "职务3", "联系人三 > 职务"),
    column("phone3", "联系电话3", "联系人三 > 手机/座机", "电话3"),
    column("manager", "客户经理", "业务员", "负责人", "经办人"),
    column("classification", "客户分类", "级别", "等级", "客户等级", "分类"),
    column("since", "建档日期", "建档时间", "建立日期", "建档日"),
    column("note", "备注", "说明"),
]
KINDS = {
    **dict.fromkeys(
        ("企业", "单位", "公司", "集团", "法人", "机构", "团体", "组织", "机关"), (Kind.COMPANY, NumberKind.USCC)
    ),
    **dict.fromkeys(
        ("事业单位", "企事业单位", "社会团体", "合伙企业", "个体工商户", "个体户"), (Kind.COMPANY, NumberKind.USCC)
    ),
    **dict.fromkeys(("营业执照", "统一社会信用代码", "信用代码"), (Kind.COMPANY, NumberKind.USCC)),
    **dict.fromkeys(("个人", "自然人", "私人", "居民"), (Kind.INDIVIDUAL, None)),
    **dict.fromkeys(("身份证", "居民身份证", "二代身份证"), (Kind.INDIVIDUAL, NumberKind.RESIDENT_ID)),
    **dict.fromkeys(("护照", "外国护照", "中国护照"), (Kind.INDIVIDUAL, NumberKind.PASSPORT)),
}
"""By what the kind's column says, without 客户 behind it."""
ORGANISATION = re.compile(
    "公司|集团|企业|合伙|合作社|事务所|经营部|商行|超市|酒店|宾馆|银行|中心|学校|大学|中学|小学|学院|幼儿园|医院|诊所"
    "|协会|学会|商会|联合会|基金会|委员会|村委会|居委会|工会|政府|办公室|[厂场店局院所站馆社处部]$"
    r"|\b(?:CO|LTD|LIMITED|INC|LLC|CORP|COMPANY|GMBH)\b"
)
PASSPORT = re.compile(r"[A-Z]{1,2}[0-9]{7,8}")
PERSON = re.compile(r"\s*(?P<name>[^\d()（）+]{1,40})(?:[(（](?P<title>[^\d()（）]*)[)）])?[\s：:,，]*(?P<phone>.*)")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
PEOPLE = [(f"contact{n}", f"title{n}", f"phone{n}") for n in "123"]
HIMSELF = "本人"
LONGEST_PERSON = 4
T = TypeVar("T")


@dataclass(slots=True)
class Draft:
    """What a row says. `name` and `since` are trustworthy only where no finding refuses the row."""

    row: Row
    today: date
    name: str = ""
    kind: Kind | None = None
    number_kind: NumberKind | None = None
    number: str | None = None
    code: str = ""
    since: date | None = None
    province: str = ""
    city: str = ""
    industry: str = ""
    address: str = ""
    manager: str = ""
    note: str = ""
    classification: Classification | None = None
    contacts: list[Contact] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether the row cannot be taken in."""
        return any(finding.level == Level.ROW for finding in self.findings)

    @property
    def shown(self) -> str:
        """The name as a report may show it: masked, unless kind, number or name says that it is no person's."""
        organisation = self.kind == Kind.COMPANY or (self.kind is None and _names_organisation(self.name))
        return self.name if organisation else PersonName.mask(self.name)

    def find(self, level: Level, cell: str, rule: str, zh: str, en: str) -> None:
        """Note a finding about a cell."""
        self.findings.append(Finding(level=level, column=self.row.label(cell), rule=rule, zh=zh, en=en))

    def client(self, client_id: str, branch: str, former_codes: tuple[FormerCode, ...]) -> Client:
        """The client that the row describes; only for a row that is not refused and has a number and a code."""
        assert self.kind is not None and self.number_kind is not None and self.number is not None
        company = self.kind == Kind.COMPANY
        return Client(
            id=client_id,
            branch=branch,
            kind=self.kind,
            status=Status.CLIENT,
            code=self.code,
            former_codes=former_codes,
            name=self.name if company else None,
            person_name=None if company else PersonName(self.name),
            identity=Identity(kind=self.number_kind, number=IdentityNumber(self.number)),
            industry=self.industry,
            region=self.province,
            city=self.city,
            address=self.address or None if company else None,
            person_address=PostalAddress(self.address) if self.address and not company else None,
            classification=self.classification,
            manager_name=self.manager,
            contacts=tuple(contact.but(id=f"{client_id}-{n}") for n, contact in enumerate(self.contacts, 1)),
            note=self.note,
            on_file_since_on=self.since or self.today,
        )


def read_row(row: Row, today: date) -> Draft:
    """Everything that a row says, with a finding for each cell that cannot be taken.

    Rules: CLI-001, CLI-002, CLI-010, CLI-011, CLI-012.
    """
    draft = Draft(row, today)
    _read_name(draft)
    _read_number(draft)
    _read_since(draft)
    _read_place(draft)
    draft.code = cleaned_code(_text(draft, "code", 40))
    draft.industry = _text(draft, "industry", 100)
    draft.manager = _text(draft, "manager", 80)
    draft.note = _text(draft, "note", 2000)
    draft.classification = _classification(draft)
    _read_people(draft)
    return draft


def _cell(draft: Draft, cell: str, reader: Callable[[str], T | None], level: Level, rule: str) -> T | None:
    """What a reader makes of a cell, or None with a finding."""
    try:
        return reader(cell)
    except Unreadable as fault:
        draft.find(level, cell, "CLI-010" if fault.lost and level == Level.ROW else rule, fault.zh, fault.en)
        return None


def _text(draft: Draft, cell: str, most: int) -> str:
    if draft.row.blank(cell):
        return ""
    found = _cell(draft, cell, draft.row.text, Level.FIELD, "CLI-012") or ""
    if len(found) > most:
        draft.find(Level.FIELD, cell, "CLI-012", f"超过 {most} 个字", f"more than {most} characters")
        return ""
    return found


def _read_name(draft: Draft) -> None:
    told = _cell(draft, "name", draft.row.text, Level.ROW, "CLI-011")
    draft.name = names.cleaned(told or "")
    if told is None and not draft.refused:
        draft.find(Level.ROW, "name", "CLI-011", "缺少名称", "the name is missing")
    elif told is not None and (not any(char.isalpha() for char in draft.name) or len(draft.name) > 200):
        draft.find(Level.ROW, "name", "CLI-011", "不可能是名称", "it cannot be a name")


def _read_number(draft: Draft) -> None:
    """The number with its kind, told by the kind's column, else by the number's form; never guessed, never mended."""
    draft.kind, number_kind = KINDS.get("".join(_text(draft, "kind", 40).split()).removesuffix("客户"), (None, None))
    number = _cell(draft, "number", draft.row.code, Level.ROW, "CLI-001")
    if number is None:
        draft.kind = draft.kind or _likely_kind(draft)
        return
    kinds = [number_kind] if number_kind else _kinds_of(number, draft.kind)
    reasons: list[NotThatNumber] = []
    for kind in kinds:
        try:
            draft.number, draft.number_kind = number_of(kind, number, draft.today), kind
            draft.kind = Kind.COMPANY if kind == NumberKind.USCC else Kind.INDIVIDUAL
            return
        except NotThatNumber as why:
            reasons.append(why)
    if draft.kind is None and looks_like_uscc(number):
        draft.kind = Kind.COMPANY
    rule = "CLI-001" if kinds[0] == NumberKind.USCC else "CLI-002"
    draft.find(Level.ROW, "number", rule, reasons[0].zh, reasons[0].en)


def _kinds_of(number: str, kind: Kind | None) -> list[NumberKind]:
    """Which kinds a number may be by its form, the likeliest first."""
    if kind == Kind.COMPANY:
        return [NumberKind.USCC]
    if PASSPORT.fullmatch(number):
        return [NumberKind.PASSPORT]
    if kind == Kind.INDIVIDUAL:
        return [NumberKind.RESIDENT_ID]
    digits = number[:17].isdigit()
    return [NumberKind.RESIDENT_ID, NumberKind.USCC] if digits else [NumberKind.USCC, NumberKind.RESIDENT_ID]


def _likely_kind(draft: Draft) -> Kind | None:
    """The kind where only the industry tells it: branches write 个人 there for a person. A person has one, too."""
    industry = unicodedata.normalize("NFKC", str(draft.row.raw("industry") or "")).strip()
    return Kind.INDIVIDUAL if industry in ("个人", "自然人") else None


def _names_organisation(name: str) -> bool:
    return len(name) > LONGEST_PERSON and bool(ORGANISATION.search(name.upper()))


def _read_since(draft: Draft) -> None:
    draft.since = _cell(draft, "since", draft.row.day, Level.ROW, "CLI-011")
    if draft.since is not None and draft.since > draft.today:
        draft.find(Level.ROW, "since", "CLI-011", "建档日期在将来", "the date lies in the future")


def _read_place(draft: Draft) -> None:
    told = _text(draft, "province", 100)
    draft.province, rest = province_of(told)
    if told and not draft.province:
        draft.find(Level.FIELD, "province", "CLI-012", f"没有省份“{told}”", f'there is no province "{told}"')
    draft.city = _text(draft, "city", 100) or (rest if draft.province else "")
    draft.address = _text(draft, "address", 300)


def _classification(draft: Draft) -> Classification | None:
    told = _text(draft, "classification", 40)
    letter = unicodedata.normalize("NFKC", told).upper().removesuffix("类").removesuffix("级").strip()
    if letter in list(Classification):
        return Classification(letter)
    if not letter:
        return None
    draft.find(Level.FIELD, "classification", "CLI-012", f"没有分类“{told}”", f'there is no class "{told}"')
    return None


def _read_people(draft: Draft) -> None:
    for contact, title, phone in PEOPLE:
        if all(map(draft.row.blank, (contact, title, phone))):
            continue
        dialled = _cell(draft, phone, lambda cell: _phone(draft.row.raw(cell)), Level.FIELD, "CLI-012")
        _add_contact(draft, _text(draft, contact, 80), _text(draft, title, 100), dialled)
    for told in re.split(r"[;；\n、]", _text(draft, "people", 1000)):
        if not told.strip():
            continue
        found = PERSON.fullmatch(told)
        if found is None:
            draft.find(Level.FIELD, "people", "CLI-012", "有一位联系人无法识别", "one contact cannot be read")
            continue
        phone = _cell(draft, "people", lambda _, told=found["phone"]: _phone(told), Level.FIELD, "CLI-012")
        _add_contact(draft, found["name"], (found["title"] or "").strip(), phone)


def _add_contact(draft: Draft, name: str, title: str, phone: str | None) -> None:
    if not name:
        return
    draft.contacts.append(
        Contact(
            id="",
            name=PersonName(names.cleaned(name)),
            title=title,
            phone=PhoneNumber(phone) if phone else None,
            may_sign=title == HIMSELF and draft.kind == Kind.INDIVIDUAL,
        )
    )


def _phone(raw: object) -> str | None:
    """A telephone number as it is dialled in China, or in full for another country; raises Unreadable."""
    told = cell_values.code(raw, drop="")
    if told is None:
        return None
    if mobile := MOBILE.fullmatch(re.sub("[ -]", "", told)):
        return mobile[0]
    try:
        number = phonenumbers.parse(re.sub(r"转|分机", " ext. ", told), "CN")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Unreadable("不是有效的电话号码", "it is no telephone number")
    if number.country_code != 86:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    line, _, extension = dialled.partition(" ext. ")
    return re.sub(r"\D", "", line) + (f"-{extension}" if extension else "")
