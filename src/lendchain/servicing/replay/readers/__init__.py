"""Reads a loan book from a file: the LendingClub layout (CSV or Parquet) or the plain layout with single payments."""

from __future__ import annotations

from pathlib import Path

from lendchain.i18n import _
from lendchain.servicing.replay.book import Book, Layout
from lendchain.servicing.replay.problems import Findings
from lendchain.servicing.replay.readers.lendingclub import read_lending_club
from lendchain.servicing.replay.readers.plain import read_plain
from lendchain.servicing.replay.readers.table import read_table


def read_book(path: Path, layout: Layout | None = None) -> Book:
    """The book in a file, wholly checked. Raises BadFileError that names every fault by file, row, column and reason.

    Without `layout` the header tells: a column `event` marks the plain layout.
    """
    findings = Findings(path)
    table = read_table(path, findings)
    findings.refuse_if_any()
    if layout is None:
        layout = Layout.PLAIN if "event" in table.columns else Layout.LENDING_CLUB
    read = read_plain if layout is Layout.PLAIN else read_lending_club
    loans = read(table, findings)
    if not loans and not findings.problems:
        findings.add(0, "", _("no loan in the file"))
    findings.refuse_if_any()
    return Book(path, layout, tuple(sorted(loans, key=lambda loan: (loan.issued_on, loan.row))))
