"""Deployment: the whole set of contracts, in order, through the outbox.

Every address follows from the deployer's account and its nonces, so the contracts can be told of each other before any
of them stands, and a deployment that died half-way goes on where it was: its operations have fixed names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from lendchain import __version__
from lendchain.chain import outbox
from lendchain.chain.abi import Function
from lendchain.chain.bindings import Artifact, Contract, artifact
from lendchain.chain.engine import Engine
from lendchain.chain.errors import ChainError, OperationFailedError, WrongChainError
from lendchain.chain.events import Fold
from lendchain.chain.hashing import keccak256
from lendchain.chain.keys import Account, Keyring
from lendchain.chain.manifest import ClockKind, Manifest
from lendchain.chain.models import settings
from lendchain.chain.outbox import NewOperation
from lendchain.chain.rpc import Rpc
from lendchain.chain.runner import Chain
from lendchain.chain.tx import created_address
from lendchain.db import reading
from lendchain.i18n import _

NO_ADDRESS: Final = "0x" + "00" * 20
CREATION_GAS: Final = 12_000_000
CALL_GAS: Final = 1_000_000

# Order of creation. A block-time platform has no Clock.
CONTRACTS: Final = (
    "Roles",
    "Clock",
    "Money",
    "AllowList",
    "Heartbeat",
    "Rules",
    "Guarantee",
    "LoanBook",
    "Workout",
    "Lens",
)
ROLES: Final = {
    "admin": 1,
    "servicer": 2,
    "custodian": 3,
    "compliance": 4,
    "approver": 5,
    "gatekeeper": 6,
    "treasury": 7,
    "guardian": 8,
    "sandbox": 9,
}


@dataclass(frozen=True, slots=True)
class DeployConfig:
    """What a platform is made with. `role_keys` names the key of each role; no key may hold two."""

    clock: ClockKind = "sandbox"
    clock_start: int = 1_167_609_600  # 2007-01-01; the sandbox's first reading, unix seconds
    production: bool = False
    token_name: str = "Lendchain Money"  # noqa: S105  (the settlement token's name)
    token_symbol: str = "LCM"  # noqa: S105
    role_delay_seconds: int = 172_800
    beat_allowed_seconds: int = 3_600
    deployer_key: str = "deployer/0"
    role_keys: Mapping[str, str] = field(default_factory=lambda: {role: f"{role}/0" for role in ROLES})

    def names(self) -> tuple[str, ...]:
        """The contracts of this platform in the order of their creation."""
        return tuple(name for name in CONTRACTS if name != "Clock" or self.clock == "sandbox")

    def roles(self) -> tuple[str, ...]:
        """The roles of this platform."""
        return tuple(role for role in ROLES if role != "sandbox" or self.clock == "sandbox")


def deploy(
    engine: Engine,
    store: sa.Engine,
    keys: Keyring,
    config: DeployConfig,
    manifest_path: Path,
    folds: Sequence[Fold] = (),
) -> Manifest:
    """Bring a platform's contracts onto the chain, or make sure that they are there. See `open_chain`."""
    return open_chain(engine, store, keys, config, manifest_path, folds)[1]


def open_chain(
    engine: Engine,
    store: sa.Engine,
    keys: Keyring,
    config: DeployConfig,
    manifest_path: Path,
    folds: Sequence[Fold] = (),
) -> tuple[Chain, Manifest]:
    """The platform's chain, deployed where it was not, with lost blocks driven again and the manifest checked.

    The engine must have been started. The folds see the deployment's events too, so pass all of them here.
    Raises `WrongChainError` when the manifest, the store and the chain are not of one platform.
    """
    manifest = Manifest.load(manifest_path) if manifest_path.exists() else None
    rpc = engine.rpc()
    if manifest is not None:
        manifest.check_identity(rpc)
    if manifest is None and config.production and config.clock == "sandbox":
        raise WrongChainError(
            _("A production platform cannot run on a sandbox clock: its time could be moved by hand.")
        )
    if manifest is not None:
        contracts, first_block, genesis_hash = manifest.contracts(rpc), manifest.first_block, manifest.genesis_hash
        chain = Chain(engine, store, keys, contracts, folds, genesis_hash=genesis_hash, first_block=first_block)
        _settle(chain, ())
    else:
        plan = _plan(store, rpc, keys, config)
        chain = Chain(engine, store, keys, plan.contracts, folds, first_block=plan.first_block)
        _settle(chain, plan.operations)
        manifest = _manifest(chain, plan, config)
        manifest.save(manifest_path)
    engine.dump()
    manifest.check(chain.rpc)
    return chain, manifest


def _settle(chain: Chain, new: Sequence[NewOperation]) -> None:
    """What the chain has lost is noticed first; then everything is sent that is not there."""
    chain.indexer.catch_up()
    with chain.store.begin() as conn:
        outbox.send_again(conn)
        outbox.enqueue(conn, new, stage=0)
    chain.settle()


@dataclass(frozen=True)
class _Plan:
    contracts: list[Contract]
    operations: list[NewOperation]
    first_block: int


def _plan(store: sa.Engine, rpc: Rpc, keys: Keyring, config: DeployConfig) -> _Plan:
    deployer = keys.account(config.deployer_key)
    nonce, first_block = _beginning(store, rpc, deployer)
    names = config.names()
    addresses = {name: created_address(deployer.address, nonce + number) for number, name in enumerate(names)}
    values = _constructor_values(addresses, keys, config)
    operations = [
        NewOperation(f"deploy/{name}", deployer, "deploy", None, _creation(artifact(name), values), CREATION_GAS)
        for name in names
    ]
    contracts = [Contract(artifact(name), addresses[name], rpc) for name in names]
    guarantee = Contract(artifact("Guarantee"), addresses["Guarantee"])
    bind = guarantee.encode("bind", addresses["LoanBook"], addresses["Workout"])
    operations.append(NewOperation("deploy/bind", deployer, "bind", guarantee.address, bind, CALL_GAS))
    return _Plan(contracts, operations, first_block)


def _beginning(store: sa.Engine, rpc: Rpc, deployer: Account) -> tuple[int, int]:
    """The deployer's nonce and the height that the deployment began at, noted once: it can be taken up again."""
    query = sa.select(settings.c.value).where(settings.c.name == "deployment")
    with reading(store) as conn:
        noted = conn.execute(query).scalar()
    if noted is None:
        found = f"{rpc.nonces([deployer.address])[0]} {rpc.block_number() + 1}"
        with store.begin() as conn:
            noted = conn.execute(query).scalar()
            if noted is None:
                conn.execute(sa.insert(settings).values(name="deployment", value=found))
                noted = found
    nonce, first_block = noted.split()
    return int(nonce), int(first_block)


def _constructor_values(addresses: Mapping[str, str], keys: Keyring, config: DeployConfig) -> dict[str, Any]:
    """Constructor arguments by name, `Contract.name` before plain `name`."""
    holders = [(keys.account(config.role_keys[role]).address, ROLES[role]) for role in config.roles()]
    return {
        "Roles.delay": config.role_delay_seconds,
        "Roles.accounts": [account for account, _ in holders],
        "Roles.roles": [number for _, number in holders],
        "token_name": config.token_name,
        "token_symbol": config.token_symbol,
        "start": config.clock_start,
        "allowed": config.beat_allowed_seconds,
        "clock": addresses.get("Clock", NO_ADDRESS),
        "roles": addresses["Roles"],
        "money": addresses["Money"],
        "gate": addresses["AllowList"],
        "rules": addresses["Rules"],
        "workout": addresses["Workout"],
        "guarantee": addresses["Guarantee"],
        "book": addresses["LoanBook"],
        "halts": addresses["Heartbeat"],
    }


def _creation(contract: Artifact, values: Mapping[str, Any]) -> bytes:
    constructor = next((item for item in contract.abi if item["type"] == "constructor"), None)
    names = [item["name"] for item in Function.from_abi(constructor).inputs] if constructor else []
    missing = [name for name in names if name not in values and f"{contract.name}.{name}" not in values]
    if missing:
        raise ChainError(
            _("No value for the constructor argument {name} of {contract}.").format(
                name=missing[0], contract=contract.name
            )
        )
    return contract.creation_data(*(values.get(f"{contract.name}.{name}", values.get(name)) for name in names))


def _manifest(chain: Chain, plan: _Plan, config: DeployConfig) -> Manifest:
    with reading(chain.store) as conn:
        states = outbox.states(conn, [operation.id for operation in plan.operations])
    for operation in plan.operations:
        state = states[operation.id]
        if state.status not in ("included", "final"):
            raise OperationFailedError(
                _("Deployment failed at {step}: {reason}").format(step=state.id, reason=state.reason or state.status)
            )
    codes = chain.rpc.codes([contract.address for contract in plan.contracts])
    genesis = chain.rpc.header(0)
    if genesis is None:
        raise WrongChainError(_("The node has no first block."))
    for contract, code in zip(plan.contracts, codes, strict=True):
        if "0x" + keccak256(code[: contract.artifact.runtime_size]).hex() != contract.artifact.runtime_hash:
            raise WrongChainError(_("The code of {contract} on the chain is not ours.").format(contract=contract.name))
    return Manifest(
        chain_id=chain.rpc.chain_id(),
        genesis_hash=genesis.hash,
        clock=config.clock,
        production=config.production,
        deployed_from=plan.operations[0].sender.address,
        first_block=plan.first_block,
        addresses={contract.name: contract.address for contract in plan.contracts},
        code_hashes={
            contract.name: "0x" + keccak256(code).hex() for contract, code in zip(plan.contracts, codes, strict=True)
        },
        roles={role: chain.keys.account(config.role_keys[role]).address for role in config.roles()},
        versions={"lendchain": __version__, "vyper": plan.contracts[0].artifact.compiler},
    )
