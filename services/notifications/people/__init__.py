"""People: copies of users and employees, and who answers to whom."""
