"""The fold: balanced, deterministic, the same on both databases, and undone exactly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.chain import Event
from lendchain.db import make_engine, reading, upgrade
from lendchain.ledger import accounts as a
from lendchain.ledger import models as m
from lendchain.ledger.accounts import Key
from lendchain.ledger.books import LedgerError
from lendchain.ledger.checks import check_entries, check_loans, check_totals
from lendchain.ledger.fingerprint import fingerprint
from lendchain.ledger.fold import LedgerFold
from lendchain.ledger.posting import LOAN_EVENTS
from tests.ledger.lives import ADDRESSES, Life, batches, contracts, moved_up
from tests.ledger.stores import books_of, dump, keep, post
from tests.ledger.world import World


def test_every_event_that_the_ledger_knows_happened_on_the_real_chain(log: Sequence[Event]) -> None:
    seen = {event.name for event in log}
    assert seen >= LOAN_EVENTS | {
        "Transfer",
        "Forwarded",
        "Minted",
        "Withdrawn",
        "ToppedUp",
        "GuaranteePaid",
        "Skipped",
    }


def test_books_of_the_real_log_hold_every_rule(log: Sequence[Event]) -> None:
    books = books_of(log)
    assert len(books.loans) == 8
    assert check_entries(books, books.entries) == []
    assert check_loans(books, books.loans, positions=books.loans) == []
    assert check_totals(books) == []


def test_every_entry_is_tied_to_its_event(world: World, log: Sequence[Event]) -> None:
    at = {(event.block_number, event.log_index): event for event in log}
    with reading(world.store) as conn:
        entries = conn.execute(sa.select(m.entries).order_by(m.entries.c.number)).all()
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        event = at[entry.block_number, entry.log_index]
        assert (entry.tx_hash, entry.ordinal, entry.kind) == (event.tx_hash, event.ordinal, event.name)


def test_both_databases_hold_the_same_books(store: sa.Engine, world: World, log: Sequence[Event]) -> None:
    post(store, batches(list(log), Random(5), 40))
    assert dump(store) == dump(world.store)


@pytest.mark.parametrize("most", [1, 3, 50, 10_000])
def test_books_do_not_depend_on_how_the_log_was_cut(sqlite_store: sa.Engine, log: Sequence[Event], most: int) -> None:
    post(sqlite_store, [list(log)])
    whole = dump(sqlite_store)
    with sqlite_store.begin() as conn:
        LedgerFold().rewind(conn, -1)
    assert not any(dump(sqlite_store).values())
    post(sqlite_store, batches(list(log), Random(most), most))
    assert dump(sqlite_store) == whole


def test_rebuilding_gives_equal_rows(world: World) -> None:
    before = dump(world.store)
    world.chain.indexer.rebuild()
    assert dump(world.store) == before


def test_a_rewind_to_any_block_leaves_what_stood_there(store: sa.Engine, world: World, log: Sequence[Event]) -> None:
    """taken back step by step from the end; at each the rows are those of the log up to it."""
    keep(store, world.manifest.contracts(), log)
    post(store, [list(log)])
    ledger = LedgerFold()
    blocks = sorted({event.block_number for event in log})
    for block in blocks[::-1][:: 4 if store.dialect.name == "sqlite" else 24]:
        with store.begin() as conn:
            ledger.rewind(conn, block)
        expected = books_of(event for event in log if event.block_number <= block)
        rows = dump(store)
        assert [(r[1], r[2], r[3], r[5], r[6]) for r in rows["ledger_accounts"]] == [
            (*key, balance.debit, balance.credit) for key, balance in expected.accounts.items()
        ]
        assert [row[0] for row in rows["ledger_entries"]] == [entry.number for entry in expected.entries]
        assert [row[-1] for row in rows["ledger_clock"]] == [move[-1] for move in expected.clock_moves]


def test_a_rewind_and_the_same_blocks_again_leave_no_trace(
    store: sa.Engine, log: Sequence[Event], world: World
) -> None:
    keep(store, world.manifest.contracts(), log)
    post(store, [list(log)])
    whole = dump(store)
    ledger = LedgerFold()
    last = log[-1].block_number
    for depth in (1, 2, 5, 10, 40, last - 30):
        with store.begin() as conn:
            ledger.rewind(conn, last - depth)
        post(store, [[event for event in log if event.block_number > last - depth]])
        assert dump(store) == whole


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_random_lives_balance_and_money_is_where_it_was_counted(seed: int) -> None:
    life = Life(seed).run(120)
    books = books_of(life.events)
    assert check_entries(books, books.entries) == []
    assert check_loans(books, books.loans, positions=books.loans) == []
    assert check_totals(books) == []
    assert books.balance(Key(a.BANK)) == life.supply
    for person, amount in life.money.items():
        if person not in (ADDRESSES["LoanBook"], "0x" + "00" * 20):
            assert -books.balance(Key(a.MONEY, "", person)) == amount
    held = (a.ESCROW, a.UNCLAIMED_PRINCIPAL, a.UNCLAIMED_INTEREST, a.FEES)
    in_book = -sum(b.amount for key, b in books.accounts.items() if key.code in held)
    unasked = -books.balance(Key(a.MONEY, "", ADDRESSES["LoanBook"]))
    assert in_book + unasked == life.money[ADDRESSES["LoanBook"]]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_claimable_sums_are_those_of_exact_shares(seed: int) -> None:
    """The integers of debts and dust agree with the oracle's fractions, for every holder after every life."""
    life = Life(seed).run(120)
    books = books_of(life.events)
    for name, loan in life.loans.items():
        kept = books.loans[name]
        assert kept.outstanding + books.balance(Key(a.LOST, name)) == (loan.principal_outstanding if kept.lent else 0)
        if kept.status not in (0, 3):
            for holder in kept.positions:
                claim = loan.register.claimable(holder, ended=loan.ended)
                assert kept.claimable(holder) == (claim.principal, claim.interest)


@pytest.mark.parametrize("seed", range(4))
def test_random_lives_survive_rewinds(sqlite_store: sa.Engine, seed: int) -> None:
    life = Life(seed).run(200)
    keep(sqlite_store, contracts(), life.events)
    post(sqlite_store, [life.events])
    whole, ledger, rng = dump(sqlite_store), LedgerFold(), Random(seed)
    for _ in range(4):
        block = rng.randint(0, life.block)
        with sqlite_store.begin() as conn:
            ledger.rewind(conn, block)
        post(sqlite_store, batches([event for event in life.events if event.block_number > block], rng, 60))
        assert dump(sqlite_store) == whole


def test_the_fingerprint_is_of_what_was_booked_not_of_where(sqlite_store: sa.Engine, tmp_path: Path) -> None:
    life = Life(5).run(80)
    post(sqlite_store, [life.events])
    later = make_engine(tmp_path / "later.db", durable=False)
    upgrade(later)
    post(later, batches(moved_up(life.events, 7), Random(1), 50))
    with reading(sqlite_store) as one, reading(later) as other:
        assert fingerprint(one) == fingerprint(other)
    with later.begin() as conn:
        conn.execute(sa.update(m.lines).where(m.lines.c.entry == 3, m.lines.c.line == 0).values(amount=1))
    with reading(sqlite_store) as one, reading(later) as other:
        assert fingerprint(one) != fingerprint(other)
    later.dispose()


def test_a_hole_in_the_log_is_refused(sqlite_store: sa.Engine, log: Sequence[Event]) -> None:
    request = next(place for place, event in enumerate(log) if event.name == "Requested")
    with pytest.raises(LedgerError, match="never requested"):
        post(sqlite_store, [[*log[:request], *log[request + 1 :]]])
    assert not any(dump(sqlite_store).values())


def test_money_that_the_book_pays_out_unaccounted_is_refused(sqlite_store: sa.Engine) -> None:
    life = Life(3)
    life.live()
    life.begin()
    loan = next(iter(life.loans))
    life.log("LoanBook", "FeeTaken", loan=loan, amount=0)
    life.money[ADDRESSES["LoanBook"]] += 500
    life.transfer(ADDRESSES["LoanBook"], life.people[0], 500)
    with pytest.raises(LedgerError, match="paid out unaccounted"):
        post(sqlite_store, [life.events])
