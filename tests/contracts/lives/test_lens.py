"""What `Lens` shows is what the mirror computes: standing, quotes, rows still to come, claimable sums."""

from __future__ import annotations

from typing import Any

from lendchain.schedule.contract import Loan, OutstandingBalance, ScheduledBalance, Status
from tests.contracts.lives.build import compiled
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment, Interface, address
from tests.contracts.lives.life import days_past_due
from tests.contracts.lives.watched import Watched, chain_of, live_watched
from tests.contracts.lives.words import day_number


def _with_lens(deployment: Deployment) -> Deployment:
    """The same deployment with a `Lens` on its book."""
    if "Lens" not in deployment.at:
        deployment.again()
        artifact = compiled("Lens")
        deployment.interfaces["Lens"] = Interface(artifact)
        arguments = deployment.interfaces["Lens"].call("__init__", deployment.at["LoanBook"])
        deployment.at["Lens"] = deployment.engine.deploy(address("admin"), artifact.bytecode + arguments)
        deployment.start = deployment.engine.snapshot()
    return deployment


def _expected_standing(loan: Loan, now: int) -> dict[str, int]:
    expected = {"status": int(loan.status), "outstanding": 0}
    if loan.status in (Status.DEFAULTED, Status.WRITTEN_OFF):
        expected["outstanding"] = loan.principal_outstanding
    if loan.status != Status.ACTIVE or loan.running is None:
        return expected
    today = loan.today(now)
    overdue = days_past_due(loan, now)
    grace, default = loan.terms.grace, loan.terms.grace + loan.terms.default_days
    return expected | {
        "outstanding": loan.running.principal_outstanding,
        "today": day_number(today),
        "late_day": day_number(loan.running.oldest_late_day(today)),
        "days_past_due": max(overdue, 0),
        "lateness": 0 if overdue <= 0 else 1 if overdue <= grace else 2 if overdue <= default else 3,
        "due": loan.payable("stranger", now),
        "pay_off": loan.copied().running.pay_off(today, ahead=True).total,  # type: ignore[union-attr]
    }


_STANDING = ("status", "lateness", "today", "days_past_due", "period", "late_day", "outstanding", "due", "pay_off")


class _Seen(Watched):
    """Compares everything the lens shows of the loans an act touched."""

    def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
        for number in self._touched(act, args):
            if number < len(chain_of(self).names):
                self._compare(chain_of(self), number)

    def _compare(self, chain: ContractChain, number: int) -> None:
        loan, now, name = self.model.loans[number], self.model.now, chain.names[number]
        seen = dict(zip(_STANDING, chain.deployed.view("Lens", "standing", name), strict=True))
        expected = _expected_standing(loan, now)
        assert {key: seen[key] for key in expected} == expected, f"loan {number} at {now}"
        for holder, holding in loan.register.holdings.items():
            principal, interest = chain.deployed.views("Lens", "claimable", name, address(holder))
            if loan.status not in (Status.FUNDING, Status.CANCELLED):
                assert (principal, interest) == (int(holding.principal), int(holding.interest))
        if loan.status == Status.ACTIVE:
            self._compare_rows(chain, number)

    def _compare_rows(self, chain: ContractChain, number: int) -> None:
        running = self.model.loans[number].running
        rows = chain.deployed.view("Lens", "schedule", chain.names[number])
        if isinstance(running, OutstandingBalance):
            assert rows == ()
            return
        assert isinstance(running, ScheduledBalance)
        balance = running.balance
        for row, (period, figures) in zip(rows, running.remaining_rows(), strict=True):
            balance -= figures.principal
            due, late = running.calendar.due(period), running.calendar.late_day(period)
            parts = (figures.fee, figures.interest, figures.principal)
            assert row == (period, day_number(due), day_number(late), *parts, balance)


def test_the_lens_shows_what_the_mirror_computes(deployment: Deployment) -> None:
    live_watched(_with_lens(deployment), _Seen)
