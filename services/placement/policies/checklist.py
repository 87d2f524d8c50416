"""The checklist of a policy check, made from the cover that the client accepted (Y3, G-06)."""

from collections.abc import Iterator

from services.placement.clauses.model import ClauseKind
from services.placement.gates.insured import InsuredName
from services.placement.policies.model import Cover, Item, ItemKind


def checklist(cover: Cover) -> tuple[Item, ...]:
    """Everything to compare, in a policy's order: parties, period, premium, limits, deductible, clauses, conditions.

    The last item stands for all that the document may say beyond the accepted terms.

    Rule: PLC-092 (docs/rules/placement.md).
    """
    return (
        *_numbered(ItemKind.INSURED, [(str(name), name) for name in cover.insured]),
        *(
            Item(
                key=f"insurer-{line.insurer_id}",
                kind=ItemKind.INSURER,
                subject=line.insurer_name,
                expected=line.share_bp,
            )
            for line in cover.lines
        ),
        Item(key="starts_on", kind=ItemKind.STARTS_ON, subject="", expected=cover.starts_on.isoformat()),
        Item(key="ends_on", kind=ItemKind.ENDS_ON, subject="", expected=cover.ends_on.isoformat()),
        Item(key="premium", kind=ItemKind.PREMIUM, subject="", expected=cover.premium),
        *(
            Item(key=f"limit-{number}", kind=ItemKind.LIMIT, subject=limit.subject, expected=limit.amount)
            for number, limit in enumerate(cover.limits, 1)
        ),
        *_deductible(cover),
        *_clauses(cover),
        *_numbered(ItemKind.SPECIAL_CONDITION, [(text, text) for text in cover.conditions]),
        Item(key="nothing_else", kind=ItemKind.NOTHING_ELSE, subject="", expected=None),
    )


def _deductible(cover: Cover) -> Iterator[Item]:
    bears = cover.deductible
    yield Item(key="deductible", kind=ItemKind.DEDUCTIBLE, subject=bears.note, expected=bears.amount)
    if bears.rate_bp is not None:
        yield Item(key="deductible_rate", kind=ItemKind.DEDUCTIBLE_RATE, subject=bears.note, expected=bears.rate_bp)


def _clauses(cover: Cover) -> Iterator[Item]:
    for number, clause in enumerate(cover.clauses, 1):
        kind = ItemKind.EXCLUSION if clause.kind is ClauseKind.EXCLUSION else ItemKind.CLAUSE
        subject = f"{clause.code} {clause.words.title_zh}".strip()
        yield Item(key=f"{kind}-{number}", kind=kind, subject=subject, expected=clause.words.text_zh)


def _numbered(kind: ItemKind, told: list[tuple[str, str | InsuredName]]) -> Iterator[Item]:
    for number, (subject, expected) in enumerate(told, 1):
        yield Item(key=f"{kind}-{number}", kind=kind, subject=subject, expected=expected)
