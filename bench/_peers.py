"""The peers: web3.py as its documentation uses it, one call after another, and AsyncWeb3 with local nonces."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from eth_account import Account as EthAccount
from hexbytes import HexBytes
from web3 import AsyncHTTPProvider, AsyncWeb3, HTTPProvider, Web3

from lendchain.chain import Account, Contract

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Spent:
    """What a job took."""

    items: int
    seconds: float
    cpu_seconds: float  # of this process, the node's not counted

    @property
    def per_second(self) -> float:
        return self.items / self.seconds

    @property
    def cpu_each(self) -> float:
        return self.cpu_seconds / self.items


class Stopwatch:
    """Wall clock and this process's CPU time since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def spent(self, items: int) -> Spent:
        return Spent(items, time.perf_counter() - self._wall, time.process_time() - self._cpu)


def checksummed(address: str) -> str:
    """The spelling that web3.py asks for."""
    return Web3.to_checksum_address(address)


def secret_of(account: Account) -> bytes:
    """The peers sign with the same key."""
    return account._key.secret  # noqa: SLF001


def send_and_wait(
    endpoint: str, contract: Contract, account: Account, calls: Sequence[tuple[str, tuple[Any, ...]]], gas: int
) -> Spent:
    """Build, sign, send, wait for the receipt; then the next."""
    web3 = Web3(HTTPProvider(endpoint))
    bound = web3.eth.contract(address=Web3.to_checksum_address(contract.address), abi=list(contract.artifact.abi))
    signer = EthAccount.from_key(secret_of(account))
    watch = Stopwatch()
    for function, arguments in calls:
        tx = bound.functions[function](*arguments).build_transaction(
            {
                "from": signer.address,
                "nonce": web3.eth.get_transaction_count(signer.address),
                "gas": gas,
                "maxFeePerGas": Web3.to_wei(0, "gwei"),
                "maxPriorityFeePerGas": Web3.to_wei(0, "gwei"),
            }
        )
        sent = web3.eth.send_raw_transaction(signer.sign_transaction(tx).raw_transaction)
        receipt = web3.eth.wait_for_transaction_receipt(sent)
        if receipt["status"] != 1:
            raise RuntimeError(f"{function} was refused")
    return watch.spent(len(calls))


def send_concurrently(
    endpoint: str, contract: Contract, account: Account, calls: Sequence[tuple[str, tuple[Any, ...]]], gas: int
) -> Spent:
    """AsyncWeb3: nonces counted here, many sends under way at once, then every receipt."""
    return asyncio.run(_send_concurrently(endpoint, contract, account, calls, gas))


async def _send_concurrently(
    endpoint: str, contract: Contract, account: Account, calls: Sequence[tuple[str, tuple[Any, ...]]], gas: int
) -> Spent:
    web3 = AsyncWeb3(AsyncHTTPProvider(endpoint))
    bound = web3.eth.contract(address=Web3.to_checksum_address(contract.address), abi=list(contract.artifact.abi))
    signer = EthAccount.from_key(secret_of(account))
    first = await web3.eth.get_transaction_count(signer.address)
    chain_id = await web3.eth.chain_id
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> HexBytes:
        function, arguments = calls[number]
        fields = {
            "type": 2,
            "chainId": chain_id,
            "nonce": first + number,
            "gas": gas,
            "maxFeePerGas": 0,
            "maxPriorityFeePerGas": 0,
            "to": bound.address,
            "value": 0,
            "data": bound.encode_abi(function, args=list(arguments)),
        }
        raw = signer.sign_transaction(fields).raw_transaction
        async with gate:
            return await web3.eth.send_raw_transaction(raw)

    async def receipt(name: HexBytes) -> int:
        async with gate:
            found = await web3.eth.wait_for_transaction_receipt(name, timeout=120)
        return int(found["status"])

    watch = Stopwatch()
    names = await asyncio.gather(*(one(number) for number in range(len(calls))))
    statuses = await asyncio.gather(*(receipt(name) for name in names))
    spent = watch.spent(len(calls))
    await web3.provider.disconnect()
    if sum(statuses) != len(calls):
        raise RuntimeError(f"{len(calls) - sum(statuses)} of {len(calls)} were refused")
    return spent


def index_with_get_logs(endpoint: str, contract: Contract, event: str, last: int, path: Path, enough: int) -> Spent:
    """`contract.events.X.get_logs` block by block into SQLite, the loop of the documentation, until it has enough."""
    web3 = Web3(HTTPProvider(endpoint))
    bound = web3.eth.contract(address=Web3.to_checksum_address(contract.address), abi=list(contract.artifact.abi))
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute(
        "CREATE TABLE events (block_number INTEGER, log_index INTEGER, block_hash TEXT, tx_hash TEXT, address TEXT,"
        " name TEXT, args TEXT, PRIMARY KEY (block_number, log_index))"
    )
    watch = Stopwatch()
    number = 0
    for block in range(1, last + 1):
        logs = bound.events[event]().get_logs(from_block=block, to_block=block)
        rows = [
            (
                log["blockNumber"],
                log["logIndex"],
                log["blockHash"].to_0x_hex(),
                log["transactionHash"].to_0x_hex(),
                log["address"],
                log["event"],
                Web3.to_json(dict(log["args"])),
            )
            for log in logs
        ]
        with store:
            store.executemany("INSERT INTO events VALUES (?,?,?,?,?,?,?)", rows)
        number += len(rows)
        if number >= enough:
            break
    spent = watch.spent(number)
    store.close()
    return spent
