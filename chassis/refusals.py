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

    todo_zh = "请更正后重新提交"
    todo_en = "Correct it and send it again"


class Missing(Refusal):
    """There is no such thing, or the caller may not know of it."""

    todo_zh = "请核对编号;它也可能属于您无权查看的机构"
    todo_en = "Check the id; it may also belong to a branch that you may not see"


class Forbidden(Refusal):
    """The caller, as who he is, may not do this."""

    todo_zh = "请由有权办理的人员操作"
    todo_en = "Have it done by somebody who may"


class Conflict(Refusal):
    """The state of things, as they are now, does not allow it."""

    todo_zh = "请先处理上述情况"
    todo_en = "Deal with that first"


class TryLater(Refusal):
    """Something needed has not arrived yet; the same call can succeed later."""

    todo_zh = "请稍后重试"
    todo_en = "Try again in a moment"
