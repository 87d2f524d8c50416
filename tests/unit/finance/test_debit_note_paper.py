import json
from datetime import date
from typing import Any

import pytest
import typst

from chassis.papers import Correspondent, Head, data
from chassis.rendering import ROOT, font_folders
from contracts.money import Money, yuan
from contracts.personal import BankAccount
from services.finance.client_accounts.model import ClientAccount
from services.finance.debit_notes.paper import TEMPLATE, DebitNotePaper, paper_of
from services.finance.debit_notes.rules import parts_of
from services.finance.policies.model import Collection, Plan
from tests.support.finance import a_note

HOSTILE = '#panic("run") $x$ *b* [ ] { } \\ // /* "q"\n第二行 ' + "X" * 300
ACCOUNT = ClientAccount(
    id="acc-1",
    branch="hq",
    holder="保桥保险经纪有限公司",
    bank="中国银行广州天河支行",
    number=BankAccount("6543210012345678"),
    currency="CNY",
    proposed_by="cash",
)


def a_paper(
    language: str = "zh", parts: int = 4, client: str = "深圳市南山华宇精密电子制造有限公司", **note: Any
) -> DebitNotePaper:
    """A debit note of 1,029,200.00 in this many parts."""
    total = note.pop("total", yuan("1029200.00"))
    plan = Plan(due_on=tuple(date(2026 + n // 12, 1 + n % 12, 15) for n in range(parts)), weights=())
    drafted = a_note(
        total=total, instalments=parts_of(total, plan, date(2026, 4, 1)), number="DN-GD-2026-000017", **note
    )
    head = Head(
        broker="保桥保险经纪有限公司",
        branch="广东分公司",
        language="en" if language == "en" else "zh",
        number=drafted.number,
        dated_on=date(2026, 3, 2),
        client=client,
        contact=Correspondent(name="陈晓", email="chen.xiao@baoqiao.example"),
    )
    account = ACCOUNT if drafted.collection is Collection.BROKER else None
    return paper_of(drafted, head, "", account, "方敏")


def pages(paper: DebitNotePaper, ppi: float = 10) -> list[bytes]:
    """The paper's pages as pictures."""
    inputs = {"data": json.dumps(data(paper))}
    fonts: Any = font_folders()
    drawn = typst.compile(
        str(TEMPLATE),
        root=str(ROOT),
        font_paths=fonts,
        ignore_system_fonts=True,
        format="png",
        ppi=ppi,
        sys_inputs=inputs,
    )
    return drawn if isinstance(drawn, list) else [drawn]


@pytest.mark.parametrize("collection", list(Collection))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_note_is_drawn_in_both_languages_for_both_ways_of_collection(language: str, collection: Collection):
    assert len(pages(a_paper(language, collection=collection))) == 1


def test_text_is_never_run_as_markup():
    assert pages(a_paper(client=HOSTILE, line=HOSTILE))


@pytest.mark.rule("FIN-001")
def test_many_parts_run_over_more_pages():
    assert len(pages(a_paper(parts=60))) > 1


@pytest.mark.rule("FIN-009")
def test_the_amount_stands_in_words_too_where_it_is_in_yuan():
    assert a_paper().words == "壹佰零贰万玖仟贰佰元整"
    dollars = a_paper(total=Money(amount_minor=12_345, currency="USD"))
    assert dollars.words == ""
    assert pages(dollars)


@pytest.mark.rule("FIN-006")
def test_only_a_note_that_the_broker_collects_names_an_account():
    collected, direct = a_paper(), a_paper(collection=Collection.INSURER)
    assert collected.payee is not None
    assert collected.payee.number == "6543210012345678"
    assert direct.payee is None
    assert (collected.title, direct.title) == ("付款通知书", "保险费缴纳提示书")
