"""A payment is given out to the last unit, in the order of the waterfall. Proved for all amounts and all 24 orders."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
import z3

from tests.proofs.solver import all_natural, minimum, naturals, prove

PENALTY, FEE, INTEREST, PRINCIPAL = range(4)
ORDERS = list(permutations(range(4)))


def give(amount: Any, wants: list[Any], order: tuple[int, ...]) -> tuple[list[Any], Any]:
    """Each part in turn takes what it wants or what is left: (parts, left)."""
    gives: list[Any] = [0] * 4
    left = amount
    for part in order:
        gives[part] = minimum(left, wants[part])
        left = left - gives[part]
    return gives, left


def open_after(wants: list[Any], paid: Any, order: tuple[int, ...]) -> list[Any]:
    """What is open of a period when `paid` was paid in it before: penalties have their own account."""
    opened = list(wants)
    before = paid
    for part in order:
        if part != PENALTY:
            skip = minimum(before, wants[part])
            before = before - skip
            opened[part] = wants[part] - skip
    return opened


@pytest.mark.parametrize("order", ORDERS)
def test_an_allocation_sums_to_the_payment(order: tuple[int, ...]) -> None:
    amount, *wants = naturals("amount penalty fee interest principal")
    gives, left = give(amount, wants, order)
    known = all_natural([amount, *wants])
    prove(z3.Sum(gives) + left == amount, known)
    prove(z3.And(*[z3.And(part >= 0, part <= want) for part, want in zip(gives, wants, strict=True)], left >= 0), known)
    prove(z3.Implies(left > 0, z3.Sum(gives) == z3.Sum(wants)), known)


@pytest.mark.parametrize("order", ORDERS)
def test_a_later_part_gets_nothing_before_the_earlier_ones_are_whole(order: tuple[int, ...]) -> None:
    amount, *wants = naturals("amount penalty fee interest principal")
    gives, _ = give(amount, wants, order)
    claims = [
        z3.Implies(gives[order[later]] > 0, gives[order[earlier]] == wants[order[earlier]])
        for later in range(4)
        for earlier in range(later)
    ]
    prove(z3.And(*claims), all_natural([amount, *wants]))


@pytest.mark.parametrize("order", ORDERS)
def test_two_payments_at_one_instant_are_given_out_as_their_sum(order: tuple[int, ...]) -> None:
    first, second, *wants = naturals("first second penalty fee interest principal")
    gives, _ = give(first, wants, order)
    rest = [want - given for want, given in zip(wants, gives, strict=True)]
    more, left = give(second, rest, order)
    whole, whole_left = give(first + second, wants, order)
    same = [a + b == c for a, b, c in zip(gives, more, whole, strict=True)]
    # where the first one leaves something over, the book does not take it: then there is nothing to split
    taken = z3.Sum(gives) == first
    prove(z3.And(*same, left == whole_left), [*all_natural([first, second, *wants]), taken])


@pytest.mark.parametrize("order", ORDERS)
def test_one_number_for_what_was_paid_tells_what_it_covered(order: tuple[int, ...]) -> None:
    """The book stores `paid in the period` alone; the waterfall gives back the parts that were open at the payment."""
    paid, amount, *wants = naturals("paid amount penalty fee interest principal")
    known = [*all_natural([paid, amount, *wants]), paid + wants[PENALTY] <= z3.Sum(wants)]
    before = open_after(wants, paid, order)
    gives, _ = give(amount, before, order)
    paid_after = paid + gives[FEE] + gives[INTEREST] + gives[PRINCIPAL]
    after = open_after(wants, paid_after, order)
    same = [after[part] == before[part] - gives[part] for part in (FEE, INTEREST, PRINCIPAL)]
    prove(z3.And(*same), known)


def settle(paid: Any, amount: Any, totals: list[Any]) -> tuple[list[Any], Any]:
    """Oldest period first: (paid in each period, left). `paid` is what the oldest one has already."""
    covered: list[Any] = []
    left = amount
    for i, total in enumerate(totals):
        missing = total - paid if i == 0 else total
        given = minimum(left, missing)
        covered.append((paid if i == 0 else 0) + given)
        left = left - given
    return covered, left


@pytest.mark.parametrize("periods", [1, 2, 5])
def test_two_payments_over_periods_cover_what_their_sum_covers(periods: int) -> None:
    """For any amounts; written out for so many periods, a further one being one more step of the same kind."""
    totals = [z3.Int(f"total{i}") for i in range(periods)]
    paid, first, second = naturals("paid first second")
    known = [*all_natural([paid, first, second, *totals]), paid <= totals[0]]
    covered, left = settle(paid, first, totals)
    remaining = left + second
    combined, over = settle(paid, first + second, totals)
    again: list[Any] = []
    for total, done in zip(totals, covered, strict=True):
        given = minimum(remaining, total - done)
        again.append(done + given)
        remaining = remaining - given
    prove(z3.And(remaining == over, *[a == b for a, b in zip(again, combined, strict=True)]), known)
