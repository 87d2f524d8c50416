"""Subjects: copies of clients and policies, so that a reminder can say what it is about."""
