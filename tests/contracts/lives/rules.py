"""Random acts and how often each is taken.

A rule takes its choices from the dice and does at least one act or lets time pass.
"""

from __future__ import annotations

from tests.contracts.lives.rules_act import levy, waive
from tests.contracts.lives.rules_common import Rule, pass_time
from tests.contracts.lives.rules_end import after_default, default, restructure
from tests.contracts.lives.rules_hold import buy, claim, hold, take_fees, transfer
from tests.contracts.lives.rules_pay import (
    authorize,
    boundary,
    collect,
    february,
    leave_a_rest,
    levy_late,
    pay_due,
    pay_in_parts,
    pay_off,
    prepay,
)
from tests.contracts.lives.rules_start import fill, fund, fund_by_mandate, leave_funding, request, revoke, stop

WEIGHTS: dict[Rule, int] = {
    request: 6,
    fill: 2,
    fund: 2,
    fund_by_mandate: 2,
    leave_funding: 2,
    revoke: 1,
    stop: 1,
    pass_time: 2,
    boundary: 12,
    february: 3,
    pay_due: 12,
    pay_in_parts: 6,
    prepay: 6,
    pay_off: 1,
    authorize: 2,
    collect: 5,
    claim: 6,
    transfer: 4,
    buy: 3,
    levy: 1,
    levy_late: 4,
    waive: 3,
    leave_a_rest: 2,
    take_fees: 1,
    hold: 1,
    default: 3,
    after_default: 6,
    restructure: 3,
}
"""How often each rule is taken in a seeded life."""


__all__ = ["WEIGHTS", "Rule"]
