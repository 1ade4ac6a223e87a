"""The terms of a loan: what was agreed, in the words of the trade. Amounts are integers of minor units."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from lendchain.schedule.daycount import DayCount
from lendchain.schedule.errors import InvalidTermsError
from lendchain.schedule.periods import MONTHLY, Interval
from lendchain.schedule.rounding import Rounding

__all__ = [
    "Charge",
    "ChargeKind",
    "ChargeTime",
    "Claim",
    "Column",
    "Drawdown",
    "InterestPeriod",
    "Method",
    "Prepayment",
    "PrepaymentChoice",
    "RateChange",
    "Reschedule",
    "RoundingRules",
    "Terms",
    "Waterfall",
    "WorkingDays",
    "per_cent",
]


class Method(StrEnum):
    """How principal is repaid over the rows."""

    EQUAL_INSTALMENT = "equal_instalment"
    """等额本息: principal + interest the same in every row."""
    EQUAL_PRINCIPAL = "equal_principal"
    """等额本金: the same principal in every row, interest on what is left."""
    INTEREST_ONLY = "interest_only"
    """先息后本: interest in every row, all principal in the last."""
    BULLET = "bullet"
    """到期一次还本付息: principal and interest in one payment at the end."""
    FLAT = "flat"
    """Interest of every row on the original principal."""
    FIXED_AMOUNT = "fixed_amount"
    """An agreed instalment until the balance is repaid."""
    BALLOON = "balloon"
    """Instalments as of a longer loan, what is left falls due with the last one."""


class InterestPeriod(StrEnum):
    """Whether a row's interest looks at the calendar."""

    SAME_AS_REPAYMENT = "same_as_repayment"
    """A row bears rate x the nominal length of its interval (a month is 1/12), whatever the calendar."""
    DAILY = "daily"
    """A row bears rate x the fraction its days make by the day count."""


class ChargeKind(StrEnum):
    FEE = "fee"
    INSURANCE = "insurance"
    PENALTY = "penalty"


class ChargeTime(StrEnum):
    DRAWDOWN = "drawdown"
    """Paid when the money is lent; stands in no row."""
    EACH_INSTALMENT = "each_instalment"
    LAST_INSTALMENT = "last_instalment"
    OVERDUE_INSTALMENT = "overdue_instalment"
    """Once for each row that is wholly unpaid when the days of grace after its due date have passed."""


class Column(StrEnum):
    """A column of the schedule that a percentage is taken of."""

    PRINCIPAL = "principal"
    INTEREST = "interest"


class Claim(StrEnum):
    """What a payment can serve."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


def per_cent(text: str | int) -> Fraction:
    """A rate given in per cent: ``per_cent("7.2")`` is 72/1000."""
    return Fraction(text) / 100


@dataclass(frozen=True, slots=True)
class RateChange:
    """From row ``from_period`` on the nominal rate a year is ``rate``."""

    from_period: int
    rate: Fraction


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A tranche paid out. One on a due date belongs to the next row."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Charge:
    """A fee, insurance premium or penalty, paid by the borrower on top. Exactly one of the three sizes is given."""

    kind: ChargeKind
    when: ChargeTime
    amount: int | None = None
    amount_per_year: int | None = None
    rate: Fraction | None = None
    """Part of the columns named in ``basis``; ``per_cent("1.5")`` is 1.5 %."""
    basis: tuple[Column, ...] = ()
    grace_days: int = 0

    def __post_init__(self) -> None:
        if sum(size is not None for size in (self.amount, self.amount_per_year, self.rate)) != 1:
            raise InvalidTermsError("a charge has exactly one of amount, amount_per_year and rate")
        if (self.rate is not None) != bool(self.basis):
            raise InvalidTermsError("a charge with a rate, and no other, names the columns it is taken of")
        if self.grace_days < 0:
            raise InvalidTermsError("grace_days of a charge can't be negative")


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Order in which a payment serves a row that is due (oldest row first) and rows paid in advance."""

    due: tuple[Claim, ...] = (Claim.PENALTY, Claim.FEE, Claim.INTEREST, Claim.PRINCIPAL)
    in_advance: tuple[Claim, ...] = (Claim.PENALTY, Claim.FEE, Claim.INTEREST, Claim.PRINCIPAL)

    def __post_init__(self) -> None:
        for order in (self.due, self.in_advance):
            if sorted(order) != sorted(Claim):
                raise InvalidTermsError(f"a waterfall names each of {', '.join(Claim)} once, not {', '.join(order)}")


_TO_MINOR_UNIT = Rounding()


@dataclass(frozen=True, slots=True)
class RoundingRules:
    """Where amounts are rounded and how; ``None`` leaves the place exact.

    The default rounds every figure half up to the minor unit and lets the last row pay what is left.
    """

    instalment: Rounding | None = _TO_MINOR_UNIT
    interest: Rounding | None = _TO_MINOR_UNIT
    """Of a row: exact sum over its parts first, one rounding at the end."""
    principal: Rounding | None = _TO_MINOR_UNIT
    """The computed equal principal of ``Method.EQUAL_PRINCIPAL``."""
    balance: Rounding | None = None
    charge: Rounding | None = _TO_MINOR_UNIT
    last_row_pays_balance: bool = True
    last_row_evens_interest: bool = False
    """``Method.FLAT``: the last row's interest is the rounded exact total less that of the rows before."""
    spread_residue: bool = False
    """Move the rounded instalment by residue / rows where that brings the last row nearer to the others."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Moves due dates off days on which nobody can pay; ``workdays`` makes such rules from public calendars."""

    adjust: Callable[[date], date]
    interest_follows: bool = False
    """True: the row's interest runs to the moved date; False: to the date by the calendar (unadjusted)."""


class PrepaymentChoice(StrEnum):
    """What a partial prepayment changes."""

    SHORTER_TERM = "shorter_term"
    """The instalment stays, the loan ends sooner (缩短期限)."""
    LOWER_INSTALMENT = "lower_instalment"
    """The number of rows stays, the instalment is computed anew (减少月供)."""


@dataclass(frozen=True, slots=True)
class Prepayment:
    """Principal repaid ahead of the schedule on ``on``; one on a due date counts after that day's instalment."""

    on: date
    amount: int
    choice: PrepaymentChoice = PrepaymentChoice.SHORTER_TERM


@dataclass(frozen=True, slots=True)
class Reschedule:
    """A change agreed during the loan, from the row due on ``from_due_on``; rows before it stay as they are."""

    from_due_on: date
    extra_periods: int = 0
    new_rate: Fraction | None = None
    moved_due_on: date | None = None
    """That row is due then, later ones whole intervals after it."""
    deferred_principal_periods: int = 0
    """So many rows from that one on pay no principal."""
    deferred_interest_periods: int = 0
    """So many rows from that one on pay no interest; it is charged, summed, in the row after them."""
    submitted_on: date | None = None

    @property
    def recomputes(self) -> bool:
        """Whether the instalment is computed anew; a moved date alone changes nothing else."""
        deferred = self.deferred_principal_periods or self.deferred_interest_periods
        return bool(self.extra_periods or deferred) or self.new_rate is not None


_USUAL_ROUNDING = RoundingRules()
_USUAL_WATERFALL = Waterfall()


@dataclass(frozen=True, slots=True)
class Terms:
    """A loan as agreed. See `Method`, `InterestPeriod` and `RoundingRules` for what the fields choose."""

    principal: int
    """Amount lent in all, in minor units."""
    rate: Fraction
    """Nominal rate a year: 12 % is 12/100, see `per_cent`."""
    periods: int | None = None
    """Number of rows, grace rows included. None: until the balance is 0 (fixed amount, fixed principal)."""
    method: Method = Method.EQUAL_INSTALMENT
    every: Interval = MONTHLY
    start_on: date | None = None
    """First day of row 1; None for a loan without dates, whose rows are equal intervals."""
    first_due_on: date | None = None
    drawdowns: tuple[Drawdown, ...] = ()
    recompute_on_drawdown: bool = False
    interest_period: InterestPeriod = InterestPeriod.SAME_AS_REPAYMENT
    day_count: DayCount | None = None
    part_by_actual_days: bool = False
    """30/360: a part of a row is the whole row's fraction x days of the part / days of the row."""
    first_interval_eu: bool = False
    """Row 1 bears interest for its length counted back by the EU rule instead of a whole period."""
    compounding: Interval | None = None
    rate_changes: tuple[RateChange, ...] = ()
    grace_principal: int = 0
    grace_interest: int = 0
    grace_interest_waived: bool = False
    """True: interest of the grace rows is never charged; False: it is charged, summed, in the row after them."""
    fixed_instalment: int | None = None
    fixed_principal: int | None = None
    amortise_periods: int | None = None
    charges: tuple[Charge, ...] = ()
    rounding: RoundingRules = _USUAL_ROUNDING
    waterfall: Waterfall = _USUAL_WATERFALL
    working_days: WorkingDays | None = None

    def __post_init__(self) -> None:
        _check(self)


def _check(terms: Terms) -> None:
    """Refuse terms that contradict themselves or lack what their method needs."""
    for wrong, reason in _faults(terms):
        if wrong:
            raise InvalidTermsError(reason)


def _faults(terms: Terms) -> list[tuple[bool, str]]:
    method, periods = terms.method, terms.periods
    open_ended = method is Method.FIXED_AMOUNT or terms.fixed_principal is not None
    dates = [drawdown.on for drawdown in terms.drawdowns]
    return [
        (terms.principal <= 0, "principal must be positive"),
        (terms.rate < 0, "rate can't be negative"),
        (periods is None and not open_ended, "periods are missing"),
        (periods is not None and periods < 1, "periods must be at least 1"),
        (method is Method.BULLET and periods != 1, "bullet has one row: periods is 1, every is the term"),
        (method is Method.FIXED_AMOUNT and terms.fixed_instalment is None, "fixed_amount needs fixed_instalment"),
        (
            terms.fixed_instalment is not None and method is not Method.FIXED_AMOUNT,
            "fixed_instalment: fixed_amount only",
        ),
        (
            terms.fixed_principal is not None and method is not Method.EQUAL_PRINCIPAL,
            "fixed_principal: equal_principal",
        ),
        ((terms.fixed_instalment or 1) <= 0 or (terms.fixed_principal or 1) <= 0, "a fixed payment must be positive"),
        (method is Method.BALLOON and terms.amortise_periods is None, "balloon needs amortise_periods"),
        (terms.amortise_periods is not None and method is not Method.BALLOON, "amortise_periods: balloon only"),
        ((terms.amortise_periods or periods or 1) < (periods or 1), "amortise_periods can't be below periods"),
        (terms.compounding is not None and method is not Method.BULLET, "compounding: bullet only"),
        (terms.grace_principal < 0 or terms.grace_interest < 0, "grace can't be negative"),
        (_grace_fills(terms), "grace_principal leaves no row to repay in"),
        (terms.interest_period is InterestPeriod.DAILY and terms.day_count is None, "daily interest needs a day_count"),
        (terms.start_on is None and _needs_dates(terms), "these terms need start_on"),
        (bool(dates) and sum(d.amount for d in terms.drawdowns) != terms.principal, "drawdowns must sum to principal"),
        (any(d.amount <= 0 for d in terms.drawdowns), "a drawdown must be positive"),
        (terms.start_on is not None and any(day < terms.start_on for day in dates), "a drawdown before start_on"),
        (_not_after(terms.first_due_on, terms.start_on), "first_due_on must come after start_on"),
        (any(change.from_period < 1 or change.rate < 0 for change in terms.rate_changes), "impossible rate change"),
    ]


def _grace_fills(terms: Terms) -> bool:
    pays_over_rows = terms.method not in (Method.INTEREST_ONLY, Method.BULLET)
    rows = terms.amortise_periods or terms.periods
    return pays_over_rows and rows is not None and terms.grace_principal >= rows


def _needs_dates(terms: Terms) -> bool:
    daily_by_calendar = terms.interest_period is InterestPeriod.DAILY and terms.day_count is not DayCount.THIRTY_360
    dated = terms.first_due_on is not None or terms.first_interval_eu or terms.working_days is not None
    return daily_by_calendar or dated or bool(terms.drawdowns)


def _not_after(later: date | None, earlier: date | None) -> bool:
    return later is not None and earlier is not None and later <= earlier
