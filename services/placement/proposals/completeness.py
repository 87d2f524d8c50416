"""What a proposal and its acceptance must say: every gap is found at once and names its rule."""

from datetime import date

from chassis.refusals import Fault
from services.placement.proposals.model import Acceptance, Proposal

WHOLE_BP = 10_000


RELATED = ("PLC-063", "须说明关联关系(没有也须写明)", "related parties, or that there are none")
PAY = ("PLC-063", "须说明经纪报酬的来源和方式", "how the broker is paid")
SHORTFALLS = ("PLC-062", "须提示限制条件和与所要求方案的差距", "what the restrictive conditions and shortfalls mean")
SUITABILITY = ("PLC-064", "自然人客户须有适当性意见", "suitability, for a natural person")


def gaps(proposal: Proposal, today: date, *, natural_person: bool) -> list[Fault]:
    """What is missing before the proposal may be reviewed. Rule: PLC-055, PLC-061 to PLC-064."""
    advice = proposal.advice
    short = any(offer.terms.shortfalls or offer.terms.restrictions for offer in proposal.recommended())
    faults = [
        *_recommendation_faults(proposal),
        *_unsaid("related_parties", advice.related_parties, *RELATED),
        *_unsaid("remuneration", advice.remuneration, *PAY),
        *(_unsaid("shortfall_advice", advice.shortfall_advice, *SHORTFALLS) if short else ()),
        *(_unsaid("suitability", advice.suitability, *SUITABILITY) if natural_person else ()),
    ]
    if not any(reason.strip() for reason in advice.reasons):
        faults.append(Fault("/advice/reasons", "须说明推荐理由(PLC-061)", "must give reasons (PLC-061)"))
    for offer in proposal.offers:
        if offer.terms.valid_until_on < today:
            zh = f"{offer.insurer_name} 的报价已失效(PLC-055)"
            en = f"the quote of {offer.insurer_name} has lapsed (PLC-055)"
            faults.append(Fault(f"/offers/{offer.quote_id}", zh, en))
    return faults


def _unsaid(field: str, text: str, rule: str, zh: str, en: str) -> list[Fault]:
    return [] if text.strip() else [Fault(f"/advice/{field}", f"{zh}({rule})", f"must say {en} ({rule})")]


def _recommendation_faults(proposal: Proposal) -> list[Fault]:
    lines = proposal.advice.recommendation
    faults: list[Fault] = []
    unknown = [line.quote_id for line in lines if proposal.offer(line.quote_id) is None]
    if not lines or unknown or len({line.quote_id for line in lines}) != len(lines):
        faults.append(
            Fault(
                "/advice/recommendation",
                "须推荐建议书中的报价,每项一次(PLC-061)",
                "must name offers of this proposal, each once (PLC-061)",
            )
        )
    total = sum(line.share_bp for line in lines)
    if lines and (total != WHOLE_BP or any(line.share_bp <= 0 for line in lines)):
        faults.append(
            Fault(
                "/advice/recommendation",
                f"份额合计须为 100%,现为 {total / 100:.2f}%(PLC-076)",
                f"the shares total {total / 100:.2f} %, not 100 % (PLC-076)",
            )
        )
    if lines and sum(line.lead for line in lines) != 1:
        faults.append(
            Fault("/advice/recommendation", "须有且仅有一家首席承保人(PLC-076)", "exactly one insurer leads (PLC-076)")
        )
    return faults


def acceptance_faults(proposal: Proposal, acceptance: Acceptance) -> list[Fault]:
    """What the written acceptance fails to say. Rule: PLC-067, PLC-072."""
    faults: list[Fault] = []
    if acceptance.edition != proposal.edition:
        faults.append(Fault("/edition", f"本建议书为第 {proposal.edition} 版", f"this is edition {proposal.edition}"))
    if not acceptance.quote_ids or len(set(acceptance.quote_ids)) != len(acceptance.quote_ids):
        faults.append(Fault("/quote_ids", "须写明所选保险公司,每家一次", "must name the insurers chosen, each once"))
    for number, quote_id in enumerate(acceptance.quote_ids):
        if proposal.offer(quote_id) is None:
            faults.append(Fault(f"/quote_ids/{number}", "建议书中没有该报价", "is not an offer of this proposal"))
    if not acceptance.disclosure_statement.strip():
        faults.append(
            Fault(
                "/disclosure_statement",
                "须声明已了解并履行如实告知义务",
                "must state that disclosure was understood and performed",
            )
        )
    if not acceptance.exclusions_explained:
        faults.append(
            Fault(
                "/exclusions_explained",
                "须确认责任免除已作说明(PLC-072)",
                "must confirm that the exclusions were explained (PLC-072)",
            )
        )
    return faults
