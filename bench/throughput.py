"""The send path and the indexer on one node in one run, beside web3.py and AsyncWeb3."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from bench._loans import LoanBench, platform
from bench._peers import Spent, Stopwatch, checksummed, index_with_get_logs, send_and_wait, send_concurrently
from bench.figures import Better, Figure
from lendchain import db
from lendchain.chain import Indexer, SenderLimits
from lendchain.chain.keys import Account
from lendchain.chain.rpc import Sent
from lendchain.chain.tx import sign_transaction

LOANS: Final = 3_000
WAITED: Final = 8
CONCURRENT: Final = 1_000
TRANSFERS: Final = 5_000
EVENTS: Final = 100_000
EVENTS_A_CALL: Final = 500
PEER_EVENTS: Final = 20_000
TENTH_BLOCKS: Final = 8_640
PAY_GAS: Final = 400_000
TRANSFER_GAS: Final = 60_000


def run() -> list[Figure]:
    """Measure everything. The node makes a block a second; for the last part a tenth of a day's blocks at once."""
    with tempfile.TemporaryDirectory(prefix="lendchain-bench-") as folder:
        with platform(Path(folder) / "live", block_seconds=1) as live:
            live.lend(LOANS)
            figures = [*_settled(live), *_raw(live), *_indexed(live, Path(folder)), *_memory(live)]
        return figures + _a_day(Path(folder) / "day")


def _settled(live: LoanBench) -> list[Figure]:
    """Instalments settled a second: by batch, waiting for each, many at once."""
    live.next_month()
    height = live.chain.rpc.block_number()
    watch = Stopwatch()
    live.chain.enqueue(live.collections(live.loans))
    live.chain.settle()
    ours = watch.spent(len(live.loans))
    if live.paid_loans(height) != len(live.loans):
        raise RuntimeError("not every instalment was settled")
    live.next_month()
    calls = [("repay", (loan, 10**9)) for loan in live.loans]
    waiting = send_and_wait(live.engine.endpoint, live.book, live.payer, calls[:WAITED], PAY_GAS)
    many = send_concurrently(live.engine.endpoint, live.book, live.payer, calls[WAITED : WAITED + CONCURRENT], PAY_GAS)
    live.chain.settle()
    return [
        _speed("settled instalments", ours, "web3.py, send and wait", waiting, 100),
        _cpu("Python CPU for a settled instalment", ours, "web3.py, send and wait", waiting, 10),
        _speed("settled instalments", ours, "AsyncWeb3, local nonces", many, 4),
        _cpu("Python CPU for a settled instalment", ours, "AsyncWeb3, local nonces", many, 10),
    ]


def _raw(live: LoanBench) -> list[Figure]:
    """Single transactions a second: bytes made, sent, included."""
    to = checksummed(live.keys.role("lender", 1).address)
    calls = [("transfer", (to, 1))] * TRANSFERS
    peer = send_concurrently(live.engine.endpoint, live.money, live.payer, calls[:CONCURRENT], TRANSFER_GAS)
    direct = _send_directly(live, live.payer, calls)
    watch = Stopwatch()
    data = live.money.encode("transfer", to, 1)
    live.chain.enqueue(
        [live.operation("lender/0", live.money, data, "transfer", TRANSFER_GAS) for _ in range(TRANSFERS)]
    )
    live.chain.settle()
    through = watch.spent(TRANSFERS)
    return [
        _speed("raw transactions", direct, "AsyncWeb3, local nonces", peer, 5),
        _cpu("Python CPU for a raw transaction", direct, "AsyncWeb3, local nonces", peer, None),
        _speed("transactions through outbox and indexer", through, "AsyncWeb3, local nonces", peer, None),
    ]


def _send_directly(live: LoanBench, account: Account, calls: list[tuple[str, tuple[str, int]]]) -> Spent:
    rpc = live.engine.rpc()
    chain_id, first = rpc.chain_id(), rpc.nonces([account.address])[0]
    watch = Stopwatch()
    size = SenderLimits().batch
    for start in range(0, len(calls), size):
        part = calls[start : start + size]
        raws = [
            sign_transaction(
                account,
                chain_id=chain_id,
                nonce=first + start + number,
                gas_limit=TRANSFER_GAS,
                to=live.money.address,
                data=live.money.encode(function, *arguments),
            ).raw
            for number, (function, arguments) in enumerate(part)
        ]
        if any(answer is not Sent.ACCEPTED for answer, _ in rpc.send_raw(raws)):
            raise RuntimeError("a transaction was not accepted")
    while rpc.nonces([account.address])[0] < first + len(calls):
        live.chain._clock.pause(0.02)  # noqa: SLF001
    return watch.spent(len(calls))


def _indexed(live: LoanBench, folder: Path) -> list[Figure]:
    """100,000 events of the token read into SQLite from the first block on."""
    to = [live.keys.role("lender", number).address for number in range(EVENTS_A_CALL)]
    data = live.money.encode("transfer_many", to, [1] * EVENTS_A_CALL)
    gas = 100_000 + 60_000 * EVENTS_A_CALL
    live.chain.enqueue(
        [live.operation("lender/0", live.money, data, "transfer_many", gas) for _ in range(EVENTS // EVENTS_A_CALL)]
    )
    live.chain.settle()
    last = live.chain.rpc.block_number()
    peer = index_with_get_logs(live.engine.endpoint, live.money, "Transfer", last, folder / "peer.db", PEER_EVENTS)
    store = db.make_engine(folder / "index.db")
    db.upgrade(store)
    indexer = Indexer(
        store,
        live.engine.rpc(),
        [live.money],
        [],
        finality=live.engine.finality,
        genesis_hash=live.manifest.genesis_hash,
    )
    watch = Stopwatch()
    number = 0
    while (progress := indexer.step()).cursor < last:
        number += progress.events
    number += progress.events
    ours = watch.spent(number)
    store.dispose()
    if number < EVENTS:
        raise RuntimeError(f"only {number} events were read")
    return [
        _speed(f"events indexed into SQLite, of {number}", ours, "web3.py, get_logs loop", peer, 15),
        _cpu("Python CPU for an indexed event", ours, "web3.py, get_logs loop", peer, None),
    ]


def _memory(live: LoanBench) -> list[Figure]:
    return [
        Figure("memory of the platform (with the peers' libraries)", resident_mb(None), "MB"),
        Figure("memory of the node", resident_mb(live.engine.pid), "MB"),
    ]


def _a_day(folder: Path) -> list[Figure]:
    """A tenth of a day of empty blocks, one a second, made at once and followed."""
    with platform(folder, block_seconds=None) as live:
        rpc = live.chain.rpc
        half: dict[str, float] = {}
        before = {"node": resident_mb(live.engine.pid), "platform": resident_mb(None)}
        for made in range(0, TENTH_BLOCKS, 720):
            rpc.call("anvil_mine", hex(720))
            live.chain.indexer.catch_up()
            if made + 720 == TENTH_BLOCKS // 2:
                half = {"node": resident_mb(live.engine.pid), "platform": resident_mb(None)}
        after = {"node": resident_mb(live.engine.pid), "platform": resident_mb(None)}
        size = sum(path.stat().st_size for path in folder.glob("store.db*")) / 1e6
    note = "8,640 blocks; in the second half {0:+.0f} MB"
    return [
        Figure(
            f"growth of the {who} in a tenth of a day of blocks",
            after[who] - before[who],
            "MB",
            note=note.format(after[who] - half[who]),
        )
        for who in ("platform", "node")
    ] + [Figure("store after a tenth of a day of empty blocks", size, "MB")]


def resident_mb(pid: int | None) -> float:
    """Resident memory of a process, this one when None."""
    status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _speed(name: str, ours: Spent, peer: str, theirs: Spent, goal: float | None) -> Figure:
    return Figure(
        name,
        ours.per_second,
        "a second",
        peer,
        theirs.per_second,
        goal=goal,
        goal_is_ratio=goal is not None,
        better=Better.HIGHER,
        note=f"{ours.items} against {theirs.items}",
    )


def _cpu(name: str, ours: Spent, peer: str, theirs: Spent, goal: float | None) -> Figure:
    return Figure(
        name,
        ours.cpu_each * 1e6,
        "microseconds",
        peer,
        theirs.cpu_each * 1e6,
        goal=goal,
        goal_is_ratio=goal is not None,
    )
