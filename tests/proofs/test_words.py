"""Packed words: every field comes back as it went in, a write changes its own field alone, none reaches its width.

The table is read from `contracts/modules/words.vy`. The solver looks at words of 256 bits as the machine does, so these
lemmas hold for all values; the widths are proved from the bounds that `Rules` checks at request and restructure.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import z3

from tests.proofs.solver import all_natural, naturals, prove
from tests.proofs.words import Field, constants, layout

LAYOUT = layout()
FIELDS = [(word, field) for word, fields in LAYOUT.items() for field in fields]
IDS = [f"{word}-{field.name}" for word, field in FIELDS]

# word, field -> the constant of words.vy that says where it begins
NAMED = {
    ("who", "unit price"): "UNIT_PRICE",
    ("who", "units"): "UNITS",
    ("who", "opening fee bps"): "OPEN_FEE",
    ("who", "grade"): "GRADE",
    ("who", "draw days"): "DRAW_DAYS",
    ("rules", "count"): "COUNT",
    ("rules", "method"): "METHOD",
    ("rules", "day count"): "DAY_COUNT",
    ("rules", "months"): "MONTHS",
    ("rules", "zone"): "ZONE",
    ("rules", "grace"): "GRACE",
    ("rules", "penalty ppm"): "PENALTY_PPM",
    ("rules", "penalty cap bps"): "PENALTY_CAP",
    ("rules", "default days"): "DEFAULT_DAYS",
    ("rules", "waterfall"): "WATERFALL",
    ("rules", "fee bps"): "FEE_BPS",
    ("rules", "deadline"): "DEADLINE",
    ("rules", "cooling days"): "COOLING",
    ("rules", "least ticket"): "LEAST_TICKET",
    ("rules", "cap"): "CAP",
    ("rules", "coverage bps"): "COVERAGE",
    ("rules", "accrual"): "ACCRUAL",
    ("rules", "late mode"): "LATE_MODE",
    ("rules", "shifted"): "SHIFTED",
    ("rules", "value days"): "VALUE_DAYS",
    ("rules", "rest cap"): "REST_CAP",
    ("state", "period"): "PERIOD",
    ("state", "balance"): "BALANCE",
    ("state", "paid in the period"): "PAID",
    ("state", "level"): "LEVEL",
    ("state", "start month"): "START_MONTH",
    ("state", "start day"): "START_DAY",
    ("state", "penalty since"): "SINCE",
    ("state", "owed interest"): "OWED",
    ("sums", "principal"): "PRINCIPAL",
    ("sums", "interest"): "INTEREST",
    ("sums", "dust of principal"): "DUST_PRINCIPAL",
    ("sums", "dust of interest"): "DUST_INTEREST",
    ("sums", "fees"): "FEES",
    ("sums", "cap"): "SUMS_CAP",
    ("sums", "status"): "STATUS",
    ("extra 0", "accrued to"): "ACCRUED_TO",
    ("extra 0", "penalty numerator"): "PENALTY",
    ("extra 0", "penalty paid"): "PENALTY_PAID",
    ("extra 1", "accrued to"): "ACCRUED_TO",
    ("extra 1", "late fees open"): "LEVIED",
    ("extra 1", "late fees paid"): "LEVIED_PAID",
    ("position", "principal debt"): "PRINCIPAL_DEBT",
    ("position", "interest debt"): "INTEREST_DEBT",
    ("position", "ballot round"): "BALLOT",
    ("ballot", "votes"): "VOTES",
    ("ballot", "digest"): "DIGEST",
    ("mandate", "expiry"): "EXPIRY",
    ("mandate", "most in a call"): "PER_CALL",
}


def word_of(value: int) -> z3.BitVecNumRef:
    return z3.BitVecVal(value, 256)


def read(word: z3.BitVecRef, field: Field) -> z3.BitVecRef:
    return z3.LShR(word, field.offset) & word_of(field.mask)


def test_the_table_and_the_constants_agree() -> None:
    known = constants()
    for word, fields in LAYOUT.items():
        for field in fields:
            if field.offset and (word, field.name) in NAMED:
                assert known[NAMED[word, field.name]] == field.offset, (word, field)
    named_later = {(word, field.name) for word, fields in LAYOUT.items() for field in fields if field.offset}
    assert named_later - set(NAMED) <= {("sums", "free")}
    assert set(NAMED) <= named_later


@pytest.mark.parametrize("word", LAYOUT)
def test_a_words_fields_fit_into_256_bits(word: str) -> None:
    assert 0 < sum(field.bits for field in LAYOUT[word]) <= 256


@pytest.mark.parametrize("word", LAYOUT)
def test_fields_packed_come_back_as_they_were(word: str) -> None:
    fields = LAYOUT[word]
    values = [z3.BitVec(f"f{i}", 256) for i in range(len(fields))]
    packed = word_of(0)
    for value, field in zip(values, fields, strict=True):
        packed = packed | (value << field.offset)
    within = [z3.ULE(value, word_of(field.mask)) for value, field in zip(values, fields, strict=True)]
    prove(z3.And(*[read(packed, field) == value for value, field in zip(values, fields, strict=True)]), within)


@pytest.mark.parametrize(("word", "field"), FIELDS, ids=IDS)
def test_a_write_changes_its_own_field_alone(word: str, field: Field) -> None:
    old, new = z3.BitVecs("old new", 256)
    hole = word_of((2**256 - 1) ^ (field.mask << field.offset))
    written = (old & hole) | (new << field.offset)
    prove(z3.And(read(written, field) == new, (written & hole) == (old & hole)), [z3.ULE(new, word_of(field.mask))])


@pytest.mark.parametrize(("word", "field"), FIELDS, ids=IDS)
def test_an_addition_below_the_width_does_not_carry_into_the_neighbour(word: str, field: Field) -> None:
    old, more = z3.BitVecs("old more", 256)
    hole = word_of((2**256 - 1) ^ (field.mask << field.offset))
    added = old + (more << field.offset)
    stays_inside = z3.And(z3.ULE(more, word_of(field.mask)), z3.ULE(read(old, field) + more, word_of(field.mask)))
    prove(z3.And(read(added, field) == read(old, field) + more, (added & hole) == (old & hole)), [stays_inside])


# ------------------------------------------------ what the bounds of `Rules` and `limits` leave room for

WIDTH = {(word, field.name): field.bits for word, field in FIELDS}
SCHEDULED_LIFE = 1023  # periods of a schedule
LONGEST_LIFE = 4000  # running.LAST_PERIOD: an outstanding balance may run on after its schedule


def bounded_terms() -> tuple[z3.ArithRef, z3.ArithRef, z3.ArithRef, list[z3.BoolRef]]:
    """principal, interest of the longest period, interest of all periods: as `limits._fits` has checked them."""
    principal, longest, all_interest = naturals("principal longest all_interest")
    known = [*all_natural([principal, longest]), all_interest >= longest, principal + all_interest < 2**47]
    return principal, longest, all_interest, known


def test_balance_and_level_fit() -> None:
    principal, longest, _, known = bounded_terms()
    balance, level = naturals("balance level")
    prove(balance < 2 ** WIDTH["state", "balance"], [*known, balance >= 0, balance <= principal])
    # the instalment of an annuity is at most that of a single period; one more for the interval's upper end
    prove(level < 2 ** WIDTH["state", "level"], [*known, level >= 0, level <= principal + longest + 1])


def test_what_is_paid_in_a_period_fits() -> None:
    """Less than its total: interest, principal and a fee of at most 10 % of both."""
    principal, longest, _, known = bounded_terms()
    interest, part, fee, paid = naturals("interest part fee paid")
    known += [*all_natural([interest, part, fee, paid]), interest <= longest, part <= principal]
    known += [fee <= (1000 * (interest + part) + 5000) / 10_000, paid <= fee + interest + part]
    prove(paid < 2 ** WIDTH["state", "paid in the period"], known)


def test_the_sum_of_principal_fits() -> None:
    principal, _, _, known = bounded_terms()
    credited = z3.Int("credited")
    prove(credited < 2 ** WIDTH["sums", "principal"], [*known, credited >= 0, credited <= principal])


@pytest.mark.parametrize(
    ("periods", "late_charge_of_a_period"), [(SCHEDULED_LIFE, 2**48 - 1), (LONGEST_LIFE, 2**47 - 1)]
)
def test_the_sum_of_interest_and_late_charges_fits_whatever_is_restructured(
    periods: int, late_charge_of_a_period: int
) -> None:
    """Each period bears less than 2^47 of interest. Late charges of a period are at most its total, below 2^48, on a
    schedule, and at most the level, below 2^47, on an outstanding balance."""
    interest, late = naturals("interest late")
    known = [*all_natural([interest, late]), interest <= periods * (2**47 - 1)]
    known.append(late <= periods * late_charge_of_a_period)
    prove(interest + late < 2 ** WIDTH["sums", "interest"], known)
    prove(interest < 2 ** WIDTH["state", "owed interest"], known)


def test_fees_of_a_loan_as_signed_fit() -> None:
    """Opening fee at most 10 % of the principal, fees of instalments at most 10 % of all interest and principal.

    Each is rounded up by at most half a unit, 1,023 times.
    """
    principal, _, all_interest, known = bounded_terms()
    fees = z3.Int("fees")
    known += [fees >= 0, 10 * fees <= principal + (principal + all_interest) + 10 * 1024]
    prove(fees < 2 ** WIDTH["sums", "fees"], known)


def test_fees_fit_whatever_is_restructured() -> None:
    """Over the bounds, not by the solver.

    Other terms are checked like the first, and name more periods than have passed: so the interest of period k is below
    2^47 / (k + 1), that of all periods below 2^47 times a harmonic number, and fees are a tenth of that and of the
    principal. A period that is deferred after a prepayment in it bears the interest of two; all of it doubled fits too.
    """
    harmonic = sum(Fraction(1, k + 1) for k in range(SCHEDULED_LIFE))
    most = Fraction(2**47) * (2 * harmonic + 1 + 1) / 10 + 1024
    assert most < 2 ** WIDTH["sums", "fees"]


@pytest.mark.parametrize("months", [1, 2, 3, 6, 12, 255])
def test_the_interest_numerator_fits(months: int) -> None:
    """balance * rate * span: a period's span at its longest, in days or in 133,590ths of a year (366 a day)."""
    days = 366 * (months // 12) + (153 * (months % 12) + 4) // 5
    largest = (2**47 - 1) * (2**24 - 1) * 366 * days
    assert largest < 2 ** WIDTH["extra 0", "accrued"]
    carried, more = z3.Ints("carried more")
    prove(carried + more <= largest, [carried >= 0, more >= 0, carried + more <= largest])


def test_the_penalty_numerator_fits() -> None:
    """It is capped at cap * 365,000,000 with cap at most the period's total, below 2^48."""
    cap, numerator = naturals("cap numerator")
    known = [cap >= 0, cap < 2**48, numerator >= 0, numerator <= cap * 365_000_000]
    prove(numerator < 2 ** WIDTH["extra 0", "penalty numerator"], known)
    paid = z3.Int("paid")
    prove(paid < 2 ** WIDTH["extra 0", "penalty paid"], [*known, paid >= 0, paid <= cap])


def test_debts_never_touch_their_sign() -> None:
    """|debt| <= u * total < 2^24 * 2^60: as a biased number of 96 bits it neither reaches 0 nor the width."""
    debt = z3.Int("debt")
    known = [debt > -(2**24) * 2**60, debt < 2**24 * 2**60]
    prove(z3.And(debt + 2**95 > 0, debt + 2**95 < 2 ** WIDTH["position", "interest debt"]), known)
    prove(z3.And(debt + 2**95 > 0, debt + 2**95 < 2 ** WIDTH["position", "principal debt"]), known)


def test_dust_and_votes_fit() -> None:
    units, dust, votes = naturals("units dust votes")
    known = [units >= 1, units < 2**24, dust >= 0, dust < units, votes >= 0, votes <= units]
    prove(dust < 2 ** WIDTH["sums", "dust of principal"], known)
    prove(dust < 2 ** WIDTH["sums", "dust of interest"], known)
    prove(votes < 2 ** WIDTH["ballot", "votes"], known)


def test_days_and_months_fit_for_loans_begun_before_2300() -> None:
    """Month index 12 * 2300 + 1200 periods' months; day numbers of the year 2400."""
    assert 2 ** WIDTH["state", "start month"] > 12 * 2300 + LONGEST_LIFE
    assert 2 ** WIDTH["state", "penalty since"] > (2400 - 1970) * 366
    assert 2 ** WIDTH["extra 0", "accrued to"] > (2400 - 1970) * 366
    assert 2 ** WIDTH["state", "period"] > LONGEST_LIFE


def test_the_token_never_carries_into_the_hold() -> None:
    """Money's word: balance 128 bits, hold above. The supply is below 2^128, and no balance is above the supply."""
    balance, other, amount = naturals("balance other amount")
    known = [*all_natural([balance, other, amount]), balance + other < 2**128, amount <= other]
    prove(balance + amount < 2**128, known)
    old, more = z3.BitVecs("old more", 256)
    low = word_of(2**128 - 1)
    inside = [z3.ULE(more, low), z3.ULE((old & low) + more, low)]
    prove(z3.And((old + more) & low == (old & low) + more, z3.LShR(old + more, 128) == z3.LShR(old, 128)), inside)
