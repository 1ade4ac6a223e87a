"""The packed words of `modules/words.vy` and of `lendchain.chain.words` are one table."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import boa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.chain.words import (
    Ballot,
    Mandate,
    Position,
    Rules,
    RunningExtra,
    ScheduledExtra,
    State,
    Sums,
    Who,
    Word,
    shift_days,
)
from tests.contracts.units.probe import CONTRACTS

# Each field's place as the contracts name it; the first field of a word stands at bit 0.
PLACES: dict[type[Word], str] = {
    Who: "0 UNIT_PRICE UNITS OPEN_FEE GRADE DRAW_DAYS",
    Rules: "0 COUNT METHOD DAY_COUNT MONTHS ZONE GRACE PENALTY_PPM PENALTY_CAP DEFAULT_DAYS WATERFALL FEE_BPS DEADLINE "
    "COOLING LEAST_TICKET CAP COVERAGE ACCRUAL LATE_MODE SHIFTED VALUE_DAYS REST_CAP",
    State: "0 PERIOD BALANCE PAID LEVEL START_MONTH START_DAY SINCE OWED",
    Sums: "0 PRINCIPAL INTEREST DUST_PRINCIPAL DUST_INTEREST FEES SUMS_CAP 252 STATUS",
    ScheduledExtra: "0 ACCRUED_TO PENALTY PENALTY_PAID",
    RunningExtra: "0 ACCRUED_TO LEVIED LEVIED_PAID",
    Position: "0 PRINCIPAL_DEBT INTEREST_DEBT BALLOT",
    Ballot: "0 VOTES DIGEST",
    Mandate: "0 EXPIRY PER_CALL",
}


def _source(kind: type[Word]) -> str:
    names = PLACES[kind].split()
    places = [name if name.isdigit() else f"words.{name}" for name in names]
    widths = kind.WIDTHS
    taken = ", ".join(f"(word >> {place}) & (2**{width} - 1)" for place, width in zip(places, widths, strict=True))
    put = " | ".join(f"(parts[{number}] << {place})" for number, place in enumerate(places))
    name, count = kind.__name__.lower(), len(names)
    return f"""
@external
@pure
def take_{name}(word: uint256) -> uint256[{count}]:
    return [{taken}]


@external
@pure
def put_{name}(parts: uint256[{count}]) -> uint256:
    return {put}
"""


@cache
def _probe() -> Any:
    head = "# pragma version 0.4.3\n# pragma evm-version cancun\nfrom modules import words\n"
    return boa.loads(head + "".join(map(_source, PLACES)), filename=str(CONTRACTS / "WordsProbe.vy"))


@pytest.fixture(scope="module", autouse=True)
def _deployed() -> None:
    _probe()


def _values(kind: type[Word]) -> st.SearchStrategy[list[int]]:
    return st.tuples(
        *(st.one_of(st.sampled_from([0, 1, 2**width - 1]), st.integers(0, 2**width - 1)) for width in kind.WIDTHS)
    ).map(list)


@pytest.mark.parametrize("kind", PLACES, ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_field_goes_through_contract_and_package_unchanged(kind: type[Word], data: st.DataObject) -> None:
    values = data.draw(_values(kind))
    word = kind(*values).encode()
    assert list(getattr(_probe(), f"take_{kind.__name__.lower()}")(word)) == values
    assert getattr(_probe(), f"put_{kind.__name__.lower()}")(values) == word
    assert kind.decode(word) == kind(*values)


@pytest.mark.parametrize("kind", PLACES, ids=lambda kind: kind.__name__)
def test_a_field_stands_where_the_one_before_it_ends(kind: type[Word]) -> None:
    assert len(fields(kind)) == len(kind.WIDTHS)  # type: ignore[arg-type]
    assert sum(kind.WIDTHS) <= 256
    for number, width in enumerate(kind.WIDTHS):
        alone = [0] * len(kind.WIDTHS)
        alone[number] = 2**width - 1
        assert kind(*alone).encode() == (2**width - 1) << sum(kind.WIDTHS[:number])
        alone[number] = 2**width
        with pytest.raises(ValueError, match="does not fit"):
            kind(*alone).encode()


@pytest.mark.parametrize("kind", [kind for kind in PLACES if sum(kind.WIDTHS) < 256], ids=lambda kind: kind.__name__)
def test_bits_above_the_last_field_are_refused(kind: type[Word]) -> None:
    with pytest.raises(ValueError, match="above"):
        kind.decode(1 << sum(kind.WIDTHS))


def test_a_shift_is_a_nibble_of_its_period() -> None:
    assert [shift_days(0x3F0, period) for period in range(4)] == [0, 15, 3, 0]
    assert shift_days(2**256 - 1, 63) == 15
    assert shift_days(2**256 - 1, 64) == 0
