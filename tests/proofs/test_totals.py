"""Cumulative totals never lose a unit: credits, claims, transfers and the dust after the end.

Proved for all values and any number of holders.

U units in all, `total` the sum of credits; a position of u units with debt d is owed (u * total - d) / U. Holders other
than those who act are one: `rest` stands for the sum of what all of them are owed, in U-ths.
"""

from __future__ import annotations

import z3

from tests.proofs.solver import all_natural, naturals, prove


def test_a_credit_raises_what_holders_are_owed_by_just_so_much() -> None:
    units, total, credit, debts = naturals("units total credit debts")
    owed_before = units * total - debts
    owed_after = units * (total + credit) - debts
    prove(owed_after - owed_before == units * credit, [units >= 1, total >= 0, credit >= 0])


def test_a_claim_takes_whole_units_and_leaves_the_remainder_to_its_owner() -> None:
    owed, units, paid = naturals("owed units paid")
    known = [owed >= 0, units >= 1, paid == owed / units]
    remainder = owed - paid * units
    prove(z3.And(remainder >= 0, remainder < units, paid * units + remainder == owed), known)


def test_a_second_claim_pays_nothing() -> None:
    owed, units, paid, again = naturals("owed units paid again")
    known = [owed >= 0, units >= 1, paid == owed / units, again == (owed - paid * units) / units]
    prove(again == 0, known)


def test_claims_keep_the_book_in_balance() -> None:
    """sum over positions of (u * total - d) = U * (credited - claimed): before a claim, so after it."""
    owed, rest, units, credited, claimed, paid = naturals("owed rest units credited claimed paid")
    known = [
        *all_natural([owed, rest, credited, claimed]),
        units >= 1,
        owed + rest == units * (credited - claimed),
        paid == owed / units,
    ]
    prove((owed - paid * units) + rest == units * (credited - (claimed + paid)), known)


def test_a_transfer_moves_no_credit() -> None:
    """The buyer's debt takes k * total, the seller's gives it back: both are owed what they were owed."""
    total, seller, buyer, seller_debt, buyer_debt, moved = naturals("total seller buyer seller_debt buyer_debt moved")
    known = [*all_natural([total, seller, buyer, moved]), moved <= seller]
    prove((seller - moved) * total - (seller_debt - moved * total) == seller * total - seller_debt, known)
    prove((buyer + moved) * total - (buyer_debt + moved * total) == buyer * total - buyer_debt, known)


def test_a_transfer_and_its_reverse_restore_both_positions() -> None:
    total, units, debt, moved = naturals("total units debt moved")
    gone = (units - moved, debt - moved * total)
    back = (gone[0] + moved, gone[1] + moved * total)
    prove(z3.And(back[0] == units, back[1] == debt), all_natural([total, units, moved]))


def test_splitting_a_position_gains_nothing_before_the_end() -> None:
    """Parts claimed apart never get more than the whole would: the floors of parts are at most the floor of the sum."""
    first, second, units, a, b, whole = naturals("first second units a b whole")
    known = [
        *all_natural([first, second]),
        units >= 1,
        a == first / units,
        b == second / units,
        whole == (first + second) / units,
    ]
    prove(z3.And(a + b <= whole, whole <= a + b + 1), known)


def test_dust_stays_below_one_unit() -> None:
    """After the end a claim pays (owed + dust) // U and leaves the remainder as the new dust."""
    owed, dust, units, paid = naturals("owed dust units paid")
    known = [owed >= 0, dust >= 0, units >= 1, dust < units, paid == (owed + dust) / units]
    after = owed + dust - paid * units
    prove(z3.And(after >= 0, after < units), known)


def test_an_ending_claim_differs_from_the_exact_share_by_less_than_a_unit() -> None:
    owed, dust, units, paid = naturals("owed dust units paid")
    known = [owed >= 0, dust >= 0, units >= 1, dust < units, paid == (owed + dust) / units]
    prove(z3.And(paid * units < owed + units, paid * units > owed - units), known)


def test_ending_claims_keep_the_book_in_balance() -> None:
    owed, dust, rest, units, credited, claimed, paid = naturals("owed dust rest units credited claimed paid")
    known = [
        *all_natural([owed, dust, rest, credited, claimed]),
        units >= 1,
        owed + dust + rest == units * (credited - claimed),
        paid == (owed + dust) / units,
    ]
    dust_after = owed + dust - paid * units
    prove(dust_after + rest == units * (credited - (claimed + paid)), known)


def test_when_all_have_claimed_nothing_is_left() -> None:
    """No position is owed anything, dust is below a unit and in balance: then dust is 0 and all credits are claimed."""
    dust, units, credited, claimed = naturals("dust units credited claimed")
    known = [
        *all_natural([credited, claimed]),
        units >= 1,
        dust >= 0,
        dust < units,
        dust == units * (credited - claimed),
    ]
    prove(z3.And(dust == 0, credited == claimed), known)


def test_the_book_can_always_pay_a_claim() -> None:
    """What a claim takes is at most what was credited and not yet claimed, whoever comes first."""
    owed, dust, rest, units, left, paid = naturals("owed dust rest units left paid")
    known = [
        *all_natural([owed, dust, rest, left]),
        units >= 1,
        owed + dust + rest == units * left,
        paid == (owed + dust) / units,
    ]
    prove(paid <= left, known)
