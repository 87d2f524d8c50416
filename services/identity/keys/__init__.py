"""Keys that sign access tokens, and their rotation."""
