from __future__ import annotations

import asyncio
import itertools

from motif.service._turns import Turns


def test_one_is_let_through_in_each_turn_of_the_loop_in_the_order_they_came() -> None:
    async def watched() -> list[object]:
        turns, seen = Turns(), []

        async def work(number: int) -> None:
            await turns.next()
            seen.append(number)

        working = [asyncio.create_task(work(number)) for number in range(5)]
        while not all(task.done() for task in working):
            seen.append("turn")
            await asyncio.sleep(0)
        return seen

    seen = asyncio.run(watched())
    assert [each for each in seen if each != "turn"] == list(range(5))
    assert all("turn" in pair for pair in itertools.pairwise(seen) if pair != ("turn", "turn"))


def test_who_gives_up_does_not_hold_up_the_next() -> None:
    async def served() -> bool:
        turns = Turns()
        waiting = [asyncio.create_task(turns.next()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[1].cancel()
        await asyncio.wait_for(waiting[2], 5)
        return True

    assert asyncio.run(served())


def test_each_loop_has_turns_of_its_own() -> None:
    turns = Turns()

    async def contended() -> None:
        await asyncio.gather(*(turns.next() for _ in range(3)))

    for _ in range(2):
        asyncio.run(contended())
