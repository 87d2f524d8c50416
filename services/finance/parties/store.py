"""The copies of clients and users in MongoDB."""

from chassis.copies import Copy
from services.finance.parties.model import Client, User


class Clients(Copy[Client]):
    """Clients, as their service tells of them."""

    collection = "copy_clients"
    model = Client


class Users(Copy[User]):
    """Users of the whole company."""

    collection = "copy_users"
    model = User
