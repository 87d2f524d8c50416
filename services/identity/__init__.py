"""Who works where and may do what: branches, roles, users, sign-in and the keys that sign tokens."""
