"""The contracts whose events the ledger reads."""

from __future__ import annotations

from typing import Final

MONEY: Final = "Money"
LOAN_BOOK: Final = "LoanBook"
CLOCK: Final = "Clock"

NOBODY: Final = "0x" + 40 * "0"
