"""Tests: unit, integration, contracts, structure, journeys."""
