"""Puts the contracts without loans into the test EVM and tells refusals by their number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import boa
from eth_abi.abi import decode
from eth_utils.abi import function_signature_to_4byte_selector

CONTRACTS: Final = Path(__file__).resolve().parents[3] / "contracts"
START: Final = 1_700_000_000
WAIT: Final = 2 * 86_400
NOBODY: Final = "0x" + "00" * 20
NO: Final = function_signature_to_4byte_selector("No(uint256)")

ADMIN, SERVICER, CUSTODIAN, COMPLIANCE, APPROVER, GATEKEEPER, TREASURY, GUARDIAN, SANDBOX = range(1, 10)


@cache
def compiled(name: str) -> Any:
    """A contract of ours, ready to be deployed any number of times."""
    return boa.load_partial(str(CONTRACTS / f"{name}.vy"))


def compiled_source(source: str) -> Any:
    """A contract given as text that imports our modules."""
    return boa.loads_partial(source, filename=str(CONTRACTS / "Probe.vy"))


@dataclass(frozen=True)
class Parts:
    """One deployment: an account for each role, and the contracts that need no loan book."""

    holders: dict[int, str]
    roles: Any
    clock: Any
    money: Any
    gate: Any

    def fund(self, account: str, amount: int, reference: bytes) -> None:
        """Mint as the custodian does."""
        self.money.mint(account, amount, reference, sender=self.holders[CUSTODIAN])

    def hold(self, account: str, expiry: int) -> int:
        """A hold in force."""
        order = int(self.money.propose_hold(account, b"\x01" * 32, expiry, sender=self.holders[COMPLIANCE]))
        self.money.approve_hold(order, sender=self.holders[APPROVER])
        return order


def deploy() -> Parts:
    """Roles, sandbox clock, money and gate, with nine role holders."""
    holders = {role: boa.env.generate_address(f"role {role}") for role in range(1, 10)}
    roles = compiled("Roles").deploy(WAIT, list(holders.values()), list(holders))
    clock = compiled("Clock").deploy(roles.address, START)
    money = compiled("Money").deploy("Lendchain yuan", "CNYL", roles.address, clock.address)
    gate = compiled("AllowList").deploy(roles.address)
    return Parts(holders, roles, clock, money, gate)


def refusal_in(error: boa.BoaError) -> int | None:
    """The code of `No(uint256)`, or None when the call failed in another way."""
    output: bytes = error.call_trace.computation.output
    return int(decode(["uint256"], output[4:])[0]) if output[:4] == NO and len(output) == 36 else None


@contextmanager
def refused(code: int) -> Iterator[None]:
    """What is called inside must revert with `No(code)`."""
    try:
        yield
    except boa.BoaError as error:
        found = refusal_in(error)
        assert found == code, f"refused with {found}, not {code}: {error}"
    else:
        raise AssertionError(f"not refused; expected No({code})")
