"""Refusals: what a rule says when the answer is no. They know nothing of HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Fault:
    """One thing wrong in what was sent: where (JSON pointer, or sheet/row/column as text) and why, in both
    languages."""

    pointer: str
    zh: str
    en: str


class Refusal(Exception):
    """A named no. Subclass one of the kinds below, never this; name the class after what is wrong (`QuoteClosed`).

    `rule` is an id of the service's rule register; `zh` and `en` are sentences with `{placeholders}` that the
    constructor's
    keyword arguments fill; `todo_zh` and `todo_en` say what to do next. Only the doors turn a refusal into a status.
    """

    rule: ClassVar[str] = ""
    zh: ClassVar[str] = ""
    en: ClassVar[str] = ""
    todo_zh: ClassVar[str] = ""
    todo_en: ClassVar[str] = ""

    def __init__(self, faults: Sequence[Fault] = (), **facts: object) -> None:
        self.faults = tuple(faults)
        self.facts = facts
        super().__init__(self.say("en"))

    def say(self, language: str) -> str:
        """What is wrong, in "zh" or "en"."""
        return (self.zh if language == "zh" else self.en).format(**self.facts)

    def todo(self, language: str) -> str:
        """What to do next, in "zh" or "en"; empty when there is nothing to do."""
        return (self.todo_zh if language == "zh" else self.todo_en).format(**self.facts)


class Invalid(Refusal):
    """What was sent cannot be understood or is incomplete."""


class Missing(Refusal):
    """There is no such thing, or the caller may not know of it."""


class Forbidden(Refusal):
    """The caller, as who he is, may not do this."""


class Conflict(Refusal):
    """The state of things, as they are now, does not allow it."""


class TryLater(Refusal):
    """Something needed has not arrived yet; the same call can succeed later."""
