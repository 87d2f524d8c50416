"""Placing instructions (出单通知) and cover confirmations (承保确认书)."""

from datetime import datetime

from ..facts import Fact


class PlacingDrafted(Fact, topic="placement.placings"):
    """An instruction is being written, on one accepted proposal."""

    placing_id: str
    proposal_id: str
    client_id: str


class PlacingChanged(Fact, topic="placement.placings"):
    """Panel or shares of the draft were changed."""

    placing_id: str


class PlacingInstructed(Fact, topic="placement.placings"):
    """The insurers of the panel were told in writing to cover."""

    placing_id: str
    proposal_id: str
    client_id: str
    insurer_ids: list[str]
    document_id: str


class LineBound(Fact, topic="placement.placings"):
    """An insurer accepted its share in writing (basis points of 100 %)."""

    placing_id: str
    insurer_id: str
    share_bp: int


class LineRefused(Fact, topic="placement.placings"):
    """An insurer of the panel refused."""

    placing_id: str
    insurer_id: str
    reason: str


class PlacementBound(Fact, topic="placement.placings"):
    """All shares are bound and total exactly 100 %."""

    placing_id: str
    client_id: str
    bound_at: datetime


class PlacementRefused(Fact, topic="placement.placings"):
    """It cannot be placed like this."""

    placing_id: str
    client_id: str
    reason: str


class PlacingWithdrawn(Fact, topic="placement.placings"):
    """The client withdrew before anything was bound."""

    placing_id: str
    client_id: str
    reason: str


class CoverConfirmationDrafted(Fact, topic="placement.confirmations"):
    """A cover confirmation is being written."""

    confirmation_id: str
    placing_id: str
    client_id: str


class CoverConfirmed(Fact, topic="placement.confirmations"):
    """Issued: shares total 100 %, subjectivities are listed."""

    confirmation_id: str
    placing_id: str
    client_id: str
    project_id: str | None
    policy_id: str
    document_id: str


class CoverConfirmationDelivered(Fact, topic="placement.confirmations"):
    """The client has it."""

    confirmation_id: str
    client_id: str
    delivered_at: datetime
