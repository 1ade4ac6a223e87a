# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Packed words
@license Apache-2.0
@author  The Lendchain authors
@notice  Where each field of a loan stands: the bit at which it begins and the mask of its width. `lendchain.chain.words` is the
         same table in Python; a round-trip test holds the two together, field by field.
@dev     A loan is up to six words, in this order:

         0 who      borrower 160 | unit price 47 | units 24 | opening fee bps 12 | grade 4 | draw days 6
         1 rules    rate ppm 24 | count 10 | method 2 | day count 2 | months 8 | zone 7 | grace 6 | penalty ppm 24 |
                    penalty cap bps 14 | default days 10 | waterfall 8 | fee bps 12 | deadline 40 | cooling days 5 |
                    least ticket 24 | cap 24 | coverage bps 14 | accrual 1 | late mode 1 | shifted 1 | value days 5 | rest cap 10
         2 state    odd 1 | period 12 | balance 47 | paid in the period 48 | level 48 | start month 16 | start day 5 |
                    penalty since 18 | owed interest 60
                    defaulted and later: balance = O, paid = recovered R, level = guarantee's net payment, owed = arrears left
         3 sums     units 24 | principal 48 | interest 60 | dust of principal 24 | dust of interest 24 | fees 48 | cap 24 |
                    free 1 | status 3
         4 extra    counts only while `odd` is 1
                    accrual 0: accrued 96 | accrued to 18 | penalty numerator 80 | penalty paid 48
                    accrual 1: accrued 96 | accrued to 18 | late fees open 48 | late fees paid 48
         5 shifts   64 nibbles; read only when `shifted` is 1

         A position is one word:  units 24 | principal debt 96 | interest debt 96 | ballot round 32.
         A ballot is one word:    round 32 | units for 24 | upper 200 bits of the digest.
         A mandate is one word:   payer 160 | expiry 40 | most in a call 48.
"""

# What can't be reached under the bounds that `Rules` proves at request needs no check when it is added to.
BITS_4: constant(uint256) = 2**4 - 1
BITS_5: constant(uint256) = 2**5 - 1
BITS_6: constant(uint256) = 2**6 - 1
BITS_7: constant(uint256) = 2**7 - 1
BITS_8: constant(uint256) = 2**8 - 1
BITS_10: constant(uint256) = 2**10 - 1
BITS_12: constant(uint256) = 2**12 - 1
BITS_14: constant(uint256) = 2**14 - 1
BITS_16: constant(uint256) = 2**16 - 1
BITS_18: constant(uint256) = 2**18 - 1
BITS_24: constant(uint256) = 2**24 - 1
BITS_32: constant(uint256) = 2**32 - 1
BITS_40: constant(uint256) = 2**40 - 1
BITS_47: constant(uint256) = 2**47 - 1
BITS_48: constant(uint256) = 2**48 - 1
BITS_60: constant(uint256) = 2**60 - 1
BITS_80: constant(uint256) = 2**80 - 1
BITS_96: constant(uint256) = 2**96 - 1
BITS_160: constant(uint256) = 2**160 - 1

# who
UNIT_PRICE: constant(uint256) = 160
UNITS: constant(uint256) = 207
OPEN_FEE: constant(uint256) = 231
GRADE: constant(uint256) = 243
DRAW_DAYS: constant(uint256) = 247

# rules
COUNT: constant(uint256) = 24
METHOD: constant(uint256) = 34
DAY_COUNT: constant(uint256) = 36
MONTHS: constant(uint256) = 38
ZONE: constant(uint256) = 46
GRACE: constant(uint256) = 53
PENALTY_PPM: constant(uint256) = 59
PENALTY_CAP: constant(uint256) = 83
DEFAULT_DAYS: constant(uint256) = 97
WATERFALL: constant(uint256) = 107
FEE_BPS: constant(uint256) = 115
DEADLINE: constant(uint256) = 127
COOLING: constant(uint256) = 167
LEAST_TICKET: constant(uint256) = 172
CAP: constant(uint256) = 196
COVERAGE: constant(uint256) = 220
ACCRUAL: constant(uint256) = 234
LATE_MODE: constant(uint256) = 235
SHIFTED: constant(uint256) = 236
VALUE_DAYS: constant(uint256) = 237
REST_CAP: constant(uint256) = 242

# state
PERIOD: constant(uint256) = 1
BALANCE: constant(uint256) = 13
PAID: constant(uint256) = 60
LEVEL: constant(uint256) = 108
START_MONTH: constant(uint256) = 156
START_DAY: constant(uint256) = 172
SINCE: constant(uint256) = 177
OWED: constant(uint256) = 195
# level, start month and day: what a payment leaves as it is
KEPT: constant(uint256) = (2**69 - 1) << 108

# sums
PRINCIPAL: constant(uint256) = 24
INTEREST: constant(uint256) = 72
DUST_PRINCIPAL: constant(uint256) = 132
DUST_INTEREST: constant(uint256) = 156
DUST: constant(uint256) = (2**48 - 1) << 132
FEES: constant(uint256) = 180
SUMS_CAP: constant(uint256) = 228
STATUS: constant(uint256) = 253

# extra
ACCRUED_TO: constant(uint256) = 96
PENALTY: constant(uint256) = 114
PENALTY_PAID: constant(uint256) = 194
LEVIED: constant(uint256) = 114
LEVIED_PAID: constant(uint256) = 162

# position; debts are biased so that they may be negative
PRINCIPAL_DEBT: constant(uint256) = 24
INTEREST_DEBT: constant(uint256) = 120
BALLOT: constant(uint256) = 216
BIAS: constant(uint256) = 2**95
FRESH: constant(uint256) = (2**95 << 24) | (2**95 << 120)

# ballot
VOTES: constant(uint256) = 32
DIGEST: constant(uint256) = 56

# mandate
EXPIRY: constant(uint256) = 160
PER_CALL: constant(uint256) = 200

# status
FUNDING: constant(uint256) = 0
ACTIVE: constant(uint256) = 1
DEFAULTED: constant(uint256) = 2
CANCELLED: constant(uint256) = 3
CLOSED: constant(uint256) = 4
WRITTEN_OFF: constant(uint256) = 5

# order of the words
WHO: constant(uint256) = 0
RULES: constant(uint256) = 1
STATE: constant(uint256) = 2
SUMS: constant(uint256) = 3
EXTRA: constant(uint256) = 4
SHIFTS: constant(uint256) = 5
