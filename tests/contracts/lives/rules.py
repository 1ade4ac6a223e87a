"""Random acts. Each rule takes its choices from the dice and does at least one act or lets time pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lendchain.schedule.contract import Loan, OutstandingBalance, Proposal, ScheduledBalance, Status, exact_level
from lendchain.schedule.contract.terms import Method
from tests.contracts.lives.dice import Dice, amount_up_to, chance
from tests.contracts.lives.draw import draw_terms
from tests.contracts.lives.life import Life, boundaries
from tests.contracts.lives.model import (
    BORROWERS,
    FOR_EVER,
    FUND,
    LENDERS,
    OUTSIDER,
    PAYER,
    SERVICER,
    START_MONEY,
    STRANGER,
    TREASURY,
    FundMandate,
    Offer,
    RepayMandate,
)

Rule = Callable[[Life, Dice], None]
_DAY = 86_400
MOST_LOANS = 4
MOST_CALL = 2**48 - 1


def _loans(life: Life, *statuses: Status) -> list[int]:
    return [number for number, loan in enumerate(life.model.loans) if loan.status in statuses]


def _pick(life: Life, dice: Dice, *statuses: Status) -> int | None:
    found = _loans(life, *statuses)
    return dice.pick(found) if found else None


def _active(life: Life, dice: Dice) -> int | None:
    return _pick(life, dice, Status.ACTIVE)


def _holder(loan: Loan, dice: Dice) -> str:
    held = [name for name, holding in loan.register.holdings.items() if holding.units]
    return dice.pick(held or LENDERS)


def _payer(loan: Loan, dice: Dice) -> str:
    return dice.pick((loan.terms.borrower, loan.terms.borrower, STRANGER))


# ---------------------------------------------------------------------- funding


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
    number = _pick(life, dice, Status.FUNDING) if number is None else number
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
        second = life.model.now + days * _DAY
        if loan.today(second).day == wanted and second <= loan.terms.draw_until:
            return life.forward(second)
    return None


def fund(life: Life, dice: Dice) -> None:
    """One ticket, of any size, by anybody, at any time."""
    number = _pick(life, dice, Status.FUNDING, Status.ACTIVE)
    if number is None:
        return request(life, dice)
    units = amount_up_to(dice, life.model.loans[number].terms.units)
    life.do("fund", number, dice.pick((*LENDERS, OUTSIDER)), units)
    return None


def fund_by_mandate(life: Life, dice: Dice) -> None:
    """An operator funds within a lender's signed limits."""
    number = _pick(life, dice, Status.FUNDING)
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
                life.model.now + dice.pick((_DAY, 0, 30 * _DAY)),
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
    short = dice.pick((0, 0, 0, 1))
    grade = dice.pick((0, terms.grade, 15))
    expiry = life.model.now + dice.pick((_DAY, 0))
    mandate = FundMandate(lender, terms.rate_ppm, grade, per_loan, cost - short, expiry, life.salts)
    life.orders.append(mandate)
    life.do("fund_by_mandate", mandate, number, units)
    if chance(dice, 30):
        life.do("fund_by_mandate", mandate, number, units)


def leave_funding(life: Life, dice: Dice) -> None:
    """Cancel or disburse, by anybody, around the deadlines."""
    number = _pick(life, dice, Status.FUNDING, Status.CANCELLED)
    if number is None:
        return pass_time(life, dice)
    terms = life.model.loans[number].terms
    if chance(dice, 50):
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


# ---------------------------------------------------------------------- time


def pass_time(life: Life, dice: Dice) -> None:
    """Some seconds, days or months."""
    seconds = dice.pick((1, 3600, _DAY, 5 * _DAY, 28 * _DAY, 31 * _DAY, 92 * _DAY))
    life.forward(life.model.now + seconds + dice.number(0, _DAY))


def boundary(life: Life, dice: Dice) -> None:
    """Right before, at, or right after a second at which something changes for a loan; then an act that minds it."""
    number = _active(life, dice)
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
            act = dice.pick((_mark, _one_cent, _repay_part, _waive_or_levy, _pay_off, _claim_one, _prepay_some))
            act(life, dice, number)
    return None


def _mark(life: Life, dice: Dice, number: int) -> None:
    life.do("mark_default", number)


def _one_cent(life: Life, dice: Dice, number: int) -> None:
    life.do("repay", number, STRANGER, 1)


def _repay_part(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    payer = _payer(loan, dice)
    life.do("repay", number, payer, amount_up_to(dice, loan.payable(payer, life.model.now)))


def _pay_off(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    life.do("pay_off", number, _payer(loan, dice), START_MONEY)


def _prepay_some(life: Life, dice: Dice, number: int) -> None:
    loan = life.model.loans[number]
    if isinstance(loan.running, ScheduledBalance):
        life.do("prepay", number, loan.terms.borrower, max(1, loan.running.balance // dice.number(2, 9)), 0)
    else:
        payable = loan.payable(loan.terms.borrower, life.model.now)
        life.do("repay", number, loan.terms.borrower, max(1, payable // dice.number(2, 9)))


def _waive_or_levy(life: Life, dice: Dice, number: int) -> None:
    if chance(dice, 50):
        levy(life, dice, number)
    else:
        waive(life, dice, number)


def _claim_one(life: Life, dice: Dice, number: int) -> None:
    life.do("claim", number, _holder(life.model.loans[number], dice))


# ---------------------------------------------------------------------- payments


def pay_due(life: Life, dice: Dice) -> None:
    """Time passes to an instalment and somebody pays it, wholly or in part."""
    number = _active(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    assert loan.running is not None
    if chance(dice, 60):
        due = next((at for at in sorted(boundaries(loan, life.model.now)) if at > life.model.now), life.model.now)
        life.forward(due + dice.number(0, _DAY))
    _repay_part(life, dice, number)
    return None


def pay_in_parts(life: Life, dice: Dice) -> None:
    """A late instalment is paid in two parts on two days: no charge twice, none forgotten."""
    number = _active(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    life.forward(boundaries(loan, life.model.now)[1] + dice.number(0, 20) * _DAY)
    for _ in range(2):
        if life.model.loans[number].status == Status.ACTIVE:
            payable = life.model.loans[number].payable(STRANGER, life.model.now)
            life.do("repay", number, STRANGER, max(1, payable // dice.number(2, 9)))
            life.forward(life.model.now + dice.number(1, 9) * _DAY)
    if life.model.loans[number].status == Status.ACTIVE and chance(dice, 30):
        waive(life, dice, number)
    return None


def prepay(life: Life, dice: Dice) -> None:
    """Principal ahead: shorter term or lower instalment, sometimes after clearing what is due."""
    number = _active(life, dice)
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
        life.forward(life.model.now + dice.number(0, 20) * _DAY)
    loan = life.model.loans[number]
    assert isinstance(loan.running, ScheduledBalance)
    amount = amount_up_to(dice, loan.running.balance)
    life.do("prepay", number, _payer(loan, dice), amount, _new_level(life, dice, loan, amount))
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
    number = _active(life, dice)
    if number is None:
        return pass_time(life, dice)
    loan = life.model.loans[number]
    most = START_MONEY if chance(dice, 70) else amount_up_to(dice, loan.terms.principal)
    life.do("pay_off", number, _payer(loan, dice), most)
    return None


def authorize(life: Life, dice: Dice) -> None:
    """A payer signs a mandate, or takes it back."""
    number = _active(life, dice)
    if number is None:
        return request(life, dice)
    if number in life.model.mandates and chance(dice, 30):
        life.do("withdraw_mandate", number, dice.pick((PAYER, STRANGER)))
        return None
    life.salts += 1
    loan = life.model.loans[number]
    limit = dice.pick((MOST_CALL, MOST_CALL, max(loan.terms.level, 1), 1, MOST_CALL + 1))
    payer = dice.pick((PAYER, PAYER, loan.terms.borrower, STRANGER))
    mandate = RepayMandate(payer, number, limit, life.model.now + dice.pick((900, 30, 0)) * _DAY, life.salts)
    life.orders.append(mandate)
    life.do("authorize", mandate, dice.pick((STRANGER, PAYER, loan.terms.borrower)))
    return None


def collect(life: Life, dice: Dice) -> None:
    """The operator's batch over all loans, some items wrong, some twice."""
    active = _loans(life, Status.ACTIVE)
    if not active:
        return request(life, dice)
    if chance(dice, 60):
        life.salts += 1
        for number in active:
            if number not in life.model.mandates:
                mandate = RepayMandate(PAYER, number, MOST_CALL, life.model.now + 900 * _DAY, life.salts)
                life.do("authorize", mandate, PAYER)
    if chance(dice, 60):
        at = sorted(boundaries(life.model.loans[dice.pick(active)], life.model.now))
        life.forward(next((second for second in at if second > life.model.now), life.model.now) + dice.number(0, _DAY))
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


# ---------------------------------------------------------------------- holders


def claim(life: Life, dice: Dice) -> None:
    """Somebody claims for a lender, once or twice, one loan or many."""
    number = _pick(life, dice, Status.ACTIVE, Status.DEFAULTED, Status.CLOSED, Status.WRITTEN_OFF)
    if number is None:
        return request(life, dice)
    holder = _holder(life.model.loans[number], dice)
    if chance(dice, 25):
        life.do("claim_many", list(range(len(life.model.loans))), holder)
    else:
        life.do("claim", number, holder)
    if chance(dice, 30):
        life.do("claim", number, holder)
    return None


def transfer(life: Life, dice: Dice) -> None:
    """Units move, to anybody, with a floor on the balance now and then."""
    number = _pick(life, dice, Status.ACTIVE, Status.DEFAULTED) if chance(dice, 90) else None
    number = _pick(life, dice, *Status) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    seller = _holder(loan, dice)
    units = amount_up_to(dice, loan.register.of(seller).units)
    floor = dice.pick((0, 0, 0, loan.principal_outstanding, loan.principal_outstanding + 1))
    life.do("transfer", number, seller, dice.pick((*LENDERS, STRANGER, OUTSIDER)), units, floor)
    return None


def buy(life: Life, dice: Dice) -> None:
    """A signed offer is taken, in parts, by the one it names or by anybody."""
    number = _pick(life, dice, Status.ACTIVE, Status.DEFAULTED)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    offers = [order for order in life.orders if isinstance(order, Offer)]
    if not offers or chance(dice, 60):
        life.salts += 1
        seller = _holder(loan, dice)
        units = amount_up_to(dice, loan.register.of(seller).units)
        buyer = dice.pick((None, None, *LENDERS))
        expiry = life.model.now + dice.pick((30 * _DAY, 0))
        offers.append(Offer(seller, number, units, dice.number(0, 10_000), buyer, 0, expiry, life.salts))
        life.orders.append(offers[-1])
    offer = offers[-1] if chance(dice, 70) else dice.pick(offers)
    buyer = offer.buyer if offer.buyer and chance(dice, 70) else dice.pick((*LENDERS, STRANGER, OUTSIDER))
    life.do("buy", offer, buyer, amount_up_to(dice, offer.units))
    return None


# ---------------------------------------------------------------------- the servicer


def levy(life: Life, dice: Dice, number: int | None = None) -> None:
    """A late fee, within or above the cap."""
    number = _active(life, dice) if number is None else number
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    cap = max(loan.terms.level, 100) * loan.terms.penalty_cap // 10_000
    life.do("levy", number, dice.pick((SERVICER, SERVICER, SERVICER, STRANGER)), amount_up_to(dice, max(cap, 1)))
    return None


def levy_late(life: Life, dice: Dice) -> None:
    """Time passes until a loan is late, then a fee."""
    found = [number for number in _loans(life, Status.ACTIVE) if life.model.loans[number].terms.late_mode]
    if not found:
        return pay_in_parts(life, dice)
    number = dice.pick(found)
    life.forward(boundaries(life.model.loans[number], life.model.now)[1] + dice.number(0, 3) * _DAY)
    levy(life, dice, number)
    if chance(dice, 40):
        levy(life, dice, number)
    if chance(dice, 40):
        _repay_part(life, dice, number)
    if chance(dice, 50) and life.model.loans[number].status == Status.ACTIVE:
        waive(life, dice, number)
    return None


def waive(life: Life, dice: Dice, number: int | None = None) -> None:
    """Late charges forgiven, or the rest of the loan."""
    number = _active(life, dice) if number is None else number
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


def leave_a_rest(life: Life, dice: Dice) -> None:
    """The borrower pays all but some cents, which the servicer may forgive."""
    number = _active(life, dice)
    if number is None:
        return request(life, dice)
    loan = life.model.loans[number]
    last = loan.running
    assert last is not None
    life.forward(boundaries(loan, life.model.now)[0])
    if isinstance(last, ScheduledBalance):
        end = last.calendar.due(loan.terms.count - 1)
        life.forward(int((end - type(end)(1970, 1, 1)).total_seconds()) + 2 * _DAY)
    payable = loan.payable(loan.terms.borrower, life.model.now)
    rest = dice.pick((loan.terms.rest_cap, loan.terms.rest_cap + 1, 1))
    if payable > rest:
        life.do("repay", number, loan.terms.borrower, payable - rest)
    if life.model.loans[number].status == Status.ACTIVE:
        life.do("waive_rest", number, SERVICER)
    return None


def take_fees(life: Life, dice: Dice) -> None:
    """The platform's fees are taken."""
    life.do("take_fees", dice.pick((TREASURY, TREASURY, SERVICER)), list(range(len(life.model.loans))))


def hold(life: Life, dice: Dice) -> None:
    """An account is frozen for some days."""
    account = dice.pick((*BORROWERS, *LENDERS, PAYER))
    if life.model.held.get(account, 0) <= life.model.now:
        life.do("hold", account, life.model.now + dice.number(1, 20) * _DAY)


# ---------------------------------------------------------------------- default and after


def default(life: Life, dice: Dice) -> None:
    """A loan is left alone until anybody may mark it, and at times a day less."""
    number = _active(life, dice)
    if number is None:
        return after_default(life, dice)
    at = boundaries(life.model.loans[number], life.model.now)[2]
    life.forward(at + dice.pick((0, 0, 40 * _DAY, -1, -_DAY)))
    life.do("mark_default", number)
    return None


def after_default(life: Life, dice: Dice) -> None:
    """Cover, recover and write-off in any order."""
    number = _pick(life, dice, Status.DEFAULTED, Status.WRITTEN_OFF)
    if number is None:
        return default(life, dice) if _loans(life, Status.ACTIVE) else request(life, dice)
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
            _claim_one(life, dice, number)
    return None


def restructure(life: Life, dice: Dice) -> None:
    """New terms are proposed, voted and carried out, or lack something."""
    number = _active(life, dice)
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
    expiry = life.model.now + dice.pick((30 * _DAY, 30 * _DAY, 30 * _DAY, 0, -1))
    life.salts += 1
    named = period + dice.pick((0, 0, 0, 0, 0, 1))
    return Proposal(named, rate, count, level, dice.pick((0, 0, 1, 3)), expiry, life.salts)


def _stepped(running: ScheduledBalance, loan: Loan, life: Life) -> int:
    return running.elapsed(loan.today(life.model.now))


WEIGHTS: dict[Rule, int] = {
    request: 6,
    fill: 2,
    fund: 2,
    fund_by_mandate: 2,
    leave_funding: 2,
    revoke: 1,
    stop: 1,
    pass_time: 2,
    boundary: 12,
    pay_due: 12,
    pay_in_parts: 6,
    prepay: 6,
    pay_off: 1,
    authorize: 2,
    collect: 5,
    claim: 6,
    transfer: 4,
    buy: 3,
    levy: 1,
    levy_late: 4,
    waive: 3,
    leave_a_rest: 2,
    take_fees: 1,
    hold: 1,
    default: 3,
    after_default: 6,
    restructure: 3,
}
"""How often each rule is taken in a seeded life."""

__all__ = ["FOR_EVER", "FUND", "WEIGHTS", "Rule"]
