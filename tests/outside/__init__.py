"""What others would check our documents with; `make check-outside`."""
