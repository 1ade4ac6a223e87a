"""The recomputed books beside the contracts' own storage, read by calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from lendchain.chain.bindings import Contract
from lendchain.chain.words import DefaultedState
from lendchain.ledger import accounts as a
from lendchain.ledger.accounts import Key
from lendchain.ledger.books import Books
from lendchain.ledger.checks import Violation
from lendchain.ledger.events import CLOCK, LOAN_BOOK, MONEY
from lendchain.ledger.loans import Loan
from lendchain.ledger.words import POSITION_BITS, position_word, sums_word

CALLS_AT_ONCE: Final = 1_000
BELOW_BALLOT: Final = (1 << POSITION_BITS) - 1
HELD_BY_BOOK: Final = frozenset({a.ESCROW, a.UNCLAIMED_PRINCIPAL, a.UNCLAIMED_INTEREST, a.FEES})


class ChainProof:
    """Reads the contracts as of one block."""

    def __init__(self, contracts: Sequence[Contract], block: int) -> None:
        self._at = {contract.name: contract for contract in contracts}
        self._block = block

    def violations(self, books: Books, heads: dict[str, int]) -> Iterator[Violation]:
        """Every place where the contracts say otherwise than the books."""
        yield from self._money(books)
        yield from self._loans(books)
        yield from self._positions(books)
        yield from self._history(books, heads)

    def _read(self, contract: str, function: str, calls: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        for start in range(0, len(calls), CALLS_AT_ONCE):
            part = list(calls[start : start + CALLS_AT_ONCE])
            yield from self._at[contract].read_many(function, part, block=self._block)

    def _money(self, books: Books) -> Iterator[Violation]:
        """Token supply = bank money; each account's token balance = its account in the books."""
        supply = self._at[MONEY].read("totalSupply", block=self._block)
        yield from _same("token supply", MONEY, supply, books.balance(Key(a.BANK)))
        expected = {key.holder: -balance.amount for key, balance in books.accounts.items() if key.code == a.MONEY}
        in_book = (balance.amount for key, balance in books.accounts.items() if key.code in HELD_BY_BOOK)
        book = self._at[LOAN_BOOK].address.lower()
        expected[book] = expected.get(book, 0) - sum(in_book)
        holders = sorted(expected)
        balances = self._read(MONEY, "balanceOf", [(holder,) for holder in holders])
        for holder, balance in zip(holders, balances, strict=True):
            yield from _same("token balance", holder, balance, expected[holder])

    def _loans(self, books: Books) -> Iterator[Violation]:
        """Who, rules and sums of each loan; its state where the log gives it whole."""
        names = sorted(books.loans)
        for word, name in enumerate(("who", "rules", "state", "sums")):
            words = self._read(LOAN_BOOK, "loans", [(loan, word) for loan in names])
            for loan_name, found in zip(names, words, strict=True):
                loan = books.loans[loan_name]
                if name == "state":
                    yield from _check_state(loan, found)
                else:
                    expected = sums_word(loan) if name == "sums" else getattr(loan, name)
                    yield from _same(f"word {name}", loan_name, found, expected)

    def _positions(self, books: Books) -> Iterator[Violation]:
        """Units and debts of every position."""
        held = [(loan, holder) for loan in sorted(books.loans) for holder in sorted(books.loans[loan].positions)]
        words = self._read(LOAN_BOOK, "positions", held)
        for (loan, holder), word in zip(held, words, strict=True):
            position = books.loans[loan].positions[holder]
            expected = position_word(position) if word else 0
            if not word and (position.units or position.principal_debt or position.interest_debt):
                expected = position_word(position)  # an emptied word is all zeros
            yield from _same("position", f"{loan} {holder}", word & BELOW_BALLOT, expected)

    def _history(self, books: Books, heads: dict[str, int]) -> Iterator[Violation]:
        """The book's running hash is that of the log; the sandbox clock stands where its events left it."""
        book = self._at[LOAN_BOOK]
        head = book.read("head", block=self._block)
        yield from _same("running hash", LOAN_BOOK, head, heads.get(book.address.lower(), 0))
        if CLOCK in self._at and books.clock is not None:
            yield from _same("clock", CLOCK, self._at[CLOCK].read("now", block=self._block), books.clock)


def _check_state(loan: Loan, state: int) -> Iterator[Violation]:
    if loan.defaulted_at:
        word = DefaultedState.decode(state)
        covered = loan.covered - loan.recovered_guarantee
        came_back = loan.recovered_principal + loan.recovered_guarantee
        yield from _same("principal at default", loan.loan, word.base, loan.lent - loan.principal)
        yield from _same("recovered", loan.loan, word.recovered, came_back)
        yield from _same("paid by the guarantee", loan.loan, word.guaranteed, covered)
        yield from _same("arrears", loan.loan, word.arrears, loan.arrears - loan.recovered_arrears)
    elif loan.state_logged:
        yield from _same("word state", loan.loan, state, loan.state)


def _same(rule: str, place: str, on_chain: int, in_books: int) -> Iterator[Violation]:
    if on_chain != in_books:
        yield Violation(rule, place, f"on the chain {on_chain:#x}, by the log {in_books:#x}")
