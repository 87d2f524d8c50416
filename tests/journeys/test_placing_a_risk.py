"""The story of `make demo`, through the gateway, on a clock of its own."""

from pathlib import Path

from deploy.local.company import Company
from deploy.local.demo import client
from deploy.local.demo.__main__ import CHAPTERS
from deploy.local.demo.story import Story
from tests.journeys.conftest import PASSWORD
from tests.support.stack import MailBox, Stack

WEEK = 7 * 24 * 3600


async def test_a_risk_is_placed(stack: Stack, company: Company, mail: MailBox):
    story = a_story(stack, mail)
    for chapter in CHAPTERS:
        await chapter(story)
    assert story.made["policy"]["status"] == "in_force"


def a_story(stack: Stack, mail: MailBox) -> Story:
    """A telling on the journeys' stack: the closing time is a week away, and comes when the clock is moved."""

    async def closing_time() -> None:
        stack.clock.move(days=7, seconds=1)
        await stack.run_job("placement", "close_due_enquiries")
        await stack.run_job("placement", "note_silent_insurers")

    data = client.default_files()
    return Story(stack.gateway, PASSWORD, stack.clock, data, Path(mail.folder), print, closing_time, WEEK)
