"""Clients and users as finance needs them: copies fed by their services."""
