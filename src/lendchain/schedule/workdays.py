"""Working days: moving a due date off weekends and public holidays.

The calendars come from the `holidays` library, which keeps the swapped weekends (调休) of China's yearly notices too.
It is imported when a public calendar is asked for and not before; any other rule is a function ``date -> bool``.
Future years are known only once their holidays are decreed: dates shifted by a calendar belong into the signed terms.
"""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from lendchain.schedule.errors import ScheduleError
from lendchain.schedule.terms import WorkingDays

__all__ = ["Convention", "adjust", "public_calendar", "working_days"]

IsWorkingDay = Callable[[date], bool]

_LONGEST_REST_DAYS = 60
_ONE_DAY = timedelta(days=1)


class Convention(StrEnum):
    """Business-day conventions, ISDA 2006 definitions, section 4.12."""

    UNADJUSTED = "unadjusted"
    FOLLOWING = "following"
    """The next working day (顺延)."""
    MODIFIED_FOLLOWING = "modified_following"
    """The next working day unless it lies in another month; then the one before."""
    PRECEDING = "preceding"
    """The working day before (提前)."""
    MODIFIED_PRECEDING = "modified_preceding"
    """The working day before unless it lies in another month; then the next."""


def public_calendar(country: str = "CN", *, subdivision: str | None = None) -> IsWorkingDay:
    """Whether a day is a working day in ``country`` (ISO 3166), by the `holidays` library.

    Raises `ScheduleError` where the library is not installed or does not know the country.
    """
    try:
        import holidays
    except ImportError as missing:
        raise ScheduleError("public calendars need the package holidays: pip install holidays") from missing
    try:
        calendar = holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError as unknown:
        raise ScheduleError(f"no public calendar is known for {country} {subdivision or ''}".rstrip()) from unknown
    return lambda day: bool(calendar.is_working_day(day))


def adjust(day: date, convention: Convention, is_working_day: IsWorkingDay) -> date:
    """``day`` moved to a working day by ``convention``."""
    if convention is Convention.UNADJUSTED or is_working_day(day):
        return day
    forwards = convention in (Convention.FOLLOWING, Convention.MODIFIED_FOLLOWING)
    step = _ONE_DAY if forwards else -_ONE_DAY
    moved = _nearest(day, step, is_working_day)
    modified = convention in (Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING)
    if modified and (moved.year, moved.month) != (day.year, day.month):
        return _nearest(day, -step, is_working_day)
    return moved


def working_days(
    country: str = "CN",
    convention: Convention = Convention.FOLLOWING,
    *,
    interest_follows: bool = False,
    subdivision: str | None = None,
) -> WorkingDays:
    """The rule to put into ``Terms.working_days``: due dates fall on working days of ``country``.

    ``interest_follows``: the row's interest runs to the moved date too (adjusted), not to the calendar's (unadjusted).
    """
    calendar = public_calendar(country, subdivision=subdivision)
    return WorkingDays(lambda day: adjust(day, convention, calendar), interest_follows=interest_follows)


def _nearest(day: date, step: timedelta, is_working_day: IsWorkingDay) -> date:
    for _ in range(_LONGEST_REST_DAYS):
        day += step
        if is_working_day(day):
            return day
    raise ScheduleError(f"the calendar has no working day within {_LONGEST_REST_DAYS} days of {day}")
