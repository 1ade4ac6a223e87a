"""The whole replay as stages of operations, day by day: what must wait for what, and nothing that depends on chance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from lendchain.chain import NewOperation
from lendchain.servicing.replay.book import months_between
from lendchain.servicing.replay.cases import Case, Day
from lendchain.servicing.replay.desk import MAY_BORROW, MAY_LEND, Desk, lender_ref
from lendchain.servicing.replay.market import bids_by_mandate
from lendchain.servicing.replay.plan import Act, Step
from lendchain.servicing.replay.policy import seconds_at
from lendchain.servicing.replay.treasury import COLLECTOR, OPERATOR, Deposit, Fund, Purse

CLAIM_EVERY_MONTHS: Final = 24
_CREDITS: Final = (Act.COLLECT, Act.REPAY, Act.PAY_OFF, Act.RECOVER, Act.RECOVER_ALL)


@dataclass(slots=True)
class DayScript:
    """One day's operations: each stage waits until the one before has been carried out."""

    day: date
    issues: list[Case]
    stages: list[list[NewOperation]] = field(default_factory=list)
    moved: int = 0

    @property
    def operations(self) -> int:
        """How many operations the day has."""
        return sum(len(stage) for stage in self.stages)


@dataclass(slots=True)
class _Today:
    """A day's steps by act. A recovery on the very day of the loan's default or write-off has to wait for it."""

    by_act: dict[Act, list[tuple[Case, Step]]]
    recoveries: list[tuple[Case, Step]]
    late_recoveries: list[tuple[Case, Step]]

    @classmethod
    def of(cls, day: Day) -> _Today:
        by_act: dict[Act, list[tuple[Case, Step]]] = defaultdict(list)
        for case, step in day.steps:
            by_act[step.act].append((case, step))
        ended = {case.place for case, step in day.steps if step.act in (Act.DEFAULT, Act.WRITE_OFF)}
        all_of_them = by_act[Act.RECOVER] + by_act[Act.RECOVER_ALL]
        return cls(
            by_act,
            [item for item in all_of_them if item[0].place not in ended],
            [item for item in all_of_them if item[0].place in ended],
        )

    @property
    def all_recoveries(self) -> list[tuple[Case, Step]]:
        """All of the day's recoveries."""
        return self.recoveries + self.late_recoveries

    def of_act(self, act: Act) -> list[tuple[Case, Step]]:
        """The day's steps of one kind."""
        return self.by_act.get(act, [])


class Script:
    """Writes the days in order. It keeps planned balances, so it has to be read from the first day on."""

    def __init__(self, days: Sequence[Day], desk: Desk, *, guarantee: bool) -> None:
        self._days = days
        self._desk = desk
        self._fund = Fund(on=guarantee)
        self._lenders = Purse(
            (lender_ref(lender), day.day, units * case.terms.unit_price)
            for day in days
            for case in day.issues
            for lender, units in case.funding
        )
        self._borrowers = Purse(
            (case.borrower_ref, day.day, step.borrower_pays) for day in days for case, step in day.steps
        )
        self._permitted: set[str] = set()
        self._holders: dict[int, list[Case]] = defaultdict(list)
        self._credited: set[int] = set()
        self._next_claims = 0
        self._paid_out: list[Case] = []

    def days(self) -> Iterator[DayScript]:
        """Every day's operations, and a last round of claims."""
        for number, day in enumerate(self._days):
            yield self._day(day, is_first=number == 0, is_last=number == len(self._days) - 1)

    def _day(self, day: Day, *, is_first: bool, is_last: bool) -> DayScript:
        today = _Today.of(day)
        contribution = self._fund.contribution(day)
        begin = self._begin(day, today, contribution, is_first=is_first)
        desk = self._desk
        prepare = [desk.request(case) for case in day.issues]
        prepare += [desk.levy(case, step) for case, step in today.of_act(Act.LEVY)]
        move = self._bids(day)
        move += [desk.top_up(str(day.day), contribution)] if contribution else []
        move += self._moves(day, today)
        for case, step in today.recoveries:
            self._fund.recovered(case, step)
        settle = [desk.disburse(case) for case in day.issues]
        settle += [desk.waive_rest(case) for case, _ in today.of_act(Act.WAIVE_REST)]
        covered = self._fund.covers(day.steps)
        settle += [desk.cover(case, str(day.day)) for case in covered]
        self._credited.update(case.place for case in covered)
        after = [self._recover(case, step) for case, step in today.late_recoveries]
        for case, step in today.late_recoveries:
            self._fund.recovered(case, step)
        if is_last:
            after += [desk.withdraw(case) for case in day.issues]
        claims = self._claims(day, is_last=is_last)
        stages = [begin, prepare, move, settle, after, claims]
        moved = sum(step.borrower_pays for _, step in day.steps) + sum(step.amount for _, step in today.all_recoveries)
        moved += sum(case.terms.principal for case in day.issues)
        return DayScript(day.day, day.issues, [stage for stage in stages if stage], moved)

    def _begin(self, day: Day, today: _Today, contribution: int, *, is_first: bool) -> list[NewOperation]:
        """The clock, and what needs neither it nor another: admissions, deposits, permits, yesterday's withdrawals."""
        desk, text = self._desk, str(day.day)
        bids = self._bid_amounts(day)
        newcomers = [ref for ref in bids if ref not in self._permitted]
        self._permitted.update(newcomers)
        borrowers = [case.borrower_ref for case in day.issues]
        made = [desk.forward(seconds_at(day.day))]
        made += desk.admit(text, newcomers, MAY_LEND) + desk.admit(text, borrowers, MAY_BORROW)
        made += desk.deposits(text, self._deposits(day, bids, today.all_recoveries, contribution))
        if is_first:
            made += [desk.allow(COLLECTOR, guarantee=False), desk.allow(OPERATOR, guarantee=True)]
        made += [desk.permit_book(ref) for ref in newcomers + borrowers]
        made += [desk.withdraw(case) for case in self._paid_out]
        self._paid_out = day.issues
        return made

    def _moves(self, day: Day, today: _Today) -> list[NewOperation]:
        """Payments, recoveries and defaults of the day: each on a loan of its own."""
        desk = self._desk
        made = desk.collect(str(day.day), today.of_act(Act.COLLECT))
        made += [desk.repay(case, step) for case, step in today.of_act(Act.REPAY)]
        made += [desk.pay_off(case, step) for case, step in today.of_act(Act.PAY_OFF)]
        made += [self._recover(case, step) for case, step in today.recoveries]
        made += [desk.mark_default(case) for case, _ in today.of_act(Act.DEFAULT)]
        made += [desk.write_off(case) for case, _ in today.of_act(Act.WRITE_OFF)]
        return made

    def _recover(self, case: Case, step: Step) -> NewOperation:
        return self._desk.recover(case, step, extra=step.act is Act.RECOVER_ALL)

    def _bid_amounts(self, day: Day) -> dict[str, int]:
        """What each lender bids on a day, by key."""
        bids: dict[str, int] = defaultdict(int)
        for case in day.issues:
            for lender, units in case.funding:
                bids[lender_ref(lender)] += units * case.terms.unit_price
        return bids

    def _deposits(
        self, day: Day, bids: dict[str, int], recoveries: Iterable[tuple[Case, Step]], contribution: int
    ) -> list[Deposit]:
        """What has to arrive at the bank before the day's money can move."""
        dues: dict[str, int] = defaultdict(int)
        for case, step in day.steps:
            if step.borrower_pays:
                dues[case.borrower_ref] += step.borrower_pays
        recovered = sum(step.amount for _, step in recoveries)
        deposits = self._lenders.deposits(day.day, bids) + self._borrowers.deposits(day.day, dues)
        deposits += [Deposit(COLLECTOR, recovered)] if recovered else []
        deposits += [Deposit(OPERATOR, contribution)] if contribution else []
        return deposits

    def _bids(self, day: Day) -> list[NewOperation]:
        """Every lender's bid, and the mandate of the borrower whose loan they fill."""
        desk, made = self._desk, []
        for case in day.issues:
            made.append(desk.authorize(case))
            for lender, units in case.funding:
                bid = desk.fund_by_mandate if bids_by_mandate(lender) else desk.fund
                made.append(bid(case, lender, units))
                self._holders[lender].append(case)
        return made

    def _claims(self, day: Day, *, is_last: bool) -> list[NewOperation]:
        """Every second year, and at the end, every lender is paid what his positions earned since."""
        self._credited.update(case.place for case, step in day.steps if step.act in _CREDITS)
        month = months_between(self._days[0].day, day.day)
        if not is_last and month < self._next_claims:
            return []
        first, self._next_claims = self._next_claims == 0, month - month % CLAIM_EVERY_MONTHS + CLAIM_EVERY_MONTHS
        if first and not is_last:
            return []
        made = []
        for lender, held in sorted(self._holders.items()):
            credited = [case for case in held if case.place in self._credited]
            made += self._desk.claim(str(day.day), lender, credited) if credited else []
        self._credited.clear()
        return made
