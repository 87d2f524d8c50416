"""Clients: clients and prospects, contacts, client notices, mandates, project registration."""
