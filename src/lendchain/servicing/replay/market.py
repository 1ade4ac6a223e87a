"""Who lends: named lenders are drawn by seed, so that the same seed always gives the same market."""

from __future__ import annotations

import random
from typing import Final

NOTE: Final = 2_500
FEWEST_LENDERS: Final = 20
MOST_LENDERS: Final = 24
_MOST_NOTES: Final = 10_000
# Every so many lenders one lets the platform bid for him, by a signed mandate.
MANDATE_EVERY: Final = 5


def unit_price(principal: int) -> int:
    """What one note of a loan costs: 25.00 as in the source, or what divides the loan into twenty notes or more."""
    if principal % NOTE == 0 and principal >= NOTE * FEWEST_LENDERS:
        return NOTE
    divisors = (count for count in range(FEWEST_LENDERS, _MOST_NOTES) if principal % count == 0)
    return principal // next(divisors, 1)


def draw_lenders(seed: int, loan: str, units: int, lenders: int) -> tuple[tuple[int, int], ...]:
    """(lender, units) of one loan: 20 to 24 lenders where the loan has as many units, each with at least one."""
    chance = random.Random(f"lendchain/{seed}/{loan}")  # noqa: S311 - a reproducible draw, no secret
    count = min(chance.randint(FEWEST_LENDERS, MOST_LENDERS), units, lenders)
    chosen = chance.sample(range(lenders), count)
    cuts = sorted(chance.sample(range(1, units), count - 1))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, units], strict=True)]
    return tuple(zip(chosen, shares, strict=True))


def bids_by_mandate(lender: int) -> bool:
    """Whether this lender's bids are made by the platform under his signed mandate."""
    return lender % MANDATE_EVERY == 0
