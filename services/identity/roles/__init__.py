"""Roles: named sets of scopes, and the pairs that one person may not hold together (S5)."""
