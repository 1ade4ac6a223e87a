"""Any combination of what the vector format allows is calculated, and what comes out keeps the rules of every loan."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.schedule import Method, live
from lendchain.schedule.vectors import check_vector
from lendchain.schedule.vectors.case import read_case
from lendchain.schedule.vectors.fields import Fields
from lendchain.schedule.vectors.report import Verdict

START = date(2023, 8, 31)


def maybe(draw: st.DrawFn, tree: dict[str, Any], name: str, values: st.SearchStrategy[Any]) -> None:
    """Put a field in or leave it out."""
    if draw(st.booleans()):
        tree[name] = draw(values)


def decimals(least: int, most: int, digits: int = 2) -> st.SearchStrategy[str]:
    return st.integers(least * 10**digits, most * 10**digits).map(
        lambda number: f"{number // 10**digits}.{number % 10**digits:0{digits}}"
    )


DATES = st.integers(1, 300).map(lambda days: (START + timedelta(days=days)).isoformat())
CLAIMS = st.permutations(["penalty", "fee", "interest", "principal"])
INTERVALS = st.sampled_from(
    [
        {"count": 1, "unit": "month"},
        {"count": 3, "unit": "month"},
        {"count": 1, "unit": "year"},
        {"count": 2, "unit": "week"},
        {"count": 20, "unit": "day"},
        {"count": 1, "unit": "semimonth", "month_days": [1, 16]},
    ]
)
POINTS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "unit": st.sampled_from(["0.01", "1", "0.05"]),
            "mode": st.sampled_from(["half_up", "half_even", "ceil"]),
        }
    ),
)


@st.composite
def a_rounding(draw: st.DrawFn) -> dict[str, Any]:
    names = ["instalment", "interest", "principal", "balance", "charge", "shown"]
    rounding: dict[str, Any] = {name: draw(POINTS) for name in names}
    rounding["residue"] = draw(st.sampled_from([["principal"], ["principal", "interest"]]))
    maybe(draw, rounding, "smoothing", st.just("spread_residue"))
    return rounding


@st.composite
def a_charge(draw: st.DrawFn) -> dict[str, Any]:
    when = draw(st.sampled_from(["drawdown", "each_instalment", "last_instalment", "overdue_instalment"]))
    charge: dict[str, Any] = {"kind": draw(st.sampled_from(["fee", "insurance", "penalty"])), "when": when}
    size = draw(st.sampled_from(["amount", "amount_per_year", "pct"]))
    charge[size] = draw(decimals(0, 50))
    if size == "pct":
        both = st.sampled_from([["principal"], ["interest"], ["principal", "interest"]])
        charge["basis"] = ["principal"] if when == "drawdown" else draw(both)
    if when == "overdue_instalment":
        maybe(draw, charge, "grace_days", st.integers(0, 40))
    return charge


@st.composite
def a_loan(draw: st.DrawFn) -> dict[str, Any]:
    """A vector with rows, dated, of any method."""
    method = draw(st.sampled_from(list(Method)))
    periods = 1 if method is Method.BULLET else draw(st.integers(1, 14))
    terms: dict[str, Any] = {
        "principal": "1000.00",
        "rate": {"pct": draw(decimals(0, 30, 4)), "per": "year"},
        "periods": periods,
        "every": draw(INTERVALS),
        "start_date": START.isoformat(),
        "interest_period": draw(st.sampled_from(["same_as_repayment", "daily"])),
        "allocation": {"due": draw(CLAIMS), "in_advance": draw(CLAIMS)},
    }
    if terms["interest_period"] == "daily":
        terms["day_count"] = draw(st.sampled_from(["30/360", "ACT/360", "ACT/364", "ACT/365F", "ACT/ACT"]))
    maybe(draw, terms, "part_period", st.just("actual_days"))
    maybe(draw, terms, "first_due_date", st.sampled_from(["2023-09-12", "2023-09-30", "2023-10-31", "2024-02-29"]))
    maybe(draw, terms, "first_interval", st.just("eu_counted_back"))
    changes = st.fixed_dictionaries({"from_period": st.integers(1, 9), "pct": decimals(0, 20)})
    maybe(draw, terms, "rate_changes", st.lists(changes, max_size=2))
    if periods > 4:
        maybe(draw, terms, "grace_principal", st.integers(0, 3))
        maybe(draw, terms, "grace_interest", st.integers(0, 3))
        maybe(draw, terms, "grace_interest_rule", st.sampled_from(["deferred", "waived"]))
    if periods > 1 and draw(st.booleans()):
        later = (START + timedelta(days=draw(st.integers(0, 12)))).isoformat()
        terms["drawdowns"] = [{"date": START.isoformat(), "amount": "600"}, {"date": later, "amount": "400"}]
        maybe(draw, terms, "on_drawdown", st.just("recompute_instalment"))
    by_method: dict[Method, dict[str, Any]] = {
        Method.FIXED_AMOUNT: {"fixed_instalment": "700.00"},
        Method.BALLOON: {"amortise_periods": periods + 12},
        Method.BULLET: {"compounding": draw(INTERVALS)},
    }
    terms.update(by_method.get(method, {}))
    vector: dict[str, Any] = {"id": "random", "method": str(method), "terms": terms, "rounding": draw(a_rounding())}
    maybe(draw, vector, "charges", st.lists(a_charge(), max_size=3))
    return vector


@st.composite
def a_life(draw: st.DrawFn) -> dict[str, Any]:
    vector = draw(a_loan())
    payment = st.fixed_dictionaries({"date": DATES, "kind": st.just("payment"), "amount": decimals(1, 600)})
    vector["events"] = draw(st.lists(payment, max_size=4))
    if draw(st.booleans()):
        payoff = {"date": draw(DATES), "kind": "payoff"}
        payoff["interest_until"] = draw(st.sampled_from(["payoff_date", "next_due_date"]))
        maybe(draw, payoff, "rows_after", st.just("keep_instalments"))
        vector["events"].append(payoff)
    if draw(st.booleans()):
        vector["as_of"] = draw(DATES)
        maybe(draw, vector, "arrears_interest", st.just("unpaid_balance_until_as_of"))
    vector["apr"] = {"method": "eu_effective"}
    vector["apr"]["flows"] = draw(st.sampled_from(["shown", "exact"]))
    vector["apr"]["intervals"] = draw(st.sampled_from(["equal_periods", "eu_counted_back"]))
    return vector


@settings(max_examples=120)
@given(a_life())
def test_any_combination_is_calculated_and_repays_the_principal(vector: dict[str, Any]) -> None:
    case = read_case(Fields(dict(vector), "random"), Method(vector["method"]))
    outcome = live(case.terms, case.life)
    assert outcome.rows[-1].balance_after == 0
    if case.terms.rounding.balance is None and case.life.payoff is None:
        assert sum((row.principal for row in outcome.rows), Fraction(0)) == case.terms.principal
    for row in outcome.rows:
        assert row.due == row.principal + row.interest + row.fees + row.penalties


@settings(max_examples=40)
@given(a_life())
def test_the_reader_takes_every_field_of_any_combination(vector: dict[str, Any]) -> None:
    report = check_vector({**vector, "expected": {"rows_complete": False, "rows": []}})
    assert report.verdict is Verdict.PASSED, str(report)
