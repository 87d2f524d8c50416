"""What an obligation says of itself, in Chinese and English."""

from chassis.rulebook import rule
from services.notifications.obligations.catalogue import clock
from services.notifications.obligations.model import Obligation
from services.notifications.wording import filled


def what(obligation: Obligation, subject: str, language: str) -> str:
    """What is to be done; `subject` names the client and the policy."""
    found = clock(obligation.clock)
    template = found.zh if language == "zh" else found.en
    text = filled(template, {"subject": subject, "title": obligation.title, **obligation.details})
    return text.strip().removesuffix(":").removesuffix(":")


def why(obligation: Obligation, language: str) -> str:
    """The rule that asks for it, with its source. Capability N9."""
    found = rule(obligation.rule_id)
    sentence = found.zh if language == "zh" else found.en
    return f"{found.id} {sentence}({found.source})" if language == "zh" else f"{found.id} {sentence} ({found.source})"
