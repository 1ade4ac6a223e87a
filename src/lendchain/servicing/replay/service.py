"""The replay from end to end: read, check, solve, live, report. Commands and benchmarks call this."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from lendchain.chain.hashing import keccak256
from lendchain.db import reading
from lendchain.errors import UsageError
from lendchain.i18n import _
from lendchain.schedule.contract import Status
from lendchain.servicing.replay.book import Book, Layout, Outcome
from lendchain.servicing.replay.cases import Day, check_plain, days_of, make_cases, plan_book
from lendchain.servicing.replay.desk import Desk
from lendchain.servicing.replay.market import draw_lenders, unit_price
from lendchain.servicing.replay.oracle import Life
from lendchain.servicing.replay.plan import Act, Plan
from lendchain.servicing.replay.policy import Product, product_for, seconds_at
from lendchain.servicing.replay.readers import read_book
from lendchain.servicing.replay.report import Report, report
from lendchain.servicing.replay.runner import Progress, Runner
from lendchain.servicing.replay.script import Script
from lendchain.servicing.sandbox import Sandbox

COVERAGE_BPS = 2_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user chooses for a replay."""

    file: Path
    layout: Layout | None = None
    loans: int | None = None
    lenders: int = 500
    seed: int = 1
    guarantee: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked book with a plan for every loan: all that can be known before anything is sent."""

    choices: Choices
    book: Book
    product: Product
    plans: list[Plan]

    @property
    def parameters(self) -> str:
        """What makes this replay this one: another file or other choices are another replay."""
        choices = self.choices
        content: dict[str, Any] = {
            "file": hashlib.sha256(choices.file.read_bytes()).hexdigest(),
            "layout": self.book.layout.value,
            "loans": len(self.book.loans),
            "lenders": choices.lenders,
            "seed": choices.seed,
            "guarantee": choices.guarantee,
        }
        return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()

    @property
    def clock_start(self) -> int:
        """The sandbox's first reading: the day before the first loan."""
        return seconds_at(self.book.loans[0].issued_on) - 86_400


def prepare(choices: Choices, on_loan: Callable[[int, int], None] = lambda _done, _all: None) -> Prepared:
    """Read and check the file, and find a path for every loan. Raises BadFileError; nothing is sent."""
    if choices.lenders < 1:
        raise UsageError(_("A loan needs at least one lender."), hint=_("Name a number above zero with --lenders."))
    book = read_book(choices.file, choices.layout).first(choices.loans)
    product = product_for(book.layout, COVERAGE_BPS if choices.guarantee else 0)
    plans = plan_book(book, lambda done: on_loan(done, len(book.loans)))
    if book.layout is Layout.PLAIN:
        lives = check_plain(book, plans, product)
        plans = [_with_totals(plan, lives[plan.loan.name]) for plan in plans]
        book = replace(book, loans=tuple(plan.loan for plan in plans))
    return Prepared(choices, book, product, plans)


def _with_totals(plan: Plan, life: Life) -> Plan:
    """A plain file's loan with what its payments come to by the contract's rules, computed apart from the contract."""
    outcome = Outcome.PAID if life.status is Status.CLOSED and not life.charged_off else plan.loan.outcome
    return replace(plan, loan=replace(plan.loan, received=life.received, outcome=outcome))


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a replay would do."""

    loans: int
    lent: int
    first_day: date
    last_day: date
    positions: int
    payments: int
    levies: int
    defaults: int
    recoveries: int
    solved: bool
    by_rule: dict[int, int]
    by_cause: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; amounts in minor units."""
        value = asdict(self)
        value["by_rule"] = {str(rule): count for rule, count in self.by_rule.items()}
        return value


def dry_run(prepared: Prepared) -> DryRun:
    """Everything that is known without a chain."""
    plans, choices = prepared.plans, prepared.choices
    steps = [step for plan in plans for step in plan.steps]
    acts = Counter(step.act for step in steps)
    solutions = [plan.solution for plan in plans if plan.solution]
    draws = (
        draw_lenders(choices.seed, loan.name, loan.principal // unit_price(loan.principal), choices.lenders)
        for loan in prepared.book.loans
    )
    issued = [loan.issued_on for loan in prepared.book.loans]
    return DryRun(
        loans=len(plans),
        lent=sum(loan.principal for loan in prepared.book.loans),
        first_day=min(issued),
        last_day=max([*issued, *(step.day for step in steps)]),
        positions=sum(len(draw) for draw in draws),
        payments=acts[Act.COLLECT] + acts[Act.REPAY] + acts[Act.PAY_OFF],
        levies=acts[Act.LEVY],
        defaults=acts[Act.DEFAULT],
        recoveries=acts[Act.RECOVER] + acts[Act.RECOVER_ALL],
        solved=bool(solutions),
        by_rule=dict(Counter(int(item.rule) for item in solutions if item.rule is not None)),
        by_cause=dict(Counter(item.cause.value for item in solutions if item.cause)),
    )


def days(prepared: Prepared, desk: Desk) -> list[Day]:
    """The prepared book, day by day, with accounts and lenders."""
    seed = prepared.choices.seed
    cases = make_cases(
        prepared.plans,
        prepared.product,
        seed=seed,
        lenders=prepared.choices.lenders,
        borrower=lambda place: desk.address(f"borrower/{place}"),
        salt=lambda place: keccak256(f"lendchain replay {seed} {place}".encode()),
    )
    return days_of(cases)


def replay(prepared: Prepared, sandbox: Sandbox, on_progress: Callable[[Progress], None]) -> Report:
    """Live the book on the sandbox's chain, from where an earlier run of the same replay ended."""
    chain = sandbox.chain
    desk = Desk(sandbox.manifest, sandbox.keys, chain.rpc)
    all_days = days(prepared, desk)
    runner = Runner(chain, desk, work=[day.work for day in all_days], all_loans=len(prepared.plans))
    next_day = runner.begin(prepared.parameters)
    script = Script(all_days, desk, guarantee=prepared.choices.guarantee)
    runner.live(script.days(), next_day, on_progress)
    with reading(sandbox.store) as conn:
        return report(conn)
