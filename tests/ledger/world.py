"""A small platform on the real node, with the real contracts, in which everything that can be logged happens once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import (
    Account,
    Chain,
    Contract,
    DeployConfig,
    EmbeddedEngine,
    Manifest,
    SandboxKeys,
    StructType,
    open_chain,
)
from lendchain.chain.tx import sign_transaction
from lendchain.db import make_engine, upgrade
from lendchain.ledger.fold import LedgerFold
from lendchain.schedule.contract import Accrual, ContractTerms, LateMode
from lendchain.servicing.replay.signed import REPAY_MANDATE, TERMS, sign, terms_values

DAY: Final = 86_400
START: Final = 1_167_609_600
GAS: Final = 4_000_000
OFFER: Final = StructType(
    "Offer(address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,"
    "uint256 expiry,bytes32 salt)"
)
RESTRUCTURE: Final = StructType(
    "Restructure(bytes32 loan,uint256 period,uint256 ratePpm,uint256 count,uint256 level,uint256 deferMonths,"
    "bytes32 document,uint256 expiry,bytes32 salt)"
)
LENDERS: Final = ("lender/0", "lender/1", "lender/2")
SECRET: Final = bytes(range(32))


@dataclass
class World:
    """The platform, and acts on it by the names of keys."""

    folder: Path
    engine: EmbeddedEngine = field(init=False)
    store: sa.Engine = field(init=False)
    chain: Chain = field(init=False)
    manifest: Manifest = field(init=False)
    keys: SandboxKeys = field(default_factory=lambda: SandboxKeys(SECRET))
    now: int = START
    acts: int = 0
    loans: dict[str, bytes] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        self.engine = EmbeddedEngine(self.folder / "node", dump_seconds=1e9)
        self.engine.start()
        self.store = make_engine(self.folder / "store.db", durable=False)
        upgrade(self.store)
        config = DeployConfig(clock_start=START)
        path = self.folder / "manifest.json"
        self.chain, self.manifest = open_chain(self.engine, self.store, self.keys, config, path, [LedgerFold()])

    def stop(self) -> None:
        self.store.dispose()
        self.engine.stop()

    # ------------------------------------------------------------ acts

    def account(self, ref: str) -> Account:
        return self.keys.account(ref)

    def address(self, ref: str) -> str:
        return self.keys.account(ref).address

    def contract(self, name: str) -> Contract:
        return self.manifest.contract(name, self.chain.rpc)

    def act(self, ref: str, contract: str, function: str, *arguments: Any) -> None:
        """One transaction in a block of its own. It must not be refused; `read` brings it into the store."""
        self.acts += 1
        account, target, rpc = self.account(ref), self.contract(contract), self.chain.rpc
        nonce = self.nonces.get(ref) if ref in self.nonces else rpc.nonces([account.address])[0]
        assert nonce is not None
        signed = sign_transaction(
            account,
            chain_id=self.manifest.chain_id,
            nonce=nonce,
            gas_limit=GAS,
            to=target.address,
            data=target.encode(function, *arguments),
        )
        rpc.send_raw([signed.raw])
        self.engine.mine()
        self.nonces[ref] = nonce + 1
        receipt = rpc.receipts([signed.tx_hash])[0]
        assert receipt is not None
        assert receipt.succeeded, (function, arguments)

    def read(self) -> None:
        """Index and fold what has happened."""
        self.chain.indexer.catch_up()

    def forward(self, days: int) -> None:
        self.now += days * DAY
        self.act("sandbox/0", "Clock", "forward", self.now)

    def mint(self, ref: str, amount: int) -> None:
        self.act("custodian/0", "Money", "mint", self.address(ref), amount, (self.acts + 1).to_bytes(32, "big"))

    def admit(self, *refs: str) -> None:
        self.act("gatekeeper/0", "AllowList", "set_eligible", [self.address(ref) for ref in refs], 7)
        for ref in refs:
            self.mint(ref, 10_000_000)
            self.act(ref, "Money", "approve", self.contract("LoanBook").address, 2**256 - 1)

    def book(self, ref: str, function: str, *arguments: Any) -> None:
        self.act(ref, "LoanBook", function, *arguments)

    def domain(self, contract: str) -> bytes:
        text = self.contract(contract).read("domain_separator")
        return bytes.fromhex(text[2:]) if isinstance(text, str) else bytes(text)

    def request(self, name: str, borrower: str, **changes: Any) -> bytes:
        """A loan of 1,000.00 in 100 units unless changed."""
        fields = {
            "units": 100,
            "unit_price": 1_000,
            "rate_ppm": 120_000,
            "count": 6,
            "deadline": self.now + 10 * DAY,
            "draw_days": 5,
            "default_days": 60,
            "grace": 3,
            "penalty_ppm": 180_000,
            "penalty_cap": 5_000,
            "coverage": 4_000,
            "level": 0,
        } | changes
        terms = ContractTerms(borrower=self.address(borrower), **fields)
        if not terms.level:
            terms = terms.with_level()
        values = terms_values(terms)
        self.book(borrower, "request", values, b"", b"")
        self.loans[name] = TERMS.digest(self.domain("LoanBook"), values)
        return self.loans[name]

    def live(self, name: str, borrower: str, **changes: Any) -> bytes:
        """Requested, funded by three lenders, disbursed."""
        loan = self.request(name, borrower, **changes)
        for lender, units in zip(LENDERS, (50, 33, 17), strict=True):
            self.book(lender, "fund", loan, units, b"")
        self.book("lender/0", "disburse", loan)
        return loan

    def claim_all(self, loan: bytes, *lenders: str) -> None:
        for lender in lenders or LENDERS:
            self.book("lender/0", "claim", loan, self.address(lender))

    # ------------------------------------------------------------ the life

    def live_through(self) -> None:
        """Every act of the book and of the money, so that every event the ledger knows is in the log."""
        self.admit(*LENDERS, *(f"borrower/{number}" for number in range(7)))
        self.mint("donor/0", 200_000)
        self.act("donor/0", "Money", "approve", self.contract("Guarantee").address, 2**256 - 1)
        self.act("donor/0", "Guarantee", "top_up", 15_000)
        self.act("donor/0", "Money", "transfer", self.contract("LoanBook").address, 7)  # nobody asked for it
        self._scheduled_loan()
        self._loan_in_default()
        self._cancelled_loan()
        self._waived_rest()
        self._restructured_loan()
        self._collected_loan()
        self.request("funding", "borrower/5")
        self.book("lender/1", "fund", self.loans["funding"], 40, b"")
        self.act("lender/2", "Money", "withdraw", 12_345, bytes(31) + b"\x01")
        self.act("lender/2", "Money", "transfer", self.address("lender/1"), 55)
        self.read()

    def _scheduled_loan(self) -> None:
        fees = {"fee_bps": 25, "open_fee_bps": 100}
        loan = self.live("scheduled", "borrower/0", **fees)
        self.forward(31)
        self.book("borrower/0", "repay", loan, 10_000)
        self.claim_all(loan)
        self.book("lender/0", "transfer", loan, self.address("lender/1"), 10, 0, b"")
        offer = {
            "seller": self.address("lender/1"),
            "loan": loan,
            "units": 20,
            "unitPrice": 900,
            "buyer": self.address("lender/2"),
            "minBalance": 0,
            "expiry": self.now + 40 * DAY,
            "salt": bytes(32),
        }
        signed = sign(OFFER, offer, self.domain("LoanBook"), self.account("lender/1"))
        self.book("lender/2", "buy", signed.values, signed.signature, 15, b"")
        self.forward(45)
        self.book("borrower/0", "repay", loan, 90_000)  # late, and the running period ahead
        self.forward(18)
        self.book("borrower/0", "prepay", loan, 5_000, 0)
        self.book("treasury/0", "take_fees", [loan])
        self.forward(20)
        self.book("borrower/0", "pay_off", loan, 10_000_000)
        self.claim_all(loan)

    def _loan_in_default(self) -> None:
        running = {"accrual": Accrual.OUTSTANDING, "late_mode": LateMode.LEVIED, "level": 17_500}
        loan = self.live("default", "borrower/1", **running)
        self.forward(31)
        self.book("borrower/1", "repay", loan, 12_000)
        self.forward(10)
        self.book("servicer/0", "levy", loan, 700)
        self.book("servicer/0", "waive", loan, 100)
        self.book("borrower/1", "repay", loan, 6_000)
        self.forward(100)
        self.book("servicer/0", "levy", loan, 300)
        self.act("lender/0", "Workout", "mark_default", loan)
        self.act("lender/0", "Workout", "cover", loan)
        self.act("lender/0", "Money", "approve", self.contract("LoanBook").address, 2**256 - 1)
        self.act("borrower/1", "Workout", "recover", loan, 20_000, False)
        self.claim_all(loan, "lender/0")
        self.act("servicer/0", "Workout", "write_off", loan)
        self.act("borrower/1", "Workout", "recover", loan, 10_000, False)
        self.claim_all(loan, "lender/0", "lender/1")
        whole = self.live("whole", "borrower/6", **running, coverage=10_000)
        self.forward(200)
        self.act("lender/0", "Workout", "mark_default", whole)
        self.act("donor/0", "Guarantee", "top_up", 60_000)
        self.act("lender/0", "Workout", "cover", whole)
        self.act("borrower/6", "Workout", "recover", whole, 150_000, True)
        self.claim_all(whole)

    def _cancelled_loan(self) -> None:
        loan = self.request("cancelled", "borrower/2")
        self.book("lender/0", "fund", loan, 30, b"")
        self.book("lender/1", "fund", loan, 20, b"")
        self.book("borrower/2", "cancel", loan)
        self.book("lender/0", "refund", loan, self.address("lender/0"))

    def _waived_rest(self) -> None:
        running = {"accrual": Accrual.OUTSTANDING, "late_mode": LateMode.LEVIED, "rest_cap": 500}
        loan = self.live("waived", "borrower/3", **running, level=52_000, count=2)
        self.forward(31)
        self.book("borrower/3", "repay", loan, 52_000)
        self.forward(31)
        self.book("borrower/3", "repay", loan, 49_400)
        self.book("servicer/0", "waive_rest", loan)
        self.claim_all(loan)

    def _restructured_loan(self) -> None:
        levied = {"late_mode": LateMode.LEVIED}
        loan = self.live("restructured", "borrower/4", **levied)
        self.forward(40)
        self.book("servicer/0", "levy", loan, 200)
        workout = self.contract("Workout")
        terms = ContractTerms(self.address("borrower/4"), 100, 1_000, 60_000, 9).with_level()
        values = {
            "loan": loan,
            "period": 0,
            "ratePpm": 60_000,
            "count": 9,
            "level": terms.level,
            "deferMonths": 1,
            "document": b"\x05" * 32,
            "expiry": self.now + 30 * DAY,
            "salt": bytes(32),
        }
        digest = workout.read("digest_of", values)
        self.act("borrower/4", "Workout", "propose", values, b"")
        for lender in LENDERS[:2]:
            self.act(lender, "Workout", "consent", bytes.fromhex(digest[2:]))
        self.act("lender/2", "Workout", "restructure", values)
        self.forward(60)
        self.book("borrower/4", "repay", loan, 20_000)

    def _collected_loan(self) -> None:
        loan = self.live("collected", "borrower/2")
        values = {
            "payer": self.address("borrower/2"),
            "loan": loan,
            "perCall": 50_000,
            "expiry": self.now + 400 * DAY,
            "salt": bytes(32),
        }
        signed = sign(REPAY_MANDATE, values, self.domain("LoanBook"), self.account("borrower/2"))
        self.book("borrower/2", "authorize", signed.values, signed.signature)
        self.forward(31)
        wants = [0 << 48 | 10**6, 5 << 48 | 10**6]
        self.book("servicer/0", "collect", [loan, loan], wants)
        loans = [self.loans["collected"], self.loans["scheduled"]]
        self.book("lender/2", "claim_many", loans, self.address("lender/2"))
