"""What the chain's book says at the end beside the file's own totals: by vintage, by group, by loan, to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from lendchain.ledger import models as ledger
from lendchain.ledger.returns import TOTAL, BookLine, book_by_vintage
from lendchain.servicing import models

_FIGURES: Final = ("lent", "principal", "interest", "late", "recovered", "charged_off")
_PLAIN_RULES: Final = (0, 1)  # no payment is solved for


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that a totals-only file has too, in minor units."""

    lent: int = 0
    principal: int = 0
    interest: int = 0
    late: int = 0
    recovered: int = 0
    charged_off: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in _FIGURES))

    def __sub__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) - getattr(other, name) for name in _FIGURES))


@dataclass(frozen=True, slots=True)
class Vintage:
    """One year of issue, or the total: the chain's figures and the file's."""

    vintage: str
    loans: int
    chain: Figures
    file: Figures

    @property
    def difference(self) -> Figures:
        """Chain less file."""
        return self.chain - self.file


@dataclass(frozen=True, slots=True)
class Group:
    """Loans of one end and term. `met`: all four totals, by the contract; `plain`: of them with no solved payment."""

    group: str
    term_months: int
    loans: int
    met: int
    plain: int
    last_amount_near: int

    @property
    def share(self) -> float:
        """Share of loans met."""
        return self.met / self.loans if self.loans else 1.0


@dataclass(frozen=True, slots=True)
class Unmet:
    """A loan whose totals the contract did not reach, with the reason."""

    name: str
    loan: str
    row: int
    cause: str
    chain: Figures
    file: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a replay."""

    vintages: list[Vintage]
    book: list[BookLine]
    groups: list[Group]
    positions: int
    unmet: list[Unmet] = field(default_factory=list)

    @property
    def loans(self) -> int:
        """All loans lived."""
        return sum(group.loans for group in self.groups)

    @property
    def met(self) -> int:
        """Loans that met all four totals to the cent."""
        return sum(group.met for group in self.groups)

    @property
    def plain(self) -> int:
        """Loans that met them with no payment solved for: the honest figure."""
        return sum(group.plain for group in self.groups)

    def to_dict(self) -> dict[str, Any]:
        """For JSON; amounts in minor units."""
        return {"loans": self.loans, "met": self.met, "met_without_solved_payment": self.plain, **asdict(self)}


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    loan: str
    row: int
    vintage: str
    group: str
    term_months: int
    rule: int | None
    cause: str | None
    last_near: bool
    chain: Figures
    file: Figures

    @property
    def is_met(self) -> bool:
        c, f = self.chain, self.file
        return (c.principal, c.interest, c.late, c.recovered) == (f.principal, f.interest, f.late, f.recovered)


def report(conn: sa.Connection) -> Report:
    """The report of the store's replay, from the ledger and nothing else."""
    rows = list(_rows(conn))
    unmet = [
        Unmet(row.name, row.loan, row.row, row.cause or "refused-by-contract", row.chain, row.file)
        for row in rows
        if not row.is_met
    ]
    positions = conn.scalar(sa.select(sa.func.count()).select_from(ledger.positions)) or 0
    return Report(_vintages(rows), book_by_vintage(conn, ahead_s=0), _groups(rows), positions, unmet)


def _rows(conn: sa.Connection) -> Iterable[_Row]:
    r, c = models.loans.c, ledger.loans.c
    query = (
        sa.select(
            r.name,
            r.loan,
            r.row,
            r.issued_on,
            r.group,
            r.term_months,
            r.rule,
            r.cause,
            r.path_last_amount,
            r.file_last_amount,
            r.file_principal_lent,
            r.file_principal,
            r.file_interest,
            r.file_late_fees,
            r.file_recoveries,
            c.lent,
            c.principal,
            c.interest,
            c.penalty,
            c.recovered_principal + c.recovered_guarantee + c.recovered_arrears + c.recovered_extra,
            c.lent - c.principal - c.waived_principal,
            c.defaulted_at,
        )
        .select_from(models.loans.join(ledger.loans, r.loan == c.loan))
        .order_by(r.place)
    )
    for row in conn.execute(query):
        name, loan, line, issued_on, group, term, rule, cause, path_last, file_last, *amounts, defaulted_at = row
        lent, principal, interest, late, recovered = amounts[:5]
        lost = bool(defaulted_at)
        yield _Row(
            name,
            loan,
            line,
            str(issued_on.year),
            group,
            term,
            rule,
            cause,
            abs(path_last - file_last) * 100 <= file_last,
            Figures(*amounts[5:10], *([amounts[10]] if lost else [])),
            Figures(lent, principal, interest, late, recovered, lent - principal if lost else 0),
        )


def _vintages(rows: list[_Row]) -> list[Vintage]:
    sums: dict[str, tuple[int, Figures, Figures]] = defaultdict(lambda: (0, Figures(), Figures()))
    for row in rows:
        for name in (row.vintage, TOTAL):
            count, chain, file = sums[name]
            sums[name] = (count + 1, chain + row.chain, file + row.file)
    names = sorted(set(sums) - {TOTAL}) + ([TOTAL] if sums else [])
    return [Vintage(name, *sums[name]) for name in names]


def _groups(rows: list[_Row]) -> list[Group]:
    by_group: dict[tuple[str, int], list[_Row]] = defaultdict(list)
    for row in rows:
        by_group[row.group, row.term_months].append(row)
    return [
        Group(
            group,
            term,
            len(members),
            sum(row.is_met for row in members),
            sum(row.is_met and row.rule in _PLAIN_RULES for row in members),
            sum(row.is_met and row.last_near for row in members),
        )
        for (group, term), members in sorted(by_group.items())
    ]
