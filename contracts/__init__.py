"""What the services say to each other. Imports pydantic and nothing of ours; builds as a wheel of its own."""
