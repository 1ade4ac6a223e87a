"""The business of a run: who asks for what, day by day. It depends on the seed alone, never on what goes wrong.

A day is a list of stages; orders of one stage may be carried out in any order, so none builds on another of its stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from lendchain.chain import Account, Contract, Manifest, SandboxKeys
from lendchain.schedule.contract import ContractTerms
from lendchain.schedule.contract.terms import exact_level
from lendchain.servicing.replay.signed import TERMS, terms_values

CLIENTS: Final = 5
MONTH: Final = 31 * 86_400
UNITS: Final = 20
MOST: Final = 2**255
LATEST: Final = 2**40 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """A business act that somebody asked for, by an id of his own."""

    id: str
    sender: Account
    kind: str
    to: str
    data: bytes


Stage = list[Order]


@dataclass(slots=True)
class _Loan:
    id: bytes
    name: str
    borrower: Account
    lenders: tuple[Account, ...]
    terms: ContractTerms
    months: int = 0


class Story:
    """Deposits, payments, withdrawals, and loans from request to last claim."""

    def __init__(self, seed: int, keys: SandboxKeys, manifest: Manifest, book_domain: bytes) -> None:
        self._random = Random(f"business/{seed}")
        self._keys = keys
        self._money = manifest.contract("Money")
        self._book = manifest.contract("LoanBook")
        self._gate = manifest.contract("AllowList")
        self._clock = manifest.contract("Clock")
        self._domain = book_domain
        self._purses: dict[str, int] = {}  # free money of each client: bids and loans never touch it
        self._loans: list[_Loan] = []
        self._made = 0

    def days(self, count: int, start: int) -> Iterator[list[Stage]]:
        """The stages of each day; `start` is the sandbox clock's first reading."""
        yield [[self._admit([self._client(number) for number in range(CLIENTS)])]]
        for day in range(count):
            now = start + (day + 1) * MONTH
            stages = [self._deposits(), self._payments()]
            if day:
                forward = self._order("clock", self._staff("sandbox"), "forward", self._clock, now)
                stages += [[forward], *self._instalments()]
            if self._random.random() < 0.6:
                stages += self._new_loan()
            yield [stage for stage in stages if stage]

    # ------------------------------------------------------------ money

    def _deposits(self) -> Stage:
        return [self._deposit(self._some_client()) for _ in range(self._random.randrange(1, 5))]

    def _deposit(self, who: Account, amount: int = 0, *, free: bool = True) -> Order:
        amount = amount or self._random.randrange(1, 10_000)
        if free:
            self._purses[who.address] = self._purses.get(who.address, 0) + amount
        reference = (self._made + 1).to_bytes(32, "big")
        return self._order("deposit", self._staff("custodian"), "mint", self._money, who.address, amount, reference)

    def _payments(self) -> Stage:
        """What may be paid is what was there before the day's other payments came in."""
        purses = dict(self._purses)
        found = (self._payment(purses) for _ in range(self._random.randrange(5)))
        return [order for order in found if order is not None]

    def _payment(self, purses: dict[str, int]) -> Order | None:
        payer, payee = self._some_client(), self._some_client()
        if purses.get(payer.address, 0) < 1:
            return None
        amount = self._random.randrange(1, purses[payer.address] + 1)
        purses[payer.address] -= amount
        self._purses[payer.address] -= amount
        if self._random.random() < 0.3:
            reference = (self._made + 1).to_bytes(32, "big")
            return self._order("withdrawal", payer, "withdraw", self._money, amount, reference)
        self._purses[payee.address] = self._purses.get(payee.address, 0) + amount
        return self._order("payment", payer, "transfer", self._money, payee.address, amount)

    # ------------------------------------------------------------ loans

    def _new_loan(self) -> list[Stage]:
        borrower = self._keys.role("borrower", len(self._loans))
        lenders = tuple(self._client(number) for number in self._random.sample(range(CLIENTS), 2))
        price = self._random.randrange(50, 5_000)
        terms = ContractTerms(
            borrower=borrower.address,
            units=UNITS,
            unit_price=price,
            rate_ppm=self._random.randrange(10_000, 240_000),
            count=self._random.randrange(1, 5),
            grace=3,
            open_fee_bps=100,
            deadline=LATEST - MONTH,
            draw_days=1,
            salt=self._random.randbytes(32),
        )
        level = exact_level(terms.method, terms.principal, terms.rate_ppm, terms.count, terms.months)
        terms = replace(terms, level=level)
        name = f"loan/{len(self._loans)}"
        loan = _Loan(TERMS.digest(self._domain, terms_values(terms)), name, borrower, lenders, terms)
        self._loans.append(loan)
        first = self._random.randrange(1, UNITS)
        bids = [self._deposit(who, UNITS * price, free=False) for who in lenders]
        allowances = [self._approve(name, who) for who in (borrower, *lenders)]
        request = self._order(f"{name}/request", borrower, "request", self._book, terms_values(terms), b"", b"")
        funding = [
            self._order(f"{name}/fund", lender, "fund", self._book, loan.id, units, b"")
            for lender, units in zip(lenders, (first, UNITS - first), strict=True)
        ]
        disbursal = self._order(f"{name}/disburse", self._staff("servicer"), "disburse", self._book, loan.id)
        return [[self._admit([borrower])], bids + allowances, [request], funding, [disbursal]]

    def _instalments(self) -> list[Stage]:
        """A month has passed: most loans pay something, and lenders take what has come in."""
        paid_in: Stage = []
        payments: Stage = []
        claims: Stage = []
        for loan in self._loans:
            if loan.months > loan.terms.count + 2:
                continue
            loan.months += 1
            amount = loan.terms.level + self._random.randrange(-50, 200)
            if amount > 0 and self._random.random() < 0.8:
                paid_in.append(self._deposit(loan.borrower, amount, free=False))
                payments.append(self._order(f"{loan.name}/repay", loan.borrower, "repay", self._book, loan.id, amount))
                if self._random.random() < 0.5:
                    who = self._random.choice(loan.lenders)
                    claims.append(self._order(f"{loan.name}/claim", who, "claim", self._book, loan.id, who.address))
        return [paid_in, payments, claims]

    # ------------------------------------------------------------ small parts

    def _admit(self, accounts: Sequence[Account]) -> Order:
        addresses = [account.address for account in accounts]
        return self._order("admit", self._staff("gatekeeper"), "set_eligible", self._gate, addresses, 7)

    def _approve(self, name: str, who: Account) -> Order:
        return self._order(f"{name}/approve", who, "approve", self._money, self._book.address, MOST)

    def _order(self, what: str, sender: Account, function: str, contract: Contract, *arguments: Any) -> Order:
        self._made += 1
        data = contract.encode(function, *arguments)
        return Order(f"{what}/{self._made}", sender, function, contract.address, data)

    def _client(self, number: int) -> Account:
        return self._keys.role("client", number)

    def _some_client(self) -> Account:
        return self._client(self._random.randrange(CLIENTS))

    def _staff(self, role: str) -> Account:
        return self._keys.role(role)
