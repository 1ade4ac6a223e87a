"""Lives that are asked something before and after every act, and what the contracts show of a loan."""

from __future__ import annotations

from typing import Any

from lendchain.schedule.contract import Loan
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment, address
from tests.contracts.lives.dice import SeededDice
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import ACCOUNTS
from tests.contracts.lives.rules import WEIGHTS

SEEDS = range(900, 912)


def chain_of(life: Life) -> ContractChain:
    assert isinstance(life.chain, ContractChain)
    return life.chain


def words_of(life: Life, number: int) -> list[int]:
    chain = chain_of(life)
    places = [int(address(name), 16) for name in ACCOUNTS]
    first = (int(chain.deployed.at["LoanBook"], 16), int.from_bytes(chain.names[number], "big"))
    return chain.deployed.peek("words", first, places)


def book_balance(life: Life) -> int:
    chain = chain_of(life)
    return int(chain.deployed.view("Money", "balanceOf", chain.deployed.at["LoanBook"]))


class Watched(Life):
    """A life that is asked something before and after every act."""

    def do(self, act: str, *args: Any) -> Any:
        before = [held.copied() for held in self.model.loans]
        kept = [words_of(self, number) for number in range(len(before))]
        head = chain_of(self).head
        answer = super().do(act, *args)
        self.watch(act, args, answer, before, kept, head)
        return answer

    def watch(
        self, act: str, args: tuple[Any, ...], answer: Any, before: list[Loan], kept: list[list[int]], head: int
    ) -> None:
        """What must hold between before and after."""


def live_watched(deployment: Deployment, kind: type[Watched], seeds: range = SEEDS, steps: int = 25) -> None:
    rules = [rule for rule, weight in WEIGHTS.items() for _ in range(weight)]
    for seed in seeds:
        dice = SeededDice(seed)
        life = kind(ContractChain(deployment))
        for _ in range(steps):
            dice.pick(rules)(life, dice)
        life.wind_up()
