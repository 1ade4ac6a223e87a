"""The loan of the contracts as pure arithmetic: exact fractions and dates, no chain.

Written from docs/contracts.md beside the contracts and not from them, so that each is the other's check.
"""

from lendchain.schedule.contract.dates import LoanCalendar, local_day, midnight
from lendchain.schedule.contract.loan import Loan, Status
from lendchain.schedule.contract.outstanding import OutstandingBalance
from lendchain.schedule.contract.positions import Claim, Holding, Register
from lendchain.schedule.contract.refusals import Refusal, Refused
from lendchain.schedule.contract.scheduled import Figures, ScheduledBalance
from lendchain.schedule.contract.split import Arrears, Split
from lendchain.schedule.contract.terms import (
    Accrual,
    ContractTerms,
    DayCountCode,
    LateMode,
    Method,
    Slot,
    exact_level,
    level_accepted,
    waterfall_code,
)
from lendchain.schedule.contract.workout import Ballot, Proposal, Recovery, Shortfall

__all__ = [
    "Accrual",
    "Arrears",
    "Ballot",
    "Claim",
    "ContractTerms",
    "DayCountCode",
    "Figures",
    "Holding",
    "LateMode",
    "Loan",
    "LoanCalendar",
    "Method",
    "OutstandingBalance",
    "Proposal",
    "Recovery",
    "Refusal",
    "Refused",
    "Register",
    "ScheduledBalance",
    "Shortfall",
    "Slot",
    "Split",
    "Status",
    "exact_level",
    "level_accepted",
    "local_day",
    "midnight",
    "waterfall_code",
]
