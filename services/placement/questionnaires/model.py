"""Questionnaires: a pinned edition of a question set, sent to a client.

sent ──(answered)──▶ sent ──▶ returned
  └──▶ withdrawn
"""

from datetime import datetime
from enum import StrEnum

from chassis.model import Aggregate, Value
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.gates.insured import Sealed

Answer = bool | Money | str | Sealed
"""An answer as it is kept: yes/no, an amount, or text; who is insured is sealed where it is a natural person. Numbers,
shares and dates are text in one form each."""


class Status(StrEnum):
    """How far a questionnaire has come."""

    SENT = "sent"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


MOVES: dict[Status, frozenset[Status]] = {
    Status.SENT: frozenset({Status.SENT, Status.RETURNED, Status.WITHDRAWN}),
    Status.RETURNED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}


class Disclosure(Value):
    """The client's statement that it disclosed what it was asked: who signed, when, which edition of the text."""

    contact_id: str
    edition: str
    made_at: datetime
    file_id: str
    recorded_by: str


class Questionnaire(Aggregate):
    """What a client was asked for a line, and what it answered so far."""

    client_id: str
    project_id: str | None
    question_set_id: str
    edition: int
    line: str
    line_family: LineFamily
    line_zh: str
    line_en: str
    status: Status = Status.SENT
    sent_by: str
    sent_at: datetime
    answers: dict[str, Answer] = {}
    disclosure: Disclosure | None = None
    withdrawn_for: str = ""
