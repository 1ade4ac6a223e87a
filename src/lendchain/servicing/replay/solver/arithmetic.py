"""The contract's interest on the outstanding balance, as the solver needs it: whole months of 30/360, cents, half up.

A payment counts at its month's due date; unpaid interest waits and bears none; interest goes before principal.
The contract itself is the judge of what comes out of here: the path found is lived on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_YEAR: Final = 12_000_000  # twelve months of parts per million
_HALF: Final = _YEAR // 2
SCALE: Final = 10**15  # fixed point of the growth factors that guide the search; no figure of the path comes from them


class State(NamedTuple):
    """A loan between two months: principal left, interest billed and unpaid, interest billed so far."""

    balance: int
    owed: int = 0
    billed: int = 0


def month_interest(balance: int, rate_ppm: int) -> int:
    """Interest of one month on a balance, half up."""
    return (balance * rate_ppm + _HALF) // _YEAR


def advance(state: State, rate_ppm: int, payments: Sequence[int]) -> State:
    """The state after one month for each payment. A negative balance means that more was paid than is left."""
    balance, owed, billed = state
    for payment in payments:
        interest = (balance * rate_ppm + _HALF) // _YEAR
        billed += interest
        owed += interest
        if payment >= owed:
            balance -= payment - owed
            owed = 0
        else:
            owed -= payment
    return State(balance, owed, billed)


def growth(rate_ppm: int, months: int) -> list[int]:
    """(1 + i)^m for m = 0..months as fixed-point numbers: what a cent paid m months early saves, plus the cent."""
    factors = [SCALE]
    for _ in range(months):
        factors.append(factors[-1] * (_YEAR + rate_ppm) // _YEAR)
    return factors


def first_at_most(falling: Callable[[int], int], goal: int, low: int, high: int) -> int | None:
    """The smallest x in low..high where a falling function is at most `goal`; None when it is nowhere."""
    if falling(high) > goal:
        return None
    while low < high:
        middle = (low + high) // 2
        if falling(middle) <= goal:
            high = middle
        else:
            low = middle + 1
    return low


def nearest_hit(falling: Callable[[int], int], goal: int, low: int, high: int, wish: int) -> int | None:
    """The x in low..high nearest to `wish` where a falling function is exactly `goal`; None when it jumps over it."""
    if low > high:
        return None
    start = min(max(wish, low), high)
    here = falling(start)
    if here == goal:
        return start
    if here > goal:
        found = first_at_most(falling, goal, start, high)
    else:
        beyond = first_at_most(falling, goal - 1, low, start)
        found = None if beyond is None else beyond - 1
        if found is not None and found < low:
            return None
    return found if found is not None and falling(found) == goal else None
