"""A hostile token, on every path: whatever it calls around a move, the book stays as an honest token leaves it."""

from __future__ import annotations

from typing import Any

import boa
import pytest

from lendchain.chain.bindings import artifact
from tests.contracts.hostile.stage import (
    HONEST,
    REVERTS,
    SAYS_NO,
    STRIKES,
    Stage,
    deploy_stage,
    strikes,
)

# A token that is called by the book in its own name may still give money to the guarantee: that changes no loan.
HARMLESS = {("Guarantee", "top_up")}

STAGE = deploy_stage()
CALLS = strikes(STAGE)
for strike in CALLS:
    STAGE.token.add_strike(STAGE.address(strike.contract), STAGE.data(strike))

BEFORE = STAGE.state()


@pytest.fixture
def stage() -> Stage:
    return STAGE


def performed(stage: Stage, act: str, mode: int) -> tuple[bool, tuple[Any, ...], int, set[tuple[str, str]]]:
    """(succeeded, the book's state, moves of the token, strikes that went through), all undone afterwards."""
    with boa.env.anchor():
        stage.token.set_mode(mode)
        done = stage.perform(act)
        moves, entered = int(stage.token.moves()), int(stage.token.entered())
        through = {(call.contract, call.function) for i, call in enumerate(CALLS) if entered >> i & 1}
        return not done.is_error, stage.state(), moves, through


def test_every_function_that_writes_is_tried() -> None:
    """The list of strikes is the contracts' own interface; a new function has to be added to it."""
    writing = {
        (contract, name)
        for contract in ("LoanBook", "Workout", "Guarantee")
        for name, function in artifact(contract).functions.items()
        if not function.reads_only
    }
    assert {(strike.contract, strike.function) for strike in CALLS} == writing


def test_strikes_would_go_through_if_nothing_were_going_on(stage: Stage) -> None:
    """The calls are not refused for their arguments: by the token alone, outside an act, those open to anybody work."""
    open_to_anybody = {
        *("request", "request_and_fund", "revoke", "fund", "refund", "disburse", "repay", "pay_off", "authorize"),
        *("collect", "claim", "claim_many", "transfer", "cover", "recover", "top_up"),
    }
    worked = set()
    for strike in CALLS:
        with boa.env.anchor():
            done = boa.env.execute_code(
                to_address=stage.address(strike.contract), sender=stage.token.address, data=stage.data(strike)
            )
            if not done.is_error:
                worked.add(strike.function)
    assert worked == open_to_anybody


@pytest.mark.parametrize("act", [act for act, (_, call) in STAGE.acts.items() if call.contract != "Guarantee"])
def test_no_call_gets_in_while_the_book_moves_money(stage: Stage, act: str) -> None:
    succeeded, honest, moves, _ = performed(stage, act, HONEST)
    assert succeeded
    assert moves > 0, "this act moves no money: nothing was tried"
    struck, state, _, through = performed(stage, act, STRIKES)
    assert struck
    assert through <= HARMLESS
    assert state == honest


@pytest.mark.parametrize("act", ["top up", "draw"])
def test_no_call_gets_into_the_guarantee_while_it_moves_money(stage: Stage, act: str) -> None:
    """The book is free meanwhile, as it should be: what goes through there is an act like any other."""
    succeeded, _, moves, _ = performed(stage, act, HONEST)
    assert succeeded
    assert moves > 0
    struck, _, _, through = performed(stage, act, STRIKES)
    assert struck
    assert not [name for contract, name in through if contract == "Guarantee"]


@pytest.mark.parametrize("mode", [SAYS_NO, REVERTS], ids=["says no", "reverts"])
@pytest.mark.parametrize("act", [act for act in STAGE.acts if act != "collect"])
def test_a_move_refused_by_the_token_refuses_the_act(stage: Stage, act: str, mode: int) -> None:
    with boa.env.anchor():
        stage.token.set_mode(mode)
        assert stage.perform(act).is_error


@pytest.mark.parametrize("mode", [SAYS_NO, REVERTS], ids=["says no", "reverts"])
def test_an_item_refused_by_the_token_is_skipped_and_changes_nothing(stage: Stage, mode: int) -> None:
    succeeded, state, _, _ = performed(stage, "collect", mode)
    assert succeeded
    assert state == BEFORE
