"""Policies as finance needs them: copies fed by placement."""
