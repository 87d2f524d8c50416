"""Front-ends that do not give up: they repeat under the same Idempotency-Key until they are answered."""

import asyncio
import random
import time
from typing import Any

import httpx

from deploy.local.api import Gateway, NotAsTold, Person
from tests.chaos.journal import Acknowledged, Journal

ANSWER_SECONDS = 8.0
LONG_ANSWER_SECONDS = 28.0
"""For files: who hangs up on one that is being read only has it read twice."""
PAUSE_SECONDS = (0.1, 0.6)
PATIENCE = 120
"""Seconds for which a refusal is taken for news that have not arrived yet."""
LOST_ANSWERS = 0.03
"""The share of answers that get lost on the way to the caller, who repeats what was done already."""
IMPATIENT = 0.02
"""The share of callers who hang up early and call again."""
CHANGE_NOTHING = ("/schedules/checks", "/form_checks")
"""What only looks at a file: repeated, it looks again."""
UNANSWERED = frozenset({408, 425, 429, 500, 502, 503, 504})
NOT_YET = ("404", "409")
FOLLOWERS = ("placement", "finance", "notifications")
"""Services that need what others tell."""
REFUSED = "a caller is not refused what he may do"


class Insistent(Gateway):
    """The gateway as such front-ends use it; every acknowledged command goes into the journal."""

    def __init__(self, http: httpx.AsyncClient, journal: Journal, drawn: random.Random) -> None:
        super().__init__(http, time.time)
        self._journal, self._drawn = journal, drawn
        self._known: dict[str, int] = {}
        self.lost_answers = LOST_ANSWERS

    async def sign_in(self, login: str, password: str, new_password: str | None = None) -> "Patient":
        """A signed-in person."""
        person = await super().sign_in(login, password, new_password)
        return Patient(self, login, new_password or password, person._session)  # pyright: ignore[reportPrivateUsage]

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, repeated until there is an answer to it."""
        answer, repeated = await self._until_answered(method, path, **more)
        if method == "PATCH" and repeated and answer.status_code == 412:
            answer = await self._looked_up(path, answer, more)
        if method == "GET" or answer.status_code >= 300 or "sessions" in path:
            return answer
        if method == "POST" and self._drawn.random() < self.lost_answers:
            answer = await self._again(answer, method, path, **more)
        self._keep(answer, method, path, more)
        return answer

    async def _until_answered(self, method: str, path: str, **more: Any) -> tuple[httpx.Response, bool]:
        repeated = False
        while True:
            seconds = LONG_ANSWER_SECONDS if "imports" in path else ANSWER_SECONDS
            seconds = self._drawn.uniform(0.005, 0.2) if self._drawn.random() < IMPATIENT else seconds
            try:
                async with asyncio.timeout(seconds):
                    answer = await self.http.request(method, path, **more)
                if answer.status_code not in UNANSWERED:
                    return answer, repeated
                self._journal.counts[f"answers {answer.status_code}"] += 1
            except (httpx.TransportError, TimeoutError) as error:
                self._journal.counts[f"no answer ({type(error).__name__})"] += 1
            repeated = True
            await asyncio.sleep(self._drawn.uniform(*PAUSE_SECONDS))

    async def _looked_up(self, path: str, refused: httpx.Response, more: dict[str, Any]) -> httpx.Response:
        """What became of a change whose answer got lost: nobody else changes this thing.

        A refusal goes by the newest state, what is read by the state of the majority: for a moment neither the change
        nor its effect may be there.
        """
        asked = int(more["headers"]["If-Match"].strip('"'))
        if asked < self._known.get(path, asked):
            return refused  # it was stale from the beginning
        headers = {"Authorization": more["headers"]["Authorization"]}
        while True:
            found, _ = await self._until_answered("GET", path, headers=headers)
            if _shown(found).get("version", 0) > asked:
                return found
            answer, _ = await self._until_answered("PATCH", path, **more)
            if answer.status_code != 412:
                return answer
            await asyncio.sleep(self._drawn.uniform(*PAUSE_SECONDS))

    async def _again(self, answer: httpx.Response, method: str, path: str, **more: Any) -> httpx.Response:
        self._journal.counts["repeats of what was done"] += 1
        again, _ = await self._until_answered(method, path, **more)
        first, second = _shown(answer), _shown(again)
        key = more["headers"].get("Idempotency-Key", "")
        if again.status_code != answer.status_code or first.get("id") != second.get("id"):
            seen = f"first {answer.status_code} {first.get('id')}, again {again.status_code} {second.get('id')}"
            self._journal.complain("a repeat is answered as the first call was", f"{path} key {key}", seen)
            return answer
        if again.headers.get("Idempotent-Replayed") != "true" and not path.endswith(CHANGE_NOTHING):
            self._journal.complain("a repeat does nothing", f"{path} key {key}", f"done again: {again.text[:200]}")
        return again

    def _keep(self, answer: httpx.Response, method: str, path: str, more: dict[str, Any]) -> None:
        shown = _shown(answer)
        thing, version = shown.get("id"), shown.get("version")
        if not isinstance(thing, str) or not isinstance(version, int):
            self._journal.counts["commands acknowledged"] += 1  # files, checks: nothing with a version
            return
        self._known[path] = max(version, self._known.get(path, 0))
        key = more["headers"].get("Idempotency-Key", "")
        self._journal.keep(Acknowledged(path.split("/")[1], method, path, key, thing, version))


class Patient(Person):
    """Somebody who knows that what one service tells takes a moment to reach another."""

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Make or do something; a refusal is tried again for a while, under the same key."""
        more.setdefault("key", f"k-{random.getrandbits(64):016x}")
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await super().post(path, body, **more)
            except NotAsTold as refusal:
                status = str(refusal).partition(": ")[2][:3]
                follows = path.split("/")[1] in FOLLOWERS
                if status not in NOT_YET or not follows or time.monotonic() > until:
                    raise
                await asyncio.sleep(0.5)


def _shown(answer: httpx.Response) -> dict[str, Any]:
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return {}
    shown = answer.json()
    return shown if isinstance(shown, dict) else {}
