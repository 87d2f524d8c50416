"""Makers for notifications, and the service with its own events delivered back to it and its mails from the sink."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from chassis.relay import envelope
from contracts import wire
from contracts.clients import ClientAdded, ClientCard, TeamMember
from contracts.facts import FACTS
from contracts.finance import DebitNoteIssued, InstalmentDue
from contracts.hr import EmployeeHired
from contracts.identity import Assignment, UserAdded
from contracts.money import yuan
from contracts.personal import EmailAddress, PersonName
from contracts.placement import PlacementDocumentIssued, PolicyBound
from contracts.shared import Recipient
from services.notifications.calendars.deadlines import Unit
from services.notifications.messages.model import Addressee, Channel, Kind, Message, MessageText
from services.notifications.messages.model import Status as MessageStatus
from services.notifications.obligations.model import Obligation
from tests.support.finance import a_bound_policy
from tests.support.service import HQ, KEYRING, RunningService

SHANGHAI = timedelta(hours=8)
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 20
COLLECTIONS = ("calendars", "obligations", "preferences", "messages")
"""2 March 2026, 09:00 in Shanghai: a Monday on which the tests' clock starts."""
MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def shanghai(text: str) -> datetime:
    """An instant from a local time: "2026-03-16 23:59"."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - SHANGHAI).astimezone(UTC)


def last_of(day: str) -> datetime:
    """The last instant of a date in Shanghai."""
    return shanghai(f"{day} 23:59:59.999")


def an_obligation(**changes: Any) -> Obligation:
    """A policy to be chased within ten working days, not timed yet."""
    told: dict[str, Any] = {
        "id": "obl-1",
        "branch": HQ,
        "clock": "policy_chase",
        "rule_id": "NTF-010",
        "about_kind": "policy",
        "about_id": "pol-1",
        "owner_id": "ann",
        "unit": Unit.WORKING_DAYS,
        "amount": 10,
        "counted_from": MONDAY,
        "triggered_at": MONDAY,
    }
    return Obligation(**told | changes)


def a_message(**changes: Any) -> Message:
    """A mail to a client that waits to be sent."""
    told: dict[str, Any] = {
        "id": "msg-1",
        "branch": HQ,
        "channel": Channel.EMAIL,
        "kind": Kind.DOCUMENT,
        "language": "zh",
        "to": Addressee(
            kind="client", id="cli-1", name=PersonName("王芳"), address=EmailAddress("wang.fang@huayu.example")
        ),
        "subject": "保险建议书",
        "text": MessageText("尊敬的王芳:"),
        "about_kind": "proposal",
        "about_id": "pro-1",
        "owner_id": "ann",
        "created_at": MONDAY,
        "send_after": MONDAY,
        "status": MessageStatus.QUEUED,
    }
    return Message(**told | changes)


def a_policy(policy_id: str = "pol-1", **changes: Any) -> PolicyBound:
    """A year's property cover from 1 April 2026, served by ann."""
    return a_bound_policy(policy_id, **{"owner_id": "ann"} | changes)


def a_debit_note(**changes: Any) -> DebitNoteIssued:
    """100.00 in two parts."""
    told: dict[str, Any] = {
        "debit_note_id": "deb-1",
        "number": "GD-2026-000001",
        "policy_id": "pol-1",
        "client_id": "cli-1",
        "total": yuan("100.00"),
        "instalments": [
            InstalmentDue(number=1, due_on=date(2026, 4, 1), amount=yuan("50.00")),
            InstalmentDue(number=2, due_on=date(2026, 10, 1), amount=yuan("50.00")),
        ],
        "document_id": "doc-9",
    }
    return DebitNoteIssued(**told | changes)


def a_document(*recipients: Recipient, content: bytes = PDF, **changes: Any) -> PlacementDocumentIssued:
    """A proposal that was issued to these recipients."""
    told: dict[str, Any] = {
        "document_id": "doc-1",
        "kind": "proposal",
        "about_kind": "proposal",
        "about_id": "pro-1",
        "title": "保险建议书 第1版",
        "language": "zh",
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "content": KEYRING.seal(base64.b64encode(content).decode()),
        "recipients": list(recipients),
        "client_id": "cli-1",
    }
    return PlacementDocumentIssued(**told | changes)


def a_recipient(address: str | None, name: str = "王芳", kind: str = "client", party_id: str = "cli-1") -> Recipient:
    """Somebody a document goes to."""
    return Recipient(
        kind=kind, party_id=party_id, name=PersonName(name), email=EmailAddress(address) if address else None
    )


class Notifications:
    """The service under test: what it tells comes back to it, as by the bus, when `settle` is called."""

    def __init__(self, service: RunningService, mail_dir: Path) -> None:
        self.service, self.mail_dir = service, mail_dir
        self._seen: set[str] = set()

    async def settle(self) -> None:
        """Deliver the service's own events to its own consumers until there are none left."""
        db = self.service.host.db
        while True:
            fresh: list[tuple[str, dict[str, Any]]] = []
            for collection in COLLECTIONS:
                for document in await db[collection].find({}, {"outbox": 1}).to_list():
                    fresh += [(document["_id"], event) for event in document.get("outbox", ())]
            fresh = [(subject, event) for subject, event in fresh if event["id"] not in self._seen]
            if not fresh:
                return
            for subject, event in fresh:
                self._seen.add(event["id"])
                fact = wire.fact_of(event["type"], event["data"].encode(), db.keyring.open)
                assert fact is not None
                await self.service.deliveries.handle(fact, envelope("notifications", subject, event))

    async def move_to(self, local: str) -> None:
        """Move the clock to a local time and let the diary's clock act."""
        self.service.clock.at = shanghai(local)
        await self.service.run_job("advance_obligations")
        await self.settle()

    async def send(self) -> None:
        """Let the sender run, and tell what came of it."""
        await self.service.run_job("send_due_mails")
        await self.settle()

    async def has_user(
        self, user_id: str, *roles: str, branch: str = HQ, address: str = "", language: str = "zh"
    ) -> str:
        """Make a user known; gives his address."""
        address = address or f"{user_id}@baoqiao.example"
        posts = [Assignment(branch_id=branch, roles=list(roles), from_on=date(2020, 1, 1))]
        fact = UserAdded(
            user_id=user_id, name=f"{user_id}先生", email=EmailAddress(address), language=language, assignments=posts
        )
        await self.service.receives(fact, user_id, branch=branch)
        return address

    async def has_employee(self, user_id: str, supervisor: str | None = None, branch: str = HQ) -> None:
        """Make an employee known, who reports to another one."""
        fact = EmployeeHired(
            employee_id=f"emp-{user_id}",
            number=user_id,
            name=user_id,
            branch_id=branch,
            user_id=user_id,
            supervisor_id=f"emp-{supervisor}" if supervisor else None,
            position="",
            from_on=date(2020, 1, 1),
        )
        await self.service.receives(fact, fact.employee_id, branch=branch)

    async def has_client(self, client_id: str = "cli-1", team: dict[str, str] | None = None, **changes: Any) -> None:
        """Make a client known, with his team by role."""
        told: dict[str, Any] = {
            "client_id": client_id,
            "code": "GD-0001",
            "kind": "company",
            "status": "client",
            "name": "华宇精密",
            "person_name": None,
            "region": "44",
            "industry": "C39",
            "parent_id": None,
            "team": [TeamMember(user_id=user, role=role) for role, user in (team or {}).items()],
            "contacts": [],
        }
        await self.service.receives(ClientAdded(card=ClientCard(**told | changes)), client_id)

    async def diary(self, **query: Any) -> list[dict[str, Any]]:
        """The diary as somebody who sees every branch reads it."""
        answer = await self.service.user("boss").get("/obligations", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def inbox(self, user: str) -> list[dict[str, Any]]:
        """A user's messages in the application."""
        answer = await self.service.user(user, HQ, "messages:read").get("/messages/mine")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def traced(self, **query: Any) -> list[dict[str, Any]]:
        """Messages with what became of them."""
        answer = await self.service.user("boss").get("/messages", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What lies in the mail sink for an address, oldest first."""
        found: list[EmailMessage] = []
        for file in sorted(self.mail_dir.glob("*.eml")):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            if mail["X-RcptTo"] == address:
                found.append(mail)
        return found


def facts_named(events: list[dict[str, Any]]) -> list[str]:
    """The class names of events' facts."""
    return [FACTS[event["type"]].__name__ for event in events]
