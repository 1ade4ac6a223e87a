"""Money that has to come from the bank: who deposits how much on which day, and what the guarantee can pay.

Planned ahead from the paths alone, so that a replay killed and started again makes exactly the same deposits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from lendchain.schedule.contract import Shortfall
from lendchain.servicing.replay.book import add_months
from lendchain.servicing.replay.cases import Case, Day
from lendchain.servicing.replay.oracle import shortfall_of
from lendchain.servicing.replay.plan import Act, Step

_MONTHS_AHEAD: Final = 12
# What the operator puts into the guarantee for each loan paid out, in basis points of it.
CONTRIBUTION_BPS: Final = 200
COLLECTOR: Final = "collector/0"
OPERATOR: Final = "operator/0"


@dataclass(frozen=True, slots=True)
class Deposit:
    """Money that arrived at the bank for an account, by its key."""

    account_ref: str
    amount: int


class Purse:
    """One kind of account that deposits what it will pay in the next twelve months, whenever it runs short."""

    def __init__(self, payments: Iterable[tuple[str, date, int]]) -> None:
        self._left: dict[str, int] = defaultdict(int)
        self._ahead: dict[str, list[tuple[date, int]]] = defaultdict(list)
        for account, day, amount in payments:
            self._ahead[account].append((day, amount))

    def deposits(self, day: date, spent: dict[str, int]) -> list[Deposit]:
        """What the accounts that spend today have to deposit first."""
        made = []
        until = add_months(day, _MONTHS_AHEAD)
        for account, amount in spent.items():
            if self._left[account] < amount:
                ahead = sum(due for on, due in self._ahead[account] if day <= on < until)
                made.append(Deposit(account, ahead - self._left[account]))
                self._left[account] = ahead
            self._left[account] -= amount
        return made


class Fund:
    """The guarantee's money as the contracts will have it: who is covered today, and what recoveries bring back."""

    def __init__(self, *, on: bool) -> None:
        self._on = on
        self._size = 0
        self._open: dict[int, tuple[Case, Shortfall]] = {}
        self._waiting: list[int] = []

    def contribution(self, day: Day) -> int:
        """What the operator adds for the loans of a day."""
        lent = sum(case.terms.principal for case in day.issues) if self._on else 0
        amount = lent * CONTRIBUTION_BPS // 10_000
        self._size += amount
        return amount

    def covers(self, steps: list[tuple[Case, Step]]) -> list[Case]:
        """Loans for which the guarantee can be drawn on now: those defaulted today, after those it still owes."""
        for case, step in steps:
            if step.act is Act.DEFAULT and self._on:
                self._open[case.place] = (case, shortfall_of(case.plan, case.terms))
            elif step.act is Act.COVER and self._on:
                self._waiting.append(case.place)
        covered = []
        for place in list(self._waiting):
            case, shortfall = self._open[place]
            if not self._size:
                break
            if shortfall.guarantee_owes:
                self._size -= shortfall.cover(self._size)
                covered.append(case)
            if not shortfall.guarantee_owes:
                self._waiting.remove(place)
        return covered

    def recovered(self, case: Case, step: Step) -> None:
        """A recovery of today: part of it may be the guarantee's."""
        if case.place in self._open:
            split = self._open[case.place][1].recover(step.amount, extra=step.act is Act.RECOVER_ALL)
            self._size += split.guarantor
