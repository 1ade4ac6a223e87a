"""The contracts' refusals in words.

A contract refuses with `No(uint256 code)`; the codes are those of docs/contracts.md.
"""

from __future__ import annotations

from typing import Any, Final

from lendchain.chain.hashing import keccak256
from lendchain.i18n import _

SELECTOR: Final = keccak256(b"No(uint256)")[:4].hex()


def N_(message: str) -> str:  # noqa: N802  (the catalogue builder knows the mark by this name)
    """Mark a text for the catalogues; it is translated when it is shown."""
    return message


REFUSALS: Final[dict[int, str]] = {
    1: N_("The loan is not active."),
    2: N_("Nothing is due."),
    3: N_("The token refused to move the money: balance or approval is too small, or the account is held."),
    4: N_("The signature is not canonical."),
    5: N_("New loans are stopped."),
    6: N_("The loan exists already."),
    7: N_("The signature is not by the signer named."),
    8: N_("Terms out of range: amount."),
    9: N_("Terms out of range: rate or number of instalments."),
    10: N_("Terms out of range: periods, method, day count or time zone."),
    11: N_("Terms out of range: grace, penalty or default days."),
    12: N_("Terms out of range: the order in which a payment is used."),
    13: N_("Terms out of range: fees or coverage."),
    14: N_("Terms out of range: deadline, smallest ticket or cap."),
    15: N_("Terms out of range: the instalment."),
    16: N_("The loan is not being funded."),
    17: N_("The deadline has passed."),
    18: N_("The number of units is out of range."),
    19: N_("The ticket is too small."),
    20: N_("The cap per lender would be passed."),
    21: N_("The account is not eligible."),
    22: N_("The loan is not cancelled."),
    23: N_("Nothing to claim."),
    24: N_("The loan is not fully funded."),
    25: N_("Revoked, or used already."),
    26: N_("Only the loan book itself may do this."),
    27: N_("The account does not have the role."),
    28: N_("Only the borrower may do this."),
    29: N_("Pay what is open in this period first."),
    30: N_("The amount is not below the balance."),
    31: N_("The mandate or offer has expired or is used up."),
    32: N_("More than is allowed."),
    33: N_("The loan is over."),
    34: N_("This receiver is not allowed."),
    35: N_("The loan may not be called yet."),
    36: N_("The loan is not in default."),
    37: N_("The guarantee fund is dry."),
    38: N_("The balance is below the floor."),
    39: N_("The loan is not late."),
    40: N_("Restructuring: other terms than those agreed."),
    41: N_("Restructuring: holders of too few units have agreed."),
    42: N_("Restructuring: out of range."),
    43: N_("Restructuring: this holder has agreed already."),
    44: N_("Restructuring: the period has moved on."),
    45: N_("The last instalment is larger than stated."),
    46: N_("The late charge is above its cap."),
    47: N_("What is left is more than may be waived."),
    50: N_("The account is held by order."),
    51: N_("The reference was used already."),
    52: N_("The permit has expired."),
    53: N_("The clock cannot go backwards."),
    54: N_("Balance too small."),
    55: N_("Allowance too small."),
    56: N_("Lists of different length."),
    57: N_("Hold out of range."),
    58: N_("Order not open."),
    59: N_("A second person has to approve."),
    60: N_("Change unknown or done already."),
    61: N_("The wait is not over."),
    62: N_("Change scheduled already."),
    63: N_("Role out of range."),
    64: N_("Account named twice."),
    65: N_("Bound already."),
    66: N_("Supply too large."),
}


def words(number: int) -> str:
    """The refusal in the reader's language."""
    text = REFUSALS.get(number)
    return _(text) if text else _("The contract refused with code {number}.").format(number=number)


def code_in(error: dict[str, Any] | None) -> int | None:
    """The refusal code inside a JSON-RPC error, wherever this node puts the revert's data; None where there is none."""
    if error is None:
        return None
    data = error.get("data")
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    return code_of(data) if isinstance(data, str) else None


def code_of(data: str) -> int | None:
    """The refusal code in a revert's data (hex text)."""
    plain = data.removeprefix("Reverted ").removeprefix("0x")
    if len(plain) != 8 + 64 or plain[:8] != SELECTOR:
        return None
    return int(plain[8:], 16)
