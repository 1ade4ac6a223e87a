"""Makes the demo's book from the R package modeldata's loans: `python tools/demo_book.py FOLDER > demo_book.csv`.

FOLDER is the package's `data` folder as Debian ships it (`apt-get download r-cran-modeldata && dpkg -x`). Reading it
takes the Python package `rdata`, which nothing else here needs. The set has amounts, terms, rates, grades and whether
a loan went bad, but no cash flows: those are placed by the rule below, and the demo says so.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import hashlib
import lzma
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

GOOD, BAD = 200, 40
QUARTER: Final = ("Jan-2016", "Feb-2016", "Mar-2016")  # the loans are of the first quarter of 2016
COLUMNS: Final = (
    "id", "issue_d", "funded_amnt", "term", "int_rate", "installment", "grade", "sub_grade", "loan_status",
    "total_pymnt", "total_rec_prncp", "total_rec_int", "total_rec_late_fee", "recoveries",
    "last_pymnt_d", "last_pymnt_amnt",
)  # fmt: skip
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Source:
    """One row of the set."""

    number: int
    amount: int  # cents
    term: int
    rate_bps: int
    sub_grade: str
    is_bad: bool


@dataclass(slots=True)
class Life:
    """What the rule lets a loan bring, in cents."""

    principal: int = 0
    interest: int = 0
    late_fee: int = 0
    recovered: int = 0
    months: int = 0
    last: int = 0


class Chance:
    """Numbers that follow from a row's place in the set and nothing else."""

    def __init__(self, row: int) -> None:
        self._digest = hashlib.sha256(f"lendchain demo book, row {row}".encode()).digest()

    def below(self, place: int, limit: int) -> int:
        """The `place`-th number, 0 <= number < limit."""
        return int.from_bytes(self._digest[4 * place : 4 * place + 4], "big") % limit


def main() -> None:
    rows = list(read(Path(sys.argv[1])))
    chosen = spread([row for row in rows if not row.is_bad], GOOD) + spread([row for row in rows if row.is_bad], BAD)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    for row in sorted(chosen, key=lambda row: row.number):
        out.writerow(line(row))


def spread(rows: list[Source], count: int) -> list[Source]:
    """Every n-th row."""
    return [rows[place * len(rows) // count] for place in range(count)]


def line(row: Source) -> list[str]:
    chance = Chance(row.number)
    level = instalment(row)
    life = live(row, level, chance)
    issued = chance.below(0, 3)
    total = life.principal + life.interest + life.late_fee + life.recovered
    last = month_name(issued + life.months) if life.months else ""
    status = "Charged Off" if row.is_bad else "Fully Paid"
    return [
        str(row.number), QUARTER[issued], money(row.amount), f" {row.term} months", f" {money(row.rate_bps)}%",
        money(level), row.sub_grade[0], row.sub_grade, status, money(total), money(life.principal),
        money(life.interest), money(life.late_fee), money(life.recovered), last, money(life.last),
    ]  # fmt: skip


def live(row: Source, level: int, chance: Chance) -> Life:
    """The rule.

    Bad: instalments for 0 up to half the term's months, then nothing; every second one recovers 5 to 34 % of the rest.
    Good: of ten, four pay to term, three pay off early, two pay 1 to 6 instalments extra in one month and pay off
    early, one pays to term with a late fee of 15 dollars (5 % of the instalment where that is more).
    """
    if row.is_bad:
        paid = chance.below(1, row.term // 2 + 1)
        life, balance = pay(row, [level] * paid)
        life.recovered = balance * (5 + chance.below(3, 30)) // 100 if chance.below(2, 2) else 0
        return life
    kind = chance.below(1, 10)
    early = 6 + chance.below(2, row.term - 8)
    payments = [level] * ((row.term if kind < 4 or kind == 9 else early) - 1)
    if kind in (7, 8):
        payments[chance.below(3, len(payments))] += level * (1 + chance.below(4, 6))
    life, _ = pay(row, payments, pay_off=True)
    life.late_fee = max(1500, level * 5 // 100) if kind == 9 else 0
    return life


def pay(row: Source, payments: list[int], *, pay_off: bool = False) -> tuple[Life, int]:
    """Pays month by month: interest first, 1/12 of the rate on what is left, half up. Returns also what is left."""
    life, balance = Life(), row.amount
    for payment in [*payments, 10**12] if pay_off else payments:
        interest = (balance * row.rate_bps + 60_000) // 120_000
        payment = min(payment, balance + interest)
        balance -= payment - interest
        life.interest += interest
        life.principal += payment - interest
        life.months += 1
        life.last = payment
        if not balance:
            break
    return life, balance


def instalment(row: Source) -> int:
    """The annuity, rounded up to the cent: the smallest whole amount that repays the loan within its term."""
    low, high = row.amount // row.term, row.amount
    while low < high:
        middle = (low + high) // 2
        _, left = pay(row, [middle] * row.term)
        low, high = (middle + 1, high) if left else (low, middle)
    return low


def month_name(months: int) -> str:
    return f"{MONTHS[months % 12]}-{2016 + months // 12}"


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def read(folder: Path) -> Iterator[Source]:
    """The set `lending_club` from the package's lazy-load database."""
    import rdata

    def parsed(data: bytes) -> Any:
        return rdata.conversion.convert(rdata.parser.parse_data(data))

    index = parsed(gzip.decompress((folder / "Rdata.rdx").read_bytes()))
    start, length = (int(part) for part in index["variables"]["lending_club"])
    raw = (folder / "Rdata.rdb").read_bytes()[start : start + length]
    table = parsed(unpacked(raw))
    for number, row in enumerate(table.to_dict("records"), start=1):
        yield Source(
            number,
            int(row["funded_amnt"]) * 100,
            int(str(row["term"]).removeprefix("term_")),
            round(float(row["int_rate"]) * 100),
            str(row["sub_grade"]),
            row["Class"] == "bad",
        )


def unpacked(raw: bytes) -> bytes:
    """R's own container: four bytes of length, a letter for the method, the data."""
    if raw[4:5] == b"2":
        return bz2.decompress(raw[5:])
    if raw[4:5] == b"Z":
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 6}]
        return lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters).decompress(raw[5:])
    return zlib.decompress(raw[4:])


if __name__ == "__main__":
    main()
