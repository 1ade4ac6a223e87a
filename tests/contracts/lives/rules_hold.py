"""Random acts of holders, of the treasury, and holds by order."""

from __future__ import annotations

from lendchain.schedule.contract import Status
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import BORROWERS, LENDERS, OUTSIDER, PAYER, SERVICER, STRANGER, TREASURY, Offer
from tests.contracts.lives.rules_common import DAY, pick_loan, some_holder
from tests.contracts.lives.rules_start import request


def claim(life: Life, dice: Dice) -> None:
    """Somebody claims for a lender, once or twice, one loan or many."""
    number = pick_loan(life, dice, Status.ACTIVE, Status.DEFAULTED, Status.CLOSED, Status.WRITTEN_OFF)
    if number is None:
        return request(life, dice)
    holder = some_holder(life.model.loans[number], dice)
    if chance(dice, 25):
        life.do("claim_many", list(range(len(life.model.loans))), holder)
    else:
        life.do("claim", number, holder)
    if chance(dice, 30):
        life.do("claim", number, holder)
    return None


def transfer(life: Life, dice: Dice) -> None:
    """Units move, to anybody, with a floor on the balance now and then."""
    number = pick_loan(life, dice, Status.ACTIVE, Status.DEFAULTED) if chance(dice, 90) else None
    number = pick_loan(life, dice, *Status) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    seller = some_holder(loan, dice)
    units = amount_up_to(dice, loan.register.of(seller).units)
    floor = dice.pick((0, 0, 0, loan.principal_outstanding, loan.principal_outstanding + 1))
    life.do("transfer", number, seller, dice.pick((*LENDERS, STRANGER, OUTSIDER)), units, floor)
    return None


def buy(life: Life, dice: Dice) -> None:
    """A signed offer is taken, in parts, by the one it names or by anybody."""
    number = pick_loan(life, dice, Status.ACTIVE, Status.DEFAULTED)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    offers = [order for order in life.orders if isinstance(order, Offer)]
    if not offers or chance(dice, 60):
        life.salts += 1
        seller = some_holder(loan, dice)
        held = loan.register.of(seller).units
        units = amount_up_to(dice, held) if chance(dice, 50) else max(1, held // 3)
        buyer = dice.pick((None, None, *LENDERS))
        expiry = life.model.now + dice.pick((30 * DAY, 0))
        offers.append(Offer(seller, number, units, dice.number(0, 10_000), buyer, 0, expiry, life.salts))
        life.orders.append(offers[-1])
    offer = offers[-1] if chance(dice, 70) else dice.pick(offers)
    buyer = offer.buyer if offer.buyer and chance(dice, 70) else dice.pick((*LENDERS, STRANGER, OUTSIDER))
    if chance(dice, 50):
        life.do("buy", offer, buyer, amount_up_to(dice, offer.units))
        return None
    for _ in range(3):
        life.do("buy", offer, buyer, (offer.units + 1) // 2)
    return None


def take_fees(life: Life, dice: Dice) -> None:
    """The platform's fees are taken."""
    life.do("take_fees", dice.pick((TREASURY, TREASURY, SERVICER)), list(range(len(life.model.loans))))


def hold(life: Life, dice: Dice) -> None:
    """An account is frozen for some days."""
    account = dice.pick((*BORROWERS, *LENDERS, PAYER))
    if life.model.held.get(account, 0) <= life.model.now:
        life.do("hold", account, life.model.now + dice.number(1, 20) * DAY)
