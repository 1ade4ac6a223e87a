"""Why a contract refuses: the same numbers as in its `No(uint256)`."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Refusal", "Refused", "need"]


class Refusal(IntEnum):
    """Codes of the loan contracts, see docs/contracts.md section 7."""

    LOAN_NOT_ACTIVE = 1
    NOTHING_DUE = 2
    TOKEN_REFUSED = 3
    SIGNATURE_NOT_CANONICAL = 4
    NEW_LOANS_STOPPED = 5
    LOAN_EXISTS = 6
    SIGNER_DIFFERS = 7
    AMOUNT_RANGE = 8
    RATE_OR_COUNT_RANGE = 9
    PERIOD_RANGE = 10
    LATENESS_RANGE = 11
    WATERFALL_RANGE = 12
    FEE_RANGE = 13
    FUNDING_RANGE = 14
    LEVEL_RANGE = 15
    NOT_FUNDING = 16
    DEADLINE_PASSED = 17
    UNITS_RANGE = 18
    TICKET_TOO_SMALL = 19
    CAP_PER_LENDER = 20
    NOT_ELIGIBLE = 21
    NOT_CANCELLED = 22
    NOTHING_TO_CLAIM = 23
    NOT_FULL = 24
    REVOKED_OR_USED = 25
    BOOK_ONLY = 26
    ROLE_MISSING = 27
    BORROWER_ONLY = 28
    PAY_OPEN_PERIOD_FIRST = 29
    NOT_BELOW_BALANCE = 30
    EXPIRED_OR_EXHAUSTED = 31
    MORE_THAN_ALLOWED = 32
    LOAN_OVER = 33
    RECEIVER_NOT_ALLOWED = 34
    NOT_CALLABLE_YET = 35
    NOT_DEFAULTED = 36
    GUARANTEE_DRY = 37
    BALANCE_BELOW_FLOOR = 38
    NOT_LATE = 39
    OTHER_TERMS = 40
    TOO_FEW_UNITS = 41
    RESTRUCTURE_RANGE = 42
    VOTED_ALREADY = 43
    PERIOD_MOVED = 44
    LAST_INSTALMENT_LARGER = 45
    LATE_CHARGE_CAP = 46
    REST_ABOVE_CAP = 47
    ACCOUNT_HELD = 50


class Refused(Exception):  # noqa: N818 - the contract refuses; that is no error of the program
    """The contract would refuse this act with `code`; nothing has changed."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(f"{int(code)} {code.name.lower().replace('_', ' ')}")
        self.code = code


def need(condition: bool, code: Refusal) -> None:
    """Refuse with `code` unless the condition holds."""
    if not condition:
        raise Refused(code)
