"""Employees: where they work, whom they report to, under which sign-in."""
