"""Loans set up for a directed test; every act still goes through the life, so that contract and mirror are compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lendchain.schedule.contract import ContractTerms, Loan, Refusal, Status, midnight
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import START_MONEY

DAY = 86_400
LENDER, SECOND, THIRD = "lender-1", "lender-2", "lender-3"
BORROWER = "borrower-1"
PLAIN = ContractTerms(
    borrower=BORROWER,
    units=10,
    unit_price=100_000,
    rate_ppm=120_000,
    count=4,
    grace=3,
    penalty_ppm=180_000,
    penalty_cap=2_000,
    default_days=30,
    coverage=5_000,
    draw_days=5,
)


def terms_of(life: Life, **changes: Any) -> ContractTerms:
    """Plain terms with some changed; the deadline is five days on, the level the exact one."""
    life.salts += 1
    now = life.model.now
    named = {"deadline": now + 5 * DAY, "salt": life.salts.to_bytes(32, "big"), **changes}
    terms = replace(PLAIN, **named)
    if terms.day_count and not terms.last_max:
        terms = replace(terms, last_max=2**48 - 1)
    if "level" in changes:
        return terms
    terms = terms.with_level()
    return replace(terms, level=terms.level + 500) if terms.accrual else terms


def outstanding(**changes: Any) -> dict[str, Any]:
    """What terms need for interest on the outstanding balance."""
    return {"accrual": 1, "late_mode": 1, "penalty_ppm": 0, **changes}


def requested(life: Life, **changes: Any) -> int:
    """A loan to be funded."""
    number = life.do("request", terms_of(life, **changes))
    assert isinstance(number, int) and not isinstance(number, Refusal), number
    return number


def running(life: Life, *, shares: tuple[int, ...] = (4, 3, 3), **changes: Any) -> int:
    """A loan that lenders filled in these shares and that was paid out."""
    number = requested(life, **changes)
    for lender, units in zip((LENDER, SECOND, THIRD), shares, strict=False):
        life.do("fund", number, lender, units)
    life.do("disburse", number)
    assert loan(life, number).status == Status.ACTIVE
    return number


def loan(life: Life, number: int) -> Loan:
    """The mirror's loan."""
    return life.model.loans[number]


def due_day(life: Life, number: int, period: int = 0) -> date:
    """The day at whose end the instalment of a period is due."""
    account = loan(life, number).running
    assert account is not None
    return account.calendar.due(period)


def start_of(life: Life, number: int, day: date, plus_days: int = 0) -> int:
    """First second of a local day."""
    return midnight(day + timedelta(days=plus_days), loan(life, number).terms.zone)


def defaulted(life: Life, **changes: Any) -> int:
    """A loan that nobody paid, marked."""
    number = running(life, **changes)
    terms = loan(life, number).terms
    life.forward(start_of(life, number, due_day(life, number), terms.grace + terms.default_days + 1))
    assert not isinstance(life.do("mark_default", number), Refusal)
    return number


def pay_all(life: Life, number: int) -> None:
    """The borrower ends his loan."""
    life.do("pay_off", number, loan(life, number).terms.borrower, START_MONEY)
    assert loan(life, number).status == Status.CLOSED
