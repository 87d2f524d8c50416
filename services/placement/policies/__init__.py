"""Policies (保险单): the register, the check against what was accepted, and their immutable versions."""
