"""Pooled return of the loan book, by vintage and in total, from the journal's cash flows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from lendchain.ledger import models as m
from lendchain.ledger.reading_room import lender_flows
from lendchain.schedule.errors import ScheduleError
from lendchain.schedule.irr import as_ppm, xirr

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class BookLine:
    """The book, or the loans disbursed in one year of it; minor units. `irr_ppm`: a year's rate, None if undefined."""

    vintage: str
    irr_ppm: int | None
    loans: int
    lent: int
    principal: int
    interest: int
    late: int
    fees: int
    covered: int
    recovered: int
    charged_off: int
    waived: int
    outstanding: int


def book_by_vintage(conn: sa.Connection, *, ahead_s: int = 8 * 3600) -> list[BookLine]:
    """One line for each year of disbursement, then the total. Days are those of a zone `ahead_s` seconds east.

    The return is the lenders': lent, then every credit to them (principal, interest, late charges, guarantee payouts,
    recoveries). What is still outstanding counts as nothing, so that of a book which runs on is a floor.
    """
    c = m.loans.c
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * 11)
    vintage_of: dict[str, str] = {}
    query = sa.select(
        c.loan,
        c.disbursed_at,
        c.lent,
        c.principal,
        c.interest,
        c.penalty,
        c.fee + c.opening_fee,
        c.covered,
        c.recovered_principal + c.recovered_guarantee + c.recovered_arrears + c.recovered_extra,
        c.charged_off,
        c.waived_principal,
        c.outstanding,
    ).where(c.disbursed_at > 0)
    for loan, disbursed_at, *amounts in conn.execute(query):
        vintage_of[loan] = str(_day(disbursed_at, ahead_s).year)
        for name in (vintage_of[loan], TOTAL):
            sums[name] = [total + amount for total, amount in zip(sums[name], (1, *amounts), strict=True)]
    flows: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for loan, at, amount in lender_flows(conn):
        for name in (vintage_of[loan], TOTAL):
            flows[name][_day(at, ahead_s)] += amount
    names = sorted(set(sums) - {TOTAL}) + ([TOTAL] if sums else [])
    return [BookLine(name, pooled_irr_ppm(flows[name]), *sums[name]) for name in names]


def pooled_irr_ppm(flows: dict[date, int]) -> int | None:
    """The rate a year at which the flows of each day are worth nothing together; None where there is none."""
    try:
        return as_ppm(xirr(sorted(flows.items())))
    except ScheduleError:
        return None


def _day(at: int, ahead_s: int) -> date:
    return datetime.fromtimestamp(at + ahead_s, UTC).date()
