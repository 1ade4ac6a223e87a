"""The product that replayed loans are made under: the terms that a totals-only or plain file does not state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from lendchain.chain.hashing import keccak256
from lendchain.schedule.contract import Accrual, ContractTerms, LateMode
from lendchain.servicing.replay.book import Layout, Loan
from lendchain.servicing.replay.market import unit_price
from lendchain.servicing.replay.solver import REST_CAP

_UTC_ZONE: Final = 56
_FUNDING_DAYS: Final = 14
_NOON: Final = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Product:
    """Rules of one replay. `coverage_bps`: the guarantee's share of the principal outstanding at default."""

    grace_days: int
    value_days: int
    default_days: int
    coverage_bps: int = 0
    penalty_cap_bps: int = 10_000
    draw_days: int = 7


def product_for(layout: Layout, coverage_bps: int) -> Product:
    """The product of a layout.

    Totals-only books count whole months: a payment up to 27 days after a due date counts at it, a fee is levied 15 days
    after it, a default may be called 90 days later. Plain books have real days: every day counts, the file says when.
    """
    if layout is Layout.PLAIN:
        return Product(grace_days=0, value_days=0, default_days=0, coverage_bps=coverage_bps)
    return Product(grace_days=15, value_days=27, default_days=90, coverage_bps=coverage_bps)


def terms_of(loan: Loan, product: Product, borrower: str, salt: bytes) -> ContractTerms:
    """What the borrower signs: accrual on the outstanding balance, the file's rate, term and instalment."""
    note = unit_price(loan.principal)
    return ContractTerms(
        borrower=borrower,
        units=loan.principal // note,
        unit_price=note,
        rate_ppm=loan.rate_ppm,
        count=loan.term_months,
        accrual=Accrual.OUTSTANDING,
        zone=_UTC_ZONE,
        grace=product.grace_days,
        value_days=product.value_days,
        late_mode=LateMode.LEVIED,
        penalty_cap=product.penalty_cap_bps,
        default_days=product.default_days,
        grade=loan.grade,
        rest_cap=REST_CAP,
        deadline=seconds_at(loan.issued_on) + _FUNDING_DAYS * 86_400,
        draw_days=product.draw_days,
        coverage=product.coverage_bps,
        level=loan.instalment,
        document=keccak256(agreement(loan).encode()),
        salt=salt,
    )


def agreement(loan: Loan) -> str:
    """The human-readable contract whose hash the terms carry."""
    rate = f"{loan.rate_ppm // 10_000}.{loan.rate_ppm % 10_000:04d}"
    return (
        f"Loan agreement for loan {loan.name} of the replayed book.\n"
        f"Principal {decimal(loan.principal)}, {rate} % a year on the outstanding balance, 30/360, "
        f"{loan.term_months} monthly instalments of {decimal(loan.instalment)}, paid out on {loan.issued_on}.\n"
    )


def decimal(amount: int) -> str:
    """Minor units as text with two decimals."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def seconds_at(day: date) -> int:
    """Unix time of a day's noon, when the replay acts."""
    return int(datetime.combine(day, _NOON).timestamp())
