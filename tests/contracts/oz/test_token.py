"""The token beside OpenZeppelin's ERC20 with permit: the same random calls, the same answers, the same events."""

from __future__ import annotations

from typing import Any

import boa
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.oz.reference import Outcome, call, deploy_reference
from tests.contracts.parts.deploy import CUSTODIAN, NOBODY, START, compiled, deploy
from tests.contracts.parts.permits import sign_permit_of

NAME, SYMBOL = "Lendchain yuan", "CNYL"
KEYS = [Account.from_key(bytes([i + 1]) * 32) for i in range(4)]
PEOPLE = [key.address for key in KEYS]
HALF_ORDER = 57896044618658097711785492504343953926418782139537452191302581570759080747168
ORDER = 2 * HALF_ORDER + 1
STANDARD = {
    int.from_bytes(keccak(text=text), "big")
    for text in ("Transfer(address,address,uint256)", "Approval(address,address,uint256)")
}

person = st.integers(0, 3)
account = st.sampled_from([*PEOPLE, NOBODY])
amount = st.one_of(st.integers(0, 300), st.sampled_from([2**127, 2**128, 2**255, 2**256 - 1]))

moves = st.one_of(
    st.tuples(st.just("mint"), st.sampled_from(PEOPLE), st.integers(0, 500)),
    st.tuples(st.just("burn"), person, amount),
    st.tuples(st.just("transfer"), person, account, amount),
    st.tuples(st.just("transferFrom"), person, account, account, amount),
    st.tuples(st.just("approve"), person, account, amount),
    # an allowance and its use: by chance alone the two would seldom meet
    st.tuples(st.just("spend"), person, person, account, amount, st.integers(0, 300)),
    st.tuples(
        st.just("permit"),
        person,
        account,
        amount,
        st.sampled_from(
            ["good", "good", "again", "high s", "other v", "late", "next nonce", "other signer", "other chain", "no r"]
        ),
    ),
)


class Side:
    """One of the two tokens, driven by the same list of acts."""

    def __init__(self, address: str, custodian: str | None) -> None:
        self.address = address
        self.custodian = custodian
        self.references = 0

    def standard(self, function: str, values: list[Any], sender: str) -> Outcome:
        """A call, with the events of the two standards alone."""
        outcome = call(self.address, function, values, sender)
        return Outcome(outcome.succeeded, outcome.output, tuple(log for log in outcome.logs if log[0][0] in STANDARD))

    def mint(self, to: str, amount: int) -> Outcome:
        self.references += 1
        if self.custodian is None:
            return self.standard("mint(address,uint256)", [to, amount], PEOPLE[0])
        reference = self.references.to_bytes(32, "big")
        return self.standard("mint(address,uint256,bytes32)", [to, amount, reference], self.custodian)

    def burn(self, who: str, amount: int) -> Outcome:
        self.references += 1
        if self.custodian is None:
            return self.standard("burn(uint256)", [amount], who)
        return self.standard("withdraw(uint256,bytes32)", [amount, self.references.to_bytes(32, "big")], who)

    def permit(self, owner: int, spender: str, amount: int, how: str) -> list[Outcome]:
        nonce = int.from_bytes(call(self.address, "nonces(address)", [PEOPLE[owner]], PEOPLE[0]).output, "big")
        deadline = boa.env.timestamp - (how == "late")
        v, r, s = sign_permit_of(
            NAME,
            self.address,
            KEYS[owner ^ (how == "other signer")],
            spender,
            amount,
            nonce + (how == "next nonce"),
            deadline,
            chain_id=7 if how == "other chain" else None,
        )
        if how == "high s":
            v, s = 55 - v, (ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")
        v = v + 4 if how == "other v" else v
        r = b"\0" * 32 if how == "no r" else r
        function = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
        values = [PEOPLE[owner], spender, amount, deadline, v, r, s]
        return [self.standard(function, values, PEOPLE[3]) for _ in range(2 if how == "again" else 1)]

    def act(self, move: tuple[Any, ...]) -> object:
        match move:
            case ("mint", to, amount):
                return self.mint(to, amount)
            case ("burn", who, amount):
                return self.burn(PEOPLE[who], amount)
            case ("transfer", who, to, amount):
                return self.standard("transfer(address,uint256)", [to, amount], PEOPLE[who])
            case ("transferFrom", who, owner, to, amount):
                return self.standard("transferFrom(address,address,uint256)", [owner, to, amount], PEOPLE[who])
            case ("approve", who, spender, amount):
                return self.standard("approve(address,uint256)", [spender, amount], PEOPLE[who])
            case ("spend", owner, spender, to, allowed, amount):
                given = self.standard("approve(address,uint256)", [PEOPLE[spender], allowed], PEOPLE[owner])
                values = [PEOPLE[owner], to, amount]
                return given, self.standard("transferFrom(address,address,uint256)", values, PEOPLE[spender])
            case ("permit", owner, spender, amount, how):
                return self.permit(owner, spender, amount, how)
        raise AssertionError(move)

    def views(self) -> list[Outcome]:
        asked: list[tuple[str, list[Any]]] = [
            (name, []) for name in ("name()", "symbol()", "decimals()", "totalSupply()", "DOMAIN_SEPARATOR()")
        ]
        asked += [("balanceOf(address)", [who]) for who in (*PEOPLE, NOBODY)]
        asked += [("nonces(address)", [who]) for who in PEOPLE]
        asked += [("allowance(address,address)", [owner, spender]) for owner in PEOPLE for spender in PEOPLE]
        return [call(self.address, function, values, PEOPLE[0]) for function, values in asked]


PARTS = deploy()
PLACE = boa.env.generate_address("both tokens")


def lived(ours: bool, acts: list[tuple[Any, ...]]) -> tuple[list[object], list[Outcome]]:
    """All outcomes and the end of one token's life. Both stand at the same address, each in a world of its own."""
    with boa.env.anchor():
        if ours:
            compiled("Money").deploy(NAME, SYMBOL, PARTS.roles.address, PARTS.clock.address, override_address=PLACE)
            side = Side(PLACE, PARTS.holders[CUSTODIAN])
        else:
            deploy_reference("ReferenceToken", ["string", "string"], [NAME, SYMBOL], PLACE)
            side = Side(PLACE, None)
        first: list[tuple[Any, ...]] = [("mint", who, 500) for who in PEOPLE[:3]]
        return [side.act(move) for move in first + acts], side.views()


@settings(max_examples=50)
@given(acts=st.lists(moves, min_size=1, max_size=15))
def test_the_token_answers_and_logs_as_openzeppelins_does(acts: list[tuple[Any, ...]]) -> None:
    theirs, their_end = lived(False, acts)
    ours, our_end = lived(True, acts)
    assert ours == theirs
    assert our_end == their_end


def test_the_domain_follows_the_chain_id_as_openzeppelins_does() -> None:
    ends = []
    for ours in (False, True):
        with boa.env.anchor():
            if ours:
                compiled("Money").deploy(NAME, SYMBOL, PARTS.roles.address, PARTS.clock.address, override_address=PLACE)
            else:
                deploy_reference("ReferenceToken", ["string", "string"], [NAME, SYMBOL], PLACE)
            before = call(PLACE, "DOMAIN_SEPARATOR()", [], PEOPLE[0])
            known = boa.env.evm.patch.chain_id
            boa.env.evm.patch.chain_id = 4_242
            try:
                after = call(PLACE, "DOMAIN_SEPARATOR()", [], PEOPLE[0])
            finally:
                boa.env.evm.patch.chain_id = known
            ends.append((before, after))
    assert ends[0] == ends[1]
    assert ends[0][0] != ends[0][1]
    assert PARTS.clock.now() == START
