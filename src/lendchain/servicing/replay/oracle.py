"""Lives a plan on the pure mirror of the contract: the second, separately written judge of the solver's paths.

Also what a dry run shows, and how a plain file's lines are checked before anything is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

from lendchain.schedule.contract import ContractTerms, Refused, Shortfall, Split, Status
from lendchain.schedule.contract import Loan as Mirror
from lendchain.servicing.replay.book import Totals
from lendchain.servicing.replay.plan import Act, Plan, Step
from lendchain.servicing.replay.policy import seconds_at


class StepRefusedError(Exception):
    """The contract would refuse this step."""

    def __init__(self, step: Step, refusal: Refused) -> None:
        super().__init__(str(refusal))
        self.step = step
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Life:
    """How a lived plan ended. `charged_off` is principal that never came back from the borrower before default."""

    received: Totals
    status: Status
    outstanding: int
    charged_off: int
    waived: int
    covered: int
    returned_to_guarantee: int
    last_amount: int


def live(plan: Plan, terms: ContractTerms, fund: int = 0) -> Life:
    """Lives the plan; `fund` is what the guarantee holds. Raises StepRefusedError at the first step refused."""
    life = _Living(plan, terms, fund)
    for step in plan.steps:
        try:
            life.act(step)
        except Refused as refusal:
            raise StepRefusedError(step, refusal) from refusal
    return life.end()


def shortfall_of(plan: Plan, terms: ContractTerms) -> Shortfall:
    """What is fixed on the day of the plan's default."""
    life = _Living(plan, terms, 0)
    for step in plan.steps:
        life.act(step)
        if step.act is Act.DEFAULT:
            return life.shortfall()
    raise ValueError(f"loan {plan.loan.name} never defaults")


class _Living:
    def __init__(self, plan: Plan, terms: ContractTerms, fund: int) -> None:
        self._plan = plan
        self._fund = fund
        start = seconds_at(plan.loan.issued_on)
        self._mirror = Mirror.request(terms, start)
        self._mirror.fund("lenders", terms.units, start)
        self._mirror.disburse(start)
        self._recovered = self._waived = self._covered = self._returned = self._last = 0

    def act(self, step: Step) -> None:
        now = seconds_at(step.day)
        mirror, borrower = self._mirror, self._mirror.terms.borrower
        match step.act:
            case Act.LEVY:
                mirror.levy(step.amount, now)
            case Act.COLLECT:
                self._paid(step, mirror.collect(step.period, step.target, self._plan.per_call, now))
            case Act.REPAY:
                self._paid(step, mirror.repay(borrower, step.amount, now))
            case Act.PAY_OFF:
                self._paid(step, mirror.pay_off(borrower, step.amount, now))
            case Act.WAIVE_REST:
                self._waived += mirror.waive_rest(now).total
            case Act.DEFAULT:
                mirror.mark_default(now)
            case Act.COVER:
                self._cover()
            case Act.WRITE_OFF:
                mirror.write_off()
            case Act.RECOVER | Act.RECOVER_ALL:
                split = mirror.recover(step.amount, extra=step.act is Act.RECOVER_ALL)
                self._recovered += split.total
                self._returned += split.guarantor

    def _paid(self, step: Step, split: Split) -> None:
        if split.total != step.amount:
            raise PaymentNotTakenError(step, split.total)
        self._last = split.total - split.penalty

    def _cover(self) -> None:
        shortfall = self._mirror.shortfall
        if shortfall and shortfall.guarantee_owes and self._fund:
            paid = self._mirror.cover(self._fund)
            self._fund -= paid
            self._covered += paid

    def shortfall(self) -> Shortfall:
        """The account of the default."""
        assert self._mirror.shortfall is not None
        return self._mirror.shortfall

    def end(self) -> Life:
        mirror = self._mirror
        paid = mirror.credits
        shortfall = mirror.shortfall
        running = mirror.running
        assert running is not None
        active = mirror.status is Status.ACTIVE
        return Life(
            Totals(paid.principal, paid.interest, paid.penalty, self._recovered),
            mirror.status,
            running.balance if active else 0,
            shortfall.outstanding if shortfall else 0,
            self._waived,
            self._covered,
            self._returned,
            self._last,
        )


class PaymentNotTakenError(StepRefusedError):
    """The contract would take less than the path pays."""

    def __init__(self, step: Step, taken: int) -> None:
        Exception.__init__(self, f"takes {taken} of {step.amount}")
        self.step = step
        self.taken = taken
