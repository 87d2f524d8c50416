"""What a debit note says on paper, in one language."""

from datetime import date
from pathlib import Path

from chassis.model import Value
from chassis.papers import Head
from contracts.money import Money
from services.finance.client_accounts.model import ClientAccount
from services.finance.debit_notes.model import DebitNote, Instalment
from services.finance.debit_notes.words import amount_in_words
from services.finance.policies.model import Collection, Share

TEMPLATE = Path(__file__).parent / "debit_note.typ"
TITLES = {
    (Collection.BROKER, "zh"): "付款通知书",
    (Collection.BROKER, "en"): "Debit Note",
    (Collection.INSURER, "zh"): "保险费缴纳提示书",
    (Collection.INSURER, "en"): "Premium Notice",
}


class Payee(Value):
    """Where to pay: in clear, for it is printed."""

    holder: str
    bank: str
    number: str


class DebitNotePaper(Value):
    """A debit note (payee given) or a notice of direct payment (no payee). `words` is empty for other than CNY."""

    head: Head
    title: str
    policy_number: str
    line: str
    insured: str
    starts_on: date
    ends_on: date
    lines: tuple[Share, ...]
    total: Money
    words: str
    instalments: tuple[Instalment, ...]
    payee: Payee | None
    checked_by: str


def paper_of(
    note: DebitNote, head: Head, policy_number: str, account: ClientAccount | None, checked_by: str
) -> DebitNotePaper:
    """The paper of a note. Rule: FIN-009 (docs/rules/finance.md)."""
    payee = Payee(holder=account.holder, bank=account.bank, number=account.number.reveal()) if account else None
    return DebitNotePaper(
        head=head,
        title=TITLES[note.collection, head.language],
        policy_number=policy_number,
        line=note.line,
        insured=note.insured_name or head.client,
        starts_on=note.starts_on,
        ends_on=note.ends_on,
        lines=note.lines,
        total=note.total,
        words=amount_in_words(note.total) if note.total.currency == "CNY" else "",
        instalments=note.instalments,
        payee=payee,
        checked_by=checked_by,
    )
