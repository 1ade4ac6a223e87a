"""A book made ready to be lived: each loan with its terms, its name on the chain, its lenders and its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from lendchain.i18n import _
from lendchain.schedule.contract import ContractTerms
from lendchain.servicing.replay.book import Book, Layout
from lendchain.servicing.replay.market import draw_lenders
from lendchain.servicing.replay.oracle import Life, PaymentNotTakenError, StepRefusedError, live
from lendchain.servicing.replay.plan import Plan, Step, plan_of_entries, plan_of_path
from lendchain.servicing.replay.policy import Product, decimal, terms_of
from lendchain.servicing.replay.problems import Findings
from lendchain.servicing.replay.solver import solve


@dataclass(frozen=True, slots=True)
class Case:
    """One loan to be lived. `place` is its number in the order of issue; it names the borrower's fresh account."""

    place: int
    plan: Plan
    terms: ContractTerms
    funding: tuple[tuple[int, int], ...]

    @property
    def borrower_ref(self) -> str:
        """The key of the borrower's account for this loan alone."""
        return f"borrower/{self.place}"


@dataclass(slots=True)
class Day:
    """What happens on one day of the sandbox's clock."""

    day: date
    issues: list[Case]
    steps: list[tuple[Case, Step]]

    @property
    def work(self) -> int:
        """A rough weight of the day, to tell how much of a replay is done: a bid weighs as much as six collections."""
        return 400 + 3 * sum(len(case.funding) + 8 for case in self.issues) + len(self.steps) // 2


def plan_book(book: Book, on_loan: Callable[[int], None] = lambda _count: None) -> list[Plan]:
    """A plan for every loan: solved from its totals, or as the plain file's lines say."""
    plans = []
    for count, loan in enumerate(book.loans, start=1):
        plans.append(plan_of_entries(loan) if book.layout is Layout.PLAIN else plan_of_path(loan, solve(loan)))
        on_loan(count)
    return plans


def make_cases(
    plans: Iterable[Plan], product: Product, *, seed: int, lenders: int, borrower: Callable[[int], str],
    salt: Callable[[int], bytes],
) -> list[Case]:  # fmt: skip
    """The cases of a book; `borrower` and `salt` give a place's account and salt."""
    cases = []
    for place, plan in enumerate(plans):
        terms = terms_of(plan.loan, product, borrower(place), salt(place))
        cases.append(Case(place, plan, terms, draw_lenders(seed, plan.loan.name, terms.units, lenders)))
    return cases


def check_plain(book: Book, plans: Iterable[Plan], product: Product) -> dict[str, Life]:
    """Lives a plain book on the contract's mirror; refuses the file by row where the contract would refuse a line."""
    findings = Findings(book.file)
    lives = {}
    for plan in plans:
        try:
            lives[plan.loan.name] = live(plan, terms_of(plan.loan, product, plan.loan.name, bytes(32)))
        except PaymentNotTakenError as error:
            reason = _("the loan takes only {taken} of this payment").format(taken=decimal(error.taken))
            findings.add(error.step.row, "amount", reason)
        except StepRefusedError as error:
            reason = _("the contract refuses it: {reason}").format(reason=error.refusal)
            findings.add(error.step.row, "event", reason)
    findings.refuse_if_any()
    return lives


def days_of(cases: Iterable[Case]) -> list[Day]:
    """Everything that happens, day by day; within a day in the order of the acts, then of the loans."""
    by_day: dict[date, Day] = {}

    def on(day: date) -> Day:
        return by_day.setdefault(day, Day(day, [], []))

    for case in cases:
        on(case.plan.loan.issued_on).issues.append(case)
        for step in case.plan.steps:
            on(step.day).steps.append((case, step))
    for day in by_day.values():
        day.steps.sort(key=lambda item: (item[1].act, item[0].place))
    return [by_day[day] for day in sorted(by_day)]
