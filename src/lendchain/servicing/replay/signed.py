"""What accounts sign for the contracts, as EIP-712 typed data: docs/contracts.md sections 1 and 5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from lendchain.chain import Account, StructType
from lendchain.schedule.contract import ContractTerms

TERMS: Final = StructType(
    "Terms(address borrower,uint256 units,uint256 unitPrice,uint256 ratePpm,uint256 count,uint256 method,"
    "uint256 dayCount,uint256 accrual,uint256 months,uint256 zone,uint256 grace,uint256 valueDays,uint256 lateMode,"
    "uint256 penaltyPpm,uint256 penaltyCap,uint256 defaultDays,uint256 waterfall,uint256 feeBps,uint256 openFeeBps,"
    "uint256 grade,uint256 restCap,uint256 deadline,uint256 drawDays,uint256 coolingDays,uint256 minTicket,uint256 cap,"
    "uint256 coverage,uint256 level,uint256 lastMax,uint256 shifts,bytes32 document,bytes32 salt)"
)
FUND_MANDATE: Final = StructType(
    "FundMandate(address lender,uint256 minRatePpm,uint256 maxGrade,uint256 perLoan,uint256 total,uint256 expiry,"
    "bytes32 salt)"
)
REPAY_MANDATE: Final = StructType(
    "RepayMandate(address payer,bytes32 loan,uint256 perCall,uint256 expiry,bytes32 salt)"
)
PERMIT: Final = StructType("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
FOREVER: Final = 2**256 - 1


@dataclass(frozen=True, slots=True)
class Signed:
    """A struct with its signer's signature and the digest signed."""

    values: dict[str, Any]
    digest: bytes
    signature: bytes


def sign(kind: StructType, values: dict[str, Any], separator: bytes, account: Account) -> Signed:
    """The struct, signed under the domain."""
    digest = kind.digest(separator, values)
    return Signed(values, digest, account.sign_compact(digest))


def terms_values(terms: ContractTerms) -> dict[str, Any]:
    """The terms under the names that the contract and a wallet show."""
    return {
        "borrower": terms.borrower,
        "units": terms.units,
        "unitPrice": terms.unit_price,
        "ratePpm": terms.rate_ppm,
        "count": terms.count,
        "method": int(terms.method),
        "dayCount": int(terms.day_count),
        "accrual": int(terms.accrual),
        "months": terms.months,
        "zone": terms.zone,
        "grace": terms.grace,
        "valueDays": terms.value_days,
        "lateMode": int(terms.late_mode),
        "penaltyPpm": terms.penalty_ppm,
        "penaltyCap": terms.penalty_cap,
        "defaultDays": terms.default_days,
        "waterfall": terms.waterfall,
        "feeBps": terms.fee_bps,
        "openFeeBps": terms.open_fee_bps,
        "grade": terms.grade,
        "restCap": terms.rest_cap,
        "deadline": terms.deadline,
        "drawDays": terms.draw_days,
        "coolingDays": terms.cooling_days,
        "minTicket": terms.min_ticket,
        "cap": terms.cap,
        "coverage": terms.coverage,
        "level": terms.level,
        "lastMax": terms.last_max,
        "shifts": terms.shifts,
        "document": terms.document,
        "salt": terms.salt,
    }
