"""With exact numerators nobody gains from splitting: interest, penalties, prepayments."""

from __future__ import annotations

import pytest
import z3

from tests.proofs.solver import all_natural, find, half_up, minimum, naturals, prove

BASES = {"30/360": 360 * 10**6, "ACT/365F": 365 * 10**6, "ACT/360": 360 * 10**6, "ACT/ACT": 133_590 * 10**6}
PENALTY_YEAR = 365_000_000


@pytest.mark.parametrize("basis", sorted(set(BASES.values())))
def test_interest_billed_from_segments_is_the_interest_of_the_whole(basis: int) -> None:
    """Proved for all balances, rates and spans: what is carried is a sum of products, so a cut changes nothing."""
    balance, rate, first, second = naturals("balance rate first second")
    carried = balance * rate * first
    prove(
        half_up(carried + balance * rate * second, basis) == half_up(balance * rate * (first + second), basis),
        all_natural([balance, rate, first, second]),
    )


def test_rounding_each_segment_would_be_a_weapon() -> None:
    """Why the numerators are carried: a 10-yuan loan cut into days would bear no interest at all."""
    basis = BASES["30/360"]
    balance, rate = z3.Ints("balance rate")
    found = find(
        z3.And(half_up(balance * rate, basis) == 0, half_up(30 * balance * rate, basis) >= 8),
        [balance >= 1000, balance <= 1000, rate >= 0, rate < 2**24],
    )
    assert found is not None


def test_two_prepayments_on_one_day_are_their_sum() -> None:
    """Proved for all values: the second one accrues over no days, so that balance and carried interest are the same."""
    balance, rate, span, carried, first, second = naturals("balance rate span carried first second")
    known = [*all_natural([rate, span, carried, first, second]), first + second < balance]
    once = (balance - first - second, carried + balance * rate * span)
    after_first = (balance - first, carried + balance * rate * span)
    twice = (after_first[0] - second, after_first[1] + after_first[0] * rate * 0)
    prove(z3.And(once[0] == twice[0], once[1] == twice[1]), known)


def test_a_prepayment_never_raises_what_interest_a_period_bears() -> None:
    """All values: the balance falls, so the rest of the period bears at most what it would have borne."""
    balance, rate, spent, rest, carried, amount = naturals("balance rate spent rest carried amount")
    known = [*all_natural([rate, spent, rest, carried, amount]), amount < balance]
    without = carried + balance * rate * spent + balance * rate * rest
    with_it = carried + balance * rate * spent + (balance - amount) * rate * rest
    # products of three are beyond the solver's arithmetic; the difference is a product of naturals
    difference, product = z3.Ints("difference product")
    prove(without - with_it == amount * (rate * rest), known)
    prove(difference >= 0, [product >= 0, difference == product])


def test_penalties_paid_in_parts_are_what_one_payment_pays() -> None:
    """All values: owed is the billed numerator less what was paid, so the parts sum to the billed figure."""
    numerator, part = naturals("numerator part")
    billed = half_up(numerator, PENALTY_YEAR)
    known = [*all_natural([numerator, part]), part <= billed]
    owed_after = billed - part
    prove(z3.And(part + owed_after == billed, owed_after >= 0), known)


def test_penalties_ever_paid_in_a_period_stay_under_the_cap() -> None:
    """All values: accrual is capped ever, not now, so that no order of payments passes the cap."""
    cap, first, more, part = naturals("cap first more part")
    year = PENALTY_YEAR
    start = minimum(first, cap * year)
    later = minimum(start + more, cap * year)
    known = [*all_natural([cap, first, more, part]), part <= half_up(start, year)]
    then_owed = half_up(later, year) - part
    prove(z3.And(then_owed >= 0, part + then_owed <= cap), known)


def test_the_days_of_a_penalty_are_charged_once() -> None:
    """All values: a part payment moves `since`: two stretches of days add up, the later one on the smaller base."""
    total, paid, ppm, day0, day1, day2 = naturals("total paid ppm day0 day1 day2")
    known = [*all_natural([total, paid, ppm, day0]), day0 <= day1, day1 <= day2, paid <= total]
    in_parts = total * ppm * (day1 - day0) + (total - paid) * ppm * (day2 - day1)
    prove(in_parts == total * ppm * (day2 - day0) - paid * ppm * (day2 - day1), known)


@pytest.mark.parametrize("bps", [1, 999, 1000, 10_000])
def test_half_up_is_within_half_a_unit_and_ties_go_up(bps: int) -> None:
    amount = z3.Int("amount")
    fee = (amount * bps + 5_000) / 10_000
    prove(z3.And(20_000 * fee - 2 * amount * bps <= 10_000, 20_000 * fee - 2 * amount * bps > -10_000), [amount >= 0])


@pytest.mark.parametrize("basis", sorted(set(BASES.values())))
def test_what_is_billed_as_nothing_is_below_half_a_unit(basis: int) -> None:
    numerator = z3.Int("numerator")
    prove(z3.Implies(half_up(numerator, basis) == 0, 2 * numerator < basis), [numerator >= 0])
