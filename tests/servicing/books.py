"""Small loan books for tests, as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from lendchain.servicing.replay.solver.arithmetic import State, advance, month_interest

COLUMNS = (
    "id",
    "issue_d",
    "funded_amnt",
    "term",
    "int_rate",
    "installment",
    "grade",
    "loan_status",
    "total_pymnt",
    "total_rec_prncp",
    "total_rec_int",
    "total_rec_late_fee",
    "recoveries",
    "last_pymnt_d",
    "last_pymnt_amnt",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PRINCIPAL, RATE_PPM, TERM, LEVEL = 100_000, 120_000, 6, 17_255


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


def month(count: int) -> str:
    """Months after January 2020 as the layout writes them."""
    return f"{MONTHS[count % 12]}-{2020 + count // 12}"


def row(
    name: str,
    payments: list[int],
    *,
    issued: int = 0,
    paid: bool = True,
    late_fee: int = 0,
    recoveries: int = 0,
    waived: int = 0,
) -> dict[str, str]:
    """A loan of 1,000.00 at 12 % over 6 months paid so; a paid one also pays all that is left, `waived` short."""
    state = advance(State(PRINCIPAL), RATE_PPM, payments)
    balance, owed, billed = state
    if paid:
        interest = month_interest(balance, RATE_PPM)
        payments = [*payments, balance + owed + interest - waived]
        balance, owed, billed = waived, 0, billed + interest
    principal, interest_paid = PRINCIPAL - balance, billed - owed
    return {
        "id": name,
        "issue_d": month(issued),
        "funded_amnt": money(PRINCIPAL),
        "term": f" {TERM} months",
        "int_rate": " 12.00%",
        "installment": money(LEVEL),
        "grade": "B",
        "loan_status": "Fully Paid" if paid else "Charged Off",
        "total_pymnt": money(principal + interest_paid + late_fee + recoveries),
        "total_rec_prncp": money(principal),
        "total_rec_int": money(interest_paid),
        "total_rec_late_fee": money(late_fee),
        "recoveries": money(recoveries),
        "last_pymnt_d": month(issued + len(payments)) if payments else "",
        "last_pymnt_amnt": money(payments[-1] if payments else 0),
    }


def small_book() -> list[dict[str, str]]:
    """One loan of each fate: to term, prepaid, an odd payment, a late fee, a waived rest, gone bad with recoveries."""
    return [
        row("to-term", [LEVEL] * 5),
        row("prepaid", [LEVEL] * 2),
        row("odd", [LEVEL, LEVEL + 9_000, LEVEL]),
        row("late", [LEVEL] * 5, late_fee=1_500, issued=1),
        row("rest", [LEVEL] * 5, waived=7, issued=1),
        row("bad", [LEVEL] * 2, paid=False, recoveries=20_000),
        row("never-paid", [], paid=False, issued=1),
    ]


def write_csv(path: Path, rows: Iterable[dict[str, str]], *, above: str = "", below: str = "") -> Path:
    """The rows as a CSV in LendingClub's layout, with lines of prose around them as in its own files."""
    with path.open("w", encoding="utf-8", newline="") as text:
        text.write(above)
        out = csv.DictWriter(text, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
        text.write(below)
    return path


PLAIN_COLUMNS = "loan,event,date,amount,rate,term,instalment,grade"
PLAIN = f"""{PLAIN_COLUMNS}
A,loan,2020-01-31,1000.00,12,6,172.55,2
A,payment,2020-02-29,172.55,,,,
A,payment,2020-03-20,50.00,,,,
A,late_fee,2020-04-10,15.00,,,,
A,payment,2020-04-12,310.00,,,,
A,payment,2020-05-31,511.83,,,,
B,loan,2020-02-10,500.00,9.5,12,43.84,3
B,payment,2020-03-10,43.84,,,,
B,default,2020-07-15,,,,,
B,write_off,2020-09-01,,,,,
B,recovery,2020-10-05,120.00,,,,
"""
