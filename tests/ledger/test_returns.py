"""The loan book by vintage, and its pooled return."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from lendchain.db import reading
from lendchain.ledger.returns import TOTAL, book_by_vintage, pooled_irr_ppm
from tests.ledger.lives import DAY, Life
from tests.ledger.stores import post
from tests.ledger.world import World


def test_vintages_add_up_to_the_total(sqlite_store: sa.Engine) -> None:
    life = Life(7).run(500)
    post(sqlite_store, [life.events])
    with reading(sqlite_store) as conn:
        *vintages, total = book_by_vintage(conn)
    assert total.vintage == TOTAL
    assert len(vintages) > 1
    for name in ("loans", "lent", "principal", "interest", "late", "fees", "recovered", "charged_off", "outstanding"):
        assert sum(getattr(line, name) for line in vintages) == getattr(total, name)
    assert total.lent == sum(loan.terms.principal for loan in life.loans.values() if loan.running is not None)


def test_a_loan_repaid_on_time_returns_its_rate(sqlite_store: sa.Engine) -> None:
    """Paid in the running period each month, so the pooled return is near the effective rate of the terms."""
    life = Life(2)
    name = life.live()
    loan = life.loans[name]
    while not loan.ended:
        life.forward(30)
        life.paid(
            name, loan.terms.borrower, "repay", loan.terms.borrower, loan.payable(loan.terms.borrower, life.now) or 1
        )
    post(sqlite_store, [life.events])
    with reading(sqlite_store) as conn:
        (total,) = (line for line in book_by_vintage(conn) if line.vintage == TOTAL)
    assert total.irr_ppm is not None
    assert total.outstanding == 0
    effective = ((1 + loan.terms.rate_ppm / 12e6) ** 12 - 1) * 1e6
    assert abs(total.irr_ppm - effective) < 0.15 * effective


def test_the_return_of_known_flows() -> None:
    assert pooled_irr_ppm({date(2020, 1, 1): -100_000, date(2020, 12, 31): 110_000}) == 100_000
    assert pooled_irr_ppm({date(2020, 1, 1): -100_000}) is None
    assert pooled_irr_ppm({}) is None


def test_the_real_books_lines_are_its_loans(world: World) -> None:
    with reading(world.store) as conn:
        total = book_by_vintage(conn)[-1]
    assert total.loans == 6
    assert total.lent == total.loans * 100_000
    assert DAY == 86_400
