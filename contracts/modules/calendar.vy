# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Calendar
@license Apache-2.0
@author  The Lendchain authors
@notice  Civil dates from day numbers (1970-01-01 is 0) and back, proleptic Gregorian, 1970 to 4000.
         Month index = year * 12 + month - 1.
@dev     The arithmetic is unchecked: every intermediate is far below 2^64 for the years named. Years begin in March, so that the
         leap day is the last and month lengths follow (153 * m + 2) / 5.
"""


# Days from 0000-03-01 to 1970-01-01.
EPOCH: constant(uint256) = 719468
# A bit for each month of 31 days: 0, 2, 4, 6, 7, 9, 11.
LONG_MONTHS: constant(uint256) = 2773


@internal
@pure
def _is_leap(year: uint256) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@internal
@pure
def _month_length(month_index: uint256) -> uint256:
    """
    @notice Days in a month.
    """
    month: uint256 = month_index % 12
    if month == 1:
        return 29 if self._is_leap(unsafe_div(month_index, 12)) else 28
    return unsafe_add(30, (LONG_MONTHS >> month) & 1)


@internal
@pure
def _day_number(month_index: uint256, day: uint256) -> uint256:
    """
    @notice Day number of a day of a month; the day is clamped to the month's end.
    """
    clamped: uint256 = day
    if day > 28:
        clamped = min(day, self._month_length(month_index))
    shifted: uint256 = unsafe_sub(month_index, 2)
    year: uint256 = unsafe_div(shifted, 12)
    month: uint256 = unsafe_sub(shifted, unsafe_mul(year, 12))
    return unsafe_sub(
        unsafe_add(
            unsafe_add(unsafe_mul(365, year), unsafe_add(unsafe_sub(year >> 2, unsafe_div(year, 100)), unsafe_div(year, 400))),
            unsafe_add(unsafe_div(unsafe_add(unsafe_mul(153, month), 2), 5), clamped),
        ),
        EPOCH + 1,
    )


@internal
@pure
def _civil(day_number: uint256) -> (uint256, uint256):
    """
    @return Month index and day of the month.
    """
    since_march: uint256 = unsafe_add(day_number, EPOCH)
    era: uint256 = unsafe_div(since_march, 146097)
    day_of_era: uint256 = unsafe_sub(since_march, unsafe_mul(era, 146097))
    year: uint256 = unsafe_div(
        unsafe_sub(
            unsafe_add(unsafe_sub(day_of_era, unsafe_div(day_of_era, 1460)), unsafe_div(day_of_era, 36524)),
            unsafe_div(day_of_era, 146096),
        ),
        365,
    )
    day_of_year: uint256 = unsafe_sub(day_of_era, unsafe_sub(unsafe_add(unsafe_mul(365, year), year >> 2), unsafe_div(year, 100)))
    month: uint256 = unsafe_div(unsafe_add(unsafe_mul(5, day_of_year), 2), 153)
    day: uint256 = unsafe_add(unsafe_sub(day_of_year, unsafe_div(unsafe_add(unsafe_mul(153, month), 2), 5)), 1)
    return unsafe_add(unsafe_mul(unsafe_add(year, unsafe_mul(era, 400)), 12), unsafe_add(month, 2)), day


@internal
@pure
def _isda(day_number: uint256) -> uint256:
    """
    @notice Time since year 0 in 1/133590 (= 365 * 366) of a year, as ACT/ACT ISDA counts it.
    @dev    Additive by construction: a span over a new year's day needs no split.
    """
    month_index: uint256 = 0
    day: uint256 = 0
    month_index, day = self._civil(day_number)
    year: uint256 = unsafe_div(month_index, 12)
    day_of_year: uint256 = unsafe_sub(day_number, self._day_number(unsafe_mul(year, 12), 1))
    weight: uint256 = 365 if self._is_leap(year) else 366
    return unsafe_add(unsafe_mul(133590, year), unsafe_mul(day_of_year, weight))
