"""Users and service accounts: what they may do where, and their secrets (S2, S3, S5)."""
