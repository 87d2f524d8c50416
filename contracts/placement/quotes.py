"""Quotes: one for each insurer asked."""

from datetime import date, datetime

from ..facts import Fact
from ..money import Money


class EnquirySent(Fact, topic="placement.quotes"):
    """An insurer was asked."""

    quote_id: str
    enquiry_id: str
    insurer_id: str
    edition: int
    closes_at: datetime


class EnquiryAmended(Fact, topic="placement.quotes"):
    """The insurer was sent a new edition of the enquiry."""

    quote_id: str
    enquiry_id: str
    insurer_id: str
    edition: int
    closes_at: datetime


class QuoteAcknowledged(Fact, topic="placement.quotes"):
    """The insurer confirmed receipt of the enquiry."""

    quote_id: str
    enquiry_id: str
    insurer_id: str


class QuoteReceived(Fact, topic="placement.quotes"):
    """Terms came in."""

    quote_id: str
    enquiry_id: str
    insurer_id: str
    revision: int
    premium: Money
    valid_until_on: date
    restrictive: int
    """How many restrictive conditions were flagged (SD-15)."""


class QuoteVerified(Fact, topic="placement.quotes"):
    """A second person compared the record with the insurer's paper."""

    quote_id: str
    enquiry_id: str
    verifier_id: str


class QuoteStandingRecorded(Fact, topic="placement.quotes"):
    """What is known of the insurer beyond its price was recorded, with its source (SD-14)."""

    quote_id: str
    enquiry_id: str
    insurer_id: str


class QuoteDeclined(Fact, topic="placement.quotes"):
    """The insurer declined, with a reason."""

    quote_id: str
    enquiry_id: str
    insurer_id: str
    reason: str


class QuoteNotReceived(Fact, topic="placement.quotes"):
    """Nothing came by the closing instant."""

    quote_id: str
    enquiry_id: str
    insurer_id: str


class QuoteClarificationAsked(Fact, topic="placement.quotes"):
    """The insurer was asked to clarify its terms."""

    quote_id: str
    enquiry_id: str
    insurer_id: str


class QuoteRevised(Fact, topic="placement.quotes"):
    """New terms; the old revision is kept."""

    quote_id: str
    enquiry_id: str
    insurer_id: str
    revision: int
    premium: Money
    valid_until_on: date
    restrictive: int


class QuoteShortlisted(Fact, topic="placement.quotes"):
    """Compared and kept for the proposal."""

    quote_id: str
    enquiry_id: str


class QuoteExpired(Fact, topic="placement.quotes"):
    """Its validity passed."""

    quote_id: str
    enquiry_id: str
    insurer_id: str


class QuoteSelected(Fact, topic="placement.quotes"):
    """The client accepted the proposal that names it."""

    quote_id: str
    enquiry_id: str
    proposal_id: str


class QuoteBound(Fact, topic="placement.quotes"):
    """The insurer accepted in writing."""

    quote_id: str
    enquiry_id: str
    share_bp: int


class QuoteRejected(Fact, topic="placement.quotes"):
    """Another one was chosen."""

    quote_id: str
    enquiry_id: str


class QuoteNotTakenUp(Fact, topic="placement.quotes"):
    """The client withdrew before it was bound."""

    quote_id: str
    enquiry_id: str
    reason: str
