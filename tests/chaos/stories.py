"""Placements from the client notice to the policy, and the debit notes that follow: the demonstration's chapters."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.local.api import NotAsTold, Person
from deploy.local.demo import advice, client, cover, market, risk
from deploy.local.demo.story import Story
from tests.chaos.clerks import Office
from tests.chaos.frontend import Insistent

CLOSING_SECONDS = 7200
"""So far away that no fault makes an insurer late; the enquiry closes when all have answered."""
PATIENCE = 120
"""Seconds for what comes by events while services die."""
ROUNDS = 4
"""How often a policy's debit note is issued, withdrawn and drafted again."""


async def all_insurers_answer(story: Story) -> None:
    """Also the one that stays silent in the demonstration declines, so that nobody waits for the closing time."""
    broker = await story.who("ab.gd")
    asked = await market.insurers_answer(story, broker)
    await market.decline(story, broker, asked["MTPC"])
    await market.until_closed(story, broker)
    await market.shortlist(story, broker, asked)


CHAPTERS = (
    client.take_on_client,
    client.register_project,
    risk.ask_client,
    market.enquire,
    all_insurers_answer,
    advice.advise,
    cover.place,
)


class PatientStory(Story):
    """A story whose teller knows that what one service tells takes longer while services die."""

    async def until(self, look: Callable[[], Awaitable[Any]], within: float = PATIENCE) -> Any:
        """What `look` gives, as soon as the events have brought it there."""
        return await super().until(look, max(within, PATIENCE))


async def place_risks(
    office: Office, gateway: Insistent, password: str, mail: Path, say: Callable[[str], None]
) -> None:
    """Tell placement after placement. A story that faults tear apart is given up; what it did stays to be checked."""
    people: dict[str, Person] = {}
    for number in itertools.count(1):
        if office.closed.is_set():
            return
        told = (_now, client.default_files(), mail, _unsaid, _at_once, CLOSING_SECONDS, people)
        story = PatientStory(gateway, password, *told)
        try:
            for chapter in CHAPTERS:
                if office.closed.is_set():
                    return
                await chapter(story)
            office.journal.counts["policies bound"] += 1
            await bill(office, gateway, password, story.made["policy_id"])
        except (NotAsTold, TimeoutError, KeyError) as error:
            office.journal.counts["stories given up"] += 1
            say(f"story {number} given up: {type(error).__name__}: {str(error)[:400]}")


async def bill(office: Office, gateway: Insistent, password: str, policy_id: str) -> None:
    """Approve and issue the debit note of a policy; withdraw it and draft another one, a few times."""
    finance, cashier = await gateway.sign_in("fin", password), await gateway.sign_in("csh", password)
    for turn in range(ROUNDS):
        note = await _raised(office, finance, policy_id) if turn == 0 else await _drafted(office, cashier, policy_id)
        if note is None:
            return
        path = f"/finance/debit_notes/{note['id']}"
        note = await finance.post(f"{path}/approval", match=note)
        note = await cashier.post(f"{path}/issue", match=note)
        office.journal.counts["debit notes issued"] += 1
        if turn == ROUNDS - 1 or office.closed.is_set():
            return  # one stays
        await finance.post(f"{path}/cancellation", {"reason": f"更正 {office.serial()}"}, match=note)


async def _raised(office: Office, finance: Person, policy_id: str) -> Any:
    while not office.closed.is_set():
        if found := (await finance.get("/finance/debit_notes", policy_id=policy_id))["items"]:
            return await finance.get(f"/finance/debit_notes/{found[0]['id']}")
        await asyncio.sleep(0.5)
    return None


async def _drafted(office: Office, cashier: Person, policy_id: str) -> Any:
    note = await cashier.post("/finance/debit_notes", {"policy_id": policy_id})
    office.journal.drafted.add(note["id"])
    return note


def _now() -> datetime:
    return datetime.now(UTC)


def _unsaid(line: str) -> None:
    pass


async def _at_once() -> None:
    pass
