"""The contracts told the acts of a life: calls, answers, events and words, compared with the model to the last unit."""

from __future__ import annotations

from typing import Any

from lendchain.chain.running_hash import LINKS, next_head
from lendchain.chain.typed_data import StructType
from lendchain.schedule.contract import ContractTerms, Proposal, Refusal, Status
from lendchain.schedule.contract.positions import Claim
from lendchain.schedule.contract.split import Split
from lendchain.schedule.contract.workout import Recovery
from tests.contracts.lives import words
from tests.contracts.lives.deployment import NOBODY, Deployment, account, address
from tests.contracts.lives.engines import Outcome
from tests.contracts.lives.model import ACCOUNTS, BOOK, FUND, STRANGER, FundMandate, Model, Offer, Order, RepayMandate

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
    "Offer(address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,"
    "uint256 expiry,bytes32 salt)"
)
RESTRUCTURE = StructType(
    "Restructure(bytes32 loan,uint256 period,uint256 ratePpm,uint256 count,uint256 level,uint256 deferMonths,"
    "bytes32 document,uint256 expiry,bytes32 salt)"
)
NO = bytes.fromhex("20d48cf8")
_PLACE = {name: int(address(name), 16) for name in ACCOUNTS}
_PLACES = list(_PLACE.values())


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def typed_terms(terms: ContractTerms) -> dict[str, Any]:
    """Terms as the contract's struct."""
    values = {_camel(name): getattr(terms, name) for name in ContractTerms.__slots__}
    return {**values, "borrower": address(terms.borrower)}


class ContractChain:
    """A deployment that lives the same life as the model."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployed = deployment
        deployment.again()
        self.names: list[bytes] = []
        self.head = int(deployment.view("LoanBook", "head"))
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._book_at, self._money_at, self._fund_at = (
            int(deployment.at[name], 16) for name in ("LoanBook", "Money", "Guarantee")
        )

    # ------------------------------------------------------------------ acts

    def set_time(self, now: int) -> None:
        """Move the sandbox clock."""
        self.deployed.must("sandbox", "Clock", "forward", now)

    def perform(self, model: Model, act: str, args: tuple[Any, ...], expected: object) -> None:
        """Do the act and compare answer, refusal and events."""
        sender, contract, function, values = getattr(self, f"_{act}")(model, *args)
        outcome = self.deployed.send(sender, contract, function, *values)
        where = f"{act}{args!r} at {model.now}"
        if isinstance(expected, Refusal):
            assert not outcome.ok, f"{where}: done, but the model refuses with {expected!r}"
            assert outcome.output[:4] == NO, f"{where}: reverts with {outcome.output.hex()}, model {expected!r}"
            code = int.from_bytes(outcome.output[4:], "big")
            wanted = {self._token_code(expected), int(expected)}
            assert code in wanted, f"{where}: refused with {code}, the model says {expected!r}"
            return
        assert outcome.ok, f"{where}: refused with {outcome.output.hex()}, the model says {expected!r}"
        answer = self.deployed.interfaces[contract].answer(function, outcome.output)
        self._read_events(outcome)
        if act in ("request", "request_and_fund"):
            self.names.append(bytes(answer))
            assert answer == self._digest(args[0]), f"{where}: the loan's name is not the digest of its terms"
        elif act == "collect":
            self._compare_batch(where, answer, expected)
        else:
            self._compare_answer(where, act, answer, expected)
        if act == "hold":
            self.deployed.must("approver", "Money", "approve_hold", answer)

    @staticmethod
    def _token_code(expected: Refusal) -> int:
        return int(expected)

    def _compare_answer(self, where: str, act: str, answer: Any, expected: Any) -> None:
        if isinstance(expected, (Split, Claim, Recovery)) and answer is not None:
            assert answer == expected.total, f"{where}: {answer}, the model says {expected}"
        elif isinstance(expected, int) and answer is not None:
            assert answer == expected, f"{where}: {answer}, the model says {expected}"
        fields = self._expected_event(act, expected)
        if fields is not None:
            name, values = fields
            seen = [event for kind, event in self.events if kind == name]
            assert len(seen) == 1, f"{where}: {len(seen)} events {name}"
            found = {key: seen[0][key] for key in values}
            assert found == values, f"{where}: event {name} {found}, the model says {values}"

    def _expected_event(self, act: str, expected: Any) -> tuple[str, dict[str, int]] | None:
        if isinstance(expected, Split):
            if act == "waive_rest":
                other = expected.penalty + expected.fee + expected.interest
                return "RestWaived", {"principal": expected.principal, "interest": other}
            return "Paid", {name: getattr(expected, name) for name in Split.__slots__}
        if isinstance(expected, Claim):
            return "Claimed", {"principal": expected.principal, "interest": expected.interest}
        if isinstance(expected, Recovery):
            return "Recovered", {name: getattr(expected, name) for name in Recovery.__slots__}
        return None

    def _compare_batch(self, where: str, done: int, expected: Any) -> None:
        splits = [item for item in expected if isinstance(item, Split)]
        refusals = [int(item) for item in expected if not isinstance(item, Split)]
        assert done == len(splits), f"{where}: {done} done, the model says {len(splits)}"
        paid = [event for name, event in self.events if name == "Paid"]
        assert [[event[key] for key in Split.__slots__] for event in paid] == [
            [getattr(split, key) for key in Split.__slots__] for split in splits
        ], f"{where}: paid {paid}, the model says {splits}"
        skipped = [event["reason"] for name, event in self.events if name == "Skipped"]
        assert skipped == refusals, f"{where}: skipped for {skipped}, the model says {refusals}"

    def _read_events(self, outcome: Outcome) -> None:
        self.events = []
        book = self.deployed.at["LoanBook"].lower()
        for log in outcome.logs:
            if log.address.lower() != book:
                continue
            name, fields = self.deployed.interfaces["LoanBook"].event(log)
            self.events.append((name, fields))
            if name in LINKS:
                self.head = next_head(self.head, name, fields)
                assert fields["head"] == self.head, f"running hash broken at {name}"

    # ------------------------------------------------------------------ comparison

    def compare(self, model: Model, loans: list[int]) -> None:
        """Words, positions and balances."""
        peek = self.deployed
        assert peek.view("LoanBook", "head") == self.head, "the running hash moved without an event"
        balances = peek.peek("balances", (self._money_at,), [*_PLACES, self._book_at, self._fund_at])
        for name, balance in zip((*ACCOUNTS, BOOK, FUND), balances, strict=True):
            assert balance == model.balances[name], f"{name} has {balance}, the model says {model.balances[name]}"
        for number in loans:
            self._compare_loan(model, number)

    def _compare_loan(self, model: Model, number: int) -> None:
        loan = model.loans[number]
        holders = [name for name in ACCOUNTS if name in loan.register.holdings]
        name = int.from_bytes(self.names[number], "big")
        found = self.deployed.peek("words", (self._book_at, name), [_PLACE[holder] for holder in holders])
        who, rules, state, sums, extra, shifts, ballot, mandate, *positions = found
        terms = loan.running.terms if loan.running else loan.terms
        kept = words.taken_apart(who, words.WHO) | words.taken_apart(rules, words.RULES)
        assert kept.pop("borrower") == int(address(loan.terms.borrower), 16)
        wanted_terms = words.expected_terms(terms)
        if loan.running:
            wanted_terms["shifted"] = int(loan.running.calendar.shifts != 0)
        _same(f"loan {number} terms", kept, wanted_terms)
        assert shifts == loan.terms.shifts
        seen_sums = words.taken_apart(sums, words.SUMS)
        _same(f"loan {number} sums", seen_sums, words.expected_sums(loan))
        seen = words.seen_state(state, extra, loan, seen_sums)
        _same(f"loan {number} state at {model.now}", seen, words.expected_state(loan))
        for holder, position in zip(holders, positions, strict=True):
            self._compare_position(model, number, holder, position, seen_sums)
        if loan.status == Status.ACTIVE:
            _same(f"loan {number} votes", {"votes": ballot >> 32 & 2**24 - 1}, {"votes": loan.consenting_units})
        kept_mandate = model.mandates.get(number)
        assert mandate & 2**160 - 1 == (int(address(kept_mandate.payer), 16) if kept_mandate else 0)

    def _compare_position(self, model: Model, number: int, name: str, position: int, sums: dict[str, int]) -> None:
        loan = model.loans[number]
        holding = loan.register.of(name)
        if position == 0:
            assert not holding.units, f"{name} holds {holding.units} of loan {number}"
            assert not holding.principal, f"{name} has credit in loan {number}"
            return
        seen = words.taken_apart(position, words.POSITION)
        owed = {
            "units": seen["units"],
            "principal": seen["units"] * sums["principal"] + words.BIAS - seen["principal_debt"],
            "interest": seen["units"] * sums["interest"] + words.BIAS - seen["interest_debt"],
        }
        units = loan.terms.units
        model_owed = {
            "units": holding.units,
            "principal": holding.principal * units,
            "interest": holding.interest * units,
        }
        assert owed == model_owed, f"{name} in loan {number}: {owed}, the model says {model_owed}"

    # ------------------------------------------------------------------ signing

    def _digest(self, order: Order | ContractTerms) -> bytes:
        separator = self.deployed.separator
        if isinstance(order, ContractTerms):
            return TERMS.digest(separator, typed_terms(order))
        kind = {FundMandate: FUND_MANDATE, RepayMandate: REPAY_MANDATE, Offer: OFFER}[type(order)]
        return kind.digest(separator, self._values(order))

    def _values(self, order: Order) -> dict[str, Any]:
        values: dict[str, Any] = {_camel(name): value for name, value in vars(order).items()}
        values["salt"] = order.salt.to_bytes(32, "big")
        for name in ("lender", "payer", "seller", "buyer"):
            if name in values:
                values[name] = address(values[name]) if values[name] else NOBODY
        if "loan" in values:
            values["loan"] = self.names[values["loan"]]
        return values

    def _signed(self, order: Order) -> tuple[tuple[Any, ...], bytes]:
        signer = next(getattr(order, name) for name in ("lender", "payer", "seller") if hasattr(order, name))
        return tuple(self._values(order).values()), account(signer).sign_compact(self._digest(order))

    def _terms(self, terms: ContractTerms) -> tuple[str, tuple[Any, ...], bytes]:
        """Every second request is carried by a stranger, under the borrower's signature."""
        struct = tuple(typed_terms(terms).values())
        if terms.salt[-1] % 2:
            return STRANGER, struct, account(terms.borrower).sign_compact(self._digest(terms))
        return terms.borrower, struct, b""

    def _proposal(self, number: int, proposal: Proposal) -> dict[str, Any]:
        values: dict[str, Any] = {_camel(name): getattr(proposal, name) for name in Proposal.__slots__}
        values["salt"] = proposal.salt.to_bytes(32, "big")
        return {"loan": self.names[number], **values, "document": bytes(32)}

    def _new_terms(self, number: int, proposal: Proposal) -> tuple[Any, ...]:
        values = self._proposal(number, proposal)
        return tuple(values[name] for name, _ in RESTRUCTURE.fields)

    # ------------------------------------------------------------------ one call for each act

    def _request(self, model: Model, terms: ContractTerms) -> Any:
        sender, struct, signature = self._terms(terms)
        return sender, "LoanBook", "request", (struct, signature, b"")

    def _request_and_fund(self, model: Model, terms: ContractTerms, lender: str, units: int) -> Any:
        struct = tuple(typed_terms(terms).values())
        signature = account(terms.borrower).sign_compact(self._digest(terms))
        return lender, "LoanBook", "request_and_fund", (struct, signature, b"", units, b"")

    def _revoke(self, model: Model, by: str, order: Order | ContractTerms) -> Any:
        return by, "LoanBook", "revoke", (self._digest(order),)

    def _fund(self, model: Model, number: int, lender: str, units: int) -> Any:
        return lender, "LoanBook", "fund", (self.names[number], units, b"")

    def _fund_by_mandate(self, model: Model, mandate: FundMandate, number: int, units: int) -> Any:
        struct, signature = self._signed(mandate)
        return STRANGER, "LoanBook", "fund_by_mandate", (struct, signature, self.names[number], units, b"")

    def _cancel(self, model: Model, number: int, by: str) -> Any:
        return by, "LoanBook", "cancel", (self.names[number],)

    def _refund(self, model: Model, number: int, lender: str) -> Any:
        return STRANGER, "LoanBook", "refund", (self.names[number], address(lender))

    def _disburse(self, model: Model, number: int) -> Any:
        return STRANGER, "LoanBook", "disburse", (self.names[number],)

    def _repay(self, model: Model, number: int, by: str, amount: int) -> Any:
        return by, "LoanBook", "repay", (self.names[number], amount)

    def _pay_off(self, model: Model, number: int, by: str, most: int) -> Any:
        return by, "LoanBook", "pay_off", (self.names[number], most)

    def _prepay(self, model: Model, number: int, by: str, amount: int, new_level: int) -> Any:
        return by, "LoanBook", "prepay", (self.names[number], amount, new_level)

    def _authorize(self, model: Model, mandate: RepayMandate, by: str) -> Any:
        struct, signature = self._signed(mandate)
        return by, "LoanBook", "authorize", (struct, signature)

    def _withdraw_mandate(self, model: Model, number: int, by: str) -> Any:
        return by, "LoanBook", "withdraw_mandate", (self.names[number],)

    def _collect(self, model: Model, items: list[tuple[int, int, int]]) -> Any:
        loans = [self.names[number] for number, _, _ in items]
        return STRANGER, "LoanBook", "collect", (loans, [period << 48 | target for _, period, target in items])

    def _claim(self, model: Model, number: int, lender: str) -> Any:
        return STRANGER, "LoanBook", "claim", (self.names[number], address(lender))

    def _claim_many(self, model: Model, numbers: list[int], lender: str) -> Any:
        return STRANGER, "LoanBook", "claim_many", ([self.names[number] for number in numbers], address(lender))

    def _transfer(self, model: Model, number: int, seller: str, buyer: str, units: int, floor: int) -> Any:
        return seller, "LoanBook", "transfer", (self.names[number], address(buyer), units, floor, b"")

    def _buy(self, model: Model, offer: Offer, buyer: str, units: int) -> Any:
        struct, signature = self._signed(offer)
        return buyer, "LoanBook", "buy", (struct, signature, units, b"")

    def _levy(self, model: Model, number: int, by: str, amount: int) -> Any:
        return by, "LoanBook", "levy", (self.names[number], amount)

    def _waive(self, model: Model, number: int, by: str, amount: int) -> Any:
        return by, "LoanBook", "waive", (self.names[number], amount)

    def _waive_rest(self, model: Model, number: int, by: str) -> Any:
        return by, "LoanBook", "waive_rest", (self.names[number],)

    def _take_fees(self, model: Model, by: str, numbers: list[int]) -> Any:
        return by, "LoanBook", "take_fees", ([self.names[number] for number in numbers],)

    def _stop(self, model: Model, by: str, on: bool) -> Any:
        return by, "LoanBook", "stop", (on,)

    def _mark_default(self, model: Model, number: int) -> Any:
        return STRANGER, "Workout", "mark_default", (self.names[number],)

    def _cover(self, model: Model, number: int) -> Any:
        return STRANGER, "Workout", "cover", (self.names[number],)

    def _recover(self, model: Model, number: int, by: str, amount: int, extra: bool) -> Any:
        return by, "Workout", "recover", (self.names[number], amount, extra)

    def _write_off(self, model: Model, number: int, by: str) -> Any:
        return by, "Workout", "write_off", (self.names[number],)

    def _propose(self, model: Model, number: int, proposal: Proposal) -> Any:
        digest = RESTRUCTURE.digest(self.deployed.separator, self._proposal(number, proposal))
        signature = account(model.loans[number].terms.borrower).sign_compact(digest)
        return STRANGER, "Workout", "propose", (self._new_terms(number, proposal), signature)

    def _consent(self, model: Model, number: int, holder: str, proposal: Proposal) -> Any:
        digest = RESTRUCTURE.digest(self.deployed.separator, self._proposal(number, proposal))
        return holder, "Workout", "consent", (digest,)

    def _restructure(self, model: Model, number: int, proposal: Proposal) -> Any:
        return STRANGER, "Workout", "restructure", (self._new_terms(number, proposal),)

    def _top_up(self, model: Model, by: str, amount: int) -> Any:
        return by, "Guarantee", "top_up", (amount,)

    def _hold(self, model: Model, name: str, until: int) -> Any:
        return "compliance", "Money", "propose_hold", (address(name), b"\1" * 32, until)


def _same(what: str, seen: dict[str, int], wanted: dict[str, int]) -> None:
    differs = {name: (seen[name], value) for name, value in wanted.items() if seen[name] != value}
    assert not differs, f"{what}: (contract, model) {differs}"
