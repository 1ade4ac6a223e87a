"""What can be wrong with terms, payments or cash flows. All are `ScheduleError`, itself a `ValueError`."""

__all__ = ["InvalidTermsError", "NeverRepaidError", "NoRateError", "ScheduleError", "UnroundedAmountError"]


class ScheduleError(ValueError):
    """Base of every error of the loan arithmetic."""


class InvalidTermsError(ScheduleError):
    """The terms contradict themselves or leave out what their method needs; the text names the field."""


class NeverRepaidError(ScheduleError):
    """The agreed payment does not cover the interest, so the balance never falls to zero."""


class NoRateError(ScheduleError):
    """The cash flows have no internal rate of return, or no single one."""


class UnroundedAmountError(ScheduleError):
    """A row holds a fraction of a minor unit: the rounding rules leave that place open.

    Round it there or ask for exact rows.
    """
