"""Questionnaires, schedules, market enquiries (询价书)."""

from datetime import datetime

from ..facts import Fact
from ..money import Money
from ..shared import DocumentFact, LineFamily


class QuestionnaireSent(Fact, topic="placement.questionnaires"):
    """A client was asked, in a pinned edition of a question set."""

    questionnaire_id: str
    client_id: str
    project_id: str | None
    line: str
    question_set_id: str
    edition: int


class QuestionnaireAnswered(Fact, topic="placement.questionnaires"):
    """Some answers came in; not yet returned."""

    questionnaire_id: str
    client_id: str
    answered: int


class QuestionnaireReturned(Fact, topic="placement.questionnaires"):
    """All required answers and the disclosure statement are there."""

    questionnaire_id: str
    client_id: str
    project_id: str | None
    line: str
    disclosed_at: datetime


class QuestionnaireWithdrawn(Fact, topic="placement.questionnaires"):
    """Given up before it was returned, with a reason."""

    questionnaire_id: str
    client_id: str
    reason: str


class ScheduleAdded(Fact, topic="placement.schedules"):
    """A schedule of locations or vehicles was taken in."""

    schedule_id: str
    client_id: str
    kind: str
    rows: int
    total: Money | None


class SlipDrafted(Fact, topic="placement.enquiries"):
    """A market enquiry is being written."""

    enquiry_id: str
    client_id: str
    project_id: str | None
    line_family: LineFamily


class SlipChanged(Fact, topic="placement.enquiries"):
    """The draft was changed."""

    enquiry_id: str


class SlipSubmittedForReview(Fact, topic="placement.enquiries"):
    """Waits for the tier that the authority matrix names."""

    enquiry_id: str
    tier: str
    premium_estimate: Money


class SlipReturned(Fact, topic="placement.enquiries"):
    """Sent back by the reviewer."""

    enquiry_id: str
    reviewer_id: str
    reason: str


class SlipApproved(Fact, topic="placement.enquiries"):
    """Approved by the tier; waits for the client's consent."""

    enquiry_id: str
    reviewer_id: str


class SlipConsented(Fact, topic="placement.enquiries"):
    """The client consented in writing to the document."""

    enquiry_id: str
    client_id: str
    consented_at: datetime


class SlipIssued(Fact, topic="placement.enquiries"):
    """Issued to insurers, open until the closing instant (inclusive)."""

    enquiry_id: str
    client_id: str
    edition: int
    insurer_ids: list[str]
    closes_at: datetime
    document_id: str


class SlipAmended(Fact, topic="placement.enquiries"):
    """A new edition went to all recipients."""

    enquiry_id: str
    client_id: str
    edition: int
    insurer_ids: list[str]
    closes_at: datetime
    document_id: str


class SlipClosed(Fact, topic="placement.enquiries"):
    """The closing instant passed, or everybody had answered."""

    enquiry_id: str
    client_id: str
    reason: str


class SlipConverted(Fact, topic="placement.enquiries"):
    """A proposal was built on it."""

    enquiry_id: str
    proposal_id: str


class SlipWithdrawn(Fact, topic="placement.enquiries"):
    """Given up, with a reason."""

    enquiry_id: str
    client_id: str
    reason: str


class SlipFailed(Fact, topic="placement.enquiries"):
    """No usable quote."""

    enquiry_id: str
    client_id: str


class PlacementDocumentIssued(DocumentFact, topic="placement.documents"):
    """A document of placement was frozen and is to be sent."""
