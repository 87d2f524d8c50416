"""Imports of client files: what a file would make, and making exactly that."""
