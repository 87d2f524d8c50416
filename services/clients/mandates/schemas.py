"""What HTTP sends and receives about mandates."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.http import Body, View
from contracts.money import Money
from contracts.shared import LineFamily
from services.clients.mandates.model import (
    Authority,
    FeeBasis,
    FeeTerms,
    Kind,
    Mandate,
    Signatures,
    Status,
    Terms,
)
from services.clients.trail import Step

Id = Annotated[str, Field(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class FeeBody(Body):
    """How the broker is paid: the insurer's commission, a fee by the client, or both; the fee as an amount or in
    words.
    """

    basis: FeeBasis
    fee: Money | None = None
    text: Text = ""


class TermsBody(Body):
    """What the mandate says. `from_on` and `until_on` are its first and last day (Asia/Shanghai)."""

    kind: Kind
    authority: Authority = Authority.SPECIFIED
    line_families: Annotated[tuple[LineFamily, ...], Field(max_length=20)]
    services: Text
    from_on: date
    until_on: date
    fee: FeeBody

    def terms(self) -> Terms:
        """The terms of the model."""
        told = {name: getattr(self, name) for name in TermsBody.model_fields if name != "fee"}
        return Terms(**told, fee=FeeTerms(basis=self.fee.basis, fee=self.fee.fee, text=self.fee.text))


class DraftMandate(Body):
    """A mandate for a client, to be reviewed and signed."""

    client_id: Id
    terms: TermsBody


class ChangeMandate(Body):
    """New terms of a draft; they replace the old ones as a whole."""

    terms: TermsBody


class ReviewMandate(Body):
    """Compliance passes it, or returns it with a reason."""

    passed: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class SignMandate(Body):
    """Both signatures: the client's contact (null for an individual himself), our signatory, when each signed, and
    the signed file.
    """

    client_contact_id: Id | None = None
    client_signed_at: AwareDatetime
    broker_user_id: Id
    broker_signed_at: AwareDatetime
    evidence_id: Id


class TerminateMandate(Body):
    """Which side ended it and why, and the file that shows it."""

    reason: Reason
    evidence_id: Id


class OverlapWarning(View):
    """Something that is allowed and should be looked at, with its rule."""

    rule: str
    zh: str
    en: str


class MandateView(View):
    """A mandate. `passed`: compliance has passed it. `warnings` are told on single mandates, not in lists."""

    id: str
    version: int
    branch: str
    client_id: str
    terms: Terms
    status: Status
    authors: tuple[str, ...]
    passed: bool
    reviewed_by: str
    reviewed_at: datetime | None
    signatures: Signatures | None
    warned_on: date | None
    ended_on: date | None
    steps: tuple[Step, ...]
    warnings: tuple[OverlapWarning, ...] = ()

    @classmethod
    def of(cls, state: Mandate, overlapping: Iterable[Mandate] = ()) -> Self:
        """The view, with a warning for each contract that it overlaps. Rule: CLI-060."""
        view = cls.model_validate(state, from_attributes=True)
        return view.model_copy(update={"warnings": tuple(_warning(other) for other in overlapping)})


def _warning(other: Mandate) -> OverlapWarning:
    span = f"{other.terms.from_on} – {other.terms.until_on}"
    return OverlapWarning(
        rule="CLI-060",
        zh=f"与委托合同 {other.id}({span})的险种和期间重叠",
        en=f"It overlaps with mandate {other.id} ({span}) in line family and time",
    )
