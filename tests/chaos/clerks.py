"""Clerks at work: clients and their contacts, changes side by side, client files, the diary, the staff."""

import asyncio
import io
import random
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.local.api import NotAsTold, Person
from deploy.local.demo.story import a_credit_code
from tests.chaos.frontend import REFUSED
from tests.chaos.journal import Journal

HEADER = "客户编号,客户名称,证件种类,证件号,建档日期,备注"
POISON = "毒"
"""With what the names of clients begin that placement cannot take in for the time being."""
MOST_CHANGES = 12


async def watched(office: "Office", working: Coroutine[Any, Any, None]) -> None:
    """Let a clerk work; a refusal that he did not deserve is written down, and ends his day."""
    try:
        await working
    except NotAsTold as refusal:
        office.journal.complain(REFUSED, "a clerk", str(refusal)[:500])


class Office:
    """What all clerks share: the journal, what is drawn, how long they think, and whether it is closing time."""

    def __init__(self, journal: Journal, seed: int, thinking: tuple[float, float] = (0, 0)) -> None:
        self.journal, self._own, self._thinking = journal, secrets.token_hex(4), thinking
        self.drawn = random.Random(seed)
        self.closed = asyncio.Event()
        self._serial = 0

    def credit_code(self, seed: str) -> str:
        """A credit code that nobody else has: among a million drawn ones some twenty would be alike."""
        while (code := a_credit_code(seed)) in self.journal.credit_codes:
            seed += "+"
        self.journal.credit_codes.add(code)
        return code

    def serial(self) -> str:
        """A text that nobody else has."""
        self._serial += 1
        return f"{self._own}-{self._serial}"

    async def think(self) -> None:
        """What a clerk does between two commands; without it a few of them would keep a small machine busy alone."""
        await asyncio.sleep(self.drawn.uniform(*self._thinking))


async def keep_clients(office: Office, who: Person, prefix: str = "") -> None:
    """Take on client after client, and change each for a while."""
    while not office.closed.is_set():
        client = await who.post("/clients/clients", _a_client(office, who, prefix))
        expected = office.journal.expected.setdefault(client["id"], {"emails": set(), "name": client["name"]})
        if prefix:
            office.journal.poisoned.add(client["id"])
        for _ in range(office.drawn.randrange(3, MOST_CHANGES)):
            if office.closed.is_set():
                break
            await office.think()
            client = await _change(office, who, client, expected)


async def _change(office: Office, who: Person, client: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    path = f"/clients/clients/{client['id']}"
    match office.drawn.randrange(3):
        case 0:
            email = f"c{office.serial()}@client.example"
            contact = {"name": "温若川", "email": email, "roles": ["finance"]}
            client = await who.post(f"{path}/contacts", contact, match=client)
            expected["emails"].add(email)
        case 1:
            note = office.serial()
            client = await who.patch(path, {"note": note, "city": f"城{note}"}, match=client)
            expected |= {"note": note, "city": f"城{note}"}
        case _:
            client = await _race(office, who, client, expected)
    return client


async def _race(office: Office, who: Person, client: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Two clerks change the same version at once; one of them wins, the other is told."""
    path = f"/clients/clients/{client['id']}/contacts"
    emails = [f"c{office.serial()}@client.example" for _ in range(2)]
    bodies = [{"name": "钟若晴", "email": email, "roles": ["insurance"]} for email in emails]
    keys = [f"race-{office.serial()}" for _ in bodies]
    calls = [who.call("POST", path, json=body, match=client, key=key) for body, key in zip(bodies, keys, strict=True)]
    answers = await asyncio.gather(*calls)
    won = [email for email, answer in zip(emails, answers, strict=True) if answer.status_code == 201]
    told = [answer.status_code for answer in answers]
    expected["emails"].update(won)
    if sorted(told) != [201, 412]:
        seen = f"version {client['version']} was changed twice at once and answered with {told}"
        office.journal.complain("of two changes of one version one wins", client["id"], seen)
    return await who.get(f"/clients/clients/{client['id']}")


def _a_client(office: Office, who: Person, prefix: str) -> dict[str, Any]:
    serial = office.serial()
    code = office.credit_code(f"kept {serial}")
    return {
        "branch": who.branch,
        "kind": "company",
        "name": f"{prefix}临岚{serial}精密装备有限公司",
        "identity": {"kind": "uscc", "number": code},
        "region": "44",
        "city": "深圳市",
        "contacts": [],
    }


async def import_files(office: Office, who: Person, rows: int, follow: Callable[[str], Awaitable[None]]) -> None:
    """Take in file after file of so many clients; `follow` waits until a client's code has reached the consumers."""
    while not office.closed.is_set():
        await follow(await import_one(office, who, rows))


async def import_one(office: Office, who: Person, rows: int) -> str:
    """Take in a file of so many clients; gives the code of its last one, as clients are found by it."""
    serial = office.serial()
    sent: dict[str, Any] = {"files": {"file": (f"{serial}.csv", _a_file(office, serial, rows), "text/csv")}}
    sent["data"] = {"branch": who.branch, "dry_run": "false"}
    started = await who.post("/clients/imports", None, **sent)
    office.journal.imported[started["id"]] = rows
    return f"{who.branch} {_code(serial, rows - 1).upper()}"


def _code(serial: str, n: int) -> str:
    return f"{serial}-{n:05d}"


def _a_file(office: Office, serial: str, rows: int) -> bytes:
    text = io.StringIO()
    text.write(HEADER + "\n")
    for n in range(rows):
        name = f"云{serial.rpartition('-')[2]}{n:03d}"  # of one syllable, so that MongoDB keeps few keys of it
        code = office.credit_code(f"imported {serial} {n}")
        text.write(f"{_code(serial, n)},{name},营业执照,{code},2019.5.6,\n")
    return text.getvalue().encode()


async def keep_diary(office: Office, who: Person) -> None:
    """Enter what must not be forgotten, and tick half of it off."""
    while not office.closed.is_set():
        due_on = datetime.now(UTC).date() + timedelta(days=office.drawn.randrange(5, 60))
        entry = {"kind": "entry", "branch": who.branch, "owner_id": who.id, "title": office.serial()}
        duty = await who.post("/notifications/obligations", entry | {"due_on": due_on.isoformat()})
        office.journal.entered.add(duty["id"])
        await office.think()
        if office.drawn.random() < 0.5:
            done = {"evidence": f"回执 {office.serial()}"}
            await who.post(f"/notifications/obligations/{duty['id']}/completion", done, match=duty)


async def keep_staff(office: Office, who: Person, user_ids: list[str]) -> None:
    """Rename people, which every service hears of."""
    while not office.closed.is_set():
        path = f"/identity/users/{office.drawn.choice(user_ids)}"
        try:
            await who.patch(path, {"name": f"员工{office.serial()}"}, match=await who.get(path))
        except NotAsTold as refusal:
            if ": 412" not in str(refusal):
                raise
        await office.think()
