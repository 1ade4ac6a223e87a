"""Loans as a reader wants them: a list, and one with everything that is known of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from lendchain.chain.words import Rules, State
from lendchain.errors import UsageError
from lendchain.i18n import _
from lendchain.ledger import models as ledger
from lendchain.servicing import models

_SHORTEST_PREFIX = 6
L, R = ledger.loans.c, models.loans.c


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One line of the list, minor units. `name` is the file's id, or the beginning of the chain's."""

    name: str
    loan: str
    disbursed_at: int
    status: int
    lent: int
    principal: int
    interest: int
    outstanding: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of the journal about the loan: what, when, in which transaction, and how much moved at most."""

    entry: int
    at: int
    kind: str
    tx_hash: str
    amount: int


@dataclass(frozen=True, slots=True)
class HistoryGroup:
    """Entries of one kind at one moment: the bids of a day, the claims of a day, or a single act."""

    at: int
    kind: str
    count: int
    tx_hash: str
    amount: int


@dataclass(frozen=True, slots=True)
class PositionView:
    """A lender's position."""

    holder: str
    units: int
    principal: int
    interest: int


@dataclass(frozen=True, slots=True)
class LoanView:
    """One loan. `chain` and `file`: principal, interest, late fees, recoveries; the file's are zero without a file."""

    name: str
    loan: str
    borrower: str
    document: str
    status: int
    units: int
    unit_price: int
    rate_ppm: int
    count: int
    level: int
    requested_at: int
    disbursed_at: int
    defaulted_at: int
    ended_at: int
    outstanding: int
    covered: int
    charged_off: int
    waived: int
    chain: tuple[int, int, int, int]
    file: tuple[int, int, int, int]
    positions: list[PositionView]
    history: list[HistoryLine]

    @property
    def story(self) -> list[HistoryGroup]:
        """The history with the bids and the claims of a moment told as one."""
        told: list[HistoryGroup] = []
        for line in self.history:
            last = told[-1] if told else None
            if last and (last.at, last.kind) == (line.at, line.kind) and line.kind in ("Funded", "Claimed"):
                told[-1] = HistoryGroup(line.at, line.kind, last.count + 1, "", last.amount + line.amount)
            else:
                told.append(HistoryGroup(line.at, line.kind, 1, line.tx_hash, line.amount))
        return told

    def to_dict(self) -> dict[str, Any]:
        """For JSON; amounts in minor units."""
        return asdict(self)


def list_loans(conn: sa.Connection, status: int | None, limit: int) -> tuple[list[LoanRow], int]:
    """The first loans of a status, oldest first, and how many there are in all."""
    where = [] if status is None else [L.status == status]
    query = (
        sa.select(R.name, L.loan, L.disbursed_at, L.status, L.lent, L.principal, L.interest, L.outstanding)
        .select_from(_joined())
        .where(*where)
        .order_by(L.requested_at, R.place, L.loan)
        .limit(limit)
    )
    rows = [LoanRow(name or loan[:12], loan, *rest) for name, loan, *rest in conn.execute(query)]
    count = conn.scalar(sa.select(sa.func.count()).select_from(ledger.loans).where(*where))
    return rows, count or 0


def find_loan(conn: sa.Connection, name: str) -> str:
    """The chain's id of a loan, from the file's id, the chain's or its beginning. Raises `UsageError`."""
    by_file = conn.scalar(sa.select(R.loan).where(R.name == name))
    if by_file is not None:
        return str(by_file)
    found: list[str] = []
    if name.startswith("0x") and len(name) >= _SHORTEST_PREFIX:
        query = sa.select(L.loan).where(L.loan.startswith(name.lower(), autoescape=True)).limit(2)
        found = list(conn.scalars(query))
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(_("Several loans begin with {name}.").format(name=name), hint=_("Give more digits."))
    raise UsageError(
        _("There is no loan {name}.").format(name=name), hint=_("`lendchain loan list` shows all of them.")
    )


def loan_view(conn: sa.Connection, name: str) -> LoanView:
    """Everything known of a loan. Raises `UsageError` for an unknown one."""
    loan = find_loan(conn, name)
    row = conn.execute(sa.select(ledger.loans).where(L.loan == loan)).mappings().one()
    file = conn.execute(sa.select(models.loans).where(R.loan == loan)).mappings().one_or_none()
    rules, state = Rules.decode(int(row["rules_word"], 16)), State.decode(int(row["state_word"], 16))
    recovered = sum(row[f"recovered_{part}"] for part in ("principal", "guarantee", "arrears", "extra"))
    return LoanView(
        name=file["name"] if file else loan[:12],
        loan=loan,
        borrower=row["borrower"],
        document=row["document"],
        status=row["status"],
        units=row["units"],
        unit_price=row["unit_price"],
        rate_ppm=rules.rate_ppm,
        count=rules.count,
        level=state.level,
        requested_at=row["requested_at"],
        disbursed_at=row["disbursed_at"],
        defaulted_at=row["defaulted_at"],
        ended_at=row["ended_at"],
        outstanding=row["outstanding"],
        covered=row["covered"],
        charged_off=row["charged_off"],
        waived=row["waived_principal"] + row["waived_interest"],
        chain=(row["principal"], row["interest"], row["penalty"], recovered),
        file=(
            (file["file_principal"], file["file_interest"], file["file_late_fees"], file["file_recoveries"])
            if file
            else (0, 0, 0, 0)
        ),
        positions=_positions(conn, loan),
        history=_history(conn, loan),
    )


def _joined() -> sa.Join:
    return ledger.loans.outerjoin(models.loans, L.loan == R.loan)


def _positions(conn: sa.Connection, loan: str) -> list[PositionView]:
    p = ledger.positions.c
    query = (
        sa.select(p.holder, p.units, p.claimed_principal, p.claimed_interest)
        .where(p.loan == loan)
        .order_by(p.units.desc(), p.holder)
    )
    return [PositionView(*row) for row in conn.execute(query)]


def _history(conn: sa.Connection, loan: str) -> list[HistoryLine]:
    e, line = ledger.entries.c, ledger.lines.c
    query = (
        sa.select(e.number, e.at, e.kind, e.tx_hash, sa.func.max(line.amount))
        .select_from(ledger.entries.join(ledger.lines, line.entry == e.number))
        .where(e.loan == loan, e.kind != "Transfer")
        .group_by(e.number, e.at, e.kind, e.tx_hash)
        .order_by(e.number)
    )
    return [HistoryLine(*row) for row in conn.execute(query)]
