"""Follow clients and policies."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import ClientAdded, ClientChanged, ClientConverted, ClientMerged
from contracts.facts import FACTS, Fact
from contracts.placement import PolicyBound, PolicyInForce, PolicyReceived
from services.notifications.subjects.store import Clients, Policies

consumers = Consumers()
POLICY_FACTS = [fact for fact in FACTS.values() if fact.topic == PolicyBound.topic]
ClientFact = ClientAdded | ClientChanged | ClientConverted | ClientMerged


@consumers.on(ClientAdded, ClientChanged, ClientConverted, ClientMerged)
async def copy_client(fact: ClientFact, work: Work) -> None:
    """Keep the client's name, code and team."""
    if isinstance(fact, ClientConverted | ClientMerged):
        await Clients(work).put(fact.client_id)
        return
    card = fact.card
    team = [member.model_dump() for member in card.team]
    await Clients(work).put(card.client_id, code=card.code, name=card.name, person_name=card.person_name, team=team)


@consumers.on(*POLICY_FACTS)
async def copy_policy(fact: Fact, work: Work) -> None:
    """Keep whose the policy is and, once the document is there, its number."""
    match fact:
        case PolicyBound():
            told = {"client_id": fact.client_id, "owner_id": fact.owner_id}
        case PolicyReceived() | PolicyInForce():
            told = {"number": fact.number}
        case _:
            told = {}
    assert work.event is not None
    await Policies(work).put(work.event.subject, **told)
