"""Calendars: days off and make-up days, and the arithmetic of deadlines."""
