"""A life: the model and, beside it, the contracts, act by act.

`Life.do` performs an act on both and compares the answer; `Life.check` compares everything that can be seen.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from lendchain.schedule.contract import Loan, Refusal, Refused, ScheduledBalance, Status, midnight
from tests.contracts.lives.model import ACCOUNTS, BOOK, FUND, SERVICER, START_MONEY, TREASURY, Model

BEGIN = 1_740_700_800  # 2025-02-28 00:00 UTC: month end, a leap year ahead


class Chain(Protocol):
    """The contracts on some engine, told the same acts as the model."""

    def perform(self, model: Model, act: str, args: tuple[Any, ...], expected: object) -> None:
        """Do the act after the model did; raise AssertionError when the answer differs from `expected`."""
        ...

    def compare(self, model: Model, loans: list[int]) -> None:
        """Compare every figure of these loans and all balances."""
        ...

    def set_time(self, now: int) -> None:
        """Move the clock."""
        ...


class Life:
    """One random life of a book."""

    def __init__(self, chain: Chain | None = None, counts: Counter[str] | None = None) -> None:
        self.chain = chain
        self.counts = Counter() if counts is None else counts
        self.model = Model(BEGIN)
        self.salts = 0
        for account in ACCOUNTS:
            if account != TREASURY:
                self.model.balances[account] = START_MONEY
        self.acts = 0
        self.orders: list[Any] = []

    # ------------------------------------------------------------------ acts

    def do(self, act: str, *args: Any) -> Any:
        """Perform an act on both sides; returns the answer or the refusal's code."""
        label = self._situation(act, args)
        answer: Any
        try:
            answer = getattr(self.model, act)(*args)
        except Refused as refused:
            answer = refused.code
        self.acts += 1
        outcome = f"refused-{int(answer)}" if isinstance(answer, Refusal) else "done"
        self.counts[f"{act}:{outcome}"] += 1
        if outcome == "done" and label:
            self.counts[f"{act}:{label}"] += 1
        if act == "collect" and isinstance(answer, list):
            for item in answer:
                self.counts[f"collect-item:{f'refused-{int(item)}' if isinstance(item, Refusal) else 'done'}"] += 1
        if self.chain is not None:
            self.chain.perform(self.model, act, args, answer)
        self.check(self._touched(act, args))
        return answer

    def forward(self, to: int) -> None:
        """Let time pass."""
        if to > self.model.now:
            self.model.now = to
            if self.chain is not None:
                self.chain.set_time(to)

    def _touched(self, act: str, args: tuple[Any, ...]) -> list[int]:
        if act in ("request", "request_and_fund"):
            return [len(self.model.loans) - 1] if self.model.loans else []
        if args and isinstance(args[0], int):
            return [args[0]]
        if act == "collect":
            return sorted({item[0] for item in args[0]})
        if act == "claim_many":
            return sorted(set(args[0]))
        if act == "take_fees":
            return sorted(set(args[1]))
        if act in ("buy", "authorize"):
            return [args[0].loan]
        return [args[1]] if act == "fund_by_mandate" else []

    def _situation(self, act: str, args: tuple[Any, ...]) -> str:
        if act not in ("repay", "pay_off", "prepay", "mark_default", "claim", "transfer", "recover", "levy"):
            return ""
        loan = self.model.loans[args[0]]
        running = loan.running
        if running is None or loan.status != Status.ACTIVE:
            return loan.status.name.lower()
        kind = "scheduled" if isinstance(running, ScheduledBalance) else "outstanding"
        today = loan.today(self.model.now)
        seen = days_past_due(loan, self.model.now)
        when = "late" if running.is_late(today) else "grace" if seen > 0 else "due" if seen == 0 else "before"
        return f"{kind}-{when}"

    # ------------------------------------------------------------------ checks

    def check(self, loans: list[int]) -> None:
        """Compare both sides and the model with itself."""
        model = self.model
        assert model.balances[BOOK] == model.book_liabilities(), "the book's tokens are what it owes"
        assert all(balance >= 0 for balance in model.balances.values())
        for number in loans:
            check_loan(model.loans[number])
        if self.chain is not None:
            self.chain.compare(model, loans)

    def compare_all(self) -> None:
        """Compare every loan, touched or not: no act reaches beyond its own."""
        self.check(list(range(len(self.model.loans))))

    def wind_up(self) -> None:
        """Pay and claim everything, then nothing may be left in the book."""
        model = self.model
        model_held = list(model.held)
        if model_held:
            self.forward(max(model.held.values()) + 1)
        for number in range(len(model.loans)):
            self._end(number)
        for number, loan in enumerate(model.loans):
            for holder in list(loan.register.holdings):
                self.do("refund" if loan.status == Status.CANCELLED else "claim", number, holder)
        self.do("take_fees", TREASURY, list(range(len(model.loans))))
        self.compare_all()
        assert model.balances[BOOK] == 0, "something stuck in the book"
        for loan in model.loans:
            assert not loan.register.principal_dust, "dust left when all have claimed"
            assert not loan.register.interest_dust

    def _end(self, number: int) -> None:
        loan = self.model.loans[number]
        if loan.status == Status.FUNDING:
            self.do("cancel", number, loan.terms.borrower)
        elif loan.status == Status.ACTIVE:
            self.do("pay_off", number, loan.terms.borrower, START_MONEY)
        elif loan.status == Status.DEFAULTED and number % 2:
            self.do("write_off", number, SERVICER)
        elif loan.status in (Status.DEFAULTED, Status.WRITTEN_OFF):
            self.do("recover", number, loan.terms.borrower, START_MONEY // 100, False)


def days_past_due(loan: Loan, now: int) -> int:
    """Days since the oldest unpaid instalment became due; negative before."""
    assert loan.running is not None
    today = loan.today(now)
    return (today - loan.running.oldest_late_day(today)).days


def boundaries(loan: Loan, now: int) -> list[int]:
    """Unix times at which something changes for this loan: end of the due day, of grace, of the default days."""
    assert loan.running is not None
    today = loan.today(now)
    late_day = loan.running.oldest_late_day(today).toordinal()
    terms = loan.terms
    periods = loan.running.elapsed(today)
    days = [
        late_day + 1,
        late_day + terms.grace + 1,
        late_day + terms.grace + terms.default_days + 1,
        loan.running.calendar.due(periods).toordinal(),
        loan.running.calendar.boundary(0).toordinal() + terms.cooling_days + 1,
        loan.running.calendar.boundary(periods).toordinal() + terms.value_days + 1,
    ]
    return [midnight(type(today).fromordinal(day), terms.zone) for day in days]


def check_loan(loan: Loan) -> None:
    """What holds for every loan at every moment."""
    register = loan.register
    assert all(holding.units >= 0 for holding in register.holdings.values())
    if loan.status not in (Status.FUNDING, Status.CANCELLED):
        assert register.funded == loan.terms.units, "units of all positions"
    for credited, claimed, open_, dust in (
        (
            register.principal_credited,
            register.principal_claimed,
            sum(holding.principal for holding in register.holdings.values()),
            register.principal_dust,
        ),
        (
            register.interest_credited,
            register.interest_claimed,
            sum(holding.interest for holding in register.holdings.values()),
            register.interest_dust,
        ),
    ):
        assert open_ + dust == credited - claimed, "credits, claims and what is open"
        assert 0 <= dust < 1
    if loan.shortfall is None and loan.running is not None:
        assert loan.credits.principal <= loan.terms.principal
        if loan.status == Status.ACTIVE:
            assert loan.terms.principal - loan.credits.principal == loan.running.principal_outstanding
    if loan.shortfall is not None:
        shortfall = loan.shortfall
        assert 0 <= shortfall.guarantor_out <= shortfall.guaranteed
        assert shortfall.lenders_got <= shortfall.outstanding
        assert shortfall.lenders_got == shortfall.recovered + shortfall.guarantor_out
        assert shortfall.arrears_got <= shortfall.arrears


__all__ = ["BEGIN", "FUND", "Chain", "Life", "boundaries", "check_loan", "days_past_due"]
