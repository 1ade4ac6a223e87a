"""The outbox on a real node."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lendchain.chain import NewOperation, outbox
from lendchain.chain.errors import OperationConflictError
from lendchain.db import reading

from .conftest import Tally


def test_operations_reach_the_chain_and_their_events_the_store(tally: Tally, store: sa.Engine) -> None:
    tally.chain.enqueue([tally.levy(n, n + 1, f"lender/{n % 7}") for n in range(40)])
    tally.chain.settle()
    assert tally.read("total") == sum(range(1, 41))
    assert len(tally.totals.books(store)) == 40
    assert tally.chain.counts() == outbox.Counts(included=41)


def test_a_refusal_is_kept_with_its_words(tally: Tally, store: sa.Engine) -> None:
    tally.chain.enqueue([tally.levy(1, 5), tally.levy(1, 5, name="levy/again")])
    tally.chain.settle()
    with reading(store) as conn:
        state = outbox.states(conn, ["levy/again"])["levy/again"]
    assert (state.status, state.reason_code, state.reason) == ("failed", 25, "Revoked, or used already.")
    assert tally.read("total") == 5


def test_the_same_id_is_done_once(tally: Tally) -> None:
    tally.chain.enqueue([tally.levy(1, 5)])
    tally.chain.enqueue([tally.levy(1, 5), tally.levy(1, 5)])
    tally.chain.settle()
    tally.chain.enqueue([tally.levy(1, 5)])
    tally.chain.settle()
    assert tally.read("total") == 5
    assert tally.chain.counts() == outbox.Counts(included=2)


def test_the_same_id_with_other_content_is_a_conflict(tally: Tally) -> None:
    tally.chain.enqueue([tally.levy(1, 5)])
    with pytest.raises(OperationConflictError):
        tally.chain.enqueue([tally.levy(1, 6)])


def test_an_act_rolled_back_leaves_no_operation(tally: Tally, store: sa.Engine) -> None:
    with store.connect() as conn:
        outbox.enqueue(conn, [tally.levy(1, 5)])
        conn.rollback()
    tally.chain.settle()
    assert tally.read("total") == 0


def test_a_stage_waits_for_the_one_before(tally: Tally) -> None:
    for factor in (2, 3, 5):
        tally.chain.enqueue([tally.set_factor(factor)])
        tally.chain.new_stage()
        tally.chain.enqueue([tally.levy(100 * factor + n, 1, f"lender/{n}") for n in range(5)])
        tally.chain.new_stage()
    tally.chain.settle()
    assert tally.read("total") == 5 * (2 + 3 + 5)


def test_what_the_node_refuses_for_good_frees_its_nonce(tally: Tally, store: sa.Engine) -> None:
    data = tally.contract.encode("levy", (7).to_bytes(32, "big"), 7)
    starved = NewOperation("levy/starved", tally.keys.account("lender/1"), "levy", tally.address, data, 20_000)
    tally.chain.enqueue([starved, tally.levy(8, 8, "lender/1")])
    tally.chain.settle()
    with reading(store) as conn:
        states = outbox.states(conn, ["levy/starved", "levy/8"])
    assert states["levy/starved"].status == "failed"
    assert "gas" in (states["levy/starved"].reason or "")
    assert states["levy/8"].status == "included"
    assert tally.read("total") == 8


def test_operations_in_a_dumped_block_are_final(tally: Tally) -> None:
    tally.chain.enqueue([tally.levy(1, 5)])
    tally.chain.settle()
    tally.chain.engine.dump()
    tally.chain.step()
    assert tally.chain.counts() == outbox.Counts(final=2)
