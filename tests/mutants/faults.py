"""Faults that are planted into the contracts, one at a time: each must be found by the random lives.

A fault is a piece of source and what stands there instead. The piece must occur exactly once; where the contracts have
changed so that it does not, the run says so instead of passing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One planted fault."""

    name: str
    file: str
    old: str
    new: str
    why: str
    seed: int | None = None
    """A life that finds it, for the short run."""


_SCHEDULED = "modules/scheduled.vy"
_RUNNING = "modules/running.vy"
_FIGURES = "modules/figures.vy"
_CALENDAR = "modules/calendar.vy"
_RULES = "Rules.vy"
_WORKOUT = "Workout.vy"
_BOOK = "LoanBook.vy"

FAULTS: tuple[Fault, ...] = (
    # ------------------------------------------------------------------ days and lateness
    Fault(
        "grace_off_by_one",
        _SCHEDULED,
        "late: bool = today > unsafe_add(late_day, grace)",
        "late: bool = today >= unsafe_add(late_day, grace)",
        "the last day of grace bears no penalty",
    ),
    Fault(
        "default_a_day_early",
        _WORKOUT,
        "> late_day + allowed, NOT_CALLABLE",
        ">= late_day + allowed, NOT_CALLABLE",
        "the last default day is still the borrower's",
        seed=0,
    ),
    Fault(
        "midnight_a_second_off",
        _FIGURES,
        "ZONE_BIAS: constant(uint256) = 50400",
        "ZONE_BIAS: constant(uint256) = 50399",
        "a local day ends at local midnight",
    ),
    Fault(
        "wrong_holiday_shift",
        _SCHEDULED,
        "(shifts >> unsafe_mul(4, k)) & words.BITS_4",
        "(shifts >> unsafe_mul(8, k)) & words.BITS_4",
        "each due date has its own nibble",
    ),
    Fault(
        "month_lengths",
        _CALENDAR,
        "LONG_MONTHS: constant(uint256) = 2773",
        "LONG_MONTHS: constant(uint256) = 2772",
        "a loan of the 31st is due on 31 January",
    ),
    Fault(
        "isda_leap_years_swapped",
        _CALENDAR,
        "weight: uint256 = 365 if self._is_leap(year) else 366",
        "weight: uint256 = 366 if self._is_leap(year) else 365",
        "a day of a leap year is 1/366 of a year",
    ),
    Fault(
        "thirty_first_counts",
        _FIGURES,
        "unsafe_mul(30, unsafe_sub(month_b, month_a)), min(day_b, 30))",
        "unsafe_mul(30, unsafe_sub(month_b, month_a)), day_b)",
        "30E/360 reads a 31st as the 30th",
    ),
    Fault(
        "value_days_off_by_one",
        _RUNNING,
        "if today >= due and today - due <= (rules",
        "if today >= due and today - due < (rules",
        "the last value day still counts as the due day",
    ),
    Fault(
        "cooling_off_by_one",
        _RUNNING,
        "if today <= a.start + (",
        "if today < a.start + (",
        "the last cooling day is free of interest",
    ),
    # ------------------------------------------------------------------ figures of an instalment
    Fault(
        "interest_floored",
        _FIGURES,
        "return unsafe_div(unsafe_add(unsafe_mul(2, a), b), unsafe_mul(2, b))",
        "return unsafe_div(a, b)",
        "figures are rounded half up",
    ),
    Fault(
        "fee_floored",
        _FIGURES,
        "return unsafe_div(unsafe_add(unsafe_mul(amount, bps), 5000), 10000)",
        "return unsafe_div(unsafe_mul(amount, bps), 10000)",
        "fees are rounded half up",
    ),
    Fault(
        "last_instalment_keeps_the_residue",
        _FIGURES,
        "if unsafe_add(k, 1) == (rules >> words.COUNT) & words.BITS_10:",
        "if k == (rules >> words.COUNT) & words.BITS_10:",
        "the last instalment takes what is left",
    ),
    Fault(
        "broken_span_not_clamped",
        _FIGURES,
        "return min(30 * ((rules >> words.MONTHS) & words.BITS_8), self._days_30e(start, until))",
        "return self._days_30e(start, until)",
        "a broken part is never longer than its period",
    ),
    Fault(
        "zero_period_blocks",
        _SCHEDULED,
        "            k = unsafe_add(k, 1)\n            extra = 0\n            continue\n",
        "            break\n",
        "a period that owes nothing passes by time",
    ),
    Fault(
        "carry_survives_its_period",
        _SCHEDULED,
        "        since = 0\n        extra = 0\n",
        "        since = 0\n",
        "what a prepayment accrued belongs to its period",
    ),
    # ------------------------------------------------------------------ payments
    Fault(
        "stranger_pays_ahead",
        _SCHEDULED,
        "if today < end and (payer != BORROWER or today < figures._due_day(old, rules, k)):",
        "if today < end and today < figures._due_day(old, rules, k):",
        "before the due date only the borrower may pay",
    ),
    Fault(
        "penalty_charged_twice",
        _SCHEDULED,
        "                    since = today\n",
        "                    since = since\n",
        "the days before a payment are charged once",
    ),
    Fault(
        "penalty_paid_is_forgotten",
        _SCHEDULED,
        "unsafe_add(extra >> words.PENALTY_PAID, gives[0])",
        "(extra >> words.PENALTY_PAID)",
        "a penalty is paid once",
    ),
    Fault(
        "penalty_on_the_whole_instalment",
        _SCHEDULED,
        "unsafe_mul(unsafe_sub(total, paid), (rules >> words.PENALTY_PPM)",
        "unsafe_mul(total, (rules >> words.PENALTY_PPM)",
        "penalty runs on what is unpaid",
    ),
    Fault(
        "penalty_without_cap",
        _SCHEDULED,
        "numerator = min(numerator, unsafe_mul(self._penalty_cap(rules, total), figures.PENALTY_YEAR))",
        "numerator = max(numerator, 0)",
        "all late charges of an instalment stay below its cap",
    ),
    Fault(
        "penalty_counts_as_instalment",
        _SCHEDULED,
        "                if code != 0:\n                    paid = unsafe_add(paid, give)\n",
        "                paid = unsafe_add(paid, give)\n",
        "what was paid of the instalment is without penalties",
    ),
    Fault(
        "batch_ignores_its_target",
        _SCHEDULED,
        "target: uint256 = min(amount & words.BITS_48, total)",
        "target: uint256 = total",
        "an item brings no more than it names",
    ),
    Fault(
        "batch_takes_before_the_shifted_day",
        _SCHEDULED,
        "k == amount >> 48 and late_day <= today",
        "k == amount >> 48",
        "a holiday puts collection off",
    ),
    Fault(
        "prepayment_forgets_interest",
        _RULES,
        "accrued: uint256 = (extra & words.BITS_96) + balance",
        "accrued: uint256 = 0 * balance",
        "interest to the day of a prepayment is kept exactly",
    ),
    Fault(
        "pay_off_charges_paid_interest_again",
        _RULES,
        "result.interest += to_day - interest",
        "result.interest += to_day",
        "a pay-off nets what was paid in the period",
    ),
    Fault(
        "pay_off_leaves_a_fee",
        _RULES,
        "result.fee += whole_fee - fee",
        "result.fee += 0",
        "a pay-off pays the fee on its interest",
    ),
    # ------------------------------------------------------------------ interest on the outstanding balance
    Fault(
        "interest_on_interest",
        _RUNNING,
        "a.accrued += a.balance * rate * figures._rest_span(",
        "a.accrued += (a.balance + a.owed) * rate * figures._rest_span(",
        "unpaid interest bears none",
    ),
    Fault(
        "billed_interest_billed_again",
        _RUNNING,
        "        a.accrued = 0\n        a.accrued_to = end\n",
        "        a.accrued_to = end\n",
        "what was billed no longer accrues",
    ),
    Fault(
        "late_fees_count_as_paid",
        _RUNNING,
        "((sums >> words.INTEREST) & words.BITS_60) - a.fee_paid",
        "((sums >> words.INTEREST) & words.BITS_60)",
        "late fees do not cover instalments",
    ),
    Fault(
        "never_all_due",
        _RUNNING,
        "if elapsed >= (rules >> words.COUNT) & words.BITS_10:",
        "if elapsed > (rules >> words.COUNT) & words.BITS_10:",
        "everything is due after the last due date",
    ),
    Fault(
        "levy_above_the_cap",
        _RULES,
        "a.fee + a.fee_paid + amount <= cap",
        "amount <= cap",
        "all fees ever levied stay below the cap",
    ),
    Fault(
        "rest_cap_off_by_one",
        _RULES,
        "refusal._need(everything <= cap, ABOVE_REST_CAP)",
        "refusal._need(everything < cap, ABOVE_REST_CAP)",
        "a rest of exactly the cap may be waived",
    ),
    # ------------------------------------------------------------------ default and after
    Fault(
        "arrears_without_penalty",
        _WORKOUT,
        "open.interest - interest + open.penalty_owed",
        "open.interest - interest",
        "penalties owed on the day of default are arrears",
        seed=4,
    ),
    Fault(
        "open_principal_counted_twice",
        _WORKOUT,
        "        outstanding -= principal\n",
        "        outstanding -= 0\n",
        "principal paid in the open period is no longer outstanding",
        seed=3,
    ),
    Fault(
        "restructure_of_a_part_paid_period",
        _WORKOUT,
        "    refusal._need(open.paid == 0, OPEN_IN_PERIOD)\n",
        "",
        "new terms wait until the open period is untouched",
        seed=1,
    ),
    Fault(
        "deferral_without_delay",
        _WORKOUT,
        "((state >> words.START_MONTH) & words.BITS_16) + r.deferMonths",
        "((state >> words.START_MONTH) & words.BITS_16)",
        "a deferral moves every later due date",
        seed=12,
    ),
    Fault(
        "guarantee_pays_twice",
        _BOOK,
        "asked: uint256 = min(unsafe_sub(rule, given), self._missing(state))",
        "asked: uint256 = min(rule, self._missing(state))",
        "the guarantee pays its share once",
    ),
    Fault(
        "recovery_skips_the_guarantee",
        _BOOK,
        "guarantor: uint256 = min(left, given)",
        "guarantor: uint256 = min(left, 0)",
        "recoveries flow back to the guarantee before arrears",
    ),
    Fault(
        "surplus_taken_unasked",
        _BOOK,
        "left = unsafe_sub(left, late) if extra else 0",
        "left = unsafe_sub(left, late)",
        "more than is owed is taken only when the payer says so",
    ),
    # ------------------------------------------------------------------ holders
    Fault(
        "transfer_carries_the_interest",
        _BOOK,
        "unsafe_mul(units, (sums >> words.INTEREST) & words.BITS_60) << words.INTEREST_DEBT",
        "0",
        "interest earned before a transfer stays with the seller",
    ),
    Fault(
        "dust_is_lost",
        _BOOK,
        "principal_open = unsafe_add(principal_open, (sums >> words.DUST_PRINCIPAL) & words.BITS_24)",
        "principal_open = unsafe_add(principal_open, 0)",
        "remainders pass from claim to claim",
    ),
    Fault(
        "vote_stays_with_the_seller",
        _BOOK,
        "            ballot -= units << words.VOTES\n",
        "            ballot -= 0\n",
        "a unit given away takes its vote out",
    ),
    Fault(
        "half_of_the_units_is_enough",
        _BOOK,
        "refusal._need(3 * ((ballot >> words.VOTES)",
        "refusal._need(4 * ((ballot >> words.VOTES)",
        "new terms need two thirds",
    ),
    Fault(
        "offer_sold_again",
        _BOOK,
        "self.used[o.seller][digest] = sold + units",
        "self.used[o.seller][digest] = units",
        "no more units than were offered",
    ),
    # ------------------------------------------------------------------ funding
    Fault(
        "mandate_total_forgotten",
        _BOOK,
        "spent += unsafe_mul(units, price)",
        "spent = unsafe_mul(units, price)",
        "a mandate's total is over all loans",
    ),
    Fault(
        "last_ticket_refused",
        _BOOK,
        "& words.BITS_24 and funded != wanted:",
        "& words.BITS_24:",
        "the ticket that completes a loan may be small",
    ),
    Fault(
        "draw_days_ignored",
        _BOOK,
        "last += ((who >> words.DRAW_DAYS) & words.BITS_6) * figures.DAY",
        "last += 0",
        "a full loan waits for its borrower until the draw days are over",
    ),
)
