"""Proposals (保险建议书)."""

from datetime import date, datetime

from ..facts import Fact
from ..money import Money


class ProposalDrafted(Fact, topic="placement.proposals"):
    """An edition is being written."""

    proposal_id: str
    enquiry_id: str
    client_id: str
    edition: int


class ProposalChanged(Fact, topic="placement.proposals"):
    """The draft was changed."""

    proposal_id: str


class ProposalSubmitted(Fact, topic="placement.proposals"):
    """Waits for the tier that the authority matrix names."""

    proposal_id: str
    tier: str
    premium: Money


class ProposalReturned(Fact, topic="placement.proposals"):
    """Sent back by the reviewer."""

    proposal_id: str
    reviewer_id: str
    reason: str


class ProposalApproved(Fact, topic="placement.proposals"):
    """Approved by the tier; never by its author."""

    proposal_id: str
    reviewer_id: str


class ProposalSent(Fact, topic="placement.proposals"):
    """Sent to the client, who may answer until a date (inclusive)."""

    proposal_id: str
    client_id: str
    edition: int
    answer_until_on: date
    document_id: str


class ProposalDiscussed(Fact, topic="placement.proposals"):
    """The client has questions, or they were answered."""

    proposal_id: str
    status: str


class ProposalSuperseded(Fact, topic="placement.proposals"):
    """A new edition took its place."""

    proposal_id: str
    by_id: str


class ProposalAccepted(Fact, topic="placement.proposals"):
    """The client accepted this edition in writing and confirmed the duty of disclosure (SD-16, SD-17)."""

    proposal_id: str
    client_id: str
    edition: int
    quote_ids: list[str]
    accepted_at: datetime


class ProposalDeclined(Fact, topic="placement.proposals"):
    """The client said no, with a reason."""

    proposal_id: str
    client_id: str
    reason: str


class ProposalExpired(Fact, topic="placement.proposals"):
    """No answer in time."""

    proposal_id: str
    client_id: str
