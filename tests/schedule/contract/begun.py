"""Loans of the mirror that have just begun, with random terms, for its own properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from lendchain.schedule.contract import (
    ContractTerms,
    LateMode,
    Loan,
    Method,
    OutstandingBalance,
    ScheduledBalance,
    exact_level,
    midnight,
)

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
ORDERS = (228, 0b00_01_10_11, 0b01_00_11_10, 0b11_00_10_01)
LENDER, STRANGER, BORROWER = "lender", "stranger", "borrower"
MUCH = 10**15


@st.composite
def scheduled_terms(draw: st.DrawFn, *, method: Method | None = None, late: LateMode | None = None) -> ContractTerms:
    """Accrual 0."""
    chosen = Method(draw(st.integers(0, 3))) if method is None else method
    terms = ContractTerms(
        borrower=BORROWER,
        units=draw(st.sampled_from((1, 3, 7, 100))),
        unit_price=draw(st.integers(1, 3_000_000)),
        rate_ppm=draw(st.sampled_from((0, 36_500, 120_000, 240_000, 359_999))),
        count=1 if chosen == Method.BULLET else draw(st.integers(1, 14)),
        method=chosen,
        day_count=draw(st.integers(0, 3)),
        months=draw(st.sampled_from((1, 1, 2, 3, 12))),
        grace=draw(st.sampled_from((0, 3, 15))),
        late_mode=draw(st.sampled_from(LateMode)) if late is None else late,
        penalty_ppm=draw(st.sampled_from((0, 180_000, 999_999))),
        penalty_cap=draw(st.sampled_from((0, 37, 500, 10_000))),
        default_days=draw(st.sampled_from((0, 30))),
        waterfall=draw(st.sampled_from(ORDERS)),
        fee_bps=draw(st.sampled_from((0, 25, 1000))),
        cooling_days=draw(st.sampled_from((0, 14))),
        shifts=draw(st.sampled_from((0, 0x321, 0xF0F1))),
        deadline=2**39,
        draw_days=1,
        last_max=2**48 - 1,
    )
    level = exact_level(chosen, terms.principal, terms.rate_ppm, terms.count, terms.months)
    if level == 0 and chosen in (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL):
        terms = replace(terms, unit_price=terms.unit_price + 100)
    return terms.with_level()


@st.composite
def outstanding_terms(draw: st.DrawFn) -> ContractTerms:
    """Accrual 1."""
    base = draw(scheduled_terms(method=Method.EQUAL_INSTALMENT, late=LateMode.LEVIED))
    terms = replace(base, accrual=1, fee_bps=0, waterfall=228, value_days=draw(st.sampled_from((0, 1, 5, 27))))
    return replace(terms, level=max(terms.level, terms.longest_interest(terms.principal) + 1))


def any_terms() -> st.SearchStrategy[ContractTerms]:
    """Either accrual."""
    return st.one_of(scheduled_terms(), outstanding_terms())


def begun(terms: ContractTerms, start: date) -> Loan:
    """A loan that one lender filled and that was disbursed on `start`."""
    now = midnight(start, terms.zone)
    loan = Loan.request(terms, now)
    loan.fund(LENDER, terms.units, now)
    loan.disburse(now)
    return loan


def running_on(terms: ContractTerms, start: date) -> ScheduledBalance:
    """The open account of such a loan, accrual 0."""
    return ScheduledBalance.begin(terms, start)


def outstanding_on(terms: ContractTerms, start: date) -> OutstandingBalance:
    """The open account of such a loan, accrual 1."""
    return OutstandingBalance.begin(terms, start)


def at(loan: Loan, day: date) -> int:
    """Noon of a local day."""
    return midnight(day, loan.terms.zone) + 43_200


def later(day: date, days: int) -> date:
    """So many days on."""
    return day + timedelta(days=days)
