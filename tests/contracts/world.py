"""The whole set of contracts from the shipped artifacts, with people, money and signatures: for tests and for gas.

world = World(LocalChain())            # or NodeChain(), and clock=False for block time
loan = world.running_loan(ratePpm=120_000, count=12)
world.forward(days=31)
world.send(world.borrower, "LoanBook", "repay", loan, 10**9).gas
"""

from __future__ import annotations

import itertools
from typing import Any

from lendchain.chain.bindings import Contract, artifact
from lendchain.chain.hashing import keccak256
from lendchain.chain.keys import Account
from lendchain.chain.typed_data import StructType
from tests.contracts.node import GENESIS_TIME, Chain, Log, Receipt

NOBODY = "0x" + "00" * 20
DAY = 86_400
EVER = 2**256 - 1
ROLES = ("admin", "servicer", "custodian", "compliance", "approver", "gatekeeper", "treasury", "guardian", "sandbox")
DEFAULT_ORDER = 0b11_10_01_00

TERMS = StructType(
    "Terms(address borrower,uint256 units,uint256 unitPrice,uint256 ratePpm,uint256 count,uint256 method,"
    "uint256 dayCount,uint256 accrual,uint256 months,uint256 zone,uint256 grace,uint256 valueDays,uint256 lateMode,"
    "uint256 penaltyPpm,uint256 penaltyCap,uint256 defaultDays,uint256 waterfall,uint256 feeBps,uint256 openFeeBps,"
    "uint256 grade,uint256 restCap,uint256 deadline,uint256 drawDays,uint256 coolingDays,uint256 minTicket,uint256 cap,"
    "uint256 coverage,uint256 level,uint256 lastMax,uint256 shifts,bytes32 document,bytes32 salt)"
)
FUND_MANDATE = StructType(
    "FundMandate(address lender,uint256 minRatePpm,uint256 maxGrade,uint256 perLoan,uint256 total,uint256 expiry,"
    "bytes32 salt)"
)
REPAY_MANDATE = StructType("RepayMandate(address payer,bytes32 loan,uint256 perCall,uint256 expiry,bytes32 salt)")
OFFER = StructType(
    "Offer(address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,uint256 expiry,"
    "bytes32 salt)"
)
RESTRUCTURE = StructType(
    "Restructure(bytes32 loan,uint256 period,uint256 ratePpm,uint256 count,uint256 level,uint256 deferMonths,"
    "bytes32 document,uint256 expiry,bytes32 salt)"
)


def exact_level(principal: int, rate_ppm: int, months: int, count: int) -> int:
    """The level instalment, exact and half-up."""
    a, b = rate_ppm * months, 12_000_000
    if a == 0:
        return (2 * principal + count) // (2 * count)
    above, below = principal * a * (a + b) ** count, b * ((a + b) ** count - b**count)
    return (2 * above + below) // (2 * below)


class World:
    """A deployment with an account for each role, a borrower, and as many people as are asked for."""

    def __init__(self, chain: Chain, *, clock: bool = True, allowed: int | None = 2**63) -> None:
        self.chain = chain
        self.salts = itertools.count(1)
        self.roles = {name: Account(keccak256(f"world/{name}".encode()), name) for name in ROLES}
        self.at: dict[str, Contract] = {}
        self._deploy(clock, allowed)
        self.borrower = self.person("borrower")
        self.lender = self.person("lender")

    def _deploy(self, clock: bool, allowed: int | None) -> None:
        numbers = {account.address: number for number, account in enumerate(self.roles.values(), 1)}
        roles = self._create("Roles", 172_800, list(numbers), list(numbers.values()))
        now = self._create("Clock", roles, GENESIS_TIME) if clock else NOBODY
        money = self._create("Money", "Lendchain yuan", "CNYL", roles, now)
        gate = self._create("AllowList", roles)
        halts = NOBODY if clock or allowed is None else self._create("Heartbeat", allowed)
        rules = self._create("Rules")
        guarantee = self._create("Guarantee", money)
        workout = self.chain.next_address(self.roles["admin"].address, 1)
        book = self._create("LoanBook", money, now, gate, roles, rules, workout, guarantee)
        assert self._create("Workout", book, halts).lower() == workout.lower()
        self._create("Lens", book)
        self.send("admin", "Guarantee", "bind", book, workout)
        self.separator = self.call("LoanBook", "domain_separator")

    def _create(self, name: str, *arguments: Any) -> str:
        code = artifact(name).creation_data(*arguments)
        address = self.chain.deploy(self.roles["admin"].address, code)
        self.at[name] = Contract(artifact(name), address)
        return address

    # ------------------------------------------------------------------ calls

    def address(self, who: str | Account) -> str:
        """The address of a role, an account or an address."""
        if isinstance(who, Account):
            return who.address
        return self.roles[who].address if who in self.roles else who

    def send(self, sender: str | Account, contract: str, function: str, *arguments: Any) -> Receipt:
        """A transaction; `RefusedError` when it reverts."""
        target = self.at[contract]
        return self.chain.send(self.address(sender), target.address, target.encode(function, *arguments))

    def call(self, contract: str, function: str, *arguments: Any, sender: str | Account = NOBODY) -> Any:
        """What a function would return now."""
        target = self.at[contract]
        kind = target.artifact.functions[function]
        return kind.decode(self.chain.view(self.address(sender), target.address, kind.encode(*arguments)))

    def events(self, receipt: Receipt, contract: str = "LoanBook") -> list[tuple[str, dict[str, Any]]]:
        """A contract's events in a receipt, decoded."""
        address = self.at[contract].address.lower()
        return [self._event(log, contract) for log in receipt.logs if log.address.lower() == address]

    def _event(self, log: Log, contract: str) -> tuple[str, dict[str, Any]]:
        kind = self.at[contract].artifact.events_by_topic["0x" + log.topics[0].hex()]
        return kind.name, kind.decode(["0x" + topic.hex() for topic in log.topics], "0x" + log.data.hex())

    # ------------------------------------------------------------------ time

    def now(self) -> int:
        """What the contracts take for now."""
        if "Clock" in self.at:
            return int(self.call("Clock", "now"))
        return self.chain.time()

    def set_time(self, time: int) -> None:
        """Move the time forward to a second."""
        if "Clock" in self.at:
            self.send("sandbox", "Clock", "forward", time)
        else:
            self.chain.set_time(time)

    def forward(self, *, days: int = 0, seconds: int = 0) -> None:
        """Let time pass."""
        self.set_time(self.now() + days * DAY + seconds)

    # ------------------------------------------------------------------ people

    def person(self, name: str, money: int = 10**15, *, eligible: bool = True) -> Account:
        """An account with money, on the list, that lets the book take its money."""
        account = Account(keccak256(f"person/{name}".encode()), name)
        if money:
            self.mint(account, money)
        self.send(account, "Money", "approve", self.at["LoanBook"].address, EVER)
        if eligible:
            self.send("gatekeeper", "AllowList", "set_eligible", [account.address], 7)
        return account

    def mint(self, who: str | Account, amount: int) -> None:
        """Money against a bank reference of its own."""
        self.send("custodian", "Money", "mint", self.address(who), amount, self.salt())

    def balance(self, who: str | Account) -> int:
        """Minor units of an account or a contract."""
        address = self.at[who].address if isinstance(who, str) and who in self.at else self.address(who)
        return int(self.call("Money", "balanceOf", address))

    def salt(self) -> bytes:
        """32 bytes never given before."""
        return next(self.salts).to_bytes(32, "big")

    def sign(self, who: Account, kind: StructType, values: dict[str, Any]) -> bytes:
        """A signature for the book."""
        return who.sign_compact(self.digest(kind, values))

    def digest(self, kind: StructType, values: dict[str, Any]) -> bytes:
        """What is signed."""
        separator = self.separator
        return kind.digest(bytes.fromhex(separator[2:]) if isinstance(separator, str) else separator, values)

    # ------------------------------------------------------------------ loans

    def terms(self, **chosen: Any) -> dict[str, Any]:
        """Terms in range; the level follows from the rest when it is not chosen."""
        values: dict[str, Any] = {
            "borrower": self.borrower.address,
            "units": 200,
            "unitPrice": 5000,
            "ratePpm": 120_000,
            "count": 12,
            "method": 0,
            "dayCount": 0,
            "accrual": 0,
            "months": 1,
            "zone": 88,
            "grace": 3,
            "valueDays": 0,
            "lateMode": 0,
            "penaltyPpm": 180_000,
            "penaltyCap": 5000,
            "defaultDays": 90,
            "waterfall": DEFAULT_ORDER,
            "feeBps": 0,
            "openFeeBps": 100,
            "grade": 1,
            "restCap": 100,
            "deadline": 2**40 - 1,
            "drawDays": 10,
            "coolingDays": 0,
            "minTicket": 1,
            "cap": 200,
            "coverage": 5000,
            "level": None,
            "lastMax": 0,
            "shifts": 0,
            "document": b"\x01" * 32,
            "salt": self.salt(),
        }
        values.update(chosen)
        principal = values["units"] * values["unitPrice"]
        if values["accrual"] == 1:
            values["lateMode"] = 1
        if values["dayCount"] != 0 and values["accrual"] == 0 and not values["lastMax"]:
            values["lastMax"] = 2**47
        if values["level"] is None:
            values["level"] = 0
            if values["method"] == 0:
                values["level"] = exact_level(principal, values["ratePpm"], values["months"], values["count"])
            elif values["method"] == 1:
                values["level"] = (2 * principal + values["count"]) // (2 * values["count"])
        return values

    def requested(self, borrower: Account | None = None, **chosen: Any) -> bytes:
        """The name of a loan just asked for."""
        by = borrower or self.borrower
        values = self.terms(borrower=by.address, **chosen)
        self.send(by, "LoanBook", "request", values, b"", b"")
        return self.digest(TERMS, values)

    def running_loan(
        self, borrower: Account | None = None, *, lenders: list[Account] | None = None, **chosen: Any
    ) -> bytes:
        """The name of a loan just disbursed, funded in equal parts by these lenders."""
        shares = lenders or [self.lender]
        loan = self.requested(borrower, **chosen)
        units = int(chosen.get("units", 200))
        for number, lender in enumerate(shares):
            part = units * (number + 1) // len(shares) - units * number // len(shares)
            self.send(lender, "LoanBook", "fund", loan, part, b"")
        self.send(self.lender, "LoanBook", "disburse", loan)
        return loan

    def word(self, loan: bytes, index: int) -> int:
        """A packed word of a loan."""
        return int(self.call("LoanBook", "loans", loan, index))
