"""What each event posts. docs/ledger.md has the same table in words.

Money moves by `Transfer` alone: money that enters or leaves the loan book passes through its own account, and the
book's events say for whom it came or from what it was taken. After each transaction that account is back where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from lendchain.chain.events import Event
from lendchain.chain.words import Rules
from lendchain.ledger import accounts as a
from lendchain.ledger.accounts import Key
from lendchain.ledger.books import Books, Pending
from lendchain.ledger.events import CLOCK, LOAN_BOOK, MONEY, NOBODY
from lendchain.ledger.loans import ACTIVE, CANCELLED, CLOSED, DEFAULTED, WRITTEN_OFF, Loan

Lines = list[tuple[Key, int]]
BANK: Final = Key(a.BANK)


def fold(books: Books, events: Iterable[Event]) -> None:
    """Post every event, in the chain's order. Events of other contracts, and those without money, leave no entry."""
    handlers = _HANDLERS
    for event in events:
        handler = handlers.get((event.contract, event.name))
        if handler is not None:
            if event.tx_hash != books.pending.tx_hash:
                books.pending = Pending(event.tx_hash)
            handler(books, event)
            if event.contract == LOAN_BOOK:
                books.books_seen.add(event.address)
                books.loans[event.args["loan"]].last_block = event.block_number


# ---------------------------------------------------------------- money


def _transfer(books: Books, event: Event) -> None:
    sender, receiver, amount = _transfer_args(event.args)
    if sender == receiver:
        return
    act, loan = "", ""
    pending = books.pending
    if receiver == pending.book and amount == pending.paid_in:
        act, loan, pending.paid_in = pending.act, pending.loan, 0
    elif sender == pending.book and amount == pending.paid_out:
        act, loan, pending.paid_out = pending.act, pending.loan, 0
    books.post(event, ((_owner(sender), amount), (_owner(receiver), -amount)), loan=loan, act=act)


def _transfer_args(args: dict[str, Any]) -> tuple[str, str, int]:
    sender, receiver, amount = args.values()  # EIP-20 fixes the order, not the names
    return sender, receiver, amount


def _owner(address: str) -> Key:
    return BANK if address == NOBODY else Key(a.MONEY, "", address)  # nobody: minted or withdrawn, the bank's side


def _book(event: Event) -> Key:
    """The loan book's own account, which its money passes through."""
    return Key(a.MONEY, "", event.address)


def _forwarded(books: Books, event: Event) -> None:
    books.clock = event.args["time"]
    books.clock_moves.append((event.block_number, event.log_index, event.args["time"]))


# ---------------------------------------------------------------- a loan is made


def _requested(books: Books, event: Event) -> None:
    args = event.args
    loan = books.loans[args["loan"]] = Loan(args["loan"])
    loan.take_request(args["who"], args["rules"], args["state"])
    loan.document = args["document"]
    loan.requested_at = books.now(event)


def _funded(books: Books, event: Event) -> None:
    loan, lender, amount = books.loan(event.args["loan"]), event.args["lender"], event.args["amount"]
    loan.funded_units += event.args["units"]
    loan.position(lender).units += event.args["units"]
    _await(books, event, paid_in=amount)
    books.post(event, ((_book(event), amount), (Key(a.ESCROW, loan.loan, lender), -amount)), loan=loan.loan)


def _refunded(books: Books, event: Event) -> None:
    loan, lender, amount = books.loan(event.args["loan"]), event.args["lender"], event.args["amount"]
    loan.funded_units -= event.args["units"]
    loan.position(lender).units -= event.args["units"]
    _await(books, event, paid_out=amount)
    books.post(event, ((Key(a.ESCROW, loan.loan, lender), amount), (_book(event), -amount)), loan=loan.loan)


def _disbursed(books: Books, event: Event) -> None:
    loan, amount, fee = books.loan(event.args["loan"]), event.args["amount"], event.args["fee"]
    name = loan.loan
    loan.status, loan.state_logged = ACTIVE, 0
    loan.disbursed_at, loan.disbursed_day = books.now(event), event.args["day"]
    loan.lent = loan.outstanding = amount
    loan.opening_fee = fee
    bids = sorted(loan.positions.items())  # the same order whether the positions were just made or read from the store
    lines: Lines = []
    for lender, position in bids:
        lines.append((Key(a.ESCROW, name, lender), position.units * loan.unit_price))
    lines += [(_book(event), fee - amount), (Key(a.FEES, name), -fee), (Key(a.OWED, name), amount)]
    for lender, position in bids:
        lines.append((Key(a.LENT, name, lender), -position.units * loan.unit_price))
    lines += [(Key(a.COST, name), fee), (Key(a.EARNED_OPENING_FEE, name), -fee)]
    _await(books, event, paid_out=amount - fee)
    books.post(event, lines, loan=name)


# ---------------------------------------------------------------- it is repaid


def _paid(books: Books, event: Event) -> None:
    args = event.args
    loan = books.loan(args["loan"])
    name = loan.loan
    penalty, fee, interest, principal = args["penalty"], args["fee"], args["interest"], args["principal"]
    total = penalty + fee + interest + principal
    loan.take_state(args["state"])
    loan.penalty += penalty
    loan.fee += fee
    loan.interest += interest
    loan.principal += principal
    loan.outstanding -= principal
    loan.last_paid_at, loan.last_paid = books.now(event), total
    levied = min(penalty, books.balance(Key(a.LATE_FEES_OPEN, name)))  # penalty interest by time is billed when paid
    lines: Lines = [
        (_book(event), total),
        (Key(a.UNCLAIMED_PRINCIPAL, name), -principal),
        (Key(a.UNCLAIMED_INTEREST, name), -interest - penalty),
        (Key(a.FEES, name), -fee),
        (Key(a.RETURNED, name), principal),
        (Key(a.OWED, name), -principal),
        (Key(a.BILLED, name), levied),
        (Key(a.LATE_FEES_OPEN, name), -levied),
        (Key(a.COST, name), total - principal),
        (Key(a.EARNED_INTEREST, name), -interest),
        (Key(a.EARNED_PENALTY, name), -penalty),
        (Key(a.EARNED_FEE, name), -fee),
    ]
    _await(books, event, paid_in=total)
    books.post(event, lines, loan=name)


def _claimed(books: Books, event: Event) -> None:
    args = event.args
    loan, lender = books.loan(args["loan"]), args["lender"]
    name, principal, interest = loan.loan, args["principal"], args["interest"]
    loan.claim(lender, principal, interest)
    lines: Lines = [
        (Key(a.UNCLAIMED_PRINCIPAL, name), principal),
        (Key(a.UNCLAIMED_INTEREST, name), interest),
        (_book(event), -principal - interest),
        (Key(a.LENT, name, lender), principal),
        (Key(a.RETURNED, name), -principal),
        (Key(a.DISTRIBUTED, name), interest),
        (Key(a.INCOME, name, lender), -interest),
    ]
    _await(books, event, paid_out=principal + interest)
    books.post(event, lines, loan=name)


def _moved(books: Books, event: Event) -> None:
    args = event.args
    loan, seller, buyer = books.loan(args["loan"]), args["seller"], args["buyer"]
    units, price = args["units"], args["price"]
    value = units * loan.outstanding // loan.units
    loan.move(seller, buyer, units)
    gain = price - value if price else 0  # a gift has no result
    lines: Lines = [
        (Key(a.LENT, loan.loan, seller), value),
        (Key(a.LENT, loan.loan, buyer), -value),
        (Key(a.SALE_RESULT, loan.loan, buyer), gain),
        (Key(a.SALE_RESULT, loan.loan, seller), -gain),
    ]
    books.post(event, lines, loan=loan.loan)


def _fee_taken(books: Books, event: Event) -> None:
    loan, amount = books.loan(event.args["loan"]), event.args["amount"]
    loan.fees_taken += amount
    _await(books, event, paid_out=amount)
    books.post(event, ((Key(a.FEES, loan.loan), amount), (_book(event), -amount)), loan=loan.loan)


def _levied(books: Books, event: Event) -> None:
    loan, amount = books.loan(event.args["loan"]), event.args["amount"]
    loan.levied += amount
    loan.state_logged = 0
    lines = ((Key(a.LATE_FEES_OPEN, loan.loan), amount), (Key(a.BILLED, loan.loan), -amount))
    books.post(event, lines, loan=loan.loan)


def _waived(books: Books, event: Event) -> None:
    loan, amount = books.loan(event.args["loan"]), event.args["amount"]
    loan.waived_late += amount
    loan.state_logged = 0
    billed = min(amount, books.balance(Key(a.LATE_FEES_OPEN, loan.loan)))
    lines = ((Key(a.BILLED, loan.loan), billed), (Key(a.LATE_FEES_OPEN, loan.loan), -billed))
    books.post(event, lines, loan=loan.loan)


def _rest_waived(books: Books, event: Event) -> None:
    loan, principal = books.loan(event.args["loan"]), event.args["principal"]
    loan.waived_principal += principal
    loan.state_logged = 0
    loan.waived_interest += event.args["interest"]
    loan.outstanding -= principal
    lines = [(Key(a.FORGIVEN, loan.loan), principal), (Key(a.OWED, loan.loan), -principal)]
    lines += _close_billed(books, loan)
    books.post(event, lines, loan=loan.loan)


# ---------------------------------------------------------------- it goes wrong


def _ended(books: Books, event: Event) -> None:
    args = event.args
    loan = books.loan(args["loan"])
    name = loan.loan
    was, loan.status = loan.status, args["status"]
    lines: Lines = []
    if loan.status == DEFAULTED:
        loan.defaulted_at = books.now(event)
        loan.arrears = args["arrears"]
        late_fees = books.balance(Key(a.LATE_FEES_OPEN, name))
        lines = [
            (Key(a.LATE_FEES_OPEN, name), -late_fees),
            (Key(a.ARREARS_OPEN, name), args["arrears"]),
            (Key(a.BILLED, name), late_fees - args["arrears"]),
        ]
    elif loan.status == WRITTEN_OFF:
        loan.ended_at = books.now(event)
        loan.charged_off = loan.outstanding
        lines = [(Key(a.LOST, name), loan.outstanding), (Key(a.OWED, name), -loan.outstanding)]
        loan.outstanding = 0
    elif loan.status == CLOSED:
        if was != WRITTEN_OFF:
            loan.ended_at = books.now(event)
        lines = _close_billed(books, loan)
    elif loan.status == CANCELLED:
        loan.ended_at = books.now(event)
    books.post(event, lines, loan=name)


def _close_billed(books: Books, loan: Loan) -> Lines:
    """What was billed and never paid goes when the loan is over."""
    fees = books.balance(Key(a.LATE_FEES_OPEN, loan.loan))
    return [(Key(a.BILLED, loan.loan), fees), (Key(a.LATE_FEES_OPEN, loan.loan), -fees)]


def _covered(books: Books, event: Event) -> None:
    loan, amount = books.loan(event.args["loan"]), event.args["amount"]
    name = loan.loan
    loan.covered += amount
    lines: Lines = [(_book(event), amount), (Key(a.UNCLAIMED_PRINCIPAL, name), -amount), *_principal_back(loan, amount)]
    lines += [(Key(a.GUARANTEE_OWED, name), amount), (Key(a.GUARANTEE_PAID, name), -amount)]
    _await(books, event, paid_in=amount)
    books.post(event, lines, loan=name)


def _recovered(books: Books, event: Event) -> None:
    args = event.args
    loan = books.loan(args["loan"])
    name = loan.loan
    lenders, guarantor, arrears, extra = args["lenders"], args["guarantor"], args["arrears"], args["extra"]
    loan.recovered_principal += lenders
    loan.recovered_guarantee += guarantor
    loan.recovered_arrears += arrears
    loan.recovered_extra += extra
    interest = arrears + extra
    lines: Lines = [
        (_book(event), lenders + interest),
        (Key(a.UNCLAIMED_PRINCIPAL, name), -lenders),
        (Key(a.UNCLAIMED_INTEREST, name), -interest),
        *_principal_back(loan, lenders),
        (Key(a.GUARANTEE_PAID, name), guarantor),
        (Key(a.GUARANTEE_OWED, name), -guarantor),
        (Key(a.BILLED, name), arrears),
        (Key(a.ARREARS_OPEN, name), -arrears),
        (Key(a.COST, name), interest),
        (Key(a.EARNED_ARREARS, name), -arrears),
        (Key(a.EARNED_EXTRA, name), -extra),
    ]
    _await(books, event, paid_in=lenders + guarantor + interest, paid_out=guarantor)
    books.post(event, lines, loan=name)


def _principal_back(loan: Loan, amount: int) -> Lines:
    """Principal comes in after default: from the loss once it was written off, else from what is owed."""
    if loan.status == WRITTEN_OFF:
        return [(Key(a.RETURNED, loan.loan), amount), (Key(a.LOST, loan.loan), -amount)]
    loan.outstanding -= amount
    return [(Key(a.RETURNED, loan.loan), amount), (Key(a.OWED, loan.loan), -amount)]


def _restructured(books: Books, event: Event) -> None:
    loan = books.loan(event.args["loan"])
    loan.rules = event.args["rules"]
    loan.take_state(event.args["state"])
    if Rules.decode(loan.rules).accrual == 0:  # the open period's late charges end with it
        books.post(event, _close_billed(books, loan), loan=loan.loan)


def _await(books: Books, event: Event, *, paid_in: int = 0, paid_out: int = 0) -> None:
    books.pending = Pending(event.tx_hash, event.address, event.name, event.args["loan"], paid_in, paid_out)


_HANDLERS: Final[dict[tuple[str, str], Callable[[Books, Event], None]]] = {
    (MONEY, "Transfer"): _transfer,
    (CLOCK, "Forwarded"): _forwarded,
    (LOAN_BOOK, "Requested"): _requested,
    (LOAN_BOOK, "Funded"): _funded,
    (LOAN_BOOK, "Refunded"): _refunded,
    (LOAN_BOOK, "Disbursed"): _disbursed,
    (LOAN_BOOK, "Paid"): _paid,
    (LOAN_BOOK, "Ended"): _ended,
    (LOAN_BOOK, "Claimed"): _claimed,
    (LOAN_BOOK, "Moved"): _moved,
    (LOAN_BOOK, "Covered"): _covered,
    (LOAN_BOOK, "Recovered"): _recovered,
    (LOAN_BOOK, "Restructured"): _restructured,
    (LOAN_BOOK, "Levied"): _levied,
    (LOAN_BOOK, "Waived"): _waived,
    (LOAN_BOOK, "RestWaived"): _rest_waived,
    (LOAN_BOOK, "FeeTaken"): _fee_taken,
}

# Events that change a loan's row, and those among them that need its positions.
LOAN_EVENTS: Final = frozenset(name for contract, name in _HANDLERS if contract == LOAN_BOOK)
POSITION_EVENTS: Final = frozenset({"Funded", "Refunded", "Disbursed", "Claimed", "Moved"})
