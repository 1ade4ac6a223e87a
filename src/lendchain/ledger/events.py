"""The contracts whose events the ledger reads, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from lendchain.chain.bindings import Contract

MONEY: Final = "Money"
LOAN_BOOK: Final = "LoanBook"
GUARANTEE: Final = "Guarantee"
CLOCK: Final = "Clock"

NOBODY: Final = "0x" + 40 * "0"


class Places(NamedTuple):
    """Addresses of the contracts that hold money themselves."""

    book: str
    guarantee: str

    @classmethod
    def among(cls, contracts: Iterable[Contract]) -> Places:
        """Where they are deployed, by name."""
        at = {contract.name: contract.address.lower() for contract in contracts}
        return cls(at[LOAN_BOOK], at[GUARANTEE])
