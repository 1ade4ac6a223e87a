"""The terms of a loan as its borrower signs them, and the checks a request must pass.

Every field has the name and the unit of docs/contracts.md section 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction

from lendchain.schedule.contract.refusals import Refusal, need
from lendchain.schedule.rounding import round_half_up

__all__ = [
    "PPM",
    "Accrual",
    "ContractTerms",
    "DayCountCode",
    "LateMode",
    "Method",
    "Slot",
    "exact_level",
    "level_accepted",
    "longest_period",
    "waterfall_code",
]

PPM = 1_000_000
BPS = 10_000
SECONDS_PER_DAY = 86_400
UTC_ZONE = 56
LAST_ZONE = 112
MOST_MONTHS = 1_200
_PRINCIPAL_BOUND = 2**47


class Method(IntEnum):
    """How principal is repaid."""

    EQUAL_INSTALMENT = 0
    EQUAL_PRINCIPAL = 1
    INTEREST_ONLY = 2
    BULLET = 3


class DayCountCode(IntEnum):
    """How days become parts of a year."""

    THIRTY_360 = 0
    ACT_365F = 1
    ACT_360 = 2
    ACT_ACT = 3


class Accrual(IntEnum):
    """What interest runs on."""

    SCHEDULED = 0
    OUTSTANDING = 1


class LateMode(IntEnum):
    """Penalty interest by time, or late fees levied by the servicer."""

    BY_TIME = 0
    LEVIED = 1


class Slot(IntEnum):
    """What a payment may serve; the codes of the waterfall."""

    PENALTY = 0
    FEE = 1
    INTEREST = 2
    PRINCIPAL = 3


DEFAULT_ORDER = (Slot.PENALTY, Slot.FEE, Slot.INTEREST, Slot.PRINCIPAL)


def waterfall_code(order: tuple[Slot, ...] = DEFAULT_ORDER) -> int:
    """The packed form of an order of service, first one lowest: the default order is 228."""
    return sum(int(slot) << (2 * place) for place, slot in enumerate(order))


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What the borrower signs. Accounts and hashes are texts here: the arithmetic only compares them."""

    borrower: str
    units: int
    unit_price: int
    rate_ppm: int
    count: int
    method: int = Method.EQUAL_INSTALMENT
    day_count: int = DayCountCode.THIRTY_360
    accrual: int = Accrual.SCHEDULED
    months: int = 1
    zone: int = 88
    grace: int = 0
    value_days: int = 0
    late_mode: int = LateMode.BY_TIME
    penalty_ppm: int = 0
    penalty_cap: int = 0
    default_days: int = 90
    waterfall: int = 228
    fee_bps: int = 0
    open_fee_bps: int = 0
    grade: int = 0
    rest_cap: int = 0
    deadline: int = 0
    draw_days: int = 0
    cooling_days: int = 0
    min_ticket: int = 1
    cap: int = 0
    coverage: int = 0
    level: int = 0
    last_max: int = 0
    shifts: int = 0
    document: bytes = bytes(32)
    salt: bytes = bytes(32)

    @property
    def principal(self) -> int:
        """Minor units lent."""
        return self.units * self.unit_price

    @property
    def rate(self) -> Fraction:
        """Nominal rate a year."""
        return Fraction(self.rate_ppm, PPM)

    @property
    def open_fee(self) -> int:
        """Minor units kept from the principal when it is disbursed."""
        return round_half_up(Fraction(self.open_fee_bps * self.principal, BPS))

    @property
    def order(self) -> tuple[Slot, ...]:
        """What a payment serves first, second, third and fourth."""
        return tuple(Slot(self.waterfall >> 2 * place & 3) for place in range(4))

    @property
    def draw_until(self) -> int:
        """Last second of disbursement."""
        return self.deadline + self.draw_days * SECONDS_PER_DAY

    def shift(self, period: int) -> int:
        """Days by which the due date that ends `period` is moved for lateness; none beyond the 64 stated ones."""
        return self.shifts >> 4 * period & 15 if period < 64 else 0

    def fee_on(self, amount: int) -> int:
        """The instalment fee on an amount of interest and principal."""
        return round_half_up(Fraction(self.fee_bps * amount, BPS))

    def with_level(self) -> ContractTerms:
        """The same terms with the level that the method asks for."""
        return replace(self, level=exact_level(self.method, self.principal, self.rate_ppm, self.count, self.months))

    def check(self, now: int) -> None:
        """Refuse as the contract would at request, at unix time `now`."""
        need(0 < self.units < 2**24 and 0 < self.unit_price < 2**47, Refusal.AMOUNT_RANGE)
        need(0 <= self.rate_ppm < 2**24 and 0 < self.count < 1024, Refusal.RATE_OR_COUNT_RANGE)
        self._check_calendar()
        self._check_accrual()
        self._check_lateness()
        need(0 <= self.waterfall < 256 and sorted(self.order) == sorted(Slot), Refusal.WATERFALL_RANGE)
        self._check_fees()
        self._check_funding()
        self._check_size()
        self._check_level()
        need(now <= self.deadline, Refusal.DEADLINE_PASSED)

    def _check_calendar(self) -> None:
        need(0 < self.months < 256 and self.count * self.months <= MOST_MONTHS, Refusal.PERIOD_RANGE)
        need(0 <= self.method < 4 and 0 <= self.day_count < 4 and 0 <= self.accrual < 2, Refusal.PERIOD_RANGE)
        need(self.method != Method.BULLET or self.count == 1, Refusal.PERIOD_RANGE)
        need(0 <= self.zone <= LAST_ZONE, Refusal.PERIOD_RANGE)

    def _check_lateness(self) -> None:
        need(0 <= self.grace < 64 and 0 <= self.default_days < 1024, Refusal.LATENESS_RANGE)
        need(0 <= self.penalty_ppm < 2**24 and 0 <= self.penalty_cap <= BPS, Refusal.LATENESS_RANGE)
        need(0 <= self.late_mode < 2, Refusal.LATENESS_RANGE)

    def _check_fees(self) -> None:
        need(0 <= self.fee_bps <= 1000 and 0 <= self.open_fee_bps <= 1000, Refusal.FEE_RANGE)
        need(0 <= self.coverage <= BPS and 0 <= self.grade < 16 and 0 <= self.rest_cap < 1024, Refusal.FEE_RANGE)

    def _check_funding(self) -> None:
        need(0 <= self.deadline < 2**40 and 0 <= self.draw_days < 64, Refusal.FUNDING_RANGE)
        need(0 <= self.cooling_days < 32, Refusal.FUNDING_RANGE)
        need(0 <= self.min_ticket < 2**24 and 0 <= self.cap < 2**24, Refusal.FUNDING_RANGE)

    def _check_accrual(self) -> None:
        if self.accrual == Accrual.SCHEDULED:
            need(self.value_days == 0, Refusal.PERIOD_RANGE)
            return
        need(self.method == Method.EQUAL_INSTALMENT and self.late_mode == LateMode.LEVIED, Refusal.PERIOD_RANGE)
        need(self.fee_bps == 0 and self.waterfall == 228 and 0 <= self.value_days < 28, Refusal.PERIOD_RANGE)

    def _check_size(self) -> None:
        need(self.size_fits(self.principal), Refusal.AMOUNT_RANGE)

    def size_fits(self, balance: int) -> bool:
        """Whether a balance and all interest on it stay below what the contract can hold."""
        return balance + self.count * self.longest_interest(balance) < _PRINCIPAL_BOUND

    def _check_level(self) -> None:
        if self.accrual == Accrual.OUTSTANDING:
            need(self.longest_interest(self.principal) < self.level < 2**47, Refusal.LEVEL_RANGE)
            return
        fits = level_accepted(self.method, self.level, self.principal, self.rate_ppm, self.count, self.months)
        need(fits, Refusal.LEVEL_RANGE)
        if self.last_max or self.day_count != DayCountCode.THIRTY_360:
            need(self.largest_last_instalment() <= self.last_max, Refusal.LAST_INSTALMENT_LARGER)

    def longest_interest(self, balance: int) -> int:
        """Interest of a balance over a period that is as long as a period can be."""
        return round_half_up(balance * self.rate * longest_period(self.months, self.day_count))

    def largest_last_instalment(self) -> int:
        """The last instalment, fee included, of a schedule in which every period is at its longest (accrual 0)."""
        balance = self.principal
        for _ in range(self.count - 1):
            if self.method == Method.EQUAL_INSTALMENT:
                balance -= min(max(self.level - self.longest_interest(balance), 0), balance)
            elif self.method == Method.EQUAL_PRINCIPAL:
                balance -= min(self.level, balance)
        last = balance + self.longest_interest(balance)
        return last + self.fee_on(last)


def longest_period(months: int, day_count: int) -> Fraction:
    """Length in years that no period of so many months exceeds."""
    if day_count == DayCountCode.THIRTY_360:
        return Fraction(months, 12)
    years, rest = divmod(months, 12)
    days = 366 * years + math.ceil(rest * Fraction(306, 10))
    return Fraction(days, 360 if day_count == DayCountCode.ACT_360 else 365)


def _annuity(balance: int, rate_ppm: int, count: int, months: int) -> Fraction:
    """The equal instalment before rounding; the rate of a period is the year's over 12, times its months."""
    per_period = Fraction(rate_ppm * months, 12 * PPM)
    if not per_period:
        return Fraction(balance, count)
    return balance * per_period / (1 - (1 + per_period) ** -count)


def exact_level(method: int, balance: int, rate_ppm: int, count: int, months: int) -> int:
    """The level of `count` periods over `balance`: the instalment, the principal part, or 0, rounded half up."""
    if method == Method.EQUAL_INSTALMENT:
        return round_half_up(_annuity(balance, rate_ppm, count, months))
    return round_half_up(Fraction(balance, count)) if method == Method.EQUAL_PRINCIPAL else 0


def level_accepted(method: int, level: int, balance: int, rate_ppm: int, count: int, months: int) -> bool:
    """Whether the contract takes this level.

    Its interval for the instalment is closed from both sides by bounds so tight that they differ only where the exact
    figure lies on a half; there both neighbours are accepted.
    """
    if level == exact_level(method, balance, rate_ppm, count, months):
        return level > 0 or method in (Method.INTEREST_ONLY, Method.BULLET)
    if method != Method.EQUAL_INSTALMENT or count == 1 or not rate_ppm:
        return False
    figure = _annuity(balance, rate_ppm, count, months)
    return figure % 1 == Fraction(1, 2) and level == figure - Fraction(1, 2) and level > 0
