"""Loan arithmetic: schedules, day counts, rounding, pay-offs, APR. Pure; money is integers of minor units."""
