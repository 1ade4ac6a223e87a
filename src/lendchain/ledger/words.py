"""The words of the contract that the ledger reads or can state from the log alone (docs/contracts.md, `words.vy`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lendchain.ledger.loans import Loan, Position

BIAS: Final = 1 << 95  # debts may be negative
POSITION_BITS: Final = 216  # above them stands the round of a holder's vote


def _part(word: int, start: int, width: int) -> int:
    return word >> start & (1 << width) - 1


def unpack_who(word: int) -> tuple[str, int, int]:
    """Borrower's address, price of a unit in minor units, number of units."""
    return f"0x{_part(word, 0, 160):040x}", _part(word, 160, 47), _part(word, 207, 24)


def pack_sums(loan: Loan) -> int:
    """The word of sums that the log implies: units, credits, dust, fees, cap, status."""
    return (
        loan.funded_units
        | loan.credited_principal << 24
        | loan.credited_interest << 72
        | loan.dust_principal << 132
        | loan.dust_interest << 156
        | loan.open_fees << 180
        | _part(loan.rules, 196, 24) << 228
        | loan.status << 253
    )


def pack_position(position: Position) -> int:
    """A position's word without its vote."""
    return position.units | (position.principal_debt + BIAS) << 24 | (position.interest_debt + BIAS) << 120


def state_after_default(state: int) -> tuple[int, int, int, int]:
    """Of a defaulted loan's state: principal at default, recovered, paid by the guarantee, arrears left."""
    return _part(state, 13, 47), _part(state, 60, 48), _part(state, 108, 48), _part(state, 195, 60)


def count_of(rules: int) -> int:
    """Number of instalments."""
    return _part(rules, 24, 10)


def rate_ppm_of(rules: int) -> int:
    """Nominal rate a year in parts per million."""
    return _part(rules, 0, 24)


def zone_seconds_of(rules: int) -> int:
    """Seconds by which the loan's local time is ahead of UTC."""
    return (_part(rules, 46, 7) - 56) * 900
