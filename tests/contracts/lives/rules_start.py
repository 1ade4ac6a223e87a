"""Random acts until a loan is paid out: requests, tickets, mandates, deadlines, revocations."""

from __future__ import annotations

from lendchain.schedule.contract import Loan, Status
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.draw import draw_terms
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import (
    BORROWERS,
    LENDERS,
    OUTSIDER,
    SERVICER,
    STRANGER,
    FundMandate,
    Offer,
    RepayMandate,
)
from tests.contracts.lives.rules_common import DAY, MOST_LOANS, pass_time, pick_loan


def request(life: Life, dice: Dice) -> None:
    """A loan is asked for, and mostly filled and paid out at once."""
    if len(life.model.loans) >= MOST_LOANS:
        return pass_time(life, dice)
    life.salts += 1
    terms = draw_terms(dice, dice.pick(BORROWERS), life.model.now, life.salts)
    if chance(dice, 15):
        lender = dice.pick((*LENDERS, OUTSIDER))
        number = life.do("request_and_fund", terms, lender, dice.number(1, terms.units))
    else:
        number = life.do("request", terms)
    if len(life.model.loans) > 0 and number == len(life.model.loans) - 1 and chance(dice, 85):
        fill(life, dice, number)
    return None


def fill(life: Life, dice: Dice, number: int | None = None) -> None:
    """Lenders take what is left, then the loan is paid out."""
    number = pick_loan(life, dice, Status.FUNDING) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    lenders = list(LENDERS)
    while lenders and not loan.is_full:
        left = loan.terms.units - loan.register.funded
        most = min(left, loan.terms.cap or left)
        lender = lenders.pop(dice.number(0, len(lenders) - 1))
        units = most if not lenders or chance(dice, 40) else dice.number(1, most)
        if chance(dice, 20):
            _fund_within(life, dice, number, lender, units)
        else:
            life.do("fund", number, lender, units)
        loan = life.model.loans[number]
    if chance(dice, 35):
        _wait_for_a_month_end(life, dice, loan)
    life.do("disburse", number)
    return None


def _wait_for_a_month_end(life: Life, dice: Dice, loan: Loan) -> None:
    """A start on the 29th to the 31st, where due days are clamped and months of 30 days are stretched."""
    wanted = dice.pick((31, 30, 29))
    for days in range(1, 62):
        second = life.model.now + days * DAY
        if loan.today(second).day == wanted and second <= loan.terms.draw_until:
            return life.forward(second)
    return None


def fund(life: Life, dice: Dice) -> None:
    """One ticket, of any size, by anybody, at any time."""
    number = pick_loan(life, dice, Status.FUNDING, Status.ACTIVE)
    if number is None:
        return request(life, dice)
    units = amount_up_to(dice, life.model.loans[number].terms.units)
    life.do("fund", number, dice.pick((*LENDERS, OUTSIDER)), units)
    return None


def fund_by_mandate(life: Life, dice: Dice) -> None:
    """An operator funds within a lender's signed limits."""
    number = pick_loan(life, dice, Status.FUNDING)
    if number is None:
        return request(life, dice)
    terms = life.model.loans[number].terms
    mandates = [order for order in life.orders if isinstance(order, FundMandate)]
    if not mandates or chance(dice, 50):
        life.salts += 1
        limit = dice.number(1, terms.principal)
        mandates.append(
            FundMandate(
                dice.pick(LENDERS),
                dice.pick((0, terms.rate_ppm, terms.rate_ppm + 1)),
                dice.pick((0, terms.grade, 3)),
                dice.pick((limit, terms.principal)),
                dice.pick((terms.principal, limit)),
                life.model.now + dice.pick((DAY, 0, 30 * DAY)),
                life.salts,
            )
        )
        life.orders.append(mandates[-1])
    mandate = mandates[-1] if chance(dice, 70) else dice.pick(mandates)
    life.do("fund_by_mandate", mandate, number, amount_up_to(dice, terms.units))
    return None


def _fund_within(life: Life, dice: Dice, number: int, lender: str, units: int) -> None:
    """A mandate that just allows it, or is one minor unit short of it."""
    terms = life.model.loans[number].terms
    life.salts += 1
    cost = units * terms.unit_price
    per_loan = life.model.loans[number].register.of(lender).units * terms.unit_price + cost
    if units > 1 and chance(dice, 40):
        half = units // 2 * terms.unit_price
        twice = FundMandate(lender, 0, 0, 2**60, 2 * half - dice.pick((0, 1)), life.model.now + DAY, life.salts)
        for _ in range(2):
            life.do("fund_by_mandate", twice, number, units // 2)
        return
    short = dice.pick((0, 0, 0, 1))
    grade = dice.pick((0, terms.grade, 15))
    expiry = life.model.now + dice.pick((DAY, 0))
    mandate = FundMandate(lender, terms.rate_ppm, grade, per_loan, cost - short, expiry, life.salts)
    life.orders.append(mandate)
    life.do("fund_by_mandate", mandate, number, units)
    if chance(dice, 30):
        life.do("fund_by_mandate", mandate, number, units)


def leave_funding(life: Life, dice: Dice) -> None:
    """Cancel or disburse, by anybody, around the deadlines."""
    number = pick_loan(life, dice, Status.FUNDING, Status.CANCELLED)
    if number is None:
        return pass_time(life, dice)
    terms = life.model.loans[number].terms
    loan = life.model.loans[number]
    if loan.status == Status.FUNDING and chance(dice, 60):
        for lender in LENDERS:
            left = terms.units - life.model.loans[number].register.funded
            if left:
                life.do("fund", number, lender, min(left, terms.cap or left))
    if chance(dice, 70):
        life.forward(dice.pick((terms.deadline, terms.draw_until)) + dice.number(-1, 1))
    if chance(dice, 50):
        life.do("cancel", number, dice.pick((STRANGER, terms.borrower)))
    life.do("disburse", number)
    life.do("refund", number, dice.pick(LENDERS))
    return None


def revoke(life: Life, dice: Dice) -> None:
    """A signer kills an order or unpublished terms; using them then fails."""
    if life.orders and chance(dice, 60):
        order = dice.pick(life.orders)
        life.do("revoke", _signer(order), order)
        return
    life.salts += 1
    terms = draw_terms(dice, dice.pick(BORROWERS), life.model.now, life.salts)
    life.do("revoke", terms.borrower, terms)
    life.do("request", terms)


def _signer(order: FundMandate | RepayMandate | Offer) -> str:
    if isinstance(order, FundMandate):
        return order.lender
    return order.payer if isinstance(order, RepayMandate) else order.seller


def stop(life: Life, dice: Dice) -> None:
    """New loans are stopped or allowed; by the servicer alone."""
    life.do("stop", dice.pick((SERVICER, STRANGER)), not life.model.stopped)
    if life.model.stopped and chance(dice, 70):
        if chance(dice, 50):
            fund(life, dice)
        life.do("stop", SERVICER, False)
