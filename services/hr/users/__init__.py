"""What hr must know of users: that they exist."""
