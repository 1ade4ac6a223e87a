"""What stands between the platform and its node and disk: everything that can go wrong there, drawn from one seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from lendchain.chain.errors import NodeUnreachableError
from lendchain.chain.ports import Call, Reply
from tests.simulation.node import SimNode


class SimClock:
    """Time that only passes when somebody waits."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0

    def now(self) -> float:
        return self._now

    def pause(self, seconds: float) -> None:
        self._now += seconds


class SimRng:
    """Salts and ids from the seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


@dataclass(frozen=True, slots=True)
class Weather:
    """Chances, each of one exchange (network) or of one statement (disk)."""

    request_lost: float = 0.04
    reply_lost: float = 0.04
    delayed: float = 0.04
    repeated: float = 0.06
    reordered: float = 0.10
    killed_at_write: float = 0.006


CALM = Weather(0, 0, 0, 0, 0, 0)


class HostileNetwork:
    """A `Transport` that loses, delays, repeats and reorders.

    Only sending is delayed or reordered in its effect: a read answered late is a lost reply to the one who asked.
    """

    def __init__(self, node: SimNode, random: Random, weather: Weather) -> None:
        self._node = node
        self._random = random
        self.weather = weather
        self._late: list[Call] = []

    def post(self, calls: Sequence[Call]) -> list[Reply]:
        chance = self._random.random
        weather = self.weather
        if chance() < weather.request_lost:
            raise NodeUnreachableError("simulated: request lost")
        if chance() < weather.delayed:
            self._late.extend(call for call in calls if call.method == "eth_sendRawTransaction")
            raise NodeUnreachableError("simulated: request delayed")
        order = list(range(len(calls)))
        if chance() < weather.reordered:
            self._random.shuffle(order)
        answers: dict[int, Reply] = {place: self._node.answer(calls[place]) for place in order}
        if chance() < weather.repeated:
            answers = {place: self._node.answer(calls[place]) for place in order}
        if chance() < weather.reply_lost:
            raise NodeUnreachableError("simulated: reply lost")
        return [answers[place] for place in range(len(calls))]

    def deliver_late(self) -> None:
        """Some of what was delayed arrives now, in any order."""
        self._random.shuffle(self._late)
        for _ in range(self._random.randrange(len(self._late) + 1)):
            self._node.answer(self._late.pop())


class KilledError(BaseException):
    """The platform's process is gone: between two statements, before a commit or right after one.

    A `BaseException`, so that no handler of the platform can survive it.
    """


@dataclass(slots=True)
class Disk:
    """The store's disk: kills the platform at a drawn statement. What was committed stays, nothing else does."""

    random: Random
    weather: Weather
    armed: bool = False

    @contextmanager
    def armed_for(self) -> Iterator[None]:
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def touched(self) -> None:
        """A statement is about to run, or a commit to be written."""
        if self.armed and self.random.random() < self.weather.killed_at_write:
            self.armed = False
            raise KilledError
