"""Name what obligations and messages are about."""

from collections.abc import Iterable
from typing import NamedTuple

from chassis.work import Work
from services.notifications.subjects.model import Client, Policy
from services.notifications.subjects.store import Clients, Policies


class About(NamedTuple):
    """The client and the policy that something concerns; empty where there is none."""

    client_id: str = ""
    policy_id: str = ""


async def named(abouts: Iterable[About], work: Work) -> dict[About, str]:
    """What each is called in a reminder: the client's name (a person's masked) and the policy's number, if known."""
    wanted = set(abouts)
    policy_ids, client_ids = {about.policy_id for about in wanted}, {about.client_id for about in wanted}
    policies = {policy.id: policy for policy in await Policies(work).some(_any_of(policy_ids), len(policy_ids))}
    clients = {client.id: client for client in await Clients(work).some(_any_of(client_ids), len(client_ids))}
    return {about: _joined(about, policies, clients) for about in wanted}


def _any_of(ids: set[str]) -> dict[str, object]:
    return {"_id": {"$in": sorted(ids)}}


def _joined(about: About, policies: dict[str, Policy], clients: dict[str, Client]) -> str:
    client, policy = clients.get(about.client_id), policies.get(about.policy_id)
    return " ".join(part for part in (client.shown_as if client else "", policy.number if policy else "") if part)
