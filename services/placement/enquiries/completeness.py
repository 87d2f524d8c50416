"""What an enquiry needs before it may go on, and what a person should see before that. Pure."""

from chassis.refusals import Conflict, Fault
from services.placement.enquiries.model import MOST_INSURED, MOST_SITUATIONS, MOST_WORDS, Enquiry, Status

LEAST_INSURERS = 2
ADVISED_INSURERS = 3


class EnquiryIncomplete(Conflict):
    """Sections that insurers need are not filled."""

    rule = "PLC-026"
    zh = "询价书有 {count} 处不完整"
    en = "The enquiry is incomplete in {count} place(s)"
    todo_zh = "请补充后再提交"
    todo_en = "Fill them in, then submit"


class TooFewInsurers(Conflict):
    """An enquiry goes to at least two insurers."""

    rule = "PLC-029"
    zh = "至少须向 {least} 家保险公司询价,现为 {count} 家"
    en = "An enquiry goes to at least {least} insurers; these are {count}"
    todo_zh = "请增加保险公司"
    todo_en = "Add insurers"


def incomplete(enquiry: Enquiry) -> list[Fault]:
    """What insurers need and the draft lacks: true and complete information (Art 47). Rule: PLC-026."""
    content, risk = enquiry.content, enquiry.content.risk
    needed = [
        (bool(risk.insured), "/risk/insured", "被保险人", "the insured"),
        (
            bool(risk.situation or content.schedule_ids),
            "/risk/situation",
            "标的地址或清单",
            "a situation or a schedule",
        ),
        (risk.starts_on is not None, "/risk/starts_on", "起保日", "the first day of cover"),
        (risk.ends_on is not None, "/risk/ends_on", "到期日", "the last day of cover"),
        (bool(risk.limits or content.schedule_ids), "/risk/limits", "保险金额或限额", "sums insured or limits"),
        (
            bool(content.information.told or content.information.notes),
            "/information",
            "核保资料",
            "underwriting information",
        ),
        (
            content.security.minimum_solvency_bp is not None or bool(content.security.notes),
            "/security",
            "对保险人的要求",
            "what is asked of insurers",
        ),
        (
            content.subscription.valid_days is not None,
            "/subscription/valid_days",
            "报价有效期",
            "for how long a quote holds",
        ),
        (bool(content.fiscal.payment), "/fiscal/payment", "缴费方式", "how the premium is paid"),
        (bool(content.remuneration.statement), "/remuneration/statement", "经纪人报酬说明", "how the broker is paid"),
        (enquiry.premium_estimate is not None, "/premium_estimate", "保费估计", "the premium estimate"),
    ]
    faults = [Fault(pointer, f"缺少{zh}", f"{en} is missing") for there, pointer, zh, en in needed if not there]
    if risk.starts_on and risk.ends_on and risk.ends_on < risk.starts_on:
        faults.append(Fault("/risk/ends_on", "到期日早于起保日", "the last day lies before the first"))
    bears = [risk.deductible.amount] if risk.deductible and risk.deductible.amount else []
    amounts = {"/risk/limits": [limit.amount for limit in risk.limits], "/risk/deductible": bears}
    faults += [
        Fault(pointer, "币种与缴费币种不一致", "the currency is not that of the enquiry")
        for pointer, told in amounts.items()
        if {amount.currency for amount in told} - {content.fiscal.currency}
    ]
    return faults


def full(enquiry: Enquiry) -> list[tuple[str, Fault]]:
    """Fields that take no more: what the answers say beyond that is not in the enquiry. Rule: PLC-025."""
    risk = enquiry.content.risk
    filled = [
        ("/risk/insured", len(risk.insured), MOST_INSURED),
        ("/risk/business", len(risk.business), MOST_WORDS),
        ("/risk/situation", len(risk.situation), MOST_SITUATIONS),
    ]
    zh, en = "已达上限 {most},问卷答复可能未全部列入", "is full at {most}; the answers may say more"
    return [
        ("PLC-025", Fault(pointer, zh.format(most=most), en.format(most=most)))
        for pointer, length, most in filled
        if length >= most
    ]


def check_complete(enquiry: Enquiry) -> None:
    """Refuse an enquiry that lacks something; raises EnquiryIncomplete with all of it. Rule: PLC-026."""
    if faults := incomplete(enquiry):
        raise EnquiryIncomplete(faults, count=len(faults))


def notices(enquiry: Enquiry) -> list[dict[str, str]]:
    """What a person should see: a draft's gaps and full fields, and that few insurers were asked.

    Rule: PLC-025, PLC-026, PLC-029.
    """
    if enquiry.status is Status.DRAFTING:
        told = [*((EnquiryIncomplete.rule, fault) for fault in incomplete(enquiry)), *full(enquiry)]
        return [{"rule": rule, "pointer": fault.pointer, "zh": fault.zh, "en": fault.en} for rule, fault in told]
    if 0 < len(enquiry.insurer_ids) < ADVISED_INSURERS:
        count = len(enquiry.insurer_ids)
        zh, en = f"仅向 {count} 家保险公司询价,建议至少 {ADVISED_INSURERS} 家", f"only {count} insurers were asked"
        return [{"rule": TooFewInsurers.rule, "pointer": "/insurer_ids", "zh": zh, "en": en}]
    return []
