"""Copies of clients and policies."""

from chassis.copies import Copy
from chassis.refusals import TryLater
from services.notifications.subjects.model import Client, Policy


class ClientUnknown(TryLater):
    """The client has not reached this service yet."""

    rule = "NTF-024"
    zh = "尚未收到客户 {id} 的资料"
    en = "Client {id} has not reached this service yet"


class PolicyUnknown(TryLater):
    """The policy has not reached this service yet."""

    rule = "NTF-024"
    zh = "尚未收到保单 {id} 的资料"
    en = "Policy {id} has not reached this service yet"


class Clients(Copy[Client]):
    """Copies of client cards."""

    collection = "copy_clients"
    model = Client
    missing = ClientUnknown
    company_wide = True


class Policies(Copy[Policy]):
    """Copies of policies."""

    collection = "copy_policies"
    model = Policy
    missing = PolicyUnknown
    company_wide = True
