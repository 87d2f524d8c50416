"""Follows clients and users."""

from chassis.consuming import Consumers
from chassis.work import Work
from contracts.clients import ClientAdded, ClientChanged, ClientConverted, ClientMerged
from contracts.identity import UserAdded, UserAssigned, UserChanged, UserDisabled, UserEnabled, UserSecretChanged
from services.finance.parties.store import Clients, Users

consumers = Consumers()


@consumers.on(ClientAdded, ClientChanged)
async def copy_client(fact: ClientAdded | ClientChanged, work: Work) -> None:
    """Keep what bills need of a client's card."""
    kept = {"status", "name", "person_name", "language", "contacts"}
    await Clients(work).put(fact.card.client_id, **fact.card.model_dump(include=kept))


@consumers.on(ClientConverted)
async def convert_client(fact: ClientConverted, work: Work) -> None:
    """A prospect is a client now."""
    await Clients(work).put(fact.client_id, status="client")


@consumers.on(ClientMerged)
async def merge_client(fact: ClientMerged, work: Work) -> None:
    """Lead whoever asks for the duplicate to the record that stayed."""
    await Clients(work).put(fact.client_id, merged_into=fact.into_id)


@consumers.on(UserAdded, UserChanged)
async def copy_user(fact: UserAdded | UserChanged, work: Work) -> None:
    """Keep a user's name and address."""
    await Users(work).put(fact.user_id, name=fact.name, email=fact.email)


@consumers.on(UserAssigned, UserDisabled, UserEnabled, UserSecretChanged)
async def follow_user(fact: UserAssigned | UserDisabled | UserEnabled | UserSecretChanged, work: Work) -> None:
    """Follow the user's version only."""
    await Users(work).put(fact.user_id)
