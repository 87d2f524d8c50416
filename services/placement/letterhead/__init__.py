"""The head that all papers of placement share: broker, branch, number, client, who answers for it."""
