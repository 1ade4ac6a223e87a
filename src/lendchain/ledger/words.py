"""The one packed word that the ledger must read: who borrows, and in how many units of what price."""

from __future__ import annotations


def unpack_who(word: int) -> tuple[str, int, int]:
    """Borrower's address, price of a unit in minor units, number of units."""
    return f"0x{word & (1 << 160) - 1:040x}", word >> 160 & (1 << 48) - 1, word >> 208 & (1 << 24) - 1
