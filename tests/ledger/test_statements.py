"""Statements tie to the journal to the cent, for every subject and every period."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from lendchain.db import make_engine, reading, upgrade
from lendchain.errors import UsageError
from lendchain.i18n import set_language
from lendchain.ledger import accounts as a
from lendchain.ledger import models as m
from lendchain.ledger.accounts import CHART
from lendchain.ledger.rendering import money, statement_csv, statement_table, to_json
from lendchain.ledger.statements import (
    Period,
    Statement,
    borrower_statement,
    lender_statement,
    loan_statement,
    platform_statement,
)
from tests.ledger.lives import Life
from tests.ledger.stores import post
from tests.ledger.world import LENDERS, World


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A store with one long random life."""
    engine = make_engine(tmp_path_factory.mktemp("lived") / "store.db", durable=False)
    upgrade(engine)
    life = Life(11).run(400)
    post(engine, [life.events])
    yield engine
    engine.dispose()


def ties(statement: Statement) -> None:
    """Opening + lines = closing, and the lines are the turnover."""
    for section in statement.sections:
        assert section.opening + section.increase - section.decrease == section.closing
        if section.lines or statement.subject != "platform":
            assert section.opening + sum(line.amount for line in section.lines) == section.closing
            assert sum(line.amount for line in section.lines if line.amount > 0) == section.increase


def statement_of(conn: sa.Connection, subject: str, rng: Random, period: Period) -> Statement:
    """A statement for somebody drawn from the books."""
    if subject == "platform":
        return platform_statement(conn, period, lines=rng.random() < 0.5)
    column = {"loan": m.loans.c.loan, "borrower": m.loans.c.borrower, "lender": m.positions.c.holder}[subject]
    query = sa.select(column) if subject == "lender" else sa.select(column).where(m.loans.c.disbursed_at > 0)
    name = rng.choice(sorted(set(conn.scalars(query))))
    make = {"loan": loan_statement, "borrower": borrower_statement, "lender": lender_statement}[subject]
    return make(conn, name, period)


@settings(max_examples=60)
@given(
    subject=st.sampled_from(["lender", "borrower", "loan", "platform"]),
    seed=st.integers(0, 10**6),
    ends=st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)),
)
def test_periods_join_and_close_on_the_journal_to_the_cent(
    lived: sa.Engine, subject: str, seed: int, ends: tuple[int, int]
) -> None:
    """Two periods that meet give what the whole gives, and the last closing is the account's balance in the store."""
    start, middle = (1_700_000_000 + 86_400 * day for day in sorted(ends))
    with reading(lived) as conn:
        periods = (Period(None, start), Period(start, middle), Period(middle, None))
        parts = [statement_of(conn, subject, Random(seed), period) for period in periods]
        whole = statement_of(conn, subject, Random(seed), Period())
        for part in (*parts, whole):
            ties(part)
        for section in whole.sections:
            found = [
                {s.account: s for s in part.sections}.get(section.account) for part in parts
            ]  # an account not yet used has no section
            closings = [s.closing for s in found if s is not None]
            assert closings[-1] == section.closing
            for before, after in pairwise(found):
                assert (before.closing if before else 0) == (after.opening if after else 0)
            assert sum(s.increase for s in found if s) == section.increase
        stored = _stored_balances(conn, whole)
        assert {s.account: s.closing for s in whole.sections} == stored


def _stored_balances(conn: sa.Connection, statement: Statement) -> dict[str, int]:
    """Balances that the fold kept, of the accounts a statement is about; counted without the journal's lines."""
    borrowed = set(conn.scalars(sa.select(m.loans.c.loan).where(m.loans.c.borrower == statement.id)))
    totals: dict[str, int] = {}
    for row in conn.execute(sa.select(m.accounts)):
        mine = {
            "platform": True,
            "loan": row.loan == statement.id,
            "lender": row.holder == statement.id,
            "borrower": (row.code == a.MONEY and row.holder == statement.id)
            or (row.loan in borrowed and not row.holder and CHART[row.code].code in _SEEN_BY_BORROWER),
        }[statement.subject]
        if mine:
            balance = row.debit - row.credit
            totals[row.code] = totals.get(row.code, 0) + (balance if CHART[row.code].debit else -balance)
    return totals


_SEEN_BY_BORROWER = {
    *(a.OWED, a.LOST, a.FORGIVEN, a.GUARANTEE_OWED, a.LATE_FEES_OPEN, a.ARREARS_OPEN, a.COST),
    *(a.EARNED_INTEREST, a.EARNED_PENALTY, a.EARNED_FEE, a.EARNED_OPENING_FEE, a.EARNED_ARREARS, a.EARNED_EXTRA),
}


def test_a_lenders_money_is_what_the_token_says(world: World) -> None:
    token = world.contract("Money")
    with reading(world.store) as conn:
        for ref in LENDERS:
            statement = lender_statement(conn, world.address(ref))
            assert statement.section(a.MONEY).closing == token.read("balanceOf", world.address(ref))
            ties(statement)


def test_a_loans_statement_shows_what_the_contract_keeps(world: World) -> None:
    from lendchain.chain.words import Sums

    book = world.contract("LoanBook")
    with reading(world.store) as conn:
        for loan in world.loans.values():
            sums = Sums.decode(book.read("loans", loan, 3))
            statement = loan_statement(conn, "0x" + loan.hex())
            fees = next((s.closing for s in statement.sections if s.account == a.FEES), 0)
            assert fees == sums.fees


def test_lines_say_what_happened(world: World) -> None:
    with reading(world.store) as conn:
        texts = {line.text for line in lender_statement(conn, world.address("lender/2")).section(a.MONEY).lines}
    assert texts >= {"Deposit from the bank", "Withdrawal to the bank", "Bid", "Claim"}
    assert any(text.startswith("Transfer to 0x") for text in texts)


def test_days_of_a_period_are_those_of_the_zone() -> None:
    period = Period.of_days(date(2008, 1, 1), date(2008, 1, 31), ahead_s=8 * 3600)
    assert period.start == 1_199_145_600 - 8 * 3600
    assert period.end == 1_199_145_600 + 31 * 86_400 - 8 * 3600
    with pytest.raises(UsageError):
        Period.of_days(date(2008, 2, 1), date(2008, 1, 1))


def test_a_subject_without_entries_is_refused_with_a_hint(world: World) -> None:
    with reading(world.store) as conn:
        with pytest.raises(UsageError, match="Nothing is booked"):
            lender_statement(conn, "0x" + "12" * 20)
        with pytest.raises(UsageError, match="40 hexadecimal digits"):
            lender_statement(conn, "Alice")


def test_csv_and_json_carry_the_same_figures(world: World) -> None:
    with reading(world.store) as conn:
        statement = lender_statement(conn, world.address("lender/0"))
    rows = list(csv.DictReader(io.StringIO(statement_csv(statement))))
    told = json.loads(to_json(statement))
    for section in told["sections"]:
        mine = [row for row in rows if row["account"] == section["account"]]
        assert mine[0]["balance"] == money(section["opening"]).replace(",", "")
        assert mine[-1]["balance"] == money(section["closing"]).replace(",", "")
        assert len(mine) == len(section["lines"]) + 2


def test_tables_speak_both_languages(world: World, tmp_path: Path) -> None:
    def shown(language: str) -> str:
        set_language(language)
        with reading(world.store) as conn, (tmp_path / "out").open("w") as out:
            console = Console(width=200, record=True, file=out)
            console.print(statement_table(lender_statement(conn, world.address("lender/0"))))
            return console.export_text()

    assert "Money of an account" in shown("en")
    assert "账户余额" in shown("zh")


def test_money_is_written_with_two_decimals() -> None:
    assert [money(n) for n in (0, 5, -5, 123_456_789, -100)] == ["0.00", "0.05", "-0.05", "1,234,567.89", "-1.00"]
