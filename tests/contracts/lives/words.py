"""Packed words of the book, taken apart by a table of widths; and the words that the model expects."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lendchain.schedule.contract import ContractTerms, Loan, OutstandingBalance, ScheduledBalance, Status
from lendchain.schedule.contract.dates import _EPOCH

WHO = (("borrower", 160), ("unit_price", 47), ("units", 24), ("open_fee_bps", 12), ("grade", 4), ("draw_days", 6))
RULES = (
    ("rate_ppm", 24), ("count", 10), ("method", 2), ("day_count", 2), ("months", 8), ("zone", 7), ("grace", 6),
    ("penalty_ppm", 24), ("penalty_cap", 14), ("default_days", 10), ("waterfall", 8), ("fee_bps", 12),
    ("deadline", 40), ("cooling_days", 5), ("min_ticket", 24), ("cap", 24), ("coverage", 14), ("accrual", 1),
    ("late_mode", 1), ("shifted", 1), ("value_days", 5), ("rest_cap", 10),
)  # fmt: skip
STATE = (
    ("odd", 1), ("period", 12), ("balance", 47), ("paid", 48), ("level", 48), ("start_month", 16), ("start_day", 5),
    ("since", 18), ("owed", 60),
)  # fmt: skip
SUMS = (
    ("units", 24), ("principal", 48), ("interest", 60), ("principal_dust", 24), ("interest_dust", 24), ("fees", 48),
    ("cap", 24), ("free", 1), ("status", 3),
)  # fmt: skip
EXTRA_SCHEDULED = (("accrued", 96), ("accrued_to", 18), ("charged", 80), ("settled", 48))
EXTRA_OUTSTANDING = (("accrued", 96), ("accrued_to", 18), ("fees_open", 48), ("fees_paid", 48))
POSITION = (("units", 24), ("principal_debt", 96), ("interest_debt", 96), ("ballot", 32))
BIAS = 2**95
_BASIS = (360, 365, 360, 133_590)
_MILLION = 1_000_000
_NEVER_IN_WORDS = ("borrower", "level", "last_max", "shifts", "document", "salt")


def taken_apart(word: int, fields: tuple[tuple[str, int], ...]) -> dict[str, int]:
    """The fields of a word, lowest first."""
    found = {}
    for name, width in fields:
        found[name] = word & (1 << width) - 1
        word >>= width
    assert word == 0, "bits above the last field"
    return found


def put_together(values: dict[str, int], fields: tuple[tuple[str, int], ...]) -> int:
    """The word of these fields."""
    word, at = 0, 0
    for name, width in fields:
        assert 0 <= values[name] < 1 << width, f"{name} does not fit"
        word |= values[name] << at
        at += width
    return word


def expected_terms(terms: ContractTerms) -> dict[str, int]:
    """Fields of `who` and `rules`, but for the borrower's address."""
    names = [name for name, _ in (*WHO, *RULES) if name not in (*_NEVER_IN_WORDS, "shifted")]
    return {**{name: int(getattr(terms, name)) for name in names}, "shifted": int(terms.shifts != 0)}


def expected_sums(loan: Loan) -> dict[str, int]:
    """Fields of `sums`."""
    register, units = loan.register, loan.terms.units
    return {
        "units": register.funded,
        "principal": register.principal_credited,
        "interest": register.interest_credited,
        "principal_dust": _whole(register.principal_dust * units),
        "interest_dust": _whole(register.interest_dust * units),
        "fees": loan.fees,
        "status": int(loan.status),
    }


def _whole(value: Fraction) -> int:
    assert value.denominator == 1, f"{value} is no whole number"
    return value.numerator


def day_number(day: Any) -> int:
    """Days since 1970, as the contract counts them."""
    return int((day - _EPOCH).days)


def expected_state(loan: Loan) -> dict[str, int]:
    """Fields of `state` and `extra` that the model knows, for a loan that runs or is in default."""
    running = loan.running
    if running is None:
        return {}
    start = {"start_month": running.calendar.start_month, "start_day": running.calendar.start_day}
    if loan.shortfall is not None:
        shortfall = loan.shortfall
        return {
            "balance": shortfall.outstanding,
            "paid": shortfall.recovered,
            "level": shortfall.guarantor_out,
            "owed": shortfall.arrears - shortfall.arrears_got,
        }
    if loan.status != Status.ACTIVE:
        return {}
    basis = _MILLION * _BASIS[running.terms.day_count]
    if isinstance(running, ScheduledBalance):
        return {
            **start,
            "period": running.period,
            "balance": running.balance,
            "paid": running.paid,
            "level": running.level,
            "accrued": _whole(running.carried * basis),
            "charged": _whole(running.charged * 365 * _MILLION),
            "settled": running.charge_settled,
        }
    assert isinstance(running, OutstandingBalance)
    return {
        **start,
        "period": running.billed,
        "balance": running.balance,
        "level": running.level,
        "owed": running.owed,
        "accrued": _whole(running.accrued * basis),
        "fees_open": running.fees_open,
        "fees_paid": running.fees_paid,
        "interest_paid": running.interest_paid,
    }


def seen_state(state: int, extra: int, loan: Loan, sums: dict[str, int]) -> dict[str, int]:
    """The same fields as the contract keeps them."""
    seen = taken_apart(state, STATE)
    if loan.running is None or loan.shortfall is not None or loan.status != Status.ACTIVE:
        return seen
    fields = EXTRA_OUTSTANDING if isinstance(loan.running, OutstandingBalance) else EXTRA_SCHEDULED
    more = taken_apart(extra if seen["odd"] else 0, fields)
    seen |= more
    if isinstance(loan.running, OutstandingBalance):
        seen["interest_paid"] = sums["interest"] - more["fees_paid"]
    return seen
