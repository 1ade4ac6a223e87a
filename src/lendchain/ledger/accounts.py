"""The chart of accounts, in plain words.

Four sides, each balanced on its own in every entry:

* money: every unit of the settlement token belongs to exactly one account, and the bank holds as much;
* claims: who owes principal to whom;
* billed: charges laid on a borrower by an act of their own, while open;
* results: what credit cost the borrower and who earned it.

An amount is positive on the debit side and negative on the credit side, in minor units.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from lendchain.i18n import current_language


class Side(Enum):
    """The part of the books an account belongs to."""

    MONEY = "money"
    CLAIMS = "claims"
    BILLED = "billed"
    RESULTS = "results"


class Key(NamedTuple):
    """One account: its place in the chart, the loan and the holder it is kept for ("" where it is kept for none)."""

    code: str
    loan: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the chart. `debit` says on which side its balance normally stands."""

    code: str
    side: Side
    debit: bool
    per_loan: bool
    per_holder: bool
    english: str
    chinese: str

    @property
    def name(self) -> str:
        """The account's name in the language in force."""
        return self.chinese if current_language() == "zh" else self.english


BANK: Final = "bank"
MONEY: Final = "money"
ESCROW: Final = "escrow"
UNCLAIMED_PRINCIPAL: Final = "unclaimed_principal"
UNCLAIMED_INTEREST: Final = "unclaimed_interest"
FEES: Final = "fees"
OWED: Final = "owed"
RETURNED: Final = "returned"
LOST: Final = "lost"
FORGIVEN: Final = "forgiven"
GUARANTEE_OWED: Final = "guarantee_owed"
LENT: Final = "lent"
GUARANTEE_PAID: Final = "guarantee_paid"
LATE_FEES_OPEN: Final = "late_fees_open"
ARREARS_OPEN: Final = "arrears_open"
BILLED: Final = "billed"
COST: Final = "cost"
EARNED_INTEREST: Final = "earned_interest"
EARNED_PENALTY: Final = "earned_penalty"
EARNED_FEE: Final = "earned_fee"
EARNED_OPENING_FEE: Final = "earned_opening_fee"
EARNED_ARREARS: Final = "earned_arrears"
EARNED_EXTRA: Final = "earned_extra"
DISTRIBUTED: Final = "distributed"
INCOME: Final = "income"
SALE_RESULT: Final = "sale_result"

_M, _C, _B, _R = Side.MONEY, Side.CLAIMS, Side.BILLED, Side.RESULTS

CHART: Final[dict[str, Account]] = {
    account.code: account
    for account in (
        Account(BANK, _M, True, False, False, "Money at the custodian's bank", "存管银行存款"),
        Account(MONEY, _M, False, False, True, "Money of an account", "账户余额"),
        Account(ESCROW, _M, False, True, True, "Bids waiting for disbursement", "投标冻结资金"),
        Account(UNCLAIMED_PRINCIPAL, _M, False, True, False, "Principal received, not yet claimed", "待领取本金"),
        Account(UNCLAIMED_INTEREST, _M, False, True, False, "Interest received, not yet claimed", "待领取利息"),
        Account(FEES, _M, False, True, False, "Fees received, not yet taken", "待提取服务费"),
        Account(OWED, _C, True, True, False, "Principal owed by the borrower", "借款人未还本金"),
        Account(
            RETURNED, _C, True, True, False, "Principal back from the borrower, not yet in hand", "已收回待领取本金"
        ),
        Account(LOST, _C, True, True, False, "Principal charged off", "核销本金"),
        Account(FORGIVEN, _C, True, True, False, "Principal waived at pay-off", "结清减免本金"),
        Account(GUARANTEE_OWED, _C, True, True, False, "Owed to the guarantee fund for its payouts", "代偿应收款"),
        Account(LENT, _C, False, True, True, "Principal lent, not yet back in hand", "出借本金"),
        Account(GUARANTEE_PAID, _C, False, True, False, "Guarantee payouts not had back", "未收回代偿款"),
        Account(LATE_FEES_OPEN, _B, True, True, False, "Late fees levied, still open", "未收逾期费"),
        Account(ARREARS_OPEN, _B, True, True, False, "Arrears fixed at default, still open", "违约时拖欠款"),
        Account(BILLED, _B, False, True, False, "Charges laid on the borrower", "已计收费用"),
        Account(COST, _R, True, True, False, "Cost of credit paid by the borrower", "借款人已付融资成本"),
        Account(EARNED_INTEREST, _R, False, True, False, "Interest paid", "已付利息"),
        Account(EARNED_PENALTY, _R, False, True, False, "Penalty interest and late fees paid", "已付罚息与逾期费"),
        Account(EARNED_FEE, _R, False, True, False, "Instalment fees paid", "已付分期服务费"),
        Account(EARNED_OPENING_FEE, _R, False, True, False, "Opening fee paid", "已付放款服务费"),
        Account(EARNED_ARREARS, _R, False, True, False, "Arrears recovered after default", "违约后收回拖欠款"),
        Account(EARNED_EXTRA, _R, False, True, False, "Recovered beyond the debt", "超额回收款"),
        Account(DISTRIBUTED, _R, True, True, False, "Interest handed to lenders", "已分配利息"),
        Account(INCOME, _R, False, True, True, "Interest received by a lender", "出借人利息收入"),
        Account(SALE_RESULT, _R, False, True, True, "Price of a position above or below its value", "债权转让损益"),
    )
}

# Earned by the lenders; the rest of what is earned is the operator's.
LENDERS_EARN: Final = (EARNED_INTEREST, EARNED_PENALTY, EARNED_ARREARS, EARNED_EXTRA)
OPERATOR_EARNS: Final = (EARNED_FEE, EARNED_OPENING_FEE)
