"""Random payments: at boundary seconds, late, in parts, ahead, by mandate; late fees and rests."""

from __future__ import annotations

from dataclasses import replace

from lendchain.schedule.contract import Loan, OutstandingBalance, ScheduledBalance, Status, midnight
from lendchain.schedule.contract.terms import Method
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.draw import draw_terms, levelled_by
from tests.contracts.lives.life import Life, boundaries
from tests.contracts.lives.model import BORROWERS, LENDERS, PAYER, SERVICER, START_MONEY, STRANGER, RepayMandate
from tests.contracts.lives.rules_act import (
    claim_one,
    levy,
    mark,
    one_cent,
    pay_off_now,
    prepay_some,
    repay_part,
    waive,
    waive_or_levy,
)
from tests.contracts.lives.rules_common import DAY, MOST_CALL, MOST_LOANS, active_loan, loans_in, pass_time, some_payer
from tests.contracts.lives.rules_start import request


def boundary(life: Life, dice: Dice) -> None:
    """Right before, at, or right after a second at which something changes for a loan; then an act that minds it."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    ahead = [at for at in boundaries(loan, life.model.now) if at > life.model.now + 1]
    if not ahead:
        return pay_due(life, dice)
    at = dice.pick(ahead)
    for offset in (-1, 0, 1):
        life.forward(at + offset)
        life.counts[f"boundary:{('before', 'at', 'after')[offset + 1]}"] += 1
        if life.model.loans[number].status == Status.ACTIVE and chance(dice, 70):
            act = dice.pick((mark, one_cent, repay_part, waive_or_levy, pay_off_now, claim_one, prepay_some))
            act(life, dice, number)
    return None


def pay_due(life: Life, dice: Dice) -> None:
    """Time passes to an instalment and somebody pays it, wholly or in part."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    assert loan.running is not None
    if chance(dice, 60):
        due = next((at for at in sorted(boundaries(loan, life.model.now)) if at > life.model.now), life.model.now)
        life.forward(due + dice.number(0, DAY))
    repay_part(life, dice, number)
    return None


def pay_in_parts(life: Life, dice: Dice) -> None:
    """A late instalment is paid in two parts on two days: no charge twice, none forgotten."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    life.forward(boundaries(loan, life.model.now)[1] + dice.number(0, 20) * DAY)
    for _ in range(2):
        if life.model.loans[number].status == Status.ACTIVE:
            payable = life.model.loans[number].payable(STRANGER, life.model.now)
            life.do("repay", number, STRANGER, max(1, payable // dice.number(2, 9)))
            life.forward(life.model.now + dice.number(1, 9) * DAY)
    if life.model.loans[number].status == Status.ACTIVE and chance(dice, 30):
        waive(life, dice, number)
    return None


def prepay(life: Life, dice: Dice) -> None:
    """Principal ahead: shorter term or lower instalment, sometimes after clearing what is due."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    borrower = loan.terms.borrower
    if not isinstance(loan.running, ScheduledBalance):
        payable = loan.payable(borrower, life.model.now)
        life.do("repay", number, borrower, amount_up_to(dice, payable))
        return None
    due = loan.payable(STRANGER, life.model.now)
    if due and chance(dice, 80):
        life.do("repay", number, borrower, due)
    elif loan.running.paid and chance(dice, 60):
        life.do("repay", number, borrower, START_MONEY)
    if chance(dice, 50):
        life.forward(life.model.now + dice.number(0, 20) * DAY)
    loan = life.model.loans[number]
    assert isinstance(loan.running, ScheduledBalance)
    amount = amount_up_to(dice, loan.running.balance)
    life.do("prepay", number, some_payer(loan, dice), amount, _new_level(life, dice, loan, amount))
    return None


def _new_level(life: Life, dice: Dice, loan: Loan, amount: int) -> int:
    running = loan.running
    assert isinstance(running, ScheduledBalance)
    if chance(dice, 50) or amount >= running.balance:
        return 0
    level = running.lower_level(amount, loan.today(life.model.now))
    return level + dice.pick((0, 0, 0, 0, 1, 2))


def pay_off(life: Life, dice: Dice) -> None:
    """Everything, or everything due, with a limit that may be too low."""
    number = active_loan(life, dice)
    if number is None:
        return pass_time(life, dice)
    loan = life.model.loans[number]
    most = START_MONEY if chance(dice, 70) else amount_up_to(dice, loan.terms.principal)
    life.do("pay_off", number, some_payer(loan, dice), most)
    return None


def authorize(life: Life, dice: Dice) -> None:
    """A payer signs a mandate, or takes it back."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    if number in life.model.mandates and chance(dice, 30):
        life.do("withdraw_mandate", number, dice.pick((PAYER, STRANGER)))
        return None
    life.salts += 1
    loan = life.model.loans[number]
    limit = dice.pick((MOST_CALL, MOST_CALL, max(loan.terms.level, 1), 1, MOST_CALL + 1))
    payer = dice.pick((PAYER, PAYER, loan.terms.borrower, STRANGER))
    mandate = RepayMandate(payer, number, limit, life.model.now + dice.pick((900, 30, 0)) * DAY, life.salts)
    life.orders.append(mandate)
    life.do("authorize", mandate, dice.pick((STRANGER, PAYER, loan.terms.borrower)))
    return None


def collect(life: Life, dice: Dice) -> None:
    """The operator's batch over all loans, some items wrong, some twice."""
    active = loans_in(life, Status.ACTIVE)
    if not active:
        return request(life, dice)
    if chance(dice, 60):
        life.salts += 1
        for number in active:
            if number not in life.model.mandates:
                mandate = RepayMandate(PAYER, number, MOST_CALL, life.model.now + 900 * DAY, life.salts)
                life.do("authorize", mandate, PAYER)
    if chance(dice, 60):
        at = sorted(boundaries(life.model.loans[dice.pick(active)], life.model.now))
        life.forward(next((second for second in at if second > life.model.now), life.model.now) + dice.number(0, DAY))
    items = []
    for number in [*active, *(dice.pick(active) for _ in range(dice.number(0, 2)))]:
        loan = life.model.loans[number]
        assert loan.running is not None
        period = loan.running.elapsed(loan.today(life.model.now))
        target = _target(loan, dice, period)
        items.append((number, max(period + dice.pick((0, 0, 0, 0, 1, -1)), 0), target))
    life.do("collect", items)
    return None


def _target(loan: Loan, dice: Dice, period: int) -> int:
    if isinstance(loan.running, OutstandingBalance):
        whole = loan.running.level * period if period < loan.terms.count else 2**47
    else:
        assert loan.running is not None
        whole = loan.running.figures().total
    return whole if chance(dice, 70) else dice.number(0, whole)


def levy_late(life: Life, dice: Dice) -> None:
    """Time passes until a loan is late, then a fee."""
    found = [number for number in loans_in(life, Status.ACTIVE) if life.model.loans[number].terms.late_mode]
    if not found:
        return pay_in_parts(life, dice)
    number = dice.pick(found)
    life.forward(boundaries(life.model.loans[number], life.model.now)[1] + dice.number(0, 3) * DAY)
    levy(life, dice, number)
    if chance(dice, 40):
        levy(life, dice, number)
    if chance(dice, 40):
        repay_part(life, dice, number)
    if chance(dice, 50) and life.model.loans[number].status == Status.ACTIVE:
        waive(life, dice, number)
    return None


def leave_a_rest(life: Life, dice: Dice) -> None:
    """The borrower pays all but some cents, which the servicer may forgive."""
    number = active_loan(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    last = loan.running
    assert last is not None
    life.forward(boundaries(loan, life.model.now)[0])
    if isinstance(last, ScheduledBalance):
        end = last.calendar.due(loan.terms.count - 1)
        life.forward(int((end - type(end)(1970, 1, 1)).total_seconds()) + 2 * DAY)
    payable = loan.payable(loan.terms.borrower, life.model.now)
    rest = dice.pick((loan.terms.rest_cap, loan.terms.rest_cap + 1, 1))
    if payable > rest:
        life.do("repay", number, loan.terms.borrower, payable - rest)
    if life.model.loans[number].status == Status.ACTIVE:
        life.do("waive_rest", number, SERVICER)
    return None


def february(life: Life, dice: Dice) -> None:
    """A 30/360 loan from the end of January, touched in the last days of March, where raw 30E days exceed the month."""
    if len(life.model.loans) >= MOST_LOANS:
        return boundary(life, dice)
    life.salts += 1
    drawn = draw_terms(dice, dice.pick(BORROWERS), life.model.now, life.salts)
    method = Method(drawn.method) if drawn.method != Method.BULLET else Method.INTEREST_ONLY
    changed = replace(drawn, day_count=0, months=1, count=max(drawn.count, 3), method=method, last_max=0, min_ticket=1)
    changed = replace(changed, cap=0, deadline=life.model.now + 400 * DAY, cooling_days=0)
    number = life.do("request", levelled_by(dice, changed))
    if number != len(life.model.loans) - 1:
        return None
    life.do("fund", number, dice.pick(LENDERS), changed.units)
    wanted = dice.pick((31, 30, 29))
    for _ in range(366):
        today = life.model.loans[number].today(life.model.now)
        if (today.month, today.day) == (1, wanted):
            break
        life.forward(life.model.now + DAY)
    life.do("disburse", number)
    running = life.model.loans[number].running
    if running is None:
        return None
    life.forward(midnight(running.calendar.due(0), changed.zone))
    life.do("repay", number, STRANGER, START_MONEY)
    life.forward(midnight(running.calendar.due(1), changed.zone) - dice.pick((1, DAY, DAY + 1)))
    if life.model.loans[number].status == Status.ACTIVE:
        dice.pick((prepay_some, pay_off_now))(life, dice, number)
    return None
