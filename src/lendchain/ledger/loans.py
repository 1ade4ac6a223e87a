"""What the log says of one loan and of each position in it, exactly as the contract counts.

A loan of U units credits whole sums; a position of u units is owed (u * sum - debt) / U of each. Debts and remainders
are kept in 1/U of a minor unit, so nothing is rounded here: the same integers stand in the contract's words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

from lendchain.chain.words import Who

FUNDING: Final = 0
ACTIVE: Final = 1
DEFAULTED: Final = 2
CANCELLED: Final = 3
CLOSED: Final = 4
WRITTEN_OFF: Final = 5

OVER: Final = frozenset({CLOSED, WRITTEN_OFF})


@dataclass(slots=True)
class Position:
    """A lender's units of a loan, and what of its credits is not his or is in his hand already."""

    units: int = 0
    principal_debt: int = 0
    interest_debt: int = 0
    claimed_principal: int = 0
    claimed_interest: int = 0


@dataclass(slots=True)
class Loan:
    """Totals of one loan since its request, minor units; times by the chain's clock, 0 = not yet."""

    loan: str
    borrower: str = ""
    document: str = ""
    status: int = FUNDING
    last_block: int = 0
    state_logged: int = 0  # 1 while the newest event that changed the contract's state word carried it
    requested_at: int = 0
    disbursed_at: int = 0
    disbursed_day: int = 0
    defaulted_at: int = 0
    ended_at: int = 0
    last_paid_at: int = 0
    last_paid: int = 0
    units: int = 0
    unit_price: int = 0
    funded_units: int = 0
    lent: int = 0
    opening_fee: int = 0
    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fee: int = 0
    fees_taken: int = 0
    covered: int = 0
    recovered_principal: int = 0
    recovered_guarantee: int = 0
    recovered_arrears: int = 0
    recovered_extra: int = 0
    charged_off: int = 0
    waived_principal: int = 0
    waived_interest: int = 0
    levied: int = 0
    waived_late: int = 0
    arrears: int = 0
    outstanding: int = 0
    claimed_principal: int = 0
    claimed_interest: int = 0
    dust_principal: int = 0
    dust_interest: int = 0
    who: int = 0
    rules: int = 0
    state: int = 0
    positions: dict[str, Position] = field(default_factory=dict)

    @property
    def credited_principal(self) -> int:
        """Principal that came in for the lenders: repaid, covered, recovered."""
        return self.principal + self.covered + self.recovered_principal

    @property
    def credited_interest(self) -> int:
        """Interest, penalties, arrears and surplus that came in for the lenders."""
        return self.interest + self.penalty + self.recovered_arrears + self.recovered_extra

    @property
    def open_fees(self) -> int:
        """The operator's fees that lie in the book."""
        return self.opening_fee + self.fee - self.fees_taken

    def take_request(self, who: int, rules: int, state: int) -> None:
        """Keep the packed terms as the event gave them."""
        self.who, self.rules = who, rules
        self.take_state(state)
        terms = Who.decode(who)
        self.borrower, self.unit_price, self.units = terms.borrower_address, terms.unit_price, terms.units

    def take_state(self, state: int) -> None:
        """Keep the state word as an event gave it."""
        self.state, self.state_logged = state, 1

    def position(self, holder: str) -> Position:
        """The holder's position, a new one where he had none."""
        found = self.positions.get(holder)
        if found is None:
            found = self.positions[holder] = Position()
        return found

    def claimable(self, holder: str) -> tuple[int, int]:
        """Whole minor units of principal and interest that the holder could claim now."""
        p = self.positions[holder]
        if self.units == 0 or self.status in (FUNDING, CANCELLED):
            return 0, 0
        principal = p.units * self.credited_principal - p.principal_debt
        interest = p.units * self.credited_interest - p.interest_debt
        if self.status in OVER and (principal or interest):  # a position with credit left takes earlier remainders
            principal, interest = principal + self.dust_principal, interest + self.dust_interest
        return principal // self.units, interest // self.units

    def claim(self, holder: str, principal: int, interest: int) -> None:
        """Book a claim that the log reports."""
        p = self.position(holder)
        if self.status in OVER:
            left_principal = p.units * self.credited_principal - p.principal_debt + self.dust_principal
            left_interest = p.units * self.credited_interest - p.interest_debt + self.dust_interest
            p.principal_debt = p.units * self.credited_principal
            p.interest_debt = p.units * self.credited_interest
            self.dust_principal = left_principal - principal * self.units
            self.dust_interest = left_interest - interest * self.units
        else:
            p.principal_debt += principal * self.units
            p.interest_debt += interest * self.units
        p.claimed_principal += principal
        p.claimed_interest += interest
        self.claimed_principal += principal
        self.claimed_interest += interest

    def move(self, seller: str, buyer: str, units: int) -> None:
        """Units change hands; what was credited before stays with the seller."""
        a, b = self.position(seller), self.position(buyer)
        principal, interest = units * self.credited_principal, units * self.credited_interest
        a.units -= units
        a.principal_debt -= principal
        a.interest_debt -= interest
        b.units += units
        b.principal_debt += principal
        b.interest_debt += interest


LOAN_FIELDS: Final = tuple(f.name for f in fields(Loan) if f.name not in ("positions", "who", "rules", "state"))
POSITION_FIELDS: Final = tuple(f.name for f in fields(Position))
