"""Random terms, aimed at what is hard: ties, month ends, leap years, caps, tiny and huge amounts."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from lendchain.schedule.contract import ContractTerms, Method, Slot, exact_level, waterfall_code
from lendchain.schedule.contract.terms import Accrual, LateMode
from tests.contracts.lives.dice import Dice, chance

MOST_48 = 2**48 - 1
_ORDERS = tuple(waterfall_code(order) for order in permutations(Slot))
_DAY = 86_400


def draw_terms(dice: Dice, borrower: str, now: int, salt: int) -> ContractTerms:
    """Terms that a request accepts."""
    units = dice.pick((10, 3, 7, 1, 100, 1000, 9973))
    price = dice.number(1, 20_000) if chance(dice, 30) else dice.pick((100_00, 33_333, 5, 25_00, 1_234_567))
    accrual = Accrual.OUTSTANDING if chance(dice, 35) else Accrual.SCHEDULED
    method = Method.EQUAL_INSTALMENT if accrual else Method(dice.number(0, 3))
    months = dice.pick((1, 1, 1, 2, 3, 6, 12))
    count = 1 if method == Method.BULLET else dice.pick((3, 1, 2, 4, 6, 12))
    day_count = dice.number(0, 3)
    terms = ContractTerms(
        borrower=borrower,
        units=units,
        unit_price=price,
        rate_ppm=dice.pick((120_000, 0, 36_500, 240_000, 359_999, 73_000)),
        count=count,
        method=method,
        day_count=day_count,
        accrual=accrual,
        months=months,
        zone=dice.pick((88, 56, 0, 112, 77, 99)),
        grace=dice.pick((0, 3, 5, 15)),
        value_days=dice.pick((0, 1, 5, 27)) if accrual else 0,
        late_mode=LateMode.LEVIED if accrual or chance(dice, 35) else LateMode.BY_TIME,
        penalty_ppm=dice.pick((180_000, 0, 365_000, 999_999)),
        penalty_cap=dice.pick((500, 10_000, 0, 37, 2_000)),
        default_days=dice.pick((30, 0, 5, 60)),
        waterfall=228 if accrual else dice.pick((228, 228, *_ORDERS)),
        fee_bps=0 if accrual else dice.pick((0, 25, 1000)),
        open_fee_bps=dice.pick((0, 100, 333)),
        grade=dice.number(0, 4),
        rest_cap=dice.pick((0, 100, 1023)),
        deadline=now + dice.pick((3, 20, 200, 1)) * _DAY + dice.number(-3, 3) * (_DAY // 3),
        draw_days=dice.pick((10, 0, 63)),
        cooling_days=dice.pick((0, 14, 31)),
        min_ticket=dice.pick((1, 1, max(1, units // 4))),
        cap=dice.pick((0, 0, max(1, units // 2))),
        coverage=dice.pick((0, 5000, 10_000, 333)),
        last_max=0 if day_count == 0 else MOST_48,
        shifts=dice.pick((0, 0, 0x321, 0xF0F1, (1 << 256) - 1)),
        document=salt.to_bytes(32, "big"),
        salt=salt.to_bytes(32, "big"),
    )
    return levelled_by(dice, terms)


def levelled_by(dice: Dice, terms: ContractTerms) -> ContractTerms:
    """The same terms with the level that they need."""
    level = exact_level(terms.method, terms.principal, terms.rate_ppm, terms.count, terms.months)
    if terms.accrual:
        level = max(level + dice.pick((0, 0, 1, -1, 50)), terms.longest_interest(terms.principal) + 1)
    elif terms.method in (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL) and level == 0:
        return levelled_by(dice, replace(terms, unit_price=terms.unit_price * 1000))
    levelled = replace(terms, level=level)
    if terms.last_max and chance(dice, 30):
        return replace(levelled, last_max=levelled.largest_last_instalment())
    return levelled
