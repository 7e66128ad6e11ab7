"""`Runner`: a source, the engine and actions, for as long as the source gives motion."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from motif.errors import MotifError, WriteError
from motif.live._action_map import ActionMap
from motif.live._conductor import Conductor, Decision
from motif.live._engine import Engine
from motif.live._event import Event
from motif.live._performer import Outcome, Performer
from motif.live._raw_journals import RawJournals
from motif.live.actions._osc import OscMessage
from motif.recordings import Readings
from motif.sources import Clock, Source, SystemClock
from motif.telemetry import Registry, logger

__all__ = ["Runner"]

_LOG = logger(__name__)
_LATE_S = 0.3
"""Samples of a longer time that come at once delay a gesture so that it is felt."""
_GONE_NS = 10_000_000_000
"""The health line is silent on devices that were not heard for longer."""
_BREATH_SAMPLES = 32  # a millisecond or two of work


class Runner:
    """Runs live: readings from a source, events from the engine, actions by the map.

    Everything that waits is bounded: what comes too fast is dropped and counted, by the source and by each action. An
    action that fails is told and the show goes on.

    Parameters
    ----------
    source : Source
        Opened and closed by `run`.
    engine : Engine
    actions : ActionMap, optional
        Nothing is performed where left out; events are told all the same.
    dry_run : bool
        Say what would be performed, and perform nothing.
    record : path, optional
        A folder for the raw readings.
    on_event, on_outcome : callable
        Told of each event, and of what became of each of its rules; must return at once.
    clock : Clock, optional
    registry : Registry, optional
        Gets counters and timings below `live.`.
    """

    def __init__(
        self,
        source: Source,
        engine: Engine,
        actions: ActionMap | None = None,
        *,
        dry_run: bool = False,
        record: str | Path | None = None,
        on_event: Callable[[Event], None] = lambda event: None,
        on_outcome: Callable[[Outcome], None] = lambda outcome: None,
        clock: Clock | None = None,
        registry: Registry | None = None,
    ) -> None:
        rules = actions or ActionMap()
        self.source, self.engine = source, engine
        self.registry = registry or Registry()
        self._clock = clock or SystemClock()
        self.conductor = Conductor(rules, phase_ns=self._clock.time_ns())
        """Tempo, decks and mute: set them at any time."""
        self._performer = Performer(
            rules.make_actions(self._clock),
            clock=self._clock,
            registry=self.registry,
            dry_run=dry_run or rules.dry_run,
            tell=on_outcome,
        )
        self.last_health = ""
        """What the source said of itself last, before it was closed."""
        self._on_event = on_event
        self._journals = RawJournals(record, clock=self._clock) if record is not None else None
        self._heard: dict[str, tuple[int, float]] = {}
        self._is_stopping = False
        self._panics: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run until the source ends or `stop` is called; then finish what was begun, and close everything.

        Raises
        ------
        MotifError
            The source or an action cannot be opened, or the source failed.
        """
        async with AsyncExitStack() as stack:
            stack.callback(self._close_journals)
            await self._performer.open()
            stack.push_async_callback(self._performer.close)
            await stack.enter_async_context(self.source)
            stack.callback(self._note_health)
            n_taken = 0
            async for readings in self.source:
                n_events = self._take(readings)
                if self._is_stopping:
                    break
                n_taken += readings.n_samples
                if n_events or n_taken >= _BREATH_SAMPLES:  # a source that always has more must not keep others waiting
                    n_taken = 0
                    await asyncio.sleep(0)
            self._act(self.engine.flush(), self._clock.time_ns())
            await asyncio.gather(*self._panics)
            await self._performer.drain()

    async def stop(self) -> None:
        """End the run after the readings at hand: close the source, perform what was decided."""
        self._note_health()
        self._is_stopping = True
        await self.source.close()

    async def panic(self) -> None:
        """Stop all that sounds or is held down, drop what waits, mute all actions until `resume`."""
        self.conductor.panic()
        await self._performer.panic()

    def resume(self) -> None:
        """End the mute."""
        self.conductor.resume()

    def health(self) -> str:
        """Return one line: the source's own, channels that are missing, and counts."""
        counters = self.registry.counters
        parts = [self.source.health().message]
        long_ago_ns = self._clock.time_ns() - _GONE_NS
        here = {device: gathered_s for device, (heard_ns, gathered_s) in self._heard.items() if heard_ns >= long_ago_ns}
        missing = ((device, self.engine.missing(device)) for device in self.engine.devices if device in here)
        parts += [f"{device} gives no {' '.join(channels)}" for device, channels in missing if channels][:3]
        parts += [
            f"{device} sends {gathered_s:.1f} s at once: gestures come up to that much later than told"
            for device, gathered_s in here.items()
            if gathered_s > _LATE_S
        ][:3]
        n_gestures = counters.get("live.events", 0)
        parts.append("1 gesture" if n_gestures == 1 else f"{n_gestures} gestures")
        lost = counters.get("live.actions.failed", 0) + counters.get("live.actions.dropped", 0)
        if lost:
            parts.append("1 action not done" if lost == 1 else f"{lost} actions not done")
        if self.conductor.is_muted:
            parts.append("muted")
        return " · ".join(parts)

    def _take(self, readings: Readings) -> int:
        """Hear readings, act on their events, and return how many these were."""
        received_ns = self._clock.time_ns()
        self.registry.count("live.samples", readings.n_samples)
        self._note_device(readings, received_ns)
        self._record(readings)
        try:
            with self.registry.time("live.step"):
                events = self.engine.step(readings)
        except MotifError as error:
            self.registry.count("live.readings_refused")
            _LOG.warning("readings refused", device=readings.device, error=str(error))
            return 0
        self._act(events, received_ns)
        return len(events)

    def _act(self, events: list[Event], received_ns: int) -> None:
        for event in events:
            self.registry.count("live.events")
            self._on_event(event)
            for decision in self.conductor.decide(event, self._clock.time_ns()):
                if decision.action == "panic" and decision.message is None and not decision.refused:
                    task = asyncio.create_task(self._performer.panic())
                    self._panics.add(task)
                    task.add_done_callback(self._panics.discard)
                self._performer.submit(_with_values(decision), received_ns)

    def _note_device(self, readings: Readings, received_ns: int) -> None:
        """Remember when a device was heard, and how many seconds it sent at once; of as many as the engine follows."""
        if not readings.n_samples:
            return
        self._heard.pop(readings.device, None)  # so that the first is the one not heard for longest
        self._heard[readings.device] = (received_ns, int(readings.time_ns[-1] - readings.time_ns[0]) / 1e9)
        if len(self._heard) > self.engine.config.max_devices:
            del self._heard[next(iter(self._heard))]

    def _note_health(self) -> None:
        if not self._is_stopping:
            self.last_health = self.source.health().message

    def _record(self, readings: Readings) -> None:
        if self._journals is not None:
            try:
                self._journals.append(readings)
            except WriteError as error:
                self.registry.count("live.not_recorded", readings.n_samples)
                _LOG.error("readings not recorded", error=str(error))

    def _close_journals(self) -> None:
        if self._journals is not None:
            self._journals.close()


def _with_values(decision: Decision) -> Decision:
    """Return it with what OSC is to send in place of texts such as `$confidence`: its line tells the values."""
    if not isinstance(decision.message, OscMessage):
        return decision
    return replace(decision, message=decision.message.of(decision.event))
