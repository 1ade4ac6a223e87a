"""What is planned before anything is sent: lenders, deposits, dates, and plain files lived on the mirror."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from lendchain.servicing.replay.book import add_months
from lendchain.servicing.replay.market import FEWEST_LENDERS, MOST_LENDERS, draw_lenders, unit_price
from lendchain.servicing.replay.plan import Act, plan_of_path
from lendchain.servicing.replay.problems import BadFileError
from lendchain.servicing.replay.readers import read_book
from lendchain.servicing.replay.service import Choices, dry_run, prepare
from lendchain.servicing.replay.solver import solve
from lendchain.servicing.replay.treasury import Purse
from tests.servicing.books import PLAIN, small_book, write_csv


@pytest.mark.parametrize(
    ("principal", "price"),
    [(50_000, 2_500), (2_722_500, 2_500), (100_000, 2_500), (40_000, 2_000), (1_009, 1), (100_003, 100_003)],
)
def test_a_note_is_25_or_divides_the_loan_into_twenty(principal: int, price: int) -> None:
    assert unit_price(principal) == price


def test_same_seed_draws_the_same_lenders_and_another_seed_others() -> None:
    assert draw_lenders(1, "a", 400, 500) == draw_lenders(1, "a", 400, 500)
    assert draw_lenders(1, "a", 400, 500) != draw_lenders(2, "a", 400, 500)


@pytest.mark.parametrize(("units", "lenders"), [(20, 5_000), (40, 5_000), (1_400, 5_000), (400, 24)])
def test_a_loan_has_at_least_twenty_lenders_and_all_its_units(units: int, lenders: int) -> None:
    for number in range(50):
        drawn = draw_lenders(7, f"loan {number}", units, lenders)
        assert FEWEST_LENDERS <= len(drawn) <= MOST_LENDERS
        assert len({lender for lender, _ in drawn}) == len(drawn)
        assert sum(share for _, share in drawn) == units
        assert all(share > 0 for _, share in drawn)


def test_fewer_lenders_or_units_than_twenty_are_all_drawn() -> None:
    assert len(draw_lenders(1, "a", 400, 3)) == 3
    assert len(draw_lenders(1, "a", 2, 500)) == 2
    assert draw_lenders(1, "a", 1, 1) == ((0, 1),)


def test_a_purse_deposits_what_the_next_year_needs_and_then_nothing_until_it_is_short() -> None:
    payments = [("a", add_months(date(2020, 1, 1), month), 10) for month in range(18)]
    purse = Purse(payments)
    made = [(str(day), d.amount) for _, day, amount in payments for d in purse.deposits(day, {"a": amount})]
    assert made == [("2020-01-01", 120), ("2021-01-01", 60)]


def test_default_is_called_five_months_after_the_last_payment(tmp_path: Path) -> None:
    book = read_book(write_csv(tmp_path / "book.csv", small_book()))
    loan = next(loan for loan in book.loans if loan.name == "bad")
    assert loan.last_paid_on
    days = {step.act: step.day for step in plan_of_path(loan, solve(loan)).steps}
    assert days[Act.DEFAULT] == add_months(loan.last_paid_on, 5)
    assert days[Act.WRITE_OFF] == add_months(loan.last_paid_on, 6)
    assert days[Act.RECOVER_ALL] > days[Act.WRITE_OFF]


def test_instalments_are_collected_and_odd_payments_made_by_the_borrower(tmp_path: Path) -> None:
    book = read_book(write_csv(tmp_path / "book.csv", small_book()))
    acts = {
        loan.name: Counter(step.act for step in plan_of_path(loan, solve(loan)).steps if step.borrower_pays)
        for loan in book.loans
    }
    assert acts["to-term"] == {Act.COLLECT: 6}
    assert acts["prepaid"] == {Act.COLLECT: 2, Act.PAY_OFF: 1}
    assert acts["odd"][Act.REPAY]


def test_a_dry_run_counts_what_would_happen(tmp_path: Path) -> None:
    plan = dry_run(prepare(Choices(write_csv(tmp_path / "book.csv", small_book()), lenders=50)))
    assert (plan.loans, plan.lent, plan.defaults, plan.levies) == (7, 700_000, 2, 1)
    assert plan.positions >= 7 * FEWEST_LENDERS
    assert sum(plan.by_rule.values()) == 7
    assert not plan.by_cause


def test_a_plain_file_is_lived_on_the_mirror_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(PLAIN, encoding="utf-8")
    prepared = prepare(Choices(path))
    first, second = (plan.loan for plan in prepared.plans)
    assert first.received.late_fees == 1_500
    assert first.received.paid == 17_255 + 5_000 + 31_000 + 51_183
    assert second.received.recoveries == 12_000


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("A,payment,2020-08-01,900.00,,,,", "event", "refuses"),  # paid off before
        ("B,write_off,2020-10-06,,,,,", "event", "second time"),
    ],
)
def test_a_plain_line_that_the_contract_would_refuse_is_named(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(PLAIN + line + "\n", encoding="utf-8")
    with pytest.raises(BadFileError) as caught:
        prepare(Choices(path))
    assert any(reason in problem.reason or "takes only" in problem.reason for problem in caught.value.problems)


def test_more_than_the_loan_takes_is_named_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text(PLAIN.replace("511.83", "9650.00"), encoding="utf-8")
    with pytest.raises(BadFileError) as caught:
        prepare(Choices(path))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (7, "amount")
    assert "takes only" in problem.reason
