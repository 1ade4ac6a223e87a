"""A platform on a hostile token: loans in every state, every act that moves money, every call to strike with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

import boa
from eth_utils.crypto import keccak

from lendchain.chain.bindings import artifact
from tests.contracts.attacks.book import World, deploy_world
from tests.contracts.parts.deploy import NOBODY, TREASURY, compiled_source

LEVEL = 88_849
HONEST, STRIKES, SAYS_NO, REVERTS = range(4)


@dataclass(frozen=True)
class Call:
    """A call, ready to be made by anybody."""

    contract: str
    function: str
    arguments: tuple[Any, ...]


@dataclass
class Stage:
    """The world, its loans by what can be done with them, and the hostile token."""

    world: World
    token: Any
    loans: dict[str, bytes] = field(default_factory=dict)
    acts: dict[str, tuple[str, Call]] = field(default_factory=dict)

    def data(self, call: Call) -> bytes:
        kind = artifact(call.contract).functions[call.function]
        return bytes(kind.encode(*call.arguments))

    def address(self, contract: str) -> str:
        places = {"LoanBook": self.world.book, "Workout": self.world.workout, "Guarantee": self.world.guarantee}
        return str(places[contract].address)

    def perform(self, name: str) -> Any:
        """An act's raw outcome."""
        sender, call = self.acts[name]
        return boa.env.execute_code(to_address=self.address(call.contract), sender=sender, data=self.data(call))

    def state(self) -> tuple[Any, ...]:
        """Everything that the book remembers: words, positions, mandates, ballots, used digests, the running hash."""
        book = self.world.book
        accounts = [*(self.world[name] for name in ("lender", "other", "borrower")), self.token.address]
        loans = tuple(
            (
                tuple(self.world.words(loan)),
                tuple(book.positions(loan, account) for account in accounts),
                book.mandates(loan),
                book.ballots(loan),
            )
            for loan in self.loans.values()
        )
        return (book.head(), book.stopped(), loans)


def deploy_stage() -> Stage:
    """Loans waiting for lenders, full, running, due, earned, cancelled and defaulted."""
    token = compiled_source(Path(__file__).with_name("HostileMoney.vy").read_text(encoding="utf-8")).deploy()
    world = deploy_world(money=token)
    stage = Stage(world, token)
    world.admit(token.address)
    world.mint(world.guarantee.address, 10**9)
    loans = stage.loans
    shares = {"lender": 100, "other": 60}

    def running(**changes: Any) -> bytes:
        loan = world.request(world.terms(**changes))
        for name, units in shares.items():
            world.book.fund(loan, units, b"", sender=world[name])
        world.book.fund(loan, 40, b"", sender=token.address)
        world.book.disburse(loan)
        return loan

    loans["defaulted"] = running(default_days=0)
    loans["covered"] = running(default_days=0)
    world.forward(days=40)
    for name in ("defaulted", "covered"):
        world.workout.mark_default(loans[name])
    world.workout.cover(loans["covered"])
    for name in ("due", "earned"):
        loans[name] = running()
    world.book.repay(loans["earned"], LEVEL, sender=world["borrower"])
    world.forward(days=32)
    loans["fresh"] = running()
    loans["late"] = running(default_days=0)
    loans["open"] = world.request(world.terms())
    loans["full"] = world.request(world.terms())
    loans["cancelled"] = world.request(world.terms())
    world.book.fund(loans["open"], 10, b"", sender=world["lender"])
    world.book.fund(loans["full"], 200, b"", sender=world["lender"])
    world.book.fund(loans["cancelled"], 50, b"", sender=world["lender"])
    world.book.cancel(loans["cancelled"], sender=world["borrower"])
    values = [world["borrower"], loans["due"], 10**9, 2**40 - 1, b"\x05" * 32]
    world.book.authorize(tuple(values), b"", sender=world["borrower"])
    stage.acts = acts_that_move_money(stage)
    return stage


def acts_that_move_money(stage: Stage) -> dict[str, tuple[str, Call]]:
    """Each way in which the book or the guarantee touches the token: (who, what)."""
    world, loans = stage.world, stage.loans
    anyone, lender, borrower = world["passer-by"], world["lender"], world["borrower"]
    terms = astuple(world.terms())
    fund_mandate = [lender, 0, 0, 10**9, 10**9, 2**40 - 1, b"\x06" * 32]
    fund_proof = world.signed("FundMandate", "lender", fund_mandate)
    offer = [lender, loans["earned"], 20, 4_000, NOBODY, 0, 2**40 - 1, b"\x07" * 32]
    offer_proof = world.signed("Offer", "lender", offer)

    def book(function: str, *arguments: Any) -> Call:
        return Call("LoanBook", function, arguments)

    return {
        "fund": (world["other"], book("fund", loans["open"], 10, b"")),
        "request and fund": (borrower, book("request_and_fund", terms, b"", b"", 10, b"")),
        "fund by mandate": (anyone, book("fund_by_mandate", fund_mandate, fund_proof, loans["open"], 5, b"")),
        "refund": (anyone, book("refund", loans["cancelled"], lender)),
        "disburse": (anyone, book("disburse", loans["full"])),
        "repay": (borrower, book("repay", loans["due"], LEVEL)),
        "repay by another": (anyone, book("repay", loans["due"], 1_000)),
        "pay off": (borrower, book("pay_off", loans["due"], 10**12)),
        "prepay": (borrower, book("prepay", loans["fresh"], 100_000, 0)),
        "collect": (anyone, book("collect", [loans["due"]], [LEVEL])),
        "claim": (anyone, book("claim", loans["earned"], lender)),
        "claim many": (anyone, book("claim_many", [loans["earned"], loans["covered"]], lender)),
        "buy": (world["other"], book("buy", offer, offer_proof, 5, b"")),
        "take fees": (world.holders[TREASURY], book("take_fees", [loans["due"], loans["earned"]])),
        "cover": (anyone, Call("Workout", "cover", (loans["defaulted"],))),
        "recover": (borrower, Call("Workout", "recover", (loans["defaulted"], 50_000, False))),
        "recover into the guarantee": (borrower, Call("Workout", "recover", (loans["covered"], 10**6, False))),
        "top up": (lender, Call("Guarantee", "top_up", (5_000,))),
        "draw": (stage.address("Workout"), Call("Guarantee", "draw", (loans["defaulted"], 5_000))),
    }


def strikes(stage: Stage) -> list[Call]:
    """Every function of the three contracts that writes, with arguments that would do if the door stood open."""
    world, loans = stage.world, stage.loans
    token = stage.token.address
    stage.world.salts += 1
    own_terms = astuple(world.terms(borrower=token))
    change = (loans["fresh"], 0, 60_000, 24, 45_000, 0, b"\x02" * 32, 2**40 - 1, b"\x08" * 32)
    fund_mandate = (token, 0, 0, 10**9, 10**9, 2**40 - 1, b"\x09" * 32)
    repay_mandate = (token, loans["late"], 10**9, 2**40 - 1, b"\x0a" * 32)
    offer = (token, loans["due"], 5, 1, NOBODY, 0, 2**40 - 1, b"\x0b" * 32)
    due, lender, book = loans["due"], world["lender"], stage.address("LoanBook")
    arguments: dict[str, Callable[[], tuple[Any, ...]]] = {
        "request": lambda: (own_terms, b"", b""),
        "request_and_fund": lambda: (own_terms, b"", b"", 10, b""),
        "revoke": lambda: (keccak(b"anything"),),
        "fund": lambda: (loans["open"], 5, b""),
        "fund_by_mandate": lambda: (fund_mandate, b"\0" * 65, loans["open"], 5, b""),
        "cancel": lambda: (loans["open"],),
        "refund": lambda: (loans["cancelled"], lender),
        "disburse": lambda: (loans["full"],),
        "repay": lambda: (due, 700),
        "pay_off": lambda: (due, 10**12),
        "prepay": lambda: (loans["fresh"], 700, 0),
        "authorize": lambda: (repay_mandate, b""),
        "withdraw_mandate": lambda: (due,),
        "collect": lambda: ([due], [LEVEL]),
        "collect_item": lambda: (due, LEVEL),
        "claim": lambda: (loans["earned"], lender),
        "claim_many": lambda: ([loans["earned"]], token),
        "transfer": lambda: (due, lender, 3, 0, b""),
        "buy": lambda: (offer, b"\0" * 65, 1, b""),
        "levy": lambda: (due, 1),
        "waive": lambda: (due, 1),
        "waive_rest": lambda: (due,),
        "take_fees": lambda: ([due],),
        "stop": lambda: (True,),
        "door_default": lambda: (due, 1, 0),
        "door_cover": lambda: (loans["defaulted"],),
        "door_recover": lambda: (loans["defaulted"], lender, 5, True),
        "door_write_off": lambda: (loans["defaulted"],),
        "door_propose": lambda: (due, keccak(b"x"), token, b""),
        "door_consent": lambda: (due, keccak(b"x"), token),
        "door_restructure": lambda: (due, keccak(b"x"), keccak(b"y"), 0, 0, 0),
        "mark_default": lambda: (due,),
        "cover": lambda: (loans["defaulted"],),
        "draw": lambda: (loans["defaulted"], 5),
        "recover": lambda: (loans["defaulted"], 5, False),
        "write_off": lambda: (loans["defaulted"],),
        "propose": lambda: (change, b""),
        "consent": lambda: (keccak(b"x"),),
        "restructure": lambda: (change,),
        "bind": lambda: (book, token),
        "top_up": lambda: (5,),
    }
    return [
        Call(contract, name, arguments[name]())
        for contract in ("LoanBook", "Workout", "Guarantee")
        for name, function in artifact(contract).functions.items()
        if not function.reads_only
    ]
