"""The story of `make demo`, through the gateway, on a clock of its own."""

from pathlib import Path

from deploy.local.company import Company
from deploy.local.demo import client
from deploy.local.demo.story import Story
from tests.journeys.conftest import PASSWORD
from tests.support.stack import MailBox, Stack


async def test_a_client_is_taken_on_and_its_project_registered(stack: Stack, company: Company, mail: MailBox):
    story = a_story(stack, mail)
    await client.take_on_client(story)
    await client.register_project(story)
    assert story.made["project"]["status"] == "active"


def a_story(stack: Stack, mail: MailBox) -> Story:
    """A telling on the journeys' stack."""
    return Story(stack.gateway, PASSWORD, stack.clock, client.default_files(), Path(mail.folder), print)
