"""What the messages' routes send."""

from datetime import datetime

from chassis.http import View
from contracts.personal import EmailAddress, PersonName
from services.notifications.messages.model import Channel, Kind, Message, Status


class InboxView(View):
    """A message in the application, for its addressee."""

    id: str
    version: int
    kind: Kind
    language: str
    subject: str
    text: str
    about_kind: str
    about_id: str
    client_id: str
    urgent: bool
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def opened(cls, message: Message) -> "InboxView":
        """The view with the text in clear: only for the addressee."""
        shared = {name: getattr(message, name) for name in cls.model_fields if name != "text"}
        return cls(**shared, text=message.text.reveal())


class AddresseeView(View):
    """Who a message is for; name and address are masked."""

    kind: str
    id: str
    name: PersonName | None
    address: EmailAddress | None


class AttachmentView(View):
    """A file that went with it."""

    file_id: str
    name: str
    media_type: str


class MessageView(View):
    """What became of a message. `proof` is the mail server's answer at the hand-over; the text is not shown."""

    id: str
    version: int
    branch: str
    channel: Channel
    kind: Kind
    language: str
    to: AddresseeView
    subject: str
    attachments: list[AttachmentView]
    about_kind: str
    about_id: str
    client_id: str
    owner_id: str
    urgent: bool
    status: Status
    created_at: datetime
    send_after: datetime
    tries: int
    handed_over_at: datetime | None
    proof: str
    failure: str
    read_at: datetime | None
