"""What the contracts together should be: accounts, holds, mandates and offers around the oracle's loans.

Each act changes the model or raises `Refused` and changes nothing. Accounts are names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lendchain.schedule.contract import ContractTerms, Loan, Proposal, Refusal, Refused, Status
from lendchain.schedule.contract.positions import Claim
from lendchain.schedule.contract.refusals import need
from lendchain.schedule.contract.split import Split
from lendchain.schedule.contract.workout import Recovery

LENDERS = ("lender-1", "lender-2", "lender-3", "lender-4")
BORROWERS = ("borrower-1", "borrower-2", "borrower-3")
STRANGER = "stranger"
PAYER = "payer"
SERVICER = "servicer"
TREASURY = "treasury"
OUTSIDER = "outsider"  # not eligible
ACCOUNTS = (*LENDERS, *BORROWERS, STRANGER, PAYER, SERVICER, TREASURY, OUTSIDER)
BOOK = "book"
FUND = "guarantee"
START_MONEY = 10**15
FOR_EVER = 2**256 - 1


@dataclass(frozen=True)
class FundMandate:
    """A lender's order to fund, signed by him."""

    lender: str
    min_rate_ppm: int
    max_grade: int
    per_loan: int
    total: int
    expiry: int
    salt: int


@dataclass(frozen=True)
class RepayMandate:
    """A payer's order to pay a loan's dues, signed by him."""

    payer: str
    loan: int
    per_call: int
    expiry: int
    salt: int


@dataclass(frozen=True)
class Offer:
    """A holder's order to sell units, signed by him."""

    seller: str
    loan: int
    units: int
    unit_price: int
    buyer: str | None
    min_balance: int
    expiry: int
    salt: int


Order = FundMandate | RepayMandate | Offer


@dataclass
class Model:
    """The book with everything around it."""

    now: int
    balances: Counter[str] = field(default_factory=Counter)
    loans: list[Loan] = field(default_factory=list)
    requested: set[bytes] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    killed: set[Order | ContractTerms] = field(default_factory=set)
    spent: Counter[Order] = field(default_factory=Counter)
    mandates: dict[int, RepayMandate] = field(default_factory=dict)
    standing_days: int = 0

    @contextmanager
    def act_on(self, number: int) -> Iterator[Loan]:
        """Work on a copy of a loan and of the balances; keep both only if nothing was refused."""
        loan = self.loans[number].copied()
        balances = self.balances.copy()
        try:
            yield loan
        except Refused:
            self.balances = balances
            raise
        self.loans[number] = loan

    def move(self, payer: str, receiver: str, amount: int) -> None:
        """Tokens change hands; a held account cannot send."""
        if amount:
            need(self.held.get(payer, 0) <= self.now, Refusal.ACCOUNT_HELD)
        need(self.balances[payer] >= amount, Refusal.TOKEN_REFUSED)
        self.balances[payer] -= amount
        self.balances[receiver] += amount

    # ------------------------------------------------------------------ funding

    def request(self, terms: ContractTerms) -> int:
        """Publish terms; returns the loan's number."""
        need(not self.stopped, Refusal.NEW_LOANS_STOPPED)
        need(terms.salt not in self.requested, Refusal.LOAN_EXISTS)
        need(terms not in self.killed, Refusal.REVOKED_OR_USED)
        need(self.now <= terms.deadline, Refusal.DEADLINE_PASSED)
        self._eligible(terms.borrower)
        loan = Loan.request(terms, self.now)
        self.requested.add(terms.salt)
        self.loans.append(loan)
        return len(self.loans) - 1

    def request_and_fund(self, terms: ContractTerms, lender: str, units: int) -> int:
        """Publish and fund in one call: both or neither."""
        number = self.request(terms)
        try:
            self.fund(number, lender, units)
        except Refused:
            self.loans.pop()
            self.requested.discard(terms.salt)
            raise
        return number

    def _eligible(self, account: str) -> None:
        need(account != OUTSIDER, Refusal.NOT_ELIGIBLE)

    def revoke(self, by: str, order: Order | ContractTerms) -> None:
        """The signer kills what he signed."""
        self.killed.add(order)

    def fund(self, number: int, lender: str, units: int) -> int:
        """Take units of a loan."""
        with self.act_on(number) as loan:
            cost = loan.fund(lender, units, self.now)
            self._eligible(lender)
            self.move(lender, BOOK, cost)
            return cost

    def fund_by_mandate(self, mandate: FundMandate, number: int, units: int) -> int:
        """Anybody funds for a lender within what he signed."""
        terms = self.loans[number].terms
        cost = units * terms.unit_price
        need(mandate not in self.killed, Refusal.REVOKED_OR_USED)
        need(self.now <= mandate.expiry, Refusal.EXPIRED_OR_EXHAUSTED)
        need(terms.rate_ppm >= mandate.min_rate_ppm, Refusal.EXPIRED_OR_EXHAUSTED)
        graded = 0 < terms.grade <= mandate.max_grade
        need(not mandate.max_grade or graded, Refusal.EXPIRED_OR_EXHAUSTED)
        need(self.spent[mandate] + cost <= mandate.total, Refusal.EXPIRED_OR_EXHAUSTED)
        holding = self.loans[number].register.of(mandate.lender).units * terms.unit_price
        need(holding + cost <= mandate.per_loan, Refusal.EXPIRED_OR_EXHAUSTED)
        self.fund(number, mandate.lender, units)
        self.spent[mandate] += cost
        return cost

    def cancel(self, number: int, by: str) -> None:
        """End a loan before disbursement."""
        with self.act_on(number) as loan:
            loan.cancel(by, self.now)

    def refund(self, number: int, lender: str) -> int:
        """Money back from a cancelled loan."""
        with self.act_on(number) as loan:
            amount = loan.refund(lender)
            self.move(BOOK, lender, amount)
            return amount

    def disburse(self, number: int) -> int:
        """Pay the loan out."""
        with self.act_on(number) as loan:
            amount = loan.disburse(self.now)
            self.move(BOOK, loan.terms.borrower, amount)
            return amount

    # ------------------------------------------------------------------ payments

    def repay(self, number: int, by: str, amount: int) -> Split:
        """Pay what may be paid."""
        with self.act_on(number) as loan:
            split = loan.repay(by, amount, self.now)
            self.move(by, BOOK, split.total)
            return split

    def pay_off(self, number: int, by: str, most: int) -> Split:
        """Pay everything."""
        with self.act_on(number) as loan:
            split = loan.pay_off(by, most, self.now)
            self.move(by, BOOK, split.total)
            return split

    def prepay(self, number: int, by: str, amount: int, new_level: int) -> Split:
        """Pay principal ahead."""
        with self.act_on(number) as loan:
            split = loan.prepay(by, amount, new_level, self.now)
            self.move(by, BOOK, split.total)
            return split

    def authorize(self, mandate: RepayMandate, by: str) -> None:
        """Register a repayment mandate; a stranger's does not push out another payer's that is in force."""
        need(mandate not in self.killed, Refusal.REVOKED_OR_USED)
        need(self.now <= mandate.expiry, Refusal.EXPIRED_OR_EXHAUSTED)
        need(mandate.per_call < 2**48, Refusal.MORE_THAN_ALLOWED)
        loan = self.loans[mandate.loan]
        need(loan.status in (Status.FUNDING, Status.ACTIVE), Refusal.LOAN_OVER)
        before = self.mandates.get(mandate.loan)
        free = before is None or before.payer == mandate.payer or self.now > before.expiry
        need(free or loan.terms.borrower in (by, mandate.payer), Refusal.BORROWER_ONLY)
        self.killed.add(mandate)
        self.mandates[mandate.loan] = mandate

    def withdraw_mandate(self, number: int, by: str) -> None:
        """Its payer takes a mandate back."""
        mandate = self.mandates.get(number)
        need(mandate is not None and mandate.payer == by, Refusal.EXPIRED_OR_EXHAUSTED)
        del self.mandates[number]

    def collect(self, items: list[tuple[int, int, int]]) -> list[Split | Refusal]:
        """A batch of (loan, period, target); each item stands alone."""
        results: list[Split | Refusal] = []
        for number, period, target in items:
            try:
                results.append(self._collect_one(number, period, target))
            except Refused as refused:
                results.append(refused.code)
        return results

    def _collect_one(self, number: int, period: int, target: int) -> Split:
        mandate = self.mandates.get(number)
        if mandate is None or self.now > mandate.expiry:
            raise Refused(Refusal.EXPIRED_OR_EXHAUSTED)
        with self.act_on(number) as loan:
            split = loan.collect(period, target, mandate.per_call, self.now)
            self.move(mandate.payer, BOOK, split.total)
            return split

    # ------------------------------------------------------------------ holders

    def claim(self, number: int, lender: str) -> Claim:
        """Pay a lender what is his."""
        with self.act_on(number) as loan:
            claim = loan.claim(lender)
            self.move(BOOK, lender, claim.total)
            return claim

    def claim_many(self, numbers: list[int], lender: str) -> int:
        """Claims over several loans."""
        claims = []
        for number in numbers:
            try:
                claims.append(self.claim(number, lender).total)
            except Refused:
                continue
        need(bool(claims), Refusal.NOTHING_TO_CLAIM)
        return sum(claims)

    def transfer(self, number: int, seller: str, buyer: str, units: int, min_balance: int) -> None:
        """Give units away."""
        with self.act_on(number) as loan:
            loan.transfer(seller, buyer, units, min_balance)
            self._eligible(buyer)

    def buy(self, offer: Offer, buyer: str, units: int) -> int:
        """Units against money in one call."""
        need(offer not in self.killed, Refusal.REVOKED_OR_USED)
        need(offer.buyer in (None, buyer), Refusal.RECEIVER_NOT_ALLOWED)
        need(self.now <= offer.expiry, Refusal.EXPIRED_OR_EXHAUSTED)
        need(self.spent[offer] + units <= offer.units, Refusal.EXPIRED_OR_EXHAUSTED)
        with self.act_on(offer.loan) as loan:
            loan.transfer(offer.seller, buyer, units, offer.min_balance)
            self._eligible(buyer)
            self.move(buyer, offer.seller, units * offer.unit_price)
        self.spent[offer] += units
        return units * offer.unit_price

    # ------------------------------------------------------------------ roles

    def levy(self, number: int, by: str, amount: int) -> None:
        """The servicer adds a late fee."""
        need(by == SERVICER, Refusal.ROLE_MISSING)
        with self.act_on(number) as loan:
            loan.levy(amount, self.now)

    def waive(self, number: int, by: str, amount: int) -> None:
        """The servicer forgives late charges."""
        need(by == SERVICER, Refusal.ROLE_MISSING)
        with self.act_on(number) as loan:
            loan.waive(amount, self.now)

    def waive_rest(self, number: int, by: str) -> Split:
        """The servicer forgives a small rest."""
        need(by == SERVICER, Refusal.ROLE_MISSING)
        with self.act_on(number) as loan:
            return loan.waive_rest(self.now)

    def take_fees(self, by: str, numbers: list[int]) -> int:
        """The platform's fees go to the treasury."""
        need(by == TREASURY, Refusal.ROLE_MISSING)
        total = sum(self.loans[number].take_fees() for number in numbers)
        self.move(BOOK, TREASURY, total)
        return total

    def stop(self, by: str, on: bool) -> None:
        """Stop or allow new loans."""
        need(by == SERVICER, Refusal.ROLE_MISSING)
        self.stopped = on

    # ------------------------------------------------------------------ default and after

    def mark_default(self, number: int) -> None:
        """Anybody marks a loan long late."""
        with self.act_on(number) as loan:
            loan.mark_default(self.now, self.standing_days)

    def cover(self, number: int) -> int:
        """The guarantee pays."""
        with self.act_on(number) as loan:
            paid = loan.cover(self.balances[FUND])
            self.move(FUND, BOOK, paid)
            return paid

    def recover(self, number: int, by: str, amount: int, extra: bool) -> Recovery:
        """Recovered money comes in."""
        with self.act_on(number) as loan:
            split = loan.recover(amount, extra=extra)
            self.move(by, BOOK, split.total)
            self.move(BOOK, FUND, split.guarantor)
            return split

    def write_off(self, number: int, by: str) -> None:
        """The servicer gives a defaulted loan up."""
        need(by == SERVICER, Refusal.ROLE_MISSING)
        with self.act_on(number) as loan:
            loan.write_off()

    def propose(self, number: int, proposal: Proposal) -> None:
        """New terms signed by the borrower."""
        with self.act_on(number) as loan:
            loan.propose(proposal, self.now)

    def consent(self, number: int, holder: str, proposal: Proposal) -> int:
        """A holder's units for them."""
        with self.act_on(number) as loan:
            return loan.consent(holder, proposal)

    def restructure(self, number: int, proposal: Proposal) -> None:
        """Carry them out."""
        with self.act_on(number) as loan:
            loan.restructure(proposal, self.now)

    def top_up(self, by: str, amount: int) -> None:
        """Money into the guarantee."""
        self.move(by, FUND, amount)

    def hold(self, account: str, until: int) -> None:
        """Freeze what an account sends."""
        self.held[account] = until

    # ------------------------------------------------------------------ what the book must hold

    def book_liabilities(self) -> int:
        """Unclaimed credit, fees and escrow of all loans."""
        total = 0
        for loan in self.loans:
            register = loan.register
            if loan.status in (Status.FUNDING, Status.CANCELLED):
                total += register.funded * loan.terms.unit_price
            total += loan.fees
            total += register.principal_credited - register.principal_claimed
            total += register.interest_credited - register.interest_claimed
        return total
