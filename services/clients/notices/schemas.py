"""What HTTP sends and receives about notice editions and notices."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, StringConstraints

from chassis.http import Body, View
from services.clients.notices.model import Edition, EditionStatus, Item, Notice, Status, Text, Texts
from services.clients.trail import Step

Id = Annotated[str, Field(min_length=1, max_length=64)]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
EditionName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\w.-]{1,40}$")]


class TextBody(Body):
    """What is said about an item; English may be left out."""

    zh: Wording
    en: Wording = ""


TextsBody = Annotated[dict[Item, TextBody], Field(max_length=len(Item))]


def texts_of(told: TextsBody) -> Texts:
    """The texts of the model."""
    return {item: Text(zh=text.zh, en=text.en) for item, text in told.items()}


class DraftEdition(Body):
    """A new edition of the template; may still lack items."""

    branch: Id
    name: EditionName
    texts: TextsBody


class ChangeTexts(Body):
    """Texts to set, by item; null takes an item out. What is not named stays (merge-patch)."""

    texts: Annotated[dict[Item, TextBody | None], Field(max_length=len(Item))]


class DraftNotice(Body):
    """A notice for a client on the current edition; `texts` replace the edition's where this client needs others."""

    client_id: Id
    texts: TextsBody = Field(default_factory=dict)


class AcknowledgeNotice(Body):
    """The client signed for it: when, who (null for an individual himself), and the file that shows it."""

    signed_at: AwareDatetime
    contact_id: Id | None = None
    evidence_id: Id


class EditionView(View):
    """An edition of the template."""

    id: str
    version: int
    branch: str
    name: str
    texts: Texts
    status: EditionStatus
    published_at: datetime | None
    published_by: str

    @classmethod
    def of(cls, state: Edition) -> Self:
        return cls.model_validate(state, from_attributes=True)


class NoticeView(View):
    """A client's notice. `edition` is the template's, `acknowledged_by` the contact who signed."""

    id: str
    version: int
    branch: str
    client_id: str
    edition_id: str
    edition: str
    texts: Texts
    status: Status
    issued_on: date | None
    issued_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    evidence_id: str | None
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, state: Notice) -> Self:
        return cls.model_validate(state, from_attributes=True)
