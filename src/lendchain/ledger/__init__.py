"""The ledger: a double-entry journal folded from the chain's events, statements drawn from it, and its audit."""
