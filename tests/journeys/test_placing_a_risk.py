"""The story of `make demo`, through the gateway, on a clock of its own."""

from pathlib import Path

DATA = Path('/work/shared/data')

from deploy.local.company import Company
from deploy.local.demo import client, risk
from deploy.local.demo.story import Story
from tests.journeys.conftest import PASSWORD
from tests.support.stack import MailBox, Stack


async def test_a_client_is_taken_on_and_its_project_registered(stack: Stack, company: Company, mail: MailBox):
    story = a_story(stack, mail)
    await client.import_files(story)
    await client.take_on_client(story)
    await client.register_project(story)
    await risk.ask_client(story)
    assert story.made["project"]["status"] == "active"


def a_story(stack: Stack, mail: MailBox) -> Story:
    """A telling on the journeys' stack."""
    return Story(stack.gateway, PASSWORD, stack.clock, DATA, Path(mail.folder), print)
