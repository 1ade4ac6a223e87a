"""Pickers that all rules use, and the passing of time."""

from __future__ import annotations

from collections.abc import Callable

from lendchain.schedule.contract import Loan, Status
from tests.contracts.lives.dice import Dice
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import LENDERS, STRANGER

Rule = Callable[[Life, Dice], None]
DAY = 86_400
MOST_LOANS = 4
MOST_CALL = 2**48 - 1


def loans_in(life: Life, *statuses: Status) -> list[int]:
    return [number for number, loan in enumerate(life.model.loans) if loan.status in statuses]


def pick_loan(life: Life, dice: Dice, *statuses: Status) -> int | None:
    found = loans_in(life, *statuses)
    return dice.pick(found) if found else None


def active_loan(life: Life, dice: Dice) -> int | None:
    return pick_loan(life, dice, Status.ACTIVE)


def some_holder(loan: Loan, dice: Dice) -> str:
    held = [name for name, holding in loan.register.holdings.items() if holding.units]
    return dice.pick(held or LENDERS)


def some_payer(loan: Loan, dice: Dice) -> str:
    return dice.pick((loan.terms.borrower, loan.terms.borrower, STRANGER))


def pass_time(life: Life, dice: Dice) -> None:
    """Some seconds, days or months."""
    seconds = dice.pick((1, 3600, DAY, 5 * DAY, 28 * DAY, 31 * DAY, 92 * DAY))
    life.forward(life.model.now + seconds + dice.number(0, DAY))
