"""Fees, insurance and penalties: what the borrower pays on top of principal and interest."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from lendchain.schedule.errors import InvalidTermsError
from lendchain.schedule.rows import Row, rounded
from lendchain.schedule.terms import Charge, ChargeKind, ChargeTime, Column, Terms

__all__ = ["charge_overdue", "charge_rows", "drawdown_charges", "penalty_interest"]


def drawdown_charges(terms: Terms) -> Fraction:
    """What is paid when the money is lent; a percentage is taken of the principal."""
    total = Fraction(0)
    for charge in terms.charges:
        if charge.when is ChargeTime.DRAWDOWN:
            if Column.INTEREST in charge.basis:
                raise InvalidTermsError("a charge at drawdown can't be a percentage of interest: there is none yet")
            total += rounded(terms.rounding.charge, _size(terms, charge, Fraction(terms.principal), Fraction(0)))
    return total


def charge_rows(terms: Terms, rows: Sequence[Row], scheduled: Sequence[Row]) -> None:
    """Put the charges of each and of the last instalment into ``rows``; percentages are taken of ``scheduled``."""
    for row in rows:
        planned = scheduled[row.number - 1]
        for charge in terms.charges:
            last = charge.when is ChargeTime.LAST_INSTALMENT and row is rows[-1]
            if last or charge.when is ChargeTime.EACH_INSTALMENT:
                _add(terms, charge, row, planned)


def charge_overdue(terms: Terms, rows: Sequence[Row], scheduled: Sequence[Row], as_of: date) -> None:
    """Put the charges for overdue instalments into the rows that are wholly unpaid on ``as_of``."""
    for charge in terms.charges:
        if charge.when is not ChargeTime.OVERDUE_INSTALMENT:
            continue
        for row in rows:
            if row.due_on is None:
                raise InvalidTermsError("a charge for overdue instalments needs due dates")
            late = row.due_on + timedelta(days=charge.grace_days) < as_of
            if late and row.paid == 0 and row.due > 0:
                _add(terms, charge, row, scheduled[row.number - 1])


def penalty_interest(overdue: Fraction | int, rate: Fraction, years: Fraction) -> Fraction:
    """Simple interest on an overdue amount, exact; ``years`` comes from the day count of the terms."""
    return overdue * rate * years


def _add(terms: Terms, charge: Charge, row: Row, planned: Row) -> None:
    amount = rounded(terms.rounding.charge, _size(terms, charge, planned.principal, planned.interest))
    if charge.kind is ChargeKind.PENALTY:
        row.penalties += amount
    else:
        row.fees += amount


def _size(terms: Terms, charge: Charge, principal: Fraction, interest: Fraction) -> Fraction:
    if charge.amount is not None:
        return Fraction(charge.amount)
    if charge.amount_per_year is not None:
        return charge.amount_per_year * terms.every.years
    columns = {Column.PRINCIPAL: principal, Column.INTEREST: interest}
    return (charge.rate or 0) * sum((columns[column] for column in charge.basis), Fraction(0))
