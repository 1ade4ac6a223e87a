"""The whole set of contracts in the test EVM, from the bytecode that ships, with people who borrow, lend and attack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import boa
from eth_abi.abi import decode, encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32

from lendchain.schedule.contract import ContractTerms, Status
from tests.contracts.parts.deploy import CUSTODIAN, GATEKEEPER, NO, NOBODY, SANDBOX, SERVICER, START, TREASURY

ARTIFACTS: Final = Path(__file__).resolve().parents[3] / "src" / "lendchain" / "chain" / "artifacts"
DAY: Final = 86_400
PLENTY: Final = 10**12
WHO, RULES, STATE, SUMS, EXTRA, SHIFTS = range(6)
LEVEL_BITS: Final = 108

TYPES: Final = {
    "FundMandate": "address lender,uint256 minRatePpm,uint256 maxGrade,uint256 perLoan,uint256 total,uint256 expiry,"
    "bytes32 salt",
    "RepayMandate": "address payer,bytes32 loan,uint256 perCall,uint256 expiry,bytes32 salt",
    "Offer": "address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,"
    "uint256 expiry,bytes32 salt",
    "Restructure": "bytes32 loan,uint256 period,uint256 ratePpm,uint256 count,uint256 level,uint256 deferMonths,"
    "bytes32 document,uint256 expiry,bytes32 salt",
}


@cache
def _artifact(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def deploy_artifact(name: str, *arguments: Any, at: str | None = None) -> Any:
    """One contract from the package's own bytecode."""
    artifact = _artifact(name)
    constructor: dict[str, Any] = next(
        (entry for entry in artifact["abi"] if entry["type"] == "constructor"), {"inputs": []}
    )
    types = [entry["type"] for entry in constructor["inputs"]]
    code = bytes.fromhex(artifact["bytecode"].removeprefix("0x")) + encode(types, arguments)
    address, _ = boa.env.deploy_code(bytecode=code, override_address=at)
    return boa.loads_abi(json.dumps(artifact["abi"]), name=name).at(address)


def refusal_of(error: boa.BoaError) -> int | None:
    """The code of `No(uint256)`; None for any other failure."""
    output = bytes(error.call_trace.computation.output)
    return int(decode(["uint256"], output[4:])[0]) if output[:4] == NO and len(output) == 36 else None


@contextmanager
def refused(*codes: int) -> Iterator[None]:
    """What is called inside must be refused with one of these numbers."""
    try:
        yield
    except boa.BoaError as error:
        assert refusal_of(error) in codes, f"refused with {refusal_of(error)}, not {codes}"
    else:
        raise AssertionError(f"not refused; expected {codes}")


def person(name: str) -> LocalAccount:
    """Somebody with a key of his own."""
    return Account.from_key(name.encode().rjust(32, b"\x01"))


@dataclass
class World:
    """Contracts, role holders and people. Every person has money and allows the book to take it."""

    holders: dict[int, str]
    roles: Any
    clock: Any
    money: Any
    gate: Any
    guarantee: Any
    book: Any
    workout: Any
    lens: Any
    people: dict[str, LocalAccount] = field(default_factory=dict)
    salts: int = 0

    def __getitem__(self, name: str) -> str:
        """The address of a person, who is admitted and funded on first mention."""
        if name not in self.people:
            self.people[name] = person(name)
            self.admit(self.people[name].address)
        return str(self.people[name].address)

    def admit(self, account: str, money: int = PLENTY) -> None:
        """Let an account in, with money and an unlimited allowance to book and guarantee."""
        self.gate.set_eligible([account], 7, sender=self.holders[GATEKEEPER])
        self.mint(account, money)
        for spender in (self.book, self.guarantee):
            self.money.approve(spender.address, 2**256 - 1, sender=account)

    def mint(self, account: str, money: int) -> None:
        self.salts += 1
        self.money.mint(account, money, self.salts.to_bytes(32, "big"), sender=self.holders[CUSTODIAN])

    def terms(self, **changes: Any) -> ContractTerms:
        """1,000,000 over 12 months at 12 %, 200 units; every call another salt."""
        self.salts += 1
        given = ContractTerms(
            borrower=self["borrower"],
            units=200,
            unit_price=5_000,
            rate_ppm=120_000,
            count=12,
            grace=3,
            penalty_ppm=180_000,
            penalty_cap=5_000,
            open_fee_bps=100,
            deadline=self.clock.now() + 10 * DAY,
            draw_days=10,
            coverage=5_000,
            document=b"\x0d" * 32,
            salt=self.salts.to_bytes(32, "big"),
        )
        changed = replace(given, **changes)
        return changed if "level" in changes else changed.with_level()

    def signature(self, name: str, digest: bytes) -> bytes:
        """65 bytes by a person."""
        assert self[name]
        return bytes(self.people[name].unsafe_sign_hash(Hash32(digest)).signature)

    def digest(self, terms: ContractTerms) -> bytes:
        return bytes(self.book.digest_of(astuple(terms)))

    def request(self, terms: ContractTerms) -> bytes:
        """The borrower asks for a loan himself."""
        return bytes(self.book.request(astuple(terms), b"", b"", sender=terms.borrower))

    def loan(self, shares: dict[str, int] | None = None, **changes: Any) -> bytes:
        """A loan that is running; `shares` says who funded how many units."""
        terms = self.terms(**changes)
        loan = self.request(terms)
        for name, units in (shares or {"lender": terms.units}).items():
            self.book.fund(loan, units, b"", sender=self[name])
        self.book.disburse(loan, sender=self["passer-by"])
        return loan

    def forward(self, days: int = 0, seconds: int = 0) -> None:
        self.clock.forward(self.clock.now() + days * DAY + seconds, sender=self.holders[SANDBOX])

    def words(self, loan: bytes) -> list[int]:
        """All six words, those of a holder's position left out."""
        return [int(self.book.loans(loan, word)) for word in range(6)]

    def status(self, loan: bytes) -> Status:
        return Status(self.book.loans(loan, SUMS) >> 253)

    def credited(self, loan: bytes) -> tuple[int, int]:
        """Cumulative principal and interest of a loan."""
        sums = int(self.book.loans(loan, SUMS))
        return sums >> 24 & (2**48 - 1), sums >> 72 & (2**60 - 1)

    def paid(self) -> Any:
        """The last call's `Paid`."""
        return next(log for log in self.book.get_logs() if type(log).__name__ == "Paid")

    def balance(self, name: str) -> int:
        return int(self.money.balanceOf(self[name]))

    def signed(
        self, kind: str, signer: str, values: Sequence[Any], chain_id: int | None = None, contract: str | None = None
    ) -> bytes:
        """A person's EIP-712 signature on one of the book's structures, made by an independent implementation."""
        assert self[signer]
        message = encode_typed_data(*typed(self, kind, values, chain_id, contract))
        return bytes(self.people[signer].sign_message(message).signature)


def typed(
    world: World, kind: str, values: Sequence[Any], chain_id: int | None = None, contract: str | None = None
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Domain, types and message of one of the book's structures."""
    fields = [entry.split() for entry in TYPES[kind].split(",")]
    domain = {
        "name": "Lendchain LoanBook",
        "version": "1",
        "chainId": boa.env.evm.patch.chain_id if chain_id is None else chain_id,
        "verifyingContract": str(contract or world.book.address),
    }
    message = {name: value for (_, name), value in zip(fields, values, strict=True)}
    return domain, {kind: [{"type": type_, "name": name} for type_, name in fields]}, message


def deploy_world(money: Any | None = None, halts: str = NOBODY, block_time: bool = False) -> World:
    """The contracts as a sandbox deployment has them; another token may stand in for ours."""
    holders = {role: boa.env.generate_address(f"role {role}") for role in range(1, 10)}
    roles = deploy_artifact("Roles", 2 * DAY, list(holders.values()), list(holders))
    clock = deploy_artifact("Clock", roles.address, START)
    clock_of_book = NOBODY if block_time else clock.address
    token = money or deploy_artifact("Money", "Lendchain yuan", "CNYL", roles.address, clock_of_book)
    gate = deploy_artifact("AllowList", roles.address)
    guarantee = deploy_artifact("Guarantee", token.address)
    workout_at = boa.env.generate_address("workout")
    rules = deploy_artifact("Rules")
    parts = (token, gate, roles, rules)
    book = deploy_artifact(
        "LoanBook",
        parts[0].address,
        clock_of_book,
        *(part.address for part in parts[1:]),
        workout_at,
        guarantee.address,
    )
    workout = deploy_artifact("Workout", book.address, halts, at=workout_at)
    guarantee.bind(book.address, workout.address)
    lens = deploy_artifact("Lens", book.address)
    return World(holders, roles, clock, token, gate, guarantee, book, workout, lens)


__all__ = ["SERVICER", "TREASURY", "World", "deploy_artifact", "deploy_world", "refusal_of", "refused"]
