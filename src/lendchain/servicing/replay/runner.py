"""Drives a replay: enqueues a day, lets the chain carry it out, goes on. Killed at any moment, it continues there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

import sqlalchemy as sa

from lendchain.chain import Chain, OperationState, outbox
from lendchain.errors import LendchainError, UsageError
from lendchain.i18n import _
from lendchain.schedule.contract import Refusal
from lendchain.servicing import models
from lendchain.servicing.replay.cases import Case
from lendchain.servicing.replay.desk import Desk
from lendchain.servicing.replay.script import DayScript

RUN: Final = "replay"


class ReplayFailedError(LendchainError):
    """The chain refused an act of the replay; the text names the first ones."""

    code: ClassVar[str] = "replay-failed"
    exit_status: ClassVar[int] = 5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the replay is; `money` is minor units moved, seconds are counted since this command began."""

    day: date
    loans: int
    all_loans: int
    days: int
    all_days: int
    operations: int
    money: int
    seconds: float
    seconds_left: float
    done_share: float
    rate: float


class Runner:
    """Lives a script on a chain. The store remembers the next day, in the transaction that enqueued the one before."""

    def __init__(self, chain: Chain, desk: Desk, *, work: Sequence[int], all_loans: int) -> None:
        self._chain = chain
        self._desk = desk
        self._work = work  # weight of each day, to tell the time left
        self._all_loans = all_loans

    def begin(self, parameters: str) -> int:
        """The place of the day to go on with. Refuses to mix two books in one folder."""
        with self._chain.store.begin() as conn:
            run = conn.execute(sa.select(models.runs).where(models.runs.c.name == RUN)).one_or_none()
            if run is None:
                row = {"name": RUN, "parameters": parameters, "next_day": 0, "days": len(self._work)}
                conn.execute(sa.insert(models.runs).values(row))
                return 0
        if run.parameters != parameters:
            raise UsageError(
                _("This data folder holds another replay: other file or other choices."),
                hint=_("Repeat the first command to continue it, or name a fresh folder with --data."),
            )
        return int(run.next_day)

    def live(self, days: Iterator[DayScript], next_day: int, on_progress: Callable[[Progress], None]) -> None:
        """Carry out every day from `next_day` on. Raises ReplayFailedError when the chain refuses an act."""
        started = time.monotonic()
        loans = operations = money = sent = 0
        done_before = sum(self._work[:next_day])
        if next_day:
            self._settle()  # what the last run had enqueued when it ended
        for place, day in enumerate(days):
            loans += len(day.issues)
            operations += day.operations
            money += day.moved
            if place < next_day:
                continue
            self._enqueue(place, day)
            self._settle()
            sent += day.operations
            seconds = time.monotonic() - started
            done, left = sum(self._work[: place + 1]), sum(self._work[place + 1 :])
            on_progress(
                Progress(
                    day=day.day,
                    loans=loans,
                    all_loans=self._all_loans,
                    days=place + 1,
                    all_days=len(self._work),
                    operations=operations,
                    money=money,
                    seconds=seconds,
                    seconds_left=left * seconds / (done - done_before),
                    done_share=done / (done + left),
                    rate=sent / seconds,
                )
            )

    def _enqueue(self, place: int, day: DayScript) -> None:
        with self._chain.store.begin() as conn:
            for stage in day.stages:
                outbox.new_stage(conn)
                outbox.enqueue(conn, stage)
            if day.issues:
                conn.execute(sa.insert(models.loans), [self._row(case) for case in day.issues])
            conn.execute(sa.update(models.runs).where(models.runs.c.name == RUN).values(next_day=place + 1))

    def _settle(self) -> None:
        self._chain.settle()
        with self._chain.store.connect() as conn:
            failed = [item for item in outbox.failures(conn, limit=50) if not _is_empty_claim(item)]
        if failed:
            lines = [f"{item.id}: {item.reason}" for item in failed[:5]]
            raise ReplayFailedError(
                _("The chain refused acts of the replay:") + "\n" + "\n".join(lines),
                hint=_(
                    "This is a fault of Lendchain or of a chain it does not know; `lendchain audit` shows the books."
                ),
            )

    def _row(self, case: Case) -> dict[str, object]:
        loan, solution = case.plan.loan, case.plan.solution
        payments = solution.path.payments if solution else ()
        return {
            "place": case.place,
            "name": loan.name,
            "row": loan.row,
            "loan": "0x" + self._desk.loan_id(case).hex(),
            "issued_on": loan.issued_on,
            "group": loan.group,
            "term_months": loan.term_months,
            "grade": loan.grade,
            "rule": int(solution.rule) if solution and solution.rule is not None else None,
            "cause": solution.cause.value if solution and solution.cause else None,
            "path_last_amount": payments[-1] if payments else 0,
            "file_principal_lent": loan.principal,
            "file_principal": loan.received.principal,
            "file_interest": loan.received.interest,
            "file_late_fees": loan.received.late_fees,
            "file_recoveries": loan.received.recoveries,
            "file_last_amount": loan.last_amount,
        }


def _is_empty_claim(failed: OperationState) -> bool:
    """A position so small that its share of what came in is below one minor unit: its claim is refused, no harm."""
    return failed.kind == "claim_many" and failed.reason_code == Refusal.NOTHING_TO_CLAIM
