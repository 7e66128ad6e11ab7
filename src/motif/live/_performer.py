"""`Performer`: carries decisions out, each action in a lane of its own, so that a slow one holds up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from motif.errors import MotifError
from motif.live._conductor import Decision
from motif.live.actions._action import Action
from motif.sources import Clock, end_tasks
from motif.telemetry import Registry, logger

__all__ = ["Outcome", "Performer"]

_LOG = logger(__name__)
_WAITING = 64
"""Decisions that wait in a lane, and as many for their beat: more are dropped and counted."""

Status = Literal["done", "planned", "refused", "failed", "dropped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision."""

    decision: Decision
    status: Status
    """`planned` where it is a dry run; `dropped` where too many waited, its beat was over, or a panic came first."""
    detail: str
    """What was done, or why not."""
    after_s: float
    """From the sample that decided the event to here."""

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        event = self.decision.event
        return {
            "action": self.decision.action,
            "status": self.status,
            "detail": self.detail,
            "after_s": round(self.after_s, 6),
            "gesture": event.gesture,
            "device": event.device,
            "decided_ns": event.decided_ns,
        }


@dataclass(frozen=True, slots=True)
class _Job:
    decision: Decision
    received_ns: int


class Performer:
    """Performs decisions in order, each action by itself.

    Parameters
    ----------
    actions : mapping from name to Action
    clock : Clock
    registry : Registry
        Gets counters `live.actions.<status>` and timings `live.sample_to_action`.
    dry_run : bool
        Open and perform nothing; say what would be.
    tell : callable
        Gets each `Outcome`.
    """

    def __init__(
        self,
        actions: Mapping[str, Action],
        *,
        clock: Clock,
        registry: Registry,
        dry_run: bool = False,
        tell: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self._actions, self._clock, self._registry = dict(actions), clock, registry
        self._dry_run, self._tell = dry_run, tell
        self._lanes: dict[str, asyncio.Queue[_Job]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._scheduled: dict[asyncio.Task[None], _Job] = {}
        self._panicking = asyncio.Lock()

    async def open(self) -> None:
        """Open all actions.

        Raises
        ------
        ActionError, MissingExtraError
            One is not there; those that were opened are closed again.
        """
        if not self._dry_run:
            try:
                for action in self._actions.values():
                    await action.open()
            except BaseException:
                await self._close_actions()
                raise
        self._lanes = {name: asyncio.Queue(_WAITING) for name in self._actions}
        self._start()

    def submit(self, decision: Decision, received_ns: int) -> None:
        """Take a decision; never waits. `received_ns` is when the sample came that decided its event."""
        job = _Job(decision, received_ns)
        if decision.refused:
            self._say(job, "refused", decision.refused)
        elif decision.message is None:
            self._say(job, "done", {"panic": "everything stopped", "resume": "actions on"}.get(decision.action, ""))
        elif decision.due_ns <= self._clock.time_ns():
            self._enqueue(job)
        elif len(self._scheduled) >= _WAITING:
            self._say(job, "dropped", f"{_WAITING} others wait for their beat")
        else:
            task = asyncio.create_task(self._enqueue_later(job))
            self._scheduled[task] = job
            task.add_done_callback(lambda done: self._scheduled.pop(done, None))

    async def panic(self) -> None:
        """Drop what waits, interrupt what is being done, let go of all that sounds or is held."""
        async with self._panicking:
            dropped = [*self._scheduled.values(), *self._stop_lanes()]
            await end_tasks(*self._scheduled)
            for job in dropped:
                self._say(job, "dropped", "panic")
            await asyncio.gather(*(self._interrupt(name) for name in self._workers))
            self._start()

    async def drain(self) -> None:
        """Return when all that was submitted is done, also what waits for its beat."""
        while self._scheduled:
            await asyncio.wait(list(self._scheduled))
        await asyncio.gather(*(lane.join() for lane in self._lanes.values()))

    async def close(self) -> None:
        """Drop what waits, and close all actions; a panic that comes later finds nothing to begin anew."""
        async with self._panicking:
            await end_tasks(*self._scheduled, *self._workers.values())
            self._workers, self._lanes = {}, {}
            if not self._dry_run:
                await self._close_actions()

    def _start(self) -> None:
        self._workers = {name: asyncio.create_task(self._work(name), name=f"motif-{name}") for name in self._lanes}

    async def _interrupt(self, name: str) -> None:
        """End what an action does and let it go of what it holds, whatever the others do."""
        await end_tasks(self._workers[name])
        if not self._dry_run:
            try:
                await self._actions[name].release()
            except Exception as error:  # an action of another package must not end the show
                _LOG.warning("action did not release", action=name, error=str(error))

    def _stop_lanes(self) -> list[_Job]:
        waiting = []
        for lane in self._lanes.values():
            while not lane.empty():
                waiting.append(lane.get_nowait())
                lane.task_done()
        return waiting

    async def _enqueue_later(self, job: _Job) -> None:
        await self._clock.sleep((job.decision.due_ns - self._clock.time_ns()) / 1e9)
        self._enqueue(job)

    def _enqueue(self, job: _Job) -> None:
        try:
            self._lanes[job.decision.action].put_nowait(job)
        except asyncio.QueueFull:
            self._say(job, "dropped", f"{_WAITING} others wait; {job.decision.action} is too slow")

    async def _work(self, name: str) -> None:
        lane, action = self._lanes[name], self._actions[name]
        while True:
            job = await lane.get()
            try:
                await self._perform(action, job)
            finally:
                lane.task_done()

    async def _perform(self, action: Action, job: _Job) -> None:
        decision = job.decision
        what = action.describe(decision.message)
        if self._dry_run:
            self._say(job, "planned", what)
            return
        if decision.too_late_ns is not None and self._clock.time_ns() >= decision.too_late_ns:
            self._say(job, "dropped", f"its beat is over; {decision.action} was busy")
            return
        try:
            await action.perform(decision.event, decision.message)
        except asyncio.CancelledError:
            self._say(job, "dropped", "interrupted")
            raise
        except MotifError as error:
            self._say(job, "failed", str(error))
        except Exception as error:  # an action of another package must not end the show
            _LOG.exception("action failed", action=decision.action)
            self._say(job, "failed", f"{type(error).__name__}: {error}")
        else:
            self._say(job, "done", what)

    def _say(self, job: _Job, status: Status, detail: str) -> None:
        after_s = (self._clock.time_ns() - max(job.received_ns, min(job.decision.due_ns, self._clock.time_ns()))) / 1e9
        self._registry.count(f"live.actions.{status}")
        if status == "done":
            self._registry.record("live.sample_to_action", after_s)
        elif status in ("failed", "dropped"):
            _LOG.warning("action not done", action=job.decision.action, status=status, detail=detail)
        self._tell(Outcome(job.decision, status, detail, after_s))

    async def _close_actions(self) -> None:
        for name, action in self._actions.items():
            try:
                await action.close()
            except Exception as error:  # the others are to be closed all the same
                _LOG.warning("action did not close", action=name, error=str(error))
