"""Paths of loans that were paid in full: instalments, one or two odd payments, and the pay-off of all that is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lendchain.servicing.replay.book import Loan
from lendchain.servicing.replay.solver.arithmetic import SCALE, State, advance, growth, month_interest, nearest_hit
from lendchain.servicing.replay.solver.path import Rule

_MONTHS_TRIED: Final = 20
_SPLITS_TRIED: Final = 10
_SKIPS_TRIED: Final = 24


@dataclass(frozen=True, slots=True)
class Found:
    """Payments of months 1..N that bill exactly the file's interest; `off`: how far the last one is from the file's."""

    payments: tuple[int, ...]
    rule: Rule
    off: int


class PaidLoan:
    """Searches the paths of one paid loan that end in a given month. `waived` is the rest left unpaid at the end."""

    def __init__(self, loan: Loan, waived: int) -> None:
        self._principal = loan.principal
        self._rate = loan.rate_ppm
        self._level = loan.instalment
        self._interest = loan.received.interest
        self._money = loan.principal - waived + loan.received.interest
        self._last = loan.last_amount
        self._growth = growth(loan.rate_ppm, loan.months_to_last + 2)

    def plain(self, months: int) -> Found | None:
        """Instalments, then everything that is left in the last month."""
        return self._checked([self._level] * (months - 1), Rule.PLAIN)

    def odd_payment(self, months: int) -> Found | None:
        """One payment that differs, in the month that brings the pay-off nearest to the file's last amount."""
        return self._odd([self._level] * (months - 1), Rule.ODD_PAYMENT)

    def paid_ahead(self, months: int) -> Found | None:
        """Nearly all in one month, nothing after it, the small rest in the last month."""
        best: Found | None = None
        state = State(self._principal)
        for month in range(1, months):
            before = state
            state = advance(state, self._rate, [self._level])
            billed = before.billed + month_interest(before.balance, self._rate)
            each, uneven = divmod(self._interest - billed, months - month)
            if state.balance <= 0 or each < 0:
                break
            if uneven:
                continue
            for rest in self._rests(each, self._last - each * (months - month), before.balance):
                pays = [self._level] * (month - 1) + [before.balance + billed - before.billed - rest]
                found = self._checked(pays + [0] * (months - 1 - month), Rule.PAID_AHEAD)
                best = _better(best, found)
        return best

    def skipped(self, months: int) -> Found | None:
        """Whole months without a payment, caught up at the pay-off, beside one odd payment."""
        for skip in range(1, min(months - 1, _SKIPS_TRIED) + 1):
            for start in self._starts(months, skip):
                pays = [self._level] * (months - 1)
                pays[start : start + skip] = [0] * skip
                found = self._checked(pays, Rule.SKIPPED) or self._odd(pays, Rule.SKIPPED)
                if found:
                    return found
        return None

    def two_odd(self, months: int) -> Found | None:
        """Two payments that differ: a large one ahead, and one that is solved for."""
        best: Found | None = None
        state = State(self._principal)
        for month in range(1, months):
            before = state
            state = advance(state, self._rate, [self._level])
            if state.balance <= 0:
                break
            for share in (50, 80, 95):
                pays = [self._level] * (months - 1)
                pays[month - 1] += before.balance * share // 100
                found = self._odd(_until_paid(pays, self._principal, self._rate), Rule.TWO_ODD)
                best = _better(best, found)
                if best:
                    return best
        return best

    def nearest(self, months: int) -> tuple[int, ...]:
        """A path that returns the money of the file in the file's months, when none has its interest."""
        pays = _until_paid([self._level] * (months - 1), self._principal, self._rate)
        state = advance(State(self._principal), self._rate, pays)
        rest = state.balance + state.owed + month_interest(state.balance, self._rate)
        return (*pays, rest)

    def _odd(self, base: list[int], rule: Rule) -> Found | None:
        """Solve one payment of `base` for the file's interest, the last payment as near to the file's as can be."""
        months = len(base) + 1
        states = [State(self._principal)]
        for payment in base:
            states.append(advance(states[-1], self._rate, [payment]))
        surplus = states[-1].billed + month_interest(states[-1].balance, self._rate) - self._interest
        wish = self._money - sum(base) - self._last
        candidates = self._candidates(months, surplus, wish, base, states)
        for month, _ in candidates[:_SPLITS_TRIED]:
            if split := self._split(base, states, month, wish, rule):
                return split
        best: Found | None = None
        for month, guess in candidates:
            best = _better(best, self._solve(base, states, month, guess, wish, rule))
            if best and abs(guess - wish) >= best.off:
                break  # later candidates are farther still
        return best

    def _candidates(
        self, months: int, surplus: int, wish: int, base: list[int], states: list[State]
    ) -> list[tuple[int, int]]:
        """Months for the odd payment with its estimated size, those first whose pay-off comes nearest to the wish."""
        sized = []
        for month in range(1, months):
            guess = surplus * SCALE // (self._growth[months - month] - SCALE) if self._rate else 0
            slack = 2 * self._level
            if -base[month - 1] - slack <= guess <= states[month - 1].balance + slack:
                sized.append((month, guess))
        sized.sort(key=lambda item: (abs(item[1] - wish), -item[0]))
        return sized[:_MONTHS_TRIED]

    def _solve(
        self, base: list[int], states: list[State], month: int, guess: int, wish: int, rule: Rule
    ) -> Found | None:
        before, after = states[month - 1], base[month:]
        paid = base[month - 1]

        def billed(extra: int) -> int:
            state = advance(advance(before, self._rate, [paid + extra]), self._rate, after)
            return state.billed + month_interest(state.balance, self._rate)

        low, high = -paid, before.balance + before.owed
        margin = len(base) * SCALE // max(self._growth[len(base) + 1 - month] - SCALE, 1) + 2 * abs(guess) // 100 + 2
        tight_low, tight_high = max(low, guess - margin), min(high, guess + margin)
        if tight_low > tight_high:
            return None
        extra = nearest_hit(billed, self._interest, tight_low, tight_high, wish)
        if extra is None:
            return None
        pays = list(base)
        pays[month - 1] += extra
        return self._checked(pays, rule)

    def _split(self, base: list[int], states: list[State], month: int, wish: int, rule: Rule) -> Found | None:
        """Share the wished extra between this month and the next so that the last amount is met to the cent too."""
        if month >= len(base) or not wish:
            return None
        before, after = states[month - 1], base[month + 1 :]
        here, there = base[month - 1], base[month]
        sign = 1 if wish > 0 else -1

        def billed(part: int) -> int:
            pair = [here + sign * part, there + wish - sign * part] if sign > 0 else [here + wish + part, there - part]
            state = advance(advance(before, self._rate, pair), self._rate, after)
            return state.billed + month_interest(state.balance, self._rate)

        size = abs(wish)
        if not billed(size) <= self._interest <= billed(0):
            return None
        part = nearest_hit(billed, self._interest, 0, size, 0)
        if part is None:
            return None
        pays = list(base)
        pays[month - 1] += part if sign > 0 else wish + part
        pays[month] += wish - part if sign > 0 else -part
        return self._checked(pays, rule)

    def _checked(self, pays: list[int], rule: Rule) -> Found | None:
        """The path with its pay-off, when it bills the file's interest and the loan lasts until the last month."""
        if any(payment < 0 for payment in pays):
            return None
        state = advance(State(self._principal), self._rate, pays)
        billed = state.billed + month_interest(state.balance, self._rate)
        payoff = self._money - sum(pays)
        if state.balance <= 0 or billed != self._interest or payoff <= 0:
            return None
        return Found((*pays, payoff), rule, abs(payoff - self._last))

    def _rests(self, each: int, wish: int, balance: int) -> Iterator[int]:
        """Balances whose monthly interest is `each`: the one nearest to the wish."""
        if not self._rate:
            return
        low = max(1, -(-(each * 12_000_000 - 6_000_000) // self._rate))
        high = min(balance, ((each + 1) * 12_000_000 - 6_000_001) // self._rate)
        if low <= high:
            yield min(max(wish, low), high)

    def _starts(self, months: int, skip: int) -> Iterator[int]:
        """Where a gap of `skip` months may begin: late gaps cost least interest, so a few spread over the life."""
        last = months - 1 - skip
        step = max(1, last // 6)
        yield from range(last, -1, -step)


def _better(one: Found | None, other: Found | None) -> Found | None:
    if one is None or other is None:
        return one or other
    return one if one.off <= other.off else other


def _until_paid(pays: list[int], principal: int, rate_ppm: int) -> list[int]:
    """The payments, cut off where the next would leave less than one cent of principal: then nothing until the end."""
    state = State(principal)
    kept = []
    for payment in pays:
        after = advance(state, rate_ppm, [payment])
        if after.balance <= 0:
            payment = 0
            after = advance(state, rate_ppm, [0])
        kept.append(payment)
        state = after
    return kept
