"""A live platform for the throughput benchmark: one node, many small loans of one borrower, due month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lendchain import db
from lendchain.chain import (
    Account,
    Chain,
    Contract,
    DeployConfig,
    EmbeddedEngine,
    Manifest,
    NewOperation,
    SandboxKeys,
    open_chain,
    outbox,
)
from lendchain.db import reading
from lendchain.servicing.replay.signed import REPAY_MANDATE, TERMS, sign

UNITS: Final = 100
UNIT_PRICE: Final = 1_000
COUNT: Final = 60
RATE_PPM: Final = 120_000
FOREVER: Final = 2**256 - 1
LATEST: Final = 2**40 - 1
MONTH_DAYS: Final = 31
TARGET: Final = 2**48 - 1
A_BATCH: Final = 200  # items of one `collect`
START: Final = 1_577_836_800  # 2020-01-01


@contextmanager
def platform(folder: Path, *, block_seconds: int | None) -> Iterator[LoanBench]:
    """A fresh platform on a fresh node."""
    engine = EmbeddedEngine(folder / "node", block_seconds=block_seconds, dump_seconds=1e9)
    engine.start()
    store = db.make_engine(folder / "store.db")
    db.upgrade(store)
    try:
        keys = SandboxKeys(bytes(range(32)))
        config = DeployConfig(clock_start=START)
        chain, manifest = open_chain(engine, store, keys, config, folder / "manifest.json")
        yield LoanBench(engine, chain, manifest, keys)
    finally:
        store.dispose()
        engine.stop()


class LoanBench:
    """Loans, and what is due on them."""

    def __init__(self, engine: EmbeddedEngine, chain: Chain, manifest: Manifest, keys: SandboxKeys) -> None:
        self.engine = engine
        self.chain = chain
        self.manifest = manifest
        self.keys = keys
        self.book = manifest.contract("LoanBook", chain.rpc)
        self.money = manifest.contract("Money", chain.rpc)
        self.clock = manifest.contract("Clock", chain.rpc)
        self.borrower = keys.role("borrower")
        self.lender = keys.role("lender")
        self.loans: list[bytes] = []
        self.month = 0
        self.now = START
        self._number = 0

    def lend(self, count: int) -> None:
        """Make loans, each funded by one lender, disbursed, with a mandate to collect."""
        gate = self.manifest.contract("AllowList", self.chain.rpc)
        both = [self.borrower.address, self.lender.address]
        self.do("gatekeeper/0", gate, "set_eligible", both, 7, gas=300_000)
        for who in (self.borrower, self.lender):
            self.do(
                "custodian/0",
                self.money,
                "mint",
                who.address,
                10**14,
                b"bank " + who.address[:27].encode(),
                gas=200_000,
            )
            self.do(who.ref, self.money, "approve", self.book.address, FOREVER, gas=100_000)
        self.chain.settle()
        domain = bytes.fromhex(str(self.book.read("domain_separator"))[2:])
        signed = [sign(TERMS, self._terms(number), domain, self.borrower) for number in range(count)]
        for item in signed:
            self.do(
                "lender/0", self.book, "request_and_fund", item.values, item.signature, b"", UNITS, b"", gas=600_000
            )
        self.chain.settle()
        for item in signed:
            self.do("relayer/0", self.book, "disburse", item.digest, gas=300_000)
            mandate = {
                "payer": self.borrower.address,
                "loan": item.digest,
                "perCall": 2**47,
                "expiry": LATEST,
                "salt": bytes(32),
            }
            carried = sign(REPAY_MANDATE, mandate, domain, self.borrower)
            self.do("relayer/0", self.book, "authorize", carried.values, carried.signature, gas=200_000)
        self.chain.settle()
        self._must_have_worked()
        self.loans = [item.digest for item in signed]

    def next_month(self) -> None:
        """Move the sandbox clock to a day when the next instalment of every loan is due."""
        self.month += 1
        self.now += MONTH_DAYS * 86_400
        self.do("sandbox/0", self.clock, "forward", self.now, gas=100_000)
        self.chain.settle()

    def collections(self, loans: Sequence[bytes]) -> list[NewOperation]:
        """The month's batches for these loans."""
        period = self.month - 1
        made = []
        for start in range(0, len(loans), A_BATCH):
            part = list(loans[start : start + A_BATCH])
            data = self.book.encode("collect", part, [period << 48 | TARGET] * len(part))
            made.append(self.operation("servicer/0", self.book, data, "collect", 100_000 + 150_000 * len(part)))
        return made

    def do(self, ref: str, contract: Contract, function: str, *arguments: Any, gas: int) -> None:
        """Enqueue one act."""
        self.chain.enqueue([self.operation(ref, contract, contract.encode(function, *arguments), function, gas)])

    def operation(self, ref: str, contract: Contract, data: bytes, kind: str, gas: int) -> NewOperation:
        self._number += 1
        return NewOperation(f"bench/{self._number}", self.keys.account(ref), kind, contract.address, data, gas)

    def paid_loans(self, after_block: int) -> int:
        """Instalments settled above a height, counted from the events read."""
        import sqlalchemy as sa

        from lendchain.chain.models import events

        with reading(self.chain.store) as conn:
            query = sa.select(sa.func.count()).where(events.c.name == "Paid", events.c.block_number > after_block)
            return int(conn.execute(query).scalar_one())

    def _terms(self, number: int) -> dict[str, Any]:
        return {
            **dict.fromkeys((name for name, _ in TERMS.fields), 0),
            "borrower": self.borrower.address,
            "units": UNITS,
            "unitPrice": UNIT_PRICE,
            "ratePpm": RATE_PPM,
            "count": COUNT,
            "months": 1,
            "zone": 56 + 32,
            "grace": 30,
            "defaultDays": 900,
            "waterfall": 228,
            "deadline": LATEST,
            "drawDays": 60,
            "minTicket": 1,
            "level": _level(UNITS * UNIT_PRICE, RATE_PPM, COUNT),
            "document": bytes(32),
            "salt": number.to_bytes(32, "big"),
        }

    def _must_have_worked(self) -> None:
        with reading(self.chain.store) as conn:
            failed = outbox.failures(conn, limit=1)
        if failed:
            raise RuntimeError(f"{failed[0].kind}: {failed[0].reason}")

    @property
    def payer(self) -> Account:
        """The account from which the peers pay one instalment at a time."""
        return self.borrower


def _level(principal: int, ppm: int, count: int) -> int:
    """The level instalment, exact, half up."""
    a, b = ppm, 12_000_000
    top, bottom = principal * a * (a + b) ** count, b * ((a + b) ** count - b**count)
    level: int = (2 * top + bottom) // (2 * bottom)
    return level
