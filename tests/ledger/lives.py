"""Random lives of a whole platform, as events: what the contracts would log, the arithmetic's oracle deciding figures.

The real chain is used where a figure depends on it; this stands in where volume or many different lives are wanted.
Money is counted a second time in plain dictionaries, so that a test can compare.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from lendchain.chain.bindings import Contract, artifact
from lendchain.chain.events import Event
from lendchain.chain.running_hash import LINKS, next_head
from lendchain.schedule.contract import Accrual, ContractTerms, LateMode, Loan, Refused, Status

NOBODY = "0x" + "00" * 20
DAY = 86_400
START = 1_700_000_000
NAMES = ("Money", "LoanBook", "Guarantee", "Clock")
ADDRESSES = {name: f"0x{number:040x}" for number, name in enumerate(NAMES, 0xC0DE)}


def contracts() -> list[Contract]:
    """The four contracts whose events the ledger reads, at made-up addresses."""
    return [Contract(artifact(name), address) for name, address in ADDRESSES.items()]


def person(number: int) -> str:
    return f"0x{0xA0000 + number:040x}"


@dataclass
class Life:
    """A platform that acts at random under one seed and logs what it did."""

    seed: int
    lenders: int = 6
    rng: Random = field(init=False)
    now: int = START
    block: int = 1
    txs: int = 0
    log_index: int = 0
    ordinal: int = 0
    head: int = 0
    events: list[Event] = field(default_factory=list)
    money: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    supply: int = 0
    loans: dict[str, Loan] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    people: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.people = [person(number) for number in range(self.lenders)]
        self.begin()
        self.log("Clock", "Forwarded", time=self.now)

    # ------------------------------------------------------------ logging

    def begin(self) -> None:
        """A new transaction, now and then in a new block."""
        if self.rng.random() < 0.4:
            self.block += self.rng.randint(1, 3)
            self.log_index = 0
        self.txs += 1
        self.ordinal = 0

    def log(self, contract: str, name: str, /, **args: Any) -> None:
        if contract == "LoanBook" and name in LINKS:
            args["head"] = self.head = next_head(self.head, name, args)
        tx_hash = f"0x{self.seed & 0xFFFF:08x}{self.txs:056x}"
        block_hash = f"0x{self.block:064x}"
        event = Event(
            self.block,
            block_hash,
            START + 2 * self.block,
            self.log_index,
            tx_hash,
            self.ordinal,
            ADDRESSES[contract],
            contract,
            name,
            args,
        )
        self.events.append(event)
        self.log_index += 1
        self.ordinal += 1

    def transfer(self, sender: str, receiver: str, amount: int) -> None:
        if not amount:
            return
        self.money[sender] -= amount
        self.money[receiver] += amount
        assert sender == NOBODY or self.money[sender] >= 0
        self.log("Money", "Transfer", sender=sender, receiver=receiver, value=amount)

    # ------------------------------------------------------------ money

    def mint(self, to: str, amount: int) -> None:
        self.supply += amount
        self.transfer(NOBODY, to, amount)
        self.log("Money", "Minted", to=to, amount=amount, reference=f"0x{self.rng.getrandbits(256):064x}")

    def have(self, who: str, amount: int) -> None:
        """Mint what the account lacks, in a transaction of its own."""
        if self.money[who] < amount:
            self.begin()
            self.mint(who, amount - self.money[who] + self.rng.randint(0, 5_000))

    def withdraw(self, who: str, amount: int) -> None:
        self.begin()
        self.supply -= amount
        self.transfer(who, NOBODY, amount)
        self.log("Money", "Withdrawn", account=who, amount=amount, reference=f"0x{self.rng.getrandbits(256):064x}")

    def pays_in(self, payer: str, amount: int, name: str, /, **args: Any) -> None:
        """An act that brings money into the book: it is logged, then the money moves."""
        self.log("LoanBook", name, **args)
        self.transfer(payer, ADDRESSES["LoanBook"], amount)

    def pays_out(self, receiver: str, amount: int, name: str, /, **args: Any) -> None:
        self.log("LoanBook", name, **args)
        self.transfer(ADDRESSES["LoanBook"], receiver, amount)

    # ------------------------------------------------------------ acts

    def terms(self) -> ContractTerms:
        rng = self.rng
        outstanding = rng.random() < 0.4
        units = rng.randint(3, 60)
        terms = ContractTerms(
            borrower=person(1_000 + len(self.loans)),
            units=units,
            unit_price=rng.randint(100, 5_000),
            rate_ppm=rng.randint(10_000, 360_000),
            count=rng.randint(2, 12),
            method=0 if outstanding else rng.choice((0, 0, 1, 2)),
            accrual=Accrual.OUTSTANDING if outstanding else Accrual.SCHEDULED,
            late_mode=LateMode.LEVIED if outstanding else rng.choice((0, 1)),
            penalty_ppm=rng.randint(0, 200_000),
            penalty_cap=rng.randint(0, 5_000),
            default_days=rng.randint(20, 90),
            grace=rng.randint(0, 10),
            fee_bps=0 if outstanding else rng.choice((0, 25)),
            open_fee_bps=rng.choice((0, 100)),
            rest_cap=rng.choice((0, 1_000)),
            deadline=self.now + 20 * DAY,
            draw_days=10,
            cooling_days=rng.choice((0, 3)),
            coverage=rng.choice((0, 5_000, 10_000)),
        )
        return terms.with_level()

    def request(self) -> str:
        self.begin()
        terms = self.terms()
        name = f"0x{self.rng.getrandbits(256):064x}"
        self.loans[name] = Loan.request(terms, self.now)
        who = int(terms.borrower, 16) | terms.unit_price << 160 | terms.units << 207
        self.log(
            "LoanBook",
            "Requested",
            loan=name,
            borrower=terms.borrower,
            who=who,
            rules=terms.late_mode | 4,
            state=len(self.loans),
            document=f"0x{self.rng.getrandbits(256):064x}",
        )
        return name

    def fund(self, name: str, lender: str, units: int) -> None:
        loan = self.loans[name]
        amount = units * loan.terms.unit_price
        self.have(lender, amount)
        self.begin()
        loan.fund(lender, units, self.now)
        self.pays_in(lender, amount, "Funded", loan=name, lender=lender, units=units, amount=amount)

    def fill(self, name: str) -> None:
        """Fund what is left, in two to five bids."""
        loan = self.loans[name]
        while left := loan.terms.units - loan.register.funded:
            self.fund(name, self.rng.choice(self.people), min(left, self.rng.randint(1, max(loan.terms.units // 3, 1))))

    def disburse(self, name: str) -> None:
        loan = self.loans[name]
        self.begin()
        paid = loan.disburse(self.now)
        args = {"amount": loan.terms.principal, "fee": loan.terms.open_fee, "day": (self.now + 8 * 3600) // DAY}
        self.pays_out(loan.terms.borrower, paid, "Disbursed", loan=name, **args)

    def live(self) -> str:
        """Request, fund and disburse a loan."""
        name = self.request()
        self.fill(name)
        self.disburse(name)
        return name

    def paid(self, name: str, payer: str, act: str, *arguments: Any) -> None:
        loan = self.loans[name]
        self.have(payer, 3 * loan.terms.principal)
        self.begin()
        split = getattr(loan, act)(*arguments, self.now)
        args = {"penalty": split.penalty, "fee": split.fee, "interest": split.interest, "principal": split.principal}
        self.pays_in(payer, split.total, "Paid", loan=name, payer=payer, **args, state=self.rng.getrandbits(60))
        if loan.ended:
            self.log("LoanBook", "Ended", loan=name, status=4, outstanding=0, arrears=0)

    def repay(self, name: str) -> None:
        loan = self.loans[name]
        payer = self.rng.choice((loan.terms.borrower, loan.terms.borrower, person(77)))
        most = loan.payable(payer, self.now)
        amount = most if self.rng.random() < 0.7 else self.rng.randint(1, max(most, 1))
        self.paid(name, payer, "repay", payer, amount)

    def pay_off(self, name: str) -> None:
        borrower = self.loans[name].terms.borrower
        self.paid(name, borrower, "pay_off", borrower, 1 << 60)

    def prepay(self, name: str) -> None:
        loan = self.loans[name]
        amount = self.rng.randint(1, max(loan.principal_outstanding // 2, 1))
        self.paid(name, loan.terms.borrower, "prepay", loan.terms.borrower, amount, 0)

    def levy(self, name: str) -> None:
        self.begin()
        amount = self.rng.randint(1, 400)
        self.loans[name].levy(amount, self.now)
        self.log("LoanBook", "Levied", loan=name, amount=amount)

    def waive(self, name: str) -> None:
        self.begin()
        amount = self.rng.randint(1, 100)
        self.loans[name].waive(amount, self.now)
        self.log("LoanBook", "Waived", loan=name, amount=amount)

    def waive_rest(self, name: str) -> None:
        self.begin()
        rest = self.loans[name].waive_rest(self.now)
        self.log("LoanBook", "RestWaived", loan=name, principal=rest.principal, interest=rest.total - rest.principal)
        self.log("LoanBook", "Ended", loan=name, status=4, outstanding=0, arrears=0)

    def claim(self, name: str) -> None:
        loan = self.loans[name]
        lender = self.rng.choice(sorted(loan.register.holdings))
        self.begin()
        got = loan.claim(lender)
        self.pays_out(
            lender, got.total, "Claimed", loan=name, lender=lender, principal=got.principal, interest=got.interest
        )

    def transfer_position(self, name: str) -> None:
        loan = self.loans[name]
        seller, buyer = self.rng.choice(sorted(loan.register.holdings)), self.rng.choice(self.people)
        units = self.rng.randint(1, max(loan.register.of(seller).units, 1))
        price = self.rng.choice((0, units * self.rng.randint(1, loan.terms.unit_price)))
        self.have(buyer, price)
        self.begin()
        loan.transfer(seller, buyer, units)
        self.log("LoanBook", "Moved", loan=name, seller=seller, buyer=buyer, units=units, price=price)
        self.transfer(buyer, seller, price)

    def take_fees(self, name: str) -> None:
        self.begin()
        amount = self.loans[name].take_fees()
        if amount:
            self.pays_out(person(5_000), amount, "FeeTaken", loan=name, amount=amount)

    def mark_default(self, name: str) -> None:
        self.begin()
        fixed = self.loans[name].mark_default(self.now)
        self.log("LoanBook", "Ended", loan=name, status=2, outstanding=fixed.outstanding, arrears=fixed.arrears)

    def cover(self, name: str) -> None:
        loan, fund = self.loans[name], ADDRESSES["Guarantee"]
        if self.rng.random() < 0.5:
            giver, amount = person(6_000), self.rng.randint(1, 50_000)
            self.have(giver, amount)
            self.begin()
            self.log("Guarantee", "ToppedUp", by=giver, amount=amount)
            self.transfer(giver, fund, amount)
        self.begin()
        asked = loan.shortfall.guarantee_owes if loan.shortfall else 0
        paid = loan.cover(self.money[fund])
        self.log("Guarantee", "GuaranteePaid", loan=name, asked=asked, paid=paid)
        self.transfer(fund, ADDRESSES["LoanBook"], paid)
        self.log("LoanBook", "Covered", loan=name, amount=paid)
        self.end_if_whole(name)

    def recover(self, name: str) -> None:
        loan, payer = self.loans[name], person(7_000)
        amount = self.rng.randint(1, 2 * loan.terms.principal)
        self.have(payer, amount)
        self.begin()
        got = loan.recover(amount, extra=self.rng.random() < 0.3)
        args = {"lenders": got.lenders, "guarantor": got.guarantor, "arrears": got.arrears, "extra": got.extra}
        self.pays_in(payer, got.total, "Recovered", loan=name, payer=payer, **args)
        self.transfer(ADDRESSES["LoanBook"], ADDRESSES["Guarantee"], got.guarantor)
        self.end_if_whole(name)

    def end_if_whole(self, name: str) -> None:
        if self.loans[name].status == Status.CLOSED:
            self.log("LoanBook", "Ended", loan=name, status=4, outstanding=0, arrears=0)

    def write_off(self, name: str) -> None:
        loan = self.loans[name]
        self.begin()
        loan.write_off()
        self.log("LoanBook", "Ended", loan=name, status=5, outstanding=loan.principal_outstanding, arrears=0)

    def cancel(self, name: str) -> None:
        loan = self.loans[name]
        self.begin()
        loan.cancel(loan.terms.borrower, self.now)
        self.log("LoanBook", "Ended", loan=name, status=3, outstanding=0, arrears=0)
        for lender in sorted(loan.register.holdings):
            if self.rng.random() < 0.7:
                units = loan.register.of(lender).units
                self.begin()
                amount = loan.refund(lender)
                self.pays_out(lender, amount, "Refunded", loan=name, lender=lender, units=units, amount=amount)

    def forward(self, days: int) -> None:
        self.begin()
        self.now += days * DAY + self.rng.randint(0, 3_600)
        self.log("Clock", "Forwarded", time=self.now)

    # ------------------------------------------------------------ a life

    ACTS = (
        *("repay",) * 8,
        *("claim",) * 6,
        *("transfer_position",) * 2,
        *(
            "recover",
            "cover",
            "write_off",
            "mark_default",
            "levy",
            "waive",
            "waive_rest",
            "pay_off",
            "prepay",
            "take_fees",
        ),
    )

    def act(self) -> None:
        """One random act; what the contract refuses leaves no event."""
        draw = self.rng.random()
        if draw < 0.12 or not self.loans:
            self.live() if self.rng.random() < 0.8 else self.half_funded()
        elif draw < 0.24:
            self.forward(self.rng.choice((1, 10, 31, 31, 100)))
        elif draw < 0.28:
            self.stray_money()
        else:
            name, act = self.rng.choice(sorted(self.loans)), self.rng.choice(self.ACTS)
            mark = (len(self.events), self.head)
            try:
                getattr(self, act)(name)
            except Refused:
                assert self.head == mark[1]

    def half_funded(self) -> None:
        name = self.request()
        units = self.loans[name].terms.units
        self.fund(name, self.rng.choice(self.people), self.rng.randint(1, units - 1))
        if self.rng.random() < 0.6:
            self.cancel(name)

    def stray_money(self) -> None:
        """People pay each other, withdraw, and send money where it does not belong."""
        who = self.rng.choice(self.people)
        if self.money[who] < 10:
            self.have(who, 1_000)
        amount = self.rng.randint(1, self.money[who] // 2)
        draw = self.rng.random()
        if draw < 0.4:
            self.withdraw(who, amount)
            return
        self.begin()
        book, fund = ADDRESSES["LoanBook"], ADDRESSES["Guarantee"]
        self.transfer(who, self.rng.choice((who, self.rng.choice(self.people), book, fund)), amount)

    def run(self, acts: int) -> Life:
        for _ in range(acts):
            self.act()
        return self


def batches(events: list[Event], rng: Random, most: int) -> list[list[Event]]:
    """Events cut into batches of whole blocks, as the indexer hands them over."""
    found: list[list[Event]] = []
    size = 0
    for event in events:
        new_block = not found or event.block_number != found[-1][-1].block_number
        if new_block and (not found or size <= 0):
            found.append([])
            size = rng.randint(1, most)
        found[-1].append(event)
        size -= 1
    return found


def moved_up(events: list[Event], blocks: int) -> list[Event]:
    """The same events some blocks later, as after a reorganisation."""
    return [replace(event, block_number=event.block_number + blocks) for event in events]
