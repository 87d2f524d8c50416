"""Stories of the journeys: told on the stack up to a chapter, on days that a test chooses."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.demo import client
from deploy.local.demo.story import SHANGHAI, Story
from tests.support.stack import MailBox, Stack

PASSWORD = "a long password for journeys"
WEEK = 7 * 24 * 3600
S = TypeVar("S", bound=Story)


def a_story(stack: Stack, mail: MailBox) -> Story:
    """A telling on the journeys' stack: the closing time is a week away, and comes when the clock is moved."""

    async def closing_time() -> None:
        stack.clock.move(days=7, seconds=1)
        await stack.run_job("placement", "close_due_enquiries")
        await stack.run_job("placement", "note_silent_insurers")

    data = client.default_files()
    return Story(stack.gateway, PASSWORD, stack.clock, data, Path(mail.folder), print, closing_time, WEEK)


class CoverInThreeWeeks(Story):
    """A story in which cover begins three weeks after the answers, long after the insurers' closing time."""

    @property
    def closing_days(self) -> int:
        return 21


class ShortMandate(Story):
    """A story in which nothing is agreed for longer than 45 days, the mandate neither."""

    def on(self, days: int) -> str:
        return super().on(min(days, 45))


def telling(kind: type[S], stack: Stack, mail: MailBox) -> S:
    """The beginning of a story of this kind."""
    return kind(**vars(a_story(stack, mail)))


def come(stack: Stack, day: date, hour: int = 9, minute: int = 0) -> None:
    """Move the clock on to an hour of a business day; it never goes back."""
    at = datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)
    assert at >= stack.clock.at, f"it is {stack.clock.at} already: tests that need days to pass run in their order"
    stack.clock.at = at


async def diary(story: Story, policy_id: str, rule: str) -> Any:
    """The policy's entry in the diary that this rule asks for, as soon as it is there."""
    executive = await story.who("ae.gd")

    async def entered() -> Any:
        told = {"policy_id": policy_id, "rule_id": rule}
        found = (await executive.get("/notifications/obligations", **told))["items"]
        return found[-1] if found else None

    return await story.until(entered)
