"""Obligations: what must be done by when, by whom, and by which rule."""
