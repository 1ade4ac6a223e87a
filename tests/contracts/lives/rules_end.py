"""Random acts after things went wrong: default, cover, recovery, write-off, new terms."""

from __future__ import annotations

from dataclasses import replace

from lendchain.schedule.contract import Loan, Proposal, ScheduledBalance, Status, exact_level
from lendchain.schedule.contract.terms import Method
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.life import Life, boundaries
from tests.contracts.lives.model import BORROWERS, SERVICER, STRANGER
from tests.contracts.lives.rules_act import claim_one
from tests.contracts.lives.rules_common import DAY, active_loan, loans_in, pick_loan
from tests.contracts.lives.rules_hold import transfer
from tests.contracts.lives.rules_start import request


def default(life: Life, dice: Dice) -> None:
    """A loan is left alone until anybody may mark it, and at times a day less."""
    number = active_loan(life, dice)
    if number is None:
        return after_default(life, dice)
    at = boundaries(life.model.loans[number], life.model.now)[2]
    life.forward(at + dice.pick((0, 0, 40 * DAY, -1, -DAY)))
    life.do("mark_default", number)
    return None


def after_default(life: Life, dice: Dice) -> None:
    """Cover, recover and write-off in any order."""
    number = pick_loan(life, dice, Status.DEFAULTED, Status.WRITTEN_OFF)
    if number is None:
        return default(life, dice) if loans_in(life, Status.ACTIVE) else request(life, dice)
    shortfall = life.model.loans[number].shortfall
    assert shortfall is not None
    for _ in range(dice.number(1, 4)):
        kind = dice.pick(("cover", "cover", "recover", "recover", "recover", "write_off", "top_up", "claim"))
        if kind == "cover":
            for _ in range(dice.pick((1, 2, 3))):
                if chance(dice, 70):
                    life.do("top_up", STRANGER, amount_up_to(dice, shortfall.guaranteed))
                life.do("cover", number)
        elif kind == "recover":
            amount = amount_up_to(dice, shortfall.outstanding + dice.pick((0, shortfall.arrears)))
            if chance(dice, 60):
                amount = max(1, amount // 2)
            life.do("recover", number, dice.pick((STRANGER, BORROWERS[0])), amount, chance(dice, 25))
        elif kind == "write_off":
            life.do("write_off", number, dice.pick((SERVICER, STRANGER)))
        elif kind == "top_up":
            life.do("top_up", STRANGER, amount_up_to(dice, shortfall.guaranteed))
        else:
            claim_one(life, dice, number)
    return None


def restructure(life: Life, dice: Dice) -> None:
    """New terms are proposed, voted and carried out, or lack something."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    running = loan.running
    assert running is not None
    today = loan.today(life.model.now)
    period = running.elapsed(today)
    if chance(dice, 50):
        due = loan.payable(STRANGER, life.model.now)
        if due:
            life.do("repay", number, loan.terms.borrower, due)
        if life.model.loans[number].status != Status.ACTIVE:
            return None
        loan = life.model.loans[number]
        period = loan.running.elapsed(today) if loan.running else 0
    proposal = _proposal(life, dice, loan, period)
    life.do("propose", number, proposal)
    for holder in list(loan.register.holdings):
        if chance(dice, 85):
            life.do("consent", number, holder, proposal)
    if chance(dice, 20):
        transfer(life, dice)
    if chance(dice, 10):
        life.do("repay", number, loan.terms.borrower, 1)
    life.do("restructure", number, proposal)
    return None


def _proposal(life: Life, dice: Dice, loan: Loan, period: int) -> Proposal:
    running = loan.running
    assert running is not None
    terms = running.terms
    rate = dice.pick((terms.rate_ppm, terms.rate_ppm // 2, 60_000))
    count = 1 if terms.method == Method.BULLET else period + dice.pick((1, 3, 6, 12))
    if isinstance(running, ScheduledBalance):
        balance = replace(running).balance
        seen = _stepped(running, loan, life)
        level = exact_level(terms.method, balance, rate, count - seen, terms.months) if count > seen else 1
    else:
        first = replace(terms, rate_ppm=rate).longest_interest(running.balance)
        left = max(count - period, 1)
        level = max(exact_level(Method.EQUAL_INSTALMENT, running.balance, rate, left, terms.months), first + 1)
    expiry = life.model.now + dice.pick((30 * DAY, 30 * DAY, 30 * DAY, 0, -1))
    life.salts += 1
    named = period + dice.pick((0, 0, 0, 0, 0, 1))
    return Proposal(named, rate, count, level, dice.pick((0, 0, 1, 3)), expiry, life.salts)


def _stepped(running: ScheduledBalance, loan: Loan, life: Life) -> int:
    return running.elapsed(loan.today(life.model.now))
