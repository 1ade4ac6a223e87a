"""Reading loan books: what is accepted, and that each fault is named by file, row, column and reason."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lendchain.servicing.replay.book import Layout, Outcome, Totals
from lendchain.servicing.replay.problems import BadFileError, Problem
from lendchain.servicing.replay.readers import read_book
from tests.servicing.books import COLUMNS, PLAIN, PLAIN_COLUMNS, row, small_book, write_csv

ABOVE = "Notes offered by Prospectus (https://www.lendingclub.com/info/prospectus.action)\n"
BELOW = '\n"Total amount funded in policy code 1: 471701350"\n"Total amount funded in policy code 2: 0"\n'


def problems(path: Path) -> list[Problem]:
    with pytest.raises(BadFileError) as caught:
        read_book(path)
    return caught.value.problems


def only(path: Path) -> Problem:
    found = problems(path)
    assert len(found) == 1, found
    return found[0]


def test_public_csv_form_with_its_lines_of_prose_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "LoanStats.csv", small_book(), above=ABOVE, below=BELOW)
    book = read_book(path)
    assert book.layout is Layout.LENDING_CLUB
    loan = next(loan for loan in book.loans if loan.name == "late")
    assert (loan.row, loan.principal, loan.rate_ppm, loan.term_months, loan.instalment) == (
        6,
        100_000,
        120_000,
        6,
        17_255,
    )
    assert (loan.issued_on.isoformat(), loan.grade, loan.outcome) == ("2020-02-01", 2, Outcome.PAID)
    assert loan.received == Totals(100_000, 3_528, 1_500, 0)
    assert loan.months_to_last == 6


def test_loans_below_the_line_about_the_credit_policy_are_read_too(tmp_path: Path) -> None:
    off_policy = row("off", []) | {"loan_status": "Does not meet the credit policy. Status:Fully Paid"}
    path = write_csv(tmp_path / "a.csv", [row("on", [])])
    with path.open("a", encoding="utf-8") as text:
        text.write('"Loans that do not meet the credit policy"\n')
        text.write(",".join(f'"{off_policy[name]}"' for name in COLUMNS) + "\n")
    assert [loan.name for loan in read_book(path).loans] == ["on", "off"]


def test_parquet_and_csv_of_the_same_loans_read_alike(tmp_path: Path) -> None:
    rows = small_book()
    floats = (*COLUMNS[8:13], "funded_amnt", "installment", "last_pymnt_amnt")
    table = {name: [float(r[name]) if name in floats else r[name] for r in rows] for name in COLUMNS}
    table["int_rate"] = [0.12] * len(rows)
    table["term"] = [6] * len(rows)
    pq.write_table(pa.table(table), tmp_path / "book.parquet")
    from_parquet = read_book(tmp_path / "book.parquet").loans
    from_csv = read_book(write_csv(tmp_path / "book.csv", rows)).loans
    assert [replace(loan, row=0) for loan in from_parquet] == [replace(loan, row=0) for loan in from_csv]


def test_fractions_of_a_cent_are_rounded_half_up(tmp_path: Path) -> None:
    loan = row("a", [17_255] * 5) | {"total_rec_late_fee": "14.995", "total_pymnt": "1050.2850001"}
    assert read_book(write_csv(tmp_path / "a.csv", [loan])).loans[0].received.late_fees == 1_500


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("funded_amnt", "-1000.00", "negative"),
        ("funded_amnt", "0", "above zero"),
        ("funded_amnt", "", "is empty"),
        ("funded_amnt", "1,000", "not a number"),
        ("funded_amnt", "nan", "not a number"),
        ("funded_amnt", "1e99", "too large"),
        ("total_rec_int", "-0.01", "negative"),
        ("issue_d", "Foo-2011", "no month"),
        ("issue_d", "2011-02-30", "not in the calendar"),
        ("issue_d", "2011-13-01", "not in the calendar"),
        ("issue_d", "Dec-1811", "impossible"),
        ("issue_d", "yesterday", "not a date"),
        ("last_pymnt_d", "Jan-2019", "before the issue"),
        ("last_pymnt_d", "", "though the loan was paid on"),
        ("term", " 0 months", "not a term"),
        ("term", "three years", "not a term"),
        ("int_rate", "112%", "not between"),
        ("int_rate", "-1%", "not between"),
        ("installment", "9.99", "first month's interest"),
        ("grade", "H", "not a grade"),
        ("loan_status", "Lost", "unknown status"),
        ("total_pymnt", "1.00", "is not principal + interest"),
        ("id", "", "is empty"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_column_and_reason(tmp_path: Path, column: str, text: str, reason: str) -> None:
    rows = small_book()
    rows[2] |= {column: text}
    found = only(write_csv(tmp_path / "book.csv", rows))
    assert (found.file, found.row, found.column) == ("book.csv", 4, column)
    assert reason in found.reason


def test_more_principal_back_than_was_lent_is_refused(tmp_path: Path) -> None:
    loan = row("a", []) | {"total_rec_prncp": "1200.00", "total_pymnt": "1210.00"}
    assert only(write_csv(tmp_path / "a.csv", [loan])).column == "total_rec_prncp"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,issue_d\n1,Jan-2020\n", encoding="utf-8")
    assert {problem.column for problem in problems(path)} == set(COLUMNS[2:])


def test_a_duplicate_loan_is_refused_with_the_row_of_the_first(tmp_path: Path) -> None:
    found = only(write_csv(tmp_path / "a.csv", [row("x", []), row("y", []), row("x", [])]))
    assert (found.row, found.column) == (4, "id")
    assert "row 2" in found.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        ("id,straße\n1,ä\n".encode("latin-1"), "not UTF-8"),
        ("id,issue_d\n".encode("utf-16-le"), "zero byte"),
        (b"hello\nworld\n", "no header"),
        (b"PAR1 but not really", "Parquet"),
        (b'id,"issue_d\n', "not a CSV line"),
    ],
)
def test_a_file_that_is_no_book_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "book.csv"
    path.write_bytes(content)
    assert any(reason in problem.reason for problem in problems(path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in only(tmp_path / "nowhere.csv").reason


def test_a_header_without_loans_is_refused(tmp_path: Path) -> None:
    assert "no loan" in only(write_csv(tmp_path / "a.csv", [])).reason


def test_a_row_with_too_few_cells_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", small_book(), below='"x","Jan-2020"\n')
    found = only(path)
    assert found.row == 9
    assert "2 cells" in found.reason


def test_fifty_faults_among_ten_thousand_rows_are_each_named(tmp_path: Path) -> None:
    chance = random.Random(50)
    rows = [row(f"loan-{number}", [17_255] * (number % 6), paid=bool(number % 3)) for number in range(10_000)]
    faults = (
        ("funded_amnt", "-5"),
        ("issue_d", "Feb-30-2011"),
        ("int_rate", "abc"),
        ("total_rec_int", ""),
        ("loan_status", "?"),
    )
    expected = set()
    for place in chance.sample(range(10_000), 50):
        column, text = chance.choice(faults)
        rows[place][column] = text
        expected.add((place + 2, column))
    found = problems(write_csv(tmp_path / "big.csv", rows))
    assert {(problem.row, problem.column) for problem in found} == expected
    assert len(found) == 50


def test_the_real_book_reads_whole(shared: Path) -> None:
    book = read_book(shared / "data" / "credit" / "lc_2007_2011h1.parquet")
    assert len(book.loans) == 30_042
    assert sum(loan.outcome is Outcome.CHARGED_OFF for loan in book.loans) == 4_482


# ---------------------------------------------------------------- the plain layout


def plain(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plain.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_plain_layout_is_told_by_its_header_and_keeps_each_payment(tmp_path: Path) -> None:
    book = read_book(plain(tmp_path, PLAIN))
    assert book.layout is Layout.PLAIN
    first, second = book.loans
    assert (first.name, first.rate_ppm, first.instalment, len(first.entries)) == ("A", 120_000, 17_255, 5)
    assert [(e.kind.value, e.amount) for e in second.entries] == [
        ("payment", 4_384),
        ("default", 0),
        ("write_off", 0),
        ("recovery", 12_000),
    ]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("C,payment,2020-03-01,1.00,,,,", "loan", "no `loan` line"),
        ("A,payment,2020-01-01,1.00,,,,", "date", "is before"),
        ("A,payment,2020-06-31,1.00,,,,", "date", "not in the calendar"),
        ("A,payment,2020-07-01,-1.00,,,,", "amount", "negative"),
        ("A,payment,2020-07-01,,,,,", "amount", "is empty"),
        ("A,gift,2020-07-01,1.00,,,,", "event", "unknown event"),
        ("A,recovery,2020-07-01,1.00,,,,", "event", "before the loan's default"),
        ("B,payment,2020-11-01,1.00,,,,", "event", "after the loan's default"),
        ("B,default,2020-11-01,,,,,", "event", "second time"),
        ("A,loan,2020-07-01,1000.00,12,6,172.55,2", "loan", "already"),
        (",payment,2020-07-01,1.00,,,,", "loan", "is empty"),
        ("D,loan,2020-07-01,1000.00,12,6,9.00,2", "instalment", "first month's interest"),
        ("D,loan,2020-07-01,1000.00,12,6,172.55,16", "grade", "not a grade"),
    ],
)
def test_a_bad_plain_line_is_named(tmp_path: Path, line: str, column: str, reason: str) -> None:
    found = only(plain(tmp_path, PLAIN + line + "\n"))
    assert (found.row, found.column) == (13, column)
    assert reason in found.reason


def test_plain_layout_without_a_column_is_refused(tmp_path: Path) -> None:
    found = problems(plain(tmp_path, PLAIN.replace(PLAIN_COLUMNS, PLAIN_COLUMNS.replace(",amount", ",sum"))))
    assert [problem.column for problem in found] == ["amount"]
