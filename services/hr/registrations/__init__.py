"""Practitioner registrations (执业登记): who may do which work in which lines (E1, E2)."""
