"""A file as rows of text, from CSV or Parquet, with the line numbers that an editor shows."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lendchain.i18n import _
from lendchain.servicing.replay.problems import Findings

# How a line of prose begins: LendingClub's own files carry such lines above and below the loans.
_PROSE = ("notes offered by", "loans that do not meet", "total amount funded")
_PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number and its cells by column; a missing cell is empty text."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header and rows."""

    columns: tuple[str, ...]
    rows: list[Row]


_NOTHING = Table((), [])


def read_table(path: Path, findings: Findings) -> Table:
    """The rows of a CSV (UTF-8, comma) or Parquet file; what can't be read is noted in `findings`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        findings.add(0, "", _("cannot be read: {reason}").format(reason=error.strerror))
        return _NOTHING
    if not raw.strip():
        findings.add(0, "", _("the file is empty"))
        return _NOTHING
    if raw.startswith(_PARQUET_MAGIC):
        return _read_parquet(path, findings)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        reason = _("byte {byte} is not UTF-8; save the file as UTF-8").format(byte=f"0x{raw[error.start]:02x}")
        findings.add(row, "", reason)
        return _NOTHING
    if "\x00" in text:
        findings.add(text[: text.index("\x00")].count("\n") + 1, "", _("a zero byte: not a text file, or UTF-16"))
        return _NOTHING
    return _read_csv(text, findings)


def _read_csv(text: str, findings: Findings) -> Table:
    lines = _csv_lines(text, findings)
    header = next(((number, cells) for number, cells in lines if len(cells) > 1), None)
    if header is None:
        findings.add(0, "", _("no header line with several columns"))
        return _NOTHING
    columns = tuple(cell.strip() for cell in header[1])
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        findings.add(header[0], name, _("the column stands twice in the header"))
    rows = []
    for number, cells in lines:
        if len(cells) != len(columns):
            reason = _("{found} cells where the header has {expected}").format(found=len(cells), expected=len(columns))
            findings.add(number, "", reason)
            continue
        rows.append(Row(number, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    return Table(columns, rows)


def _csv_lines(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """Each line that holds data, with the number of its first physical line."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            findings.add(start, "", _("not a CSV line: {reason}").format(reason=error))
            start = reader.line_num + 1
            continue
        number, start = start, reader.line_num + 1
        if any(cell.strip() for cell in cells) and not _is_prose(cells):
            yield number, cells


def _is_prose(cells: list[str]) -> bool:
    return cells[0].strip().lower().startswith(_PROSE) and not any(cell.strip() for cell in cells[1:])


def _read_parquet(path: Path, findings: Findings) -> Table:
    import pyarrow
    import pyarrow.parquet as parquet

    try:
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        findings.add(0, "", _("not a readable Parquet file: {reason}").format(reason=str(error).splitlines()[0]))
        return _NOTHING
    columns = tuple(table.column_names)
    texts = {name: [_text(value) for value in table.column(name).to_pylist()] for name in columns}
    rows = [Row(i + 1, {name: texts[name][i] for name in columns}) for i in range(table.num_rows)]
    return Table(columns, rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return str(isoformat())[:10]
    return repr(value) if isinstance(value, float) else str(value)
