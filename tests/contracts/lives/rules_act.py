"""Single acts on a given loan, for rules that choose the moment."""

from __future__ import annotations

from lendchain.schedule.contract import OutstandingBalance, ScheduledBalance
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import SERVICER, START_MONEY, STRANGER
from tests.contracts.lives.rules_common import active_loan, some_holder, some_payer
from tests.contracts.lives.rules_start import request


def mark(life: Life, dice: Dice, number: int) -> None:
    life.do("mark_default", number)


def one_cent(life: Life, dice: Dice, number: int) -> None:
    life.do("repay", number, STRANGER, 1)


def repay_part(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    payer = some_payer(loan, dice)
    life.do("repay", number, payer, amount_up_to(dice, loan.payable(payer, life.model.now)))


def pay_off_now(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    life.do("pay_off", number, some_payer(loan, dice), START_MONEY)


def prepay_some(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    if isinstance(loan.running, ScheduledBalance):
        life.do("prepay", number, loan.terms.borrower, max(1, loan.running.balance // dice.number(2, 9)), 0)
    else:
        payable = loan.payable(loan.terms.borrower, life.model.now)
        life.do("repay", number, loan.terms.borrower, max(1, payable // dice.number(2, 9)))


def waive_or_levy(life: Life, dice: Dice, number: int) -> None:
    if chance(dice, 50):
        levy(life, dice, number)
    else:
        waive(life, dice, number)


def claim_one(life: Life, dice: Dice, number: int) -> None:
    life.do("claim", number, some_holder(life.model.loans[number], dice))


def levy(life: Life, dice: Dice, number: int | None = None) -> None:
    """A late fee, within or above the cap."""
    number = active_loan(life, dice) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    cap = max(loan.terms.level, 100) * loan.terms.penalty_cap // 10_000
    life.do("levy", number, dice.pick((SERVICER, SERVICER, SERVICER, STRANGER)), amount_up_to(dice, max(cap, 1)))
    return None


def waive(life: Life, dice: Dice, number: int | None = None) -> None:
    """Late charges forgiven, or the rest of the loan."""
    number = active_loan(life, dice) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    today = loan.today(life.model.now)
    running = loan.running
    assert running is not None
    owed = running.fees_open if isinstance(running, OutstandingBalance) else running.charge_owed(today)
    if owed or chance(dice, 30):
        life.do("waive", number, dice.pick((SERVICER, SERVICER, STRANGER)), amount_up_to(dice, owed))
    else:
        life.do("waive_rest", number, dice.pick((SERVICER, SERVICER, STRANGER)))
    return None
