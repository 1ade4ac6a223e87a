"""The platform's desk: turns acts of lenders, borrowers and staff into signed operations for the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from lendchain.chain import Contract, Keyring, Manifest, NewOperation, Rpc
from lendchain.chain.hashing import keccak256
from lendchain.servicing.replay.cases import Case
from lendchain.servicing.replay.plan import Step
from lendchain.servicing.replay.signed import (
    FOREVER,
    FUND_MANDATE,
    PERMIT,
    REPAY_MANDATE,
    TERMS,
    Signed,
    sign,
    terms_values,
)
from lendchain.servicing.replay.treasury import COLLECTOR, OPERATOR, Deposit

_T = TypeVar("_T")

RELAYER: Final = "relayer/0"
SERVICER: Final = "servicer/0"
CUSTODIAN: Final = "custodian/0"
SANDBOX: Final = "sandbox/0"
GATEKEEPER: Final = "gatekeeper/0"
MAY_BORROW: Final = 1
MAY_LEND: Final = 2
_DEPOSITS_A_CALL: Final = 250
_ADMISSIONS_A_CALL: Final = 250
_COLLECTIONS_A_CALL: Final = 200
_CLAIMS_A_CALL: Final = 100
_NO_LIMIT: Final = 2**60
_LATEST: Final = 2**40 - 1

_GAS: Final = {
    "forward": 100_000,
    "permit": 130_000,
    "approve": 90_000,
    "request": 260_000,
    "fund": 260_000,
    "fund_by_mandate": 300_000,
    "disburse": 220_000,
    "withdraw": 120_000,
    "authorize": 160_000,
    "levy": 150_000,
    "repay": 400_000,
    "pay_off": 400_000,
    "waive_rest": 300_000,
    "mark_default": 400_000,
    "cover": 300_000,
    "write_off": 150_000,
    "recover": 300_000,
    "top_up": 150_000,
}
_GAS_A_CALL: Final = 100_000
_GAS_A_DEPOSIT: Final = 80_000
_GAS_AN_ADMISSION: Final = 50_000
_GAS_A_COLLECTION: Final = 150_000
_GAS_A_CLAIM: Final = 110_000


class Desk:
    """Makes operations. Same arguments, same bytes: an act repeated after a crash is the same act."""

    def __init__(self, manifest: Manifest, keys: Keyring, rpc: Rpc) -> None:
        self._keys = keys
        self._money = manifest.contract("Money", rpc)
        self._book = manifest.contract("LoanBook", rpc)
        self._workout = manifest.contract("Workout", rpc)
        self._guarantee = manifest.contract("Guarantee", rpc)
        self._clock = manifest.contract("Clock", rpc)
        self._gate = manifest.contract("AllowList", rpc)
        self._book_domain: bytes = _bytes(self._book.read("domain_separator"))
        self._money_domain: bytes = _bytes(self._money.read("DOMAIN_SEPARATOR"))
        self._mandates: dict[int, Signed] = {}
        self._loan_ids: dict[int, bytes] = {}

    def address(self, ref: str) -> str:
        """The account of a key."""
        return self._keys.account(ref).address

    def loan_id(self, case: Case) -> bytes:
        """The loan's name on the chain: the digest of its terms."""
        found = self._loan_ids.get(case.place)
        if found is None:
            found = self._loan_ids[case.place] = TERMS.digest(self._book_domain, terms_values(case.terms))
        return found

    # --- the sandbox's time ------------------------------------------------------------------------------------------

    def forward(self, seconds: int) -> NewOperation:
        """Move the sandbox clock."""
        return self._act(f"clock/{seconds}", SANDBOX, self._clock, "forward", seconds)

    # --- who may take part -------------------------------------------------------------------------------------------

    def admit(self, day: str, refs: Sequence[str], roles: int) -> list[NewOperation]:
        """The gatekeeper lets accounts borrow or lend."""
        made = []
        for number, part in enumerate(_parts(refs, _ADMISSIONS_A_CALL)):
            data = self._gate.encode("set_eligible", [self.address(ref) for ref in part], roles)
            gas = _GAS_A_CALL + _GAS_AN_ADMISSION * len(part)
            name = f"admit/{day}/{roles}/{number}"
            made.append(self._operation(name, GATEKEEPER, "set_eligible", self._gate, data, gas))
        return made

    # --- money in and out --------------------------------------------------------------------------------------------

    def deposits(self, day: str, deposits: Sequence[Deposit]) -> list[NewOperation]:
        """The custodian credits what arrived at the bank, each deposit against a bank reference of its own."""
        made = []
        for number, part in enumerate(_parts(deposits, _DEPOSITS_A_CALL)):
            references = [_reference(f"deposit/{day}/{deposit.account_ref}") for deposit in part]
            data = self._money.encode(
                "mint_many",
                [self.address(item.account_ref) for item in part],
                [item.amount for item in part],
                references,
            )
            gas = _GAS_A_CALL + _GAS_A_DEPOSIT * len(part)
            made.append(self._operation(f"mint/{day}/{number}", CUSTODIAN, "mint_many", self._money, data, gas))
        return made

    def permit_book(self, ref: str) -> NewOperation:
        """An account lets the book take what it owes or bids, by a signature that the relayer carries."""
        owner = self._keys.account(ref)
        values = {
            "owner": owner.address,
            "spender": self._book.address,
            "value": FOREVER,
            "nonce": 0,
            "deadline": FOREVER,
        }
        signature = sign(PERMIT, values, self._money_domain, owner).signature
        arguments = (
            owner.address,
            self._book.address,
            FOREVER,
            FOREVER,
            signature[64],
            signature[:32],
            signature[32:64],
        )
        return self._act(f"permit/{ref}", RELAYER, self._money, "permit", *arguments)

    def allow(self, ref: str, guarantee: bool) -> NewOperation:
        """A staff account lets the book, or the guarantee, take money from it."""
        spender = self._guarantee if guarantee else self._book
        return self._act(f"approve/{ref}", ref, self._money, "approve", spender.address, FOREVER)

    def withdraw(self, case: Case) -> NewOperation:
        """The borrower takes the loan to his bank."""
        arguments = (case.terms.principal - case.terms.open_fee, _reference(f"withdrawal/{case.place}"))
        return self._act(f"withdraw/{case.place}", case.borrower_ref, self._money, "withdraw", *arguments)

    def top_up(self, day: str, amount: int) -> NewOperation:
        """The operator adds to the guarantee."""
        return self._act(f"top-up/{day}", OPERATOR, self._guarantee, "top_up", amount)

    # --- a loan is made ----------------------------------------------------------------------------------------------

    def request(self, case: Case) -> NewOperation:
        """The borrower's signed terms, carried by the relayer."""
        signed = sign(TERMS, terms_values(case.terms), self._book_domain, self._keys.account(case.borrower_ref))
        arguments = (signed.values, signed.signature, b"")
        return self._act(f"request/{case.place}", RELAYER, self._book, "request", *arguments)

    def fund(self, case: Case, lender: int, units: int) -> NewOperation:
        """A lender bids himself."""
        name = f"fund/{case.place}/{lender}"
        return self._act(name, lender_ref(lender), self._book, "fund", self.loan_id(case), units, b"")

    def fund_by_mandate(self, case: Case, lender: int, units: int) -> NewOperation:
        """The platform bids for a lender under his signed mandate."""
        mandate = self._fund_mandate(lender)
        name = f"fund/{case.place}/{lender}"
        arguments = (mandate.values, mandate.signature, self.loan_id(case), units, b"")
        return self._act(name, RELAYER, self._book, "fund_by_mandate", *arguments)

    def _fund_mandate(self, lender: int) -> Signed:
        found = self._mandates.get(lender)
        if found is None:
            account = self._keys.account(lender_ref(lender))
            values = {
                "lender": account.address,
                "minRatePpm": 0,
                "maxGrade": 0,
                "perLoan": _NO_LIMIT,
                "total": _NO_LIMIT,
                "expiry": _LATEST,
                "salt": _reference(f"mandate/{lender}"),
            }
            found = self._mandates[lender] = sign(FUND_MANDATE, values, self._book_domain, account)
        return found

    def disburse(self, case: Case) -> NewOperation:
        """Full: the money goes to the borrower."""
        return self._act(f"disburse/{case.place}", RELAYER, self._book, "disburse", self.loan_id(case))

    def authorize(self, case: Case) -> NewOperation:
        """The borrower's signed mandate to collect instalments."""
        account = self._keys.account(case.borrower_ref)
        values = {
            "payer": account.address,
            "loan": self.loan_id(case),
            "perCall": case.plan.per_call,
            "expiry": _LATEST,
            "salt": bytes(32),
        }
        signed = sign(REPAY_MANDATE, values, self._book_domain, account)
        arguments = (signed.values, signed.signature)
        return self._act(f"authorize/{case.place}", RELAYER, self._book, "authorize", *arguments)

    # --- it is repaid ------------------------------------------------------------------------------------------------

    def collect(self, day: str, due: Sequence[tuple[Case, Step]]) -> list[NewOperation]:
        """The servicer's batch: what is due today, by the borrowers' mandates."""
        made = []
        for number, part in enumerate(_parts(due, _COLLECTIONS_A_CALL)):
            names = [self.loan_id(case) for case, _ in part]
            wants = [step.period << 48 | step.target for _, step in part]
            data = self._book.encode("collect", names, wants)
            gas = _GAS_A_CALL + _GAS_A_COLLECTION * len(part)
            made.append(self._operation(f"collect/{day}/{number}", SERVICER, "collect", self._book, data, gas))
        return made

    def repay(self, case: Case, step: Step) -> NewOperation:
        """The borrower pays what he likes."""
        name = f"repay/{case.place}/{step.day}/{step.row}"
        return self._act(name, case.borrower_ref, self._book, "repay", self.loan_id(case), step.amount)

    def pay_off(self, case: Case, step: Step) -> NewOperation:
        """The borrower pays all that is left, which is at most the step's amount."""
        name = f"pay-off/{case.place}"
        return self._act(name, case.borrower_ref, self._book, "pay_off", self.loan_id(case), step.amount)

    def levy(self, case: Case, step: Step) -> NewOperation:
        """The servicer levies a late fee."""
        name = f"levy/{case.place}/{step.day}/{step.row}"
        return self._act(name, SERVICER, self._book, "levy", self.loan_id(case), step.amount)

    def waive_rest(self, case: Case) -> NewOperation:
        """The servicer waives a small rest, which closes the loan."""
        return self._act(f"waive-rest/{case.place}", SERVICER, self._book, "waive_rest", self.loan_id(case))

    # --- it goes wrong -----------------------------------------------------------------------------------------------

    def mark_default(self, case: Case) -> NewOperation:
        """Anybody may: here the servicer does."""
        return self._act(f"default/{case.place}", SERVICER, self._workout, "mark_default", self.loan_id(case))

    def cover(self, case: Case, day: str) -> NewOperation:
        """Let the guarantee pay."""
        return self._act(f"cover/{case.place}/{day}", SERVICER, self._workout, "cover", self.loan_id(case))

    def write_off(self, case: Case) -> NewOperation:
        """The servicer gives the loan up."""
        return self._act(f"write-off/{case.place}", SERVICER, self._workout, "write_off", self.loan_id(case))

    def recover(self, case: Case, step: Step, *, extra: bool) -> NewOperation:
        """The collector hands in what was recovered."""
        name = f"recover/{case.place}/{step.day}/{step.row}"
        return self._act(name, COLLECTOR, self._workout, "recover", self.loan_id(case), step.amount, extra)

    # --- lenders are paid --------------------------------------------------------------------------------------------

    def claim(self, day: str, lender: int, cases: Sequence[Case]) -> list[NewOperation]:
        """Pay a lender what his positions earned; anybody may carry it, the money goes to him."""
        made = []
        for number, part in enumerate(_parts(cases, _CLAIMS_A_CALL)):
            names = [self.loan_id(case) for case in part]
            data = self._book.encode("claim_many", names, self.address(lender_ref(lender)))
            gas = _GAS_A_CALL + _GAS_A_CLAIM * len(part)
            made.append(self._operation(f"claim/{day}/{lender}/{number}", RELAYER, "claim_many", self._book, data, gas))
        return made

    # --- inside ------------------------------------------------------------------------------------------------------

    def _act(self, name: str, sender: str, contract: Contract, function: str, *arguments: Any) -> NewOperation:
        data = contract.encode(function, *arguments)
        return self._operation(name, sender, function, contract, data, _GAS[function])

    def _operation(self, name: str, sender: str, kind: str, contract: Contract, data: bytes, gas: int) -> NewOperation:
        return NewOperation(f"replay/{name}", self._keys.account(sender), kind, contract.address, data, gas)


def lender_ref(lender: int) -> str:
    """The key of a lender's account."""
    return f"lender/{lender}"


def _reference(text: str) -> bytes:
    """What stands for a bank's reference on the chain: its hash."""
    return keccak256(f"lendchain replay/{text}".encode())


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else bytes.fromhex(str(value).removeprefix("0x"))


def _parts(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
