"""Enquiries over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.placement.authority.model import Tier
from services.placement.clauses.model import ClauseKind, ClauseUsed, Words
from services.placement.clauses.schemas import ClauseRef
from services.placement.enquiries.actions import ClauseWanted
from services.placement.enquiries.completeness import notices
from services.placement.enquiries.model import (
    CloseReason,
    Consent,
    Content,
    Counted,
    Edition,
    Enquiry,
    Fiscal,
    Information,
    Remuneration,
    Review,
    Risk,
    Security,
    Status,
    Subscription,
)

Id = Annotated[str, Field(min_length=1, max_length=64)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Lang = Literal["zh", "en"]
SECTIONS = ("risk", "information", "security", "subscription", "fiscal", "remuneration", "schedule_ids")


class DraftEnquiry(Body):
    """The returned questionnaire to draft from, and the broker who answers for it (the caller where none is named)."""

    questionnaire_id: Id
    handler_id: Id | None = None


class OwnClause(Body):
    """A clause in words of its own, not from the library."""

    kind: ClauseKind
    words: Words


class ContentChange(Body):
    """Sections, clauses and schedules; what is left out stays. Of a section, each field that is sent is replaced."""

    risk: Risk = Risk()
    information: Information = Information()
    security: Security = Security()
    subscription: Subscription = Subscription()
    fiscal: Fiscal = Fiscal()
    remuneration: Remuneration = Remuneration()
    clauses: Annotated[list[ClauseRef | OwnClause], Field(max_length=100)] = []
    schedule_ids: Annotated[list[Id], Field(max_length=20)] = []

    def sections(self) -> dict[str, Any]:
        """The sections that were sent, by name."""
        return {name: getattr(self, name) for name in SECTIONS if name in self.model_fields_set}

    def wanted_clauses(self) -> list[ClauseWanted] | None:
        """The clauses that were sent; None when they stay as they are."""
        if "clauses" not in self.model_fields_set:
            return None
        return [
            (clause.clause_id, clause.edition)
            if isinstance(clause, ClauseRef)
            else ClauseUsed(kind=clause.kind, words=clause.words)
            for clause in self.clauses
        ]


class ChangeEnquiry(ContentChange):
    """What changes in a draft."""

    premium_estimate: Money | None = None
    handler_id: Id = ""

    def fields(self) -> dict[str, Any]:
        """The other fields that were sent, by name."""
        named = ("premium_estimate", "handler_id")
        return {name: getattr(self, name) for name in named if name in self.model_fields_set}


class ReturnEnquiry(Body):
    """What is to be changed."""

    reason: Reason


class GiveConsent(Body):
    """The client's written consent: who signed, when, and the file that shows it."""

    contact_id: Id
    consented_at: AwareDatetime
    file_id: Id


class IssueEnquiry(Body):
    """To whom, until when quotes are in time (that instant included), and the paper's language."""

    insurer_ids: Annotated[list[Id], Field(min_length=1, max_length=50)]
    closes_at: AwareDatetime
    language: Lang = "zh"


class AmendEnquiry(ContentChange):
    """A new edition: what is new in it in words, a later closing time, the client's consent to changed content."""

    changes: Annotated[list[Annotated[str, Field(min_length=1, max_length=500)]], Field(min_length=1, max_length=50)]
    closes_at: AwareDatetime | None = None
    consent: GiveConsent | None = None
    language: Lang = "zh"


class GiveUpEnquiry(Body):
    """Why."""

    reason: Reason


class Notice(View):
    """Something to look at: a warning with its rule, or what a draft still lacks."""

    rule: str
    pointer: str
    zh: str
    en: str


class EnquiryLine(View):
    """An enquiry in a list."""

    id: str
    version: int
    branch: str
    number: str
    client_id: str
    project_id: str | None
    line: str
    line_family: LineFamily
    handler_id: str
    status: Status
    tier: Tier | None
    edition: int
    closes_at: datetime | None


class EnquiryView(EnquiryLine):
    """An enquiry; `notices` warn of few insurers and tell what a draft still lacks."""

    questionnaire_id: str
    line_zh: str
    line_en: str
    makers: list[str]
    content: Content
    starts_on: date | None
    ends_on: date | None
    premium_estimate: Money | None
    counted: Counted | None
    reviews: list[Review]
    consent: Consent | None
    editions: list[Edition]
    insurer_ids: list[str]
    close_reason: CloseReason | None
    proposal_id: str | None
    given_up_for: str
    notices: list[Notice]

    @classmethod
    def of(cls, state: Enquiry) -> "EnquiryView":
        """The view of an enquiry."""
        told = {name: getattr(state, name) for name in cls.model_fields if name != "notices"}
        return cls(**told, notices=[Notice(**notice) for notice in notices(state)])
