"""Clients and prospects: who they are, whom to ask, who serves them, and that each is on file once."""
