"""Proposals (保险建议书): the comparison, the advice, and the client's written acceptance."""
