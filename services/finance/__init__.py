"""Finance: client money accounts and debit notes, raised from bound policies."""
