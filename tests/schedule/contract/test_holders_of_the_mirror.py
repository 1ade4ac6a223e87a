"""What holders may claim, and what is left after a default, by the mirror."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lendchain.schedule.contract import Arrears, Refused, Register, Shortfall

UNITS = st.lists(st.integers(1, 1000), min_size=1, max_size=6)
CREDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=6)


def _register(units: list[int]) -> Register:
    register = Register(sum(units))
    for number, held in enumerate(units):
        register.of(f"holder-{number}").units = held
    return register


def _claim_all(register: Register, *, ended: bool) -> dict[str, int]:
    paid = {}
    for holder in register.holdings:
        try:
            paid[holder] = register.claim(holder, ended=ended).total
        except Refused:
            paid[holder] = 0
    return paid


@given(UNITS, CREDITS)
def test_open_credit_is_what_was_credited_less_what_was_claimed(
    units: list[int], payments: list[tuple[int, int]]
) -> None:
    register = _register(units)
    for principal, interest in payments:
        register.credit(principal, interest)
        _claim_all(register, ended=False)
        open_ = sum(holding.principal + holding.interest for holding in register.holdings.values())
        claimed = register.principal_claimed + register.interest_claimed
        assert open_ == register.principal_credited + register.interest_credited - claimed


@given(UNITS, CREDITS)
def test_when_all_have_claimed_after_the_end_nothing_is_stuck(
    units: list[int], payments: list[tuple[int, int]]
) -> None:
    register = _register(units)
    for principal, interest in payments:
        register.credit(principal, interest)
    _claim_all(register, ended=True)
    assert register.principal_claimed == register.principal_credited
    assert register.interest_claimed == register.interest_credited
    assert register.principal_dust == register.interest_dust == 0


@given(UNITS, CREDITS, st.randoms(use_true_random=False))
def test_the_order_of_claims_changes_nobody_by_a_unit(
    units: list[int], payments: list[tuple[int, int]], random: object
) -> None:
    forwards, backwards = _register(units), _register(units)
    backwards.holdings = dict(reversed(backwards.holdings.items()))
    for principal, interest in payments:
        forwards.credit(principal, interest)
        backwards.credit(principal, interest)
    exact = {holder: holding.principal + holding.interest for holder, holding in forwards.holdings.items()}
    one, other = _claim_all(forwards, ended=True), _claim_all(backwards, ended=True)
    for holder, share in exact.items():
        assert abs(one[holder] - share) < 2  # principal and interest are rounded apart, each by less than one
        assert abs(one[holder] - other[holder]) <= 2


@given(UNITS, CREDITS, st.data())
def test_a_transfer_leaves_what_both_may_claim_as_it_was(
    units: list[int], payments: list[tuple[int, int]], data: st.DataObject
) -> None:
    register = _register([*units, 5])
    for principal, interest in payments:
        register.credit(principal, interest)
    before = {holder: (held.principal, held.interest) for holder, held in register.holdings.items()}
    moved = data.draw(st.integers(1, units[0]))
    register.move("holder-0", f"holder-{len(units)}", moved)
    assert before == {holder: (held.principal, held.interest) for holder, held in register.holdings.items()}
    assert register.funded == register.units


@given(st.integers(12, 10**9), st.integers(0, 10_000), st.integers(0, 10**6), st.permutations(("cover", "r1", "r2")))
def test_cover_and_recovery_end_alike_in_any_order(
    outstanding: int, coverage: int, arrears: int, order: list[str]
) -> None:
    amounts = {"r1": outstanding // 3 + 1, "r2": outstanding // 4 + 1}
    results = []
    for acts in (order, ["cover", "r1", "r2"]):
        shortfall = Shortfall.fixed_at(Arrears(outstanding, arrears), coverage)
        for act in acts:
            if act == "cover":
                shortfall.cover(10**12)
            else:
                shortfall.recover(amounts[act], extra=False)
        results.append((shortfall.lenders_got, shortfall.guarantor_out, shortfall.recovered))
    assert results[0] == results[1]
    lenders, guarantor, recovered = results[0]
    assert lenders == min(outstanding, recovered + shortfall.guaranteed)
    assert guarantor == min(shortfall.guaranteed, outstanding - recovered)


@given(st.integers(1, 10**9), st.integers(0, 10_000), st.lists(st.integers(0, 10**9), max_size=5))
def test_a_dry_guarantee_pays_the_rest_later_and_no_more(outstanding: int, coverage: int, funds: list[int]) -> None:
    shortfall = Shortfall.fixed_at(Arrears(outstanding, 0), coverage)
    paid = sum(shortfall.cover(fund) for fund in funds)
    assert paid == min(sum(funds), shortfall.guaranteed)


@given(
    st.integers(0, 10**9), st.integers(0, 10_000), st.integers(0, 10**6), st.lists(st.integers(1, 10**9), max_size=6)
)
def test_recoveries_never_exceed_principal_and_arrears(
    outstanding: int, coverage: int, arrears: int, amounts: list[int]
) -> None:
    shortfall = Shortfall.fixed_at(Arrears(outstanding, arrears), coverage)
    shortfall.cover(10**10)
    taken = 0
    for amount in amounts:
        try:
            taken += shortfall.recover(amount, extra=False).total
        except Refused:
            assert shortfall.is_whole
    assert taken <= outstanding + arrears


@given(st.integers(1, 10**9), st.integers(0, 10_000), st.integers(0, 10**6), st.integers(1, 10**10))
def test_recovered_money_serves_lenders_then_guarantee_then_arrears(
    outstanding: int, coverage: int, arrears: int, amount: int
) -> None:
    shortfall = Shortfall.fixed_at(Arrears(outstanding, arrears), coverage)
    covered = shortfall.cover(10**10)
    split = shortfall.recover(amount, extra=True)
    assert split.total == amount
    if split.guarantor:
        assert split.lenders == outstanding - covered
    if split.arrears:
        assert split.guarantor == covered
    if split.extra:
        assert split.arrears == arrears


@given(UNITS, st.integers(0, 10**6))
def test_a_claim_pays_whole_units_and_keeps_the_remainder(units: list[int], credit: int) -> None:
    register = _register(units)
    register.credit(credit, 0)
    for holder, holding in register.holdings.items():
        share = Fraction(credit * holding.units, register.units)
        whole = register.claimable(holder, ended=False).principal
        assert 0 <= share - whole < 1
