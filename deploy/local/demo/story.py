"""What all chapters share: who acts, what was made so far, and how it is told."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from stdnum.cn import uscc

from deploy.local.api import Gateway, NotAsTold, Person
from deploy.local.company import arrived

SHANGHAI = ZoneInfo("Asia/Shanghai")
LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass
class Story:
    """One telling. `now` gives the aware instant at which it is told; `data` is the folder of the branch's files."""

    gateway: Gateway
    password: str
    now: Callable[[], datetime]
    data: Path
    mail: Path
    say: Callable[[str], None]
    closing_time: Callable[[], Awaitable[None]]
    """Waits until the enquiry's closing time is over."""
    closing_seconds: float = 20
    people: dict[str, Person] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:6])

    async def who(self, login: str) -> Person:
        """One of the company's people, signed in."""
        if login not in self.people:
            self.people[login] = await self.gateway.sign_in(login, self.password)
        return self.people[login]

    def chapter(self, number: int, title: str) -> None:
        """A heading."""
        self.say(f"\n[bold]{number}. {title}[/bold]")

    def line(self, text: str, thing: Any = None) -> None:
        """One line of the story, with the id of what it is about."""
        told = f" [dim]{thing['id']}[/dim]" if isinstance(thing, dict) else ""
        self.say(f"   {text}{told}")

    def no(self, text: str, problem: dict[str, Any]) -> None:
        """One refusal, with its rule and what to do next."""
        rule = problem["rule"]
        self.say(
            f"   [yellow]✗ {text}[/yellow] {problem['status']} {rule['id']} ({rule['source']}): {problem['detail']}"
        )
        self.say(f"     [dim]{problem['next']}[/dim]")

    def check(self, true: bool, what: str) -> None:
        """Ends the story when it is not as told."""
        if not true:
            raise NotAsTold(what)

    @property
    def today(self) -> date:
        """The business date (Asia/Shanghai)."""
        return self.now().astimezone(SHANGHAI).date()

    def on(self, days: int) -> str:
        """A date so many days from today, as JSON has it."""
        return (self.today + timedelta(days=days)).isoformat()

    def at(self, **ahead: float) -> str:
        """This instant, or one from now on, as JSON has it."""
        instant = self.now() + timedelta(**ahead)
        return instant.replace(microsecond=instant.microsecond // 1000 * 1000).isoformat()

    @property
    def closing_days(self) -> int:
        """How many days the enquiry is open; cover starts on the day on which it closes."""
        return int(self.closing_seconds // 86_400)

    async def evidence(self, person: Person, service: str, title: str) -> str:
        """The id of a signed paper that was scanned; here a small PDF."""
        return await person.upload(
            service, b"%PDF-1.4\n% " + f"{title} {self.name}".encode() + b"\n%%EOF\n", f"{title}.pdf"
        )

    async def until(self, look: Callable[[], Awaitable[Any]], within: float = 30) -> Any:
        """What `look` gives, as soon as the events have brought it there; at most `within` seconds."""
        return await arrived(look, within)


def yuan(amount: str) -> dict[str, str]:
    """An amount as JSON has it."""
    return {"amount": amount, "currency": "CNY"}


def a_credit_code(seed: str) -> str:
    """A unified social credit code of the right structure (GB 32100) from a seed; invented."""
    number = int(uuid.uuid5(uuid.NAMESPACE_OID, seed).hex, 16)
    digits = ""
    for _ in range(7):
        number, rest = divmod(number, len(LETTERS))
        digits += LETTERS[rest]
    body = f"91440300MA{digits}"
    return body + uscc.calc_check_digit(body + "0")
