"""Tasks end when they are asked to, also those that did not hear it the first time."""

import asyncio
from contextlib import suppress

from motif.sources import end_tasks


def test_a_task_that_lost_its_cancellation_is_asked_again():
    async def run():
        begun = asyncio.Event()

        async def hard_of_hearing():
            begun.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            await asyncio.Event().wait()

        task = asyncio.create_task(hard_of_hearing())
        await begun.wait()
        await end_tasks(task, again_s=0.01)
        assert task.cancelled()

    asyncio.run(asyncio.wait_for(run(), 20))


def test_what_went_wrong_in_a_task_or_is_long_done_holds_up_nobody():
    async def run():
        async def failing():
            raise ValueError

        done = asyncio.create_task(asyncio.sleep(0))
        await done
        await end_tasks(done, asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(60)))
        await end_tasks()

    asyncio.run(asyncio.wait_for(run(), 20))
