"""The quotes that P2, P2r and P6 read and change: the same documents for ours and the floor."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from bench.bed import Bench
from chassis.ids import new_id
from contracts.money import yuan
from contracts.shared import LineFamily
from services.placement.clauses.model import ClauseKind, Words
from services.placement.enquiries.model import Deductible, Limit
from services.placement.quotes import rules
from services.placement.quotes.model import Clause, Quote, Restriction, RestrictionKind, Status, Subjectivity, Terms
from services.placement.quotes.store import Quotes

BRANCHES = 20
BATCH = 1000
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


async def kept(bench: Bench, many: int) -> list[str]:
    """Keep so many selected quotes in a placement service and, the same documents, with the floor; gives their ids."""
    await bench.knows_branches("placement", BRANCHES)
    host = bench.host("placement")
    try:
        await host.prepare()
        made = [_quote(number) for number in range(many)]
        for start in range(0, many, BATCH):
            await Quotes(host.system_work()).add_many([rules.ask(quote) for quote in made[start : start + BATCH]])
    finally:
        await host.db.close()
    quotes = bench.mongo["placement"]["quotes"]
    await quotes.update_many({}, {"$set": {"outbox": []}, "$unset": {"outbox_at": ""}})  # as if the relay had run
    into = {"db": "floor", "coll": "quotes"}
    await (await quotes.aggregate([{"$merge": {"into": into, "whenMatched": "keepExisting"}}])).to_list()
    await bench.mongo["floor"]["quotes"].create_index([("branch", 1), ("_id", -1)])
    return [quote.id for quote in made]


def _quote(number: int) -> Quote:
    branch = f"b{number % (BRANCHES - 1) + 1}"
    return Quote(
        id=new_id(),
        branch=branch,
        enquiry_id=f"enquiry-{number // 4}",
        client_id="client-1",
        line_family=LineFamily.PROPERTY,
        insurer_id=f"insurer-{number % 4}",
        insurer_name="华东财产保险股份有限公司",
        edition=1,
        sent_at=AT,
        closes_at=AT,
        status=Status.SELECTED,
        acknowledged_at=AT,
        terms=Terms(
            premium=yuan("128000.00"),
            rate_ppm=800,
            limits=tuple(Limit(subject=subject, amount=yuan("40000000.00")) for subject in ("建筑物", "设备", "存货")),
            deductible=Deductible(amount=yuan("5000.00"), rate_bp=1000, note="以高者为准"),
            clauses=tuple(_clauses()),
            subjectivities=(Subjectivity(text="承保前完成风险查勘", before_binding=True, due_on=date(2026, 4, 1)),),
            valid_until_on=date(2026, 6, 30),
            evidence_id="file-1",
            revision=1,
            edition=1,
            recorded_by="bench",
            recorded_at=AT,
            restrictions=(
                Restriction(kind=RestrictionKind.WARRANTY, text="消防设施保证条款", text_en="Fire warranty"),
            ),
        ),
        verified_by="somebody",
        verified_at=AT,
        proposal_id="proposal-1",
    )


def _clauses() -> Iterator[Clause]:
    words = Words(
        title_zh="自动恢复保险金额条款",
        title_en="Automatic reinstatement of sum insured",
        text_zh="发生损失后,保险金额自动恢复,被保险人按比例补交自损失发生之日起至保险期间届满之日止的保险费。" * 2,
        text_en="After a loss the sum insured is reinstated; the insured pays premium pro rata from the date of loss.",
    )
    for number in range(6):
        yield Clause(clause_id=f"clause-{number}", edition=1, code=f"C{number}", kind=ClauseKind.EXTENSION, words=words)
