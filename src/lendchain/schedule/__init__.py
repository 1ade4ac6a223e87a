"""Loan arithmetic: schedules, day counts, rounding, pay-offs, rates. Pure: no I/O, imports nothing else of ours.

Money is integers of minor units at the borders; inside, amounts are exact fractions until a rounding rule says
otherwise; no float anywhere. Rates are fractions of one a year: 12 % is ``per_cent(12)``.

    >>> terms = Terms(principal=1_000_000, rate=per_cent("7.2"), periods=12)
    >>> schedule = make_schedule(terms)
    >>> schedule.instalments[0].total, schedule.total_interest
    (86619, 39428)

`make_schedule` plans a loan, `live` lets payments, lateness, a pay-off and a reschedule happen to it, `quote_payoff`
says what ends it on a day. `effective_rate` is the EU APR, `actuarial_rate` that of US Regulation Z, `irr` and `xirr`
are the rates of plain cash flows. `docs/schedule.md` has conventions, formulas and sources.
"""

from lendchain.schedule.apr_eu import effective_rate, effective_rate_by_dates
from lendchain.schedule.apr_us import UnitPeriods, actuarial_rate, single_payment_rate, unit_periods
from lendchain.schedule.charges import penalty_interest
from lendchain.schedule.daycount import DayCount, year_fraction
from lendchain.schedule.errors import (
    InvalidTermsError,
    NeverRepaidError,
    NoRateError,
    ScheduleError,
    UnroundedAmountError,
)
from lendchain.schedule.eu_rule import CountedBack, counted_back
from lendchain.schedule.events import InterestUntil, Life, Outcome, Payoff, PayoffFigure, live
from lendchain.schedule.irr import as_ppm, irr, xirr
from lendchain.schedule.level import level_columns, level_payment
from lendchain.schedule.payoff import PayoffQuote, quote_payoff
from lendchain.schedule.periods import MONTHLY, Interval, Unit, add_months
from lendchain.schedule.rounding import Mode, Rounding, round_half_up
from lendchain.schedule.rows import Row, exact_rows
from lendchain.schedule.schedule import Instalment, Schedule, make_schedule
from lendchain.schedule.terms import (
    Charge,
    ChargeKind,
    ChargeTime,
    Claim,
    Column,
    Drawdown,
    InterestPeriod,
    Method,
    Prepayment,
    PrepaymentChoice,
    RateChange,
    Reschedule,
    RoundingRules,
    Terms,
    Waterfall,
    WorkingDays,
    per_cent,
)
from lendchain.schedule.waterfall import Ledger, Payment, allocate
from lendchain.schedule.workdays import Convention, public_calendar, working_days

__all__ = [
    "MONTHLY",
    "Charge",
    "ChargeKind",
    "ChargeTime",
    "Claim",
    "Column",
    "Convention",
    "CountedBack",
    "DayCount",
    "Drawdown",
    "Instalment",
    "InterestPeriod",
    "InterestUntil",
    "Interval",
    "InvalidTermsError",
    "Ledger",
    "Life",
    "Method",
    "Mode",
    "NeverRepaidError",
    "NoRateError",
    "Outcome",
    "Payment",
    "Payoff",
    "PayoffFigure",
    "PayoffQuote",
    "Prepayment",
    "PrepaymentChoice",
    "RateChange",
    "Reschedule",
    "Rounding",
    "RoundingRules",
    "Row",
    "Schedule",
    "ScheduleError",
    "Terms",
    "Unit",
    "UnitPeriods",
    "UnroundedAmountError",
    "Waterfall",
    "WorkingDays",
    "actuarial_rate",
    "add_months",
    "allocate",
    "as_ppm",
    "counted_back",
    "effective_rate",
    "effective_rate_by_dates",
    "exact_rows",
    "irr",
    "level_columns",
    "level_payment",
    "live",
    "make_schedule",
    "penalty_interest",
    "per_cent",
    "public_calendar",
    "quote_payoff",
    "round_half_up",
    "single_payment_rate",
    "unit_periods",
    "working_days",
    "xirr",
    "year_fraction",
]
