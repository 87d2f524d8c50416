"""The copies follow everything that their originals tell."""

from contracts.facts import FACTS
from services.placement.gates.consumers import consumers


def test_every_fact_of_a_copied_topic_is_followed():
    heard = {fact for fact, _ in consumers.handlers}
    topics = {fact.topic for fact in heard}
    assert topics == {
        "clients.clients",
        "clients.notices",
        "clients.mandates",
        "clients.projects",
        "hr.registrations",
        "hr.employees",
        "identity.users",
    }
    assert {fact.type for fact in FACTS.values() if fact.topic in topics and fact not in heard} == set()
