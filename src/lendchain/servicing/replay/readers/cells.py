"""Turns the text of a cell into money, a rate, a term or a date, or says what is wrong with it."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from lendchain.i18n import _

_CENT = Decimal(100)
_MOST = Decimal(10) ** 12
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3})-(\d{2}|\d{4})")
_MONTH_LAST = re.compile(r"(\d{1,2})-([A-Za-z]{3})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_TERM = re.compile(r"(\d{1,4})(?: months?)?")
_EARLIEST_YEAR, _LATEST_YEAR = 1990, 2100


class CellError(ValueError):
    """The cell's text is not what the column holds; the text says why."""


def number(text: str) -> Decimal:
    """A finite number without sign surprises: digits, one point, an optional exponent; no thousands marks."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise CellError(_("{text!r} is not a number").format(text=text)) from None
    if not value.is_finite():
        raise CellError(_("{text!r} is not a number").format(text=text))
    return value


def money(text: str) -> int:
    """An amount in major units as whole minor units, rounded half up: the file's fractions of a cent are not money."""
    if not text:
        raise CellError(_("is empty"))
    value = number(text.removeprefix("$"))
    if value < 0:
        raise CellError(_("the amount {text} is negative").format(text=text))
    if value >= _MOST:
        raise CellError(_("the amount {text} is too large").format(text=text))
    return int((value * _CENT).to_integral_value(ROUND_HALF_UP))


def positive_money(text: str) -> int:
    """An amount above zero."""
    amount = money(text)
    if not amount:
        raise CellError(_("must be above zero"))
    return amount


def rate_ppm(text: str, *, percent: bool) -> int:
    """A nominal rate a year in parts per million, from `10.65%`, or a bare number (a percentage when `percent`)."""
    if not text:
        raise CellError(_("is empty"))
    marked = text.endswith("%")
    value = number(text.removesuffix("%").strip())
    ppm = value * (10_000 if marked or percent else 1_000_000)
    if not 0 <= ppm <= 1_000_000:
        raise CellError(_("the rate {text} is not between 0 and 100 % a year").format(text=text))
    if ppm != ppm.to_integral_value():
        # A binary fraction from a Parquet file is a basis point written inexactly; anything else is finer than a ppm.
        nearest = ppm.to_integral_value(ROUND_HALF_UP)
        if abs(ppm - nearest) > Decimal("0.001"):
            raise CellError(_("the rate {text} is finer than a millionth").format(text=text))
        ppm = nearest
    return int(ppm)


def term_months(text: str) -> int:
    """The number of monthly instalments, from `36` or ` 36 months`."""
    match = _TERM.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= 600:
        raise CellError(_("{text!r} is not a term of 1 to 600 months").format(text=text))
    return int(match[1])


def day(text: str) -> date:
    """A date: `2011-12-01`; `Dec-2011`, `Dec-11` and `11-Dec` mean the first day of that month."""
    if match := _DAY.fullmatch(text):
        year, month, of_month = (int(part) for part in match.groups())
    elif match := _MONTH_FIRST.fullmatch(text):
        year, month, of_month = _year(match[2]), _month(match[1], text), 1
    elif match := _MONTH_LAST.fullmatch(text):
        year, month, of_month = _year(match[1]), _month(match[2], text), 1
    else:
        raise CellError(_("{text!r} is not a date (2011-12-01 or Dec-2011)").format(text=text))
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise CellError(_("the year of {text!r} is impossible").format(text=text))
    try:
        return date(year, month, of_month)
    except ValueError:
        raise CellError(_("{text!r} is not in the calendar").format(text=text)) from None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(text: str, whole: str) -> int:
    if text.lower() not in _MONTHS:
        raise CellError(_("{text!r} names no month").format(text=whole))
    return _MONTHS.index(text.lower()) + 1
