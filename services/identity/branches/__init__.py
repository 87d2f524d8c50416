"""The branch tree with its history (S1, S2)."""
