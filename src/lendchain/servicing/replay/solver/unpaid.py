"""Paths of loans that were given up or still run: the money paid is known, when it came is solved for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lendchain.servicing.replay.book import Loan
from lendchain.servicing.replay.solver.arithmetic import SCALE, State, advance, growth, nearest_hit

_PAIRS_TRIED: Final = 60
_SMALL_SHIFT_PERCENT: Final = 5
_LARGE_SHIFT_PERCENT: Final = 50


class UnpaidLoan:
    """Searches payments of months 1..N that sum to the file's money and pay exactly its interest."""

    def __init__(self, loan: Loan) -> None:
        self._principal = loan.principal
        self._rate = loan.rate_ppm
        self._level = loan.instalment
        self._interest = loan.received.interest
        self._money = loan.received.principal + loan.received.interest
        self._last = min(loan.last_amount or loan.instalment, self._money)
        self._growth = growth(loan.rate_ppm, max(loan.months_to_last, self._money // loan.instalment + 1) + 1)

    def plain(self) -> tuple[int, ...] | None:
        """Instalments while the money lasts, the last one partial."""
        full, rest = divmod(self._money, self._level)
        return self._checked([self._level] * full + ([rest] if rest else []))

    def plain_until(self, months: int) -> tuple[int, ...] | None:
        """Instalments while the money lasts, then the file's last payment in its month."""
        full, rest = divmod(self._money - self._last, self._level)
        pays = [self._level] * full + ([rest] if rest else [])
        if len(pays) > months - 1:
            return None
        return self._checked([*pays, *[0] * (months - 1 - len(pays)), self._last])

    def shifted(self, months: int) -> tuple[int, ...] | None:
        """Cents move between two months, the file's last payment stays: small moves and near months first."""
        base = self._spread(self._money - self._last, months - 1)
        for percent in (_SMALL_SHIFT_PERCENT, _LARGE_SHIFT_PERCENT):
            found = self._shift([*base, self._last], months - 1, self._level * percent // 100)
            if found:
                return found
        return None

    def paused(self, months: int) -> tuple[int, ...] | None:
        """Instalments, a pause or one larger payment, instalments again, and the file's last payment."""
        return self._family(self._money - self._last, months - 1, (self._last,))

    def paused_and_shifted(self, months: int) -> tuple[int, ...] | None:
        """A pause at the beginning or the end, and cents moved between two months."""
        money = self._money - self._last
        for early in (0, money):
            base = self._two_legs(early, money, months - 1)
            if base is not None:
                found = self._shift([*base, self._last], months - 1, self._level)
                if found:
                    return found
        return None

    def last_open(self, months: int) -> tuple[int, ...] | None:
        """As before, with whatever amount in the last month."""
        found = self._family(self._money, months, ())
        if found and found[-1]:
            return found
        base = self._spread(self._money, months)
        return self._shift(base, months, self._level) if base and base[-1] else None

    def nearest(self, months: int) -> tuple[int, ...]:
        """Money and months of the file, when no path has its interest."""
        if not self._money:
            return ()
        rest = self._money - self._last
        return (*self._spread(rest, months - 1), self._last) if months > 1 or not rest else (self._money,)

    def _spread(self, money: int, months: int) -> list[int]:
        """Instalments while the money lasts; what instalments can't hold comes in the first month."""
        if months <= 0:
            return []
        pays = [0] * months
        for month in range(months):
            pays[month] = min(self._level, money)
            money -= pays[month]
        pays[-1] += money
        return pays

    def _two_legs(self, early: int, money: int, months: int) -> list[int] | None:
        """`early` paid by instalments from the first month on, the rest by instalments up to the last month."""
        full, part = divmod(early, self._level)
        late_full, late_part = divmod(money - early, self._level)
        if full + late_full + (1 if part or late_part else 0) > months:
            return None
        pays = [self._level] * full + [0] * (months - full)
        if part:
            pays[full] += part
        if late_part:
            pays[months - late_full - 1] += late_part
        for month in range(months - late_full, months):
            pays[month] += self._level
        return pays

    def _family(self, money: int, months: int, tail: tuple[int, ...]) -> tuple[int, ...] | None:
        """One family of paths whose interest falls steadily: the pause (or the extra) wanders through the life."""
        if months <= 0 or money < 0:
            return None
        extra = money - months * self._level
        if extra < 0:
            high = money

            def shape(value: int) -> list[int] | None:
                return self._two_legs(value, money, months)

        else:
            high = extra * (months - 1)

            def shape(value: int) -> list[int] | None:
                pays = [self._level] * months
                steps, part = divmod(value, extra) if extra else (0, 0)
                pays[months - 1 - steps] += extra - part
                if part:
                    pays[months - 2 - steps] += part
                return pays

        if shape(0) is None or shape(high) is None:
            return None

        def paid(value: int) -> int:
            pays = shape(value)
            return self._paid_interest([*pays, *tail]) if pays is not None else 0

        value = nearest_hit(paid, self._interest, 0, high, high)
        pays = None if value is None else shape(value)
        return None if pays is None else self._checked([*pays, *tail])

    def _shift(self, base: list[int], months: int, most: int) -> tuple[int, ...] | None:
        """Move cents between two of the first `months` months so that the interest becomes the file's."""
        missing = self._interest - self._paid_interest(base)
        if not missing:
            return self._checked(base)
        for early, late, guess in self._pairs(len(base), months, abs(missing), most):
            source, target = (early, late) if missing > 0 else (late, early)
            room = min(most, base[source])
            if room <= 0:
                continue
            amount = nearest_hit(self._after_move(base, source, target), *self._goal(missing), 0, room, guess)
            if amount is None:
                continue
            pays = list(base)
            pays[source] -= amount
            pays[target] += amount
            if found := self._checked(pays):
                return found
        return None

    def _after_move(self, base: list[int], source: int, target: int) -> Callable[[int], int]:
        """Interest paid after moving x cents, negated when paying later raises it, so that it always falls with x."""
        sign = -1 if source < target else 1
        start = min(source, target)
        before = advance(State(self._principal), self._rate, base[:start])
        tail = base[start:]

        def paid(amount: int) -> int:
            pays = list(tail)
            pays[source - start] -= amount
            pays[target - start] += amount
            state = advance(before, self._rate, pays)
            return sign * (state.billed - state.owed)

        return paid

    def _goal(self, missing: int) -> tuple[int]:
        return (-self._interest if missing > 0 else self._interest,)

    def _pairs(self, length: int, months: int, missing: int, most: int) -> Iterator[tuple[int, int, int]]:
        """Pairs of months with the estimated amount, nearest months first, where the amount is within bounds."""
        tried = 0
        for distance in range(1, months):
            for early in range(months - 1 - distance, -1, -1):
                late = early + distance
                weight = self._growth[length - 1 - early] - self._growth[length - 1 - late]
                guess = missing * SCALE // weight if weight else most + 1
                if guess > most + most // 10:
                    continue
                tried += 1
                yield early, late, guess
                if tried >= _PAIRS_TRIED:
                    return

    def _paid_interest(self, pays: list[int]) -> int:
        state = advance(State(self._principal), self._rate, pays)
        return state.billed - state.owed

    def _checked(self, pays: list[int]) -> tuple[int, ...] | None:
        """The path when it pays the file's interest, ends with a payment and never pays the loan off."""
        while pays and not pays[-1]:
            pays = pays[:-1]
        state = advance(State(self._principal), self._rate, pays)
        exact = state.billed - state.owed == self._interest and sum(pays) == self._money
        return tuple(pays) if exact and state.balance > 0 and all(pay >= 0 for pay in pays) else None
