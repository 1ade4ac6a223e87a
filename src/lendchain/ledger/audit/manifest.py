"""The manifest beside the chain: every value of it that the chain can speak about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from lendchain.chain.bindings import artifact
from lendchain.chain.deploy import NO_ADDRESS, ROLES
from lendchain.chain.hashing import keccak256
from lendchain.chain.manifest import Manifest
from lendchain.chain.models import settings
from lendchain.chain.rpc import Rpc
from lendchain.db import reading
from lendchain.ledger.audit.report import Difference


def audit_manifest(manifest: Manifest, rpc: Rpc, store: sa.Engine) -> Iterator[Difference]:
    """Name each value that is not the chain's. `versions` is what the deployer said of itself and is not judged."""
    yield from _differs("chain_id", manifest.chain_id, rpc.chain_id())
    genesis = rpc.header(0)
    yield from _differs("genesis_hash", manifest.genesis_hash, genesis.hash if genesis else None)
    whole = True
    names = list(manifest.addresses)
    for name, code in zip(names, rpc.codes(list(manifest.addresses.values())), strict=True):
        on_chain = "0x" + keccak256(code).hex()
        if on_chain == manifest.code_hashes[name]:
            continue  # an older platform's code need not be what ships today
        shipped = artifact(name)
        if "0x" + keccak256(code[: shipped.runtime_size]).hex() == shipped.runtime_hash:
            yield Difference("manifest", f"code_hashes.{name}", "value", manifest.code_hashes[name], on_chain)
        else:
            whole = False
            yield Difference("manifest", f"addresses.{name}", "value", manifest.addresses[name], None)
    if whole:
        yield from _bound(manifest, rpc)
        kind = artifact("Roles").events["RoleSet"]
        logs = rpc.logs_in_range(0, rpc.block_number(), [manifest.addresses["Roles"]])
        granted = [log for log in logs if log["topics"][0] == kind.topic]
        yield from _roles(manifest, [kind.decode(log["topics"], log["data"]) for log in granted])
        yield from _birth(manifest, rpc, store, granted[0])  # the first contract made; its constructor gives the roles


def _differs(key: str, stored: Any, recomputed: Any) -> Iterator[Difference]:
    if stored != recomputed:
        yield Difference("manifest", key, "value", stored, recomputed)


def _bound(manifest: Manifest, rpc: Rpc) -> Iterator[Difference]:
    """Which clock the book reads, and that the contracts were told of each other as the manifest says."""
    book = manifest.contract("LoanBook", rpc)
    clock = str(book.read("CLOCK")).lower()
    sandbox = clock != NO_ADDRESS
    yield from _differs("clock", manifest.clock, "sandbox" if sandbox else "block-time")
    if sandbox:
        yield from _differs("production", manifest.production, False)
    told = {"Money": "MONEY", "AllowList": "GATE", "Roles": "ROLES", "Workout": "WORKOUT", "Guarantee": "GUARANTEE"}
    for name, view in told.items():
        found = str(book.read(view)).lower()
        yield from _differs(f"addresses.{name}", manifest.addresses[name].lower(), found)


def _roles(manifest: Manifest, granted: list[dict[str, Any]]) -> Iterator[Difference]:
    """Each account was given its role: roles change hands behind their time lock without the manifest."""
    given = {(event["account"], event["role"]) for event in granted}
    for name, account in manifest.roles.items():
        number = ROLES.get(name, 0)
        if (account.lower(), number) in given:
            continue
        holder = next((who for who, role in sorted(given) if role == number), None)
        if holder is not None:  # a block-time platform has no sandbox role
            yield Difference("manifest", f"roles.{name}", "value", account, holder)


def _birth(manifest: Manifest, rpc: Rpc, store: sa.Engine, log: dict[str, Any]) -> Iterator[Difference]:
    """Who made the contracts, and from which block on. The deployer notes the block in the store before it begins."""
    made_by = str(rpc.call("eth_getTransactionByHash", log["transactionHash"])["from"]).lower()
    yield from _differs("deployed_from", manifest.deployed_from.lower(), made_by)
    with reading(store) as conn:
        noted = conn.scalar(sa.select(settings.c.value).where(settings.c.name == "deployment"))
    born = int(log["blockNumber"], 16)
    planned = int(noted.split()[1]) if noted else born
    yield from _differs("first_block", manifest.first_block, min(planned, born))
