"""The contracts' running hash: each event of the book carries a sequence number and the hash of all before it.

`head = sequence << 192 | hash`; the next one is
`(sequence + 1) << 192 | keccak256(abi_encode(head, kind, loan, a, b)) >> 64` (docs/contracts.md, section 6).
So an event that was hidden, altered or put in another order shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from lendchain.chain.hashing import keccak256

Args = dict[str, Any]
Link = tuple[int, Callable[[Args], int], Callable[[Args], int]]


def _named(name: str) -> Callable[[Args], int]:
    return lambda args: _int(args[name])


def _packed(*names: str) -> Callable[[Args], int]:
    """Values of 64 bits each, the first one highest."""

    def pack(args: Args) -> int:
        word = 0
        for name in names:
            word = word << 64 | args[name]
        return word

    return pack


def _nothing(_: Args) -> int:
    return 0


def _int(value: int | str) -> int:
    return int(value, 16) if isinstance(value, str) else value


LINKS: Final[dict[str, Link]] = {
    "Requested": (1, _named("document"), _named("who")),
    "Funded": (2, _named("lender"), _named("units")),
    "Refunded": (3, _named("lender"), _named("units")),
    "Paid": (4, _packed("penalty", "fee", "interest", "principal"), _named("state")),
    "Disbursed": (5, _packed("amount", "fee"), _named("day")),
    "Ended": (9, _named("status"), _packed("outstanding", "arrears")),
    "Claimed": (10, _named("lender"), _packed("principal", "interest")),
    "Moved": (11, _named("buyer"), _packed("units", "price")),
    "Covered": (12, _named("amount"), _nothing),
    "Recovered": (13, _packed("lenders", "guarantor", "arrears", "extra"), _nothing),
    "Restructured": (14, _named("digest"), _named("rules")),
    "Levied": (15, _named("amount"), _nothing),
    "Waived": (16, _named("amount"), _nothing),
    "RestWaived": (17, _packed("principal", "interest"), _nothing),
    "FeeTaken": (18, _named("amount"), _nothing),
}


def sequence_of(head: int) -> int:
    """How many linked events the contract had emitted."""
    return head >> 192


def next_head(head: int, name: str, args: Args) -> int:
    """The head that must follow when this event comes after `head`."""
    kind, first, second = LINKS[name]
    words = (head, kind, _int(args["loan"]), first(args), second(args))
    digest = keccak256(b"".join([word.to_bytes(32, "big") for word in words]))
    return ((head >> 192) + 1) << 192 | int.from_bytes(digest[:24], "big")
