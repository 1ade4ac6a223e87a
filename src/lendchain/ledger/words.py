"""The contract's words that follow from the log alone."""

from __future__ import annotations

from typing import Final

from lendchain.chain.words import BIAS, Rules, Sums
from lendchain.chain.words import Position as PositionWord
from lendchain.ledger.loans import Loan, Position

POSITION_BITS: Final = sum(PositionWord.WIDTHS[:-1])  # above them stands the round of a holder's vote


def sums_word(loan: Loan) -> int:
    """The word of sums: units, credits, dust, fees, cap, status."""
    return Sums(
        units=loan.funded_units,
        principal=loan.credited_principal,
        interest=loan.credited_interest,
        dust_principal=loan.dust_principal,
        dust_interest=loan.dust_interest,
        fees=loan.open_fees,
        cap=Rules.decode(loan.rules).cap,
        free=0,
        status=loan.status,
    ).encode()


def position_word(position: Position) -> int:
    """A position's word without its vote."""
    return PositionWord(position.units, position.principal_debt + BIAS, position.interest_debt + BIAS, 0).encode()
