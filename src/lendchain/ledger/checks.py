"""What must be true of the books: small pure functions that name every place where it is not.

Those about loans look at the loans named and need only what was loaded for them, so they run on each batch; those about
the whole need the whole. The same list is proved from the chain by the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lendchain.ledger import accounts as a
from lendchain.ledger.accounts import CHART, Key, Side
from lendchain.ledger.books import Books, Entry
from lendchain.ledger.loans import CANCELLED, CLOSED, DEFAULTED, FUNDING, WRITTEN_OFF, Loan


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold, where, and the figures that show it."""

    rule: str
    place: str
    finding: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: {self.finding}"


LoanCheck = Callable[[Books, Loan], Iterable[Violation]]


def _equal(rule: str, place: str, **figures: int) -> list[Violation]:
    """A violation unless all figures are the same."""
    if len(set(figures.values())) <= 1:
        return []
    return [Violation(rule, place, ", ".join(f"{name} {value}" for name, value in figures.items()))]


# ---------------------------------------------------------------- one loan


def check_lent_is_repaid_owed_lost_or_waived(books: Books, loan: Loan) -> list[Violation]:
    """Lent = repaid + covered + recovered + waived + outstanding + charged off and not recovered."""
    lost = books.balance(Key(a.LOST, loan.loan))
    parts = loan.credited_principal + loan.waived_principal + loan.outstanding + lost
    return _equal("principal", loan.loan, lent=loan.lent, accounted=parts)


def check_owed_is_outstanding(books: Books, loan: Loan) -> list[Violation]:
    """The account of principal owed stands at the loan's outstanding principal: never negative, 0 once closed."""
    owed = books.balance(Key(a.OWED, loan.loan))
    found = _equal("owed", loan.loan, account=owed, loan=loan.outstanding)
    if owed < 0 or (owed and loan.status == CLOSED):
        found.append(Violation("owed", loan.loan, f"{owed} in status {loan.status}"))
    return found


def check_credits_are_claimed_or_unclaimed(books: Books, loan: Loan) -> list[Violation]:
    """Claims never exceed credits; what is left lies in the book for the lenders, and the two sides of it agree."""
    unclaimed_principal = -books.balance(Key(a.UNCLAIMED_PRINCIPAL, loan.loan))
    unclaimed_interest = -books.balance(Key(a.UNCLAIMED_INTEREST, loan.loan))
    found = _equal(
        "unclaimed principal",
        loan.loan,
        account=unclaimed_principal,
        returned=books.balance(Key(a.RETURNED, loan.loan)),
        loan=loan.credited_principal - loan.claimed_principal,
    ) + _equal(
        "unclaimed interest",
        loan.loan,
        account=unclaimed_interest,
        loan=loan.credited_interest - loan.claimed_interest,
        earned=-sum(books.balance(Key(code, loan.loan)) for code in (*a.LENDERS_EARN, a.DISTRIBUTED)),
    )
    if unclaimed_principal < 0 or unclaimed_interest < 0:
        found.append(Violation("claims exceed credits", loan.loan, f"{unclaimed_principal}, {unclaimed_interest}"))
    return found


def check_positions_share_the_credits(_: Books, loan: Loan) -> list[Violation]:
    """Sum over positions of (u * sum - debt) and the dust = U * (credited - claimed), principal and interest each."""
    if loan.status in (FUNDING, CANCELLED):
        return []
    positions = loan.positions.values()
    principal = sum(p.units * loan.credited_principal - p.principal_debt for p in positions) + loan.dust_principal
    interest = sum(p.units * loan.credited_interest - p.interest_debt for p in positions) + loan.dust_interest
    return _equal(
        "shares of principal",
        loan.loan,
        positions=principal,
        loan=loan.units * (loan.credited_principal - loan.claimed_principal),
    ) + _equal(
        "shares of interest",
        loan.loan,
        positions=interest,
        loan=loan.units * (loan.credited_interest - loan.claimed_interest),
    )


def check_units_are_all_held(_: Books, loan: Loan) -> list[Violation]:
    """Units of all positions = units funded; all units of the loan once it was disbursed. No position is negative."""
    held = sum(p.units for p in loan.positions.values())
    found = _equal("units", loan.loan, positions=held, funded=loan.funded_units)
    if loan.status not in (FUNDING, CANCELLED):
        found += _equal("units", loan.loan, funded=loan.funded_units, loan=loan.units)
    if any(p.units < 0 for p in loan.positions.values()) or held > loan.units:
        found.append(Violation("units", loan.loan, f"held {held} of {loan.units}"))
    return found


def check_escrow_equals_live_bids(books: Books, loan: Loan) -> list[Violation]:
    """A funding (or cancelled) loan holds each lender's units at their price; a disbursed one holds nothing."""
    live = loan.status in (FUNDING, CANCELLED)
    found: list[Violation] = []
    for lender, position in loan.positions.items():
        held = -books.balance(Key(a.ESCROW, loan.loan, lender))
        bid = position.units * loan.unit_price if live else 0
        found += _equal("escrow", f"{loan.loan} {lender}", held=held, bid=bid)
    return found


def check_fees_are_taken_or_held(books: Books, loan: Loan) -> list[Violation]:
    """Fees received = fees taken + fees in the book."""
    held = -books.balance(Key(a.FEES, loan.loan))
    earned = -sum(books.balance(Key(code, loan.loan)) for code in a.OPERATOR_EARNS)
    return _equal("fees", loan.loan, earned=earned, held_and_taken=held + loan.fees_taken) + _equal(
        "fees", loan.loan, held=held, loan=loan.open_fees
    )


def check_lenders_stake(books: Books, loan: Loan) -> list[Violation]:
    """What lenders lent and have not in hand = owed + unclaimed + lost + waived."""
    lent = -sum(books.balance(Key(a.LENT, loan.loan, lender)) for lender in loan.positions)
    there = sum(books.balance(Key(code, loan.loan)) for code in (a.OWED, a.RETURNED, a.LOST, a.FORGIVEN))
    return _equal("stake", loan.loan, lenders=lent, loan=there)


def check_claims_add_up(_: Books, loan: Loan) -> list[Violation]:
    """The loan's claims are the sum of its positions' claims."""
    positions = loan.positions.values()
    return _equal(
        "claims", loan.loan, positions=sum(p.claimed_principal for p in positions), loan=loan.claimed_principal
    ) + _equal("claims", loan.loan, positions=sum(p.claimed_interest for p in positions), loan=loan.claimed_interest)


def check_guarantee_claim(books: Books, loan: Loan) -> list[Violation]:
    """The guarantee is owed what it paid and has not had back, and that is never negative."""
    owed = books.balance(Key(a.GUARANTEE_OWED, loan.loan))
    found = _equal(
        "guarantee claim",
        loan.loan,
        owed=owed,
        paid=-books.balance(Key(a.GUARANTEE_PAID, loan.loan)),
        loan=loan.covered - loan.recovered_guarantee,
    )
    return found + ([Violation("guarantee claim", loan.loan, f"negative {owed}")] if owed < 0 else [])


def check_arrears_and_dust(books: Books, loan: Loan) -> list[Violation]:
    """Arrears still open = arrears fixed at default - arrears recovered; dust below one minor unit."""
    if loan.status in (DEFAULTED, WRITTEN_OFF) or loan.arrears:
        open_arrears = books.balance(Key(a.ARREARS_OPEN, loan.loan))
        found = _equal("arrears", loan.loan, account=open_arrears, loan=loan.arrears - loan.recovered_arrears)
    else:
        found = []
    if not (0 <= loan.dust_principal < max(loan.units, 1) and 0 <= loan.dust_interest < max(loan.units, 1)):
        found.append(Violation("dust", loan.loan, f"{loan.dust_principal}, {loan.dust_interest} of {loan.units}"))
    return found


LOAN_CHECKS: Final[tuple[LoanCheck, ...]] = (
    check_lent_is_repaid_owed_lost_or_waived,
    check_owed_is_outstanding,
    check_credits_are_claimed_or_unclaimed,
    check_fees_are_taken_or_held,
    check_guarantee_claim,
    check_arrears_and_dust,
)

# These need all positions of the loan and their accounts.
POSITION_CHECKS: Final[tuple[LoanCheck, ...]] = (
    check_positions_share_the_credits,
    check_units_are_all_held,
    check_escrow_equals_live_bids,
    check_lenders_stake,
    check_claims_add_up,
)


# ---------------------------------------------------------------- entries


def check_entries_balance(books: Books, entries: Iterable[Entry]) -> list[Violation]:
    """Every entry balances, and does so on each of the four sides of the chart."""
    sides = list(Side)
    place = {code: sides.index(account.side) for code, account in CHART.items()}
    side_of = {balance.id: place[key.code] for key, balance in books.accounts.items()}
    found: list[Violation] = []
    for entry in entries:
        totals = [0] * len(sides)
        for account, amount in entry.lines:
            totals[side_of[account]] += amount
        if any(totals):
            off = ", ".join(f"{side.value} {total}" for side, total in zip(sides, totals, strict=True) if total)
            found.append(Violation("balance", f"entry {entry.number}", f"off by {off}"))
    return found


def check_entries_follow_each_other(entries: Iterable[Entry], before: int = 0) -> list[Violation]:
    """Entries are numbered without a gap, in the chain's order."""
    found: list[Violation] = []
    place = (-1, -1)
    for entry in entries:
        before += 1
        if entry.number != before:
            found.append(Violation("numbering", f"entry {entry.number}", f"expected {before}"))
            before = entry.number
        if (entry.block, entry.log_index) <= place:
            found.append(Violation("order", f"entry {entry.number}", f"{place} comes before"))
        place = (entry.block, entry.log_index)
    return found


def check_book_pays_no_more_than_its_acts_say(books: Books, entries: Iterable[Entry]) -> list[Violation]:
    """In a transaction the loan book pays out what its acts account for. Money sent to it unasked stays its own."""
    own = {Key(a.MONEY, "", address) for address in books.books_seen}
    ids = {books.accounts[key].id for key in own if key in books.accounts}
    net: dict[str, int] = {}
    for entry in entries:
        for account, amount in entry.lines:
            if account in ids:
                net[entry.tx_hash] = net.get(entry.tx_hash, 0) + amount
    return [
        Violation("passage", tx_hash, f"{amount} paid out unaccounted") for tx_hash, amount in net.items() if amount > 0
    ]


# ---------------------------------------------------------------- the whole


def check_supply_is_owned(books: Books) -> list[Violation]:
    """Money minted and not withdrawn = money in all accounts, in passage, in escrow, unclaimed and in fees."""
    bank = books.balance(Key(a.BANK))
    money = ((key, b) for key, b in books.accounts.items() if CHART[key.code].side is Side.MONEY)
    owned = -sum(balance.amount for key, balance in money if key.code != a.BANK)
    return _equal("supply", "all accounts", minted_less_withdrawn=bank, owned=owned)


def check_nobody_is_overdrawn(books: Books) -> list[Violation]:
    """No account of money is below zero."""
    return [
        Violation("overdrawn", " ".join(filter(None, key)), str(-balance.amount))
        for key, balance in books.accounts.items()
        if CHART[key.code].side is Side.MONEY and not CHART[key.code].debit and balance.amount > 0
    ]


def check_trial_balance(books: Books) -> list[Violation]:
    """Debits equal credits over each side of the chart."""
    found: list[Violation] = []
    for side in Side:
        total = sum(b.amount for key, b in books.accounts.items() if CHART[key.code].side is side)
        found += _equal("trial balance", side.value, total=total, zero=0)
    return found


def check_entries(books: Books, entries: Sequence[Entry]) -> list[Violation]:
    """The rules about entries alone; they are whole transactions in the chain's order."""
    found = check_entries_balance(books, entries)
    found += check_entries_follow_each_other(entries, entries[0].number - 1 if entries else 0)
    return found + check_book_pays_no_more_than_its_acts_say(books, entries)


def check_loans(books: Books, loans: Iterable[str], *, positions: Container[str]) -> list[Violation]:
    """The rules about these loans; those about positions where the books hold them all."""
    found: list[Violation] = []
    for name in sorted(loans):
        loan = books.loans[name]
        for check in LOAN_CHECKS:
            found += check(books, loan)
        if name in positions:
            for check in POSITION_CHECKS:
                found += check(books, loan)
    return found


def check_totals(books: Books) -> list[Violation]:
    """The rules about complete books."""
    return [*check_supply_is_owned(books), *check_nobody_is_overdrawn(books), *check_trial_balance(books)]
