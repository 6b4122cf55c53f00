"""Every arrow of the job's diagram is walked through the queue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.jobs.bounds import Bounds
from bot.jobs.queue import MAX_ATTEMPTS, MAX_ENDS, Painted, QueueFull
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Order, Style
from bot.store import Store
from bot.store.deliveries import Sent, finish_sending, open_deliveries

from ..diagrams import edges_of

Edge = tuple[str, str, str]
CHAT = 1


@dataclass
class Walk:
    """One job on its way."""

    queue: SqlQueue
    store: Store
    job: int = 0

    async def state(self) -> str:
        """Where it is."""
        found = await self.queue.find(self.job)
        assert found is not None
        return found.state

    async def enter(self, state: str) -> None:
        """Brings a new job to this state."""
        order = Order(CHAT, CHAT, Media("file", f"photo {state}"), Style.sentence("rain"))
        if state == "refused":
            await self.queue.enqueue(Order(CHAT, CHAT, Media("file", "another"), Style.sentence("snow")), "before")
            with pytest.raises(QueueFull) as full:
                await self.queue.enqueue(order, "walk")
            self.job = full.value.job_id
            return
        self.job = (await self.queue.enqueue(order, "walk")).job_id
        for step, reach in (("leased", self.claim), ("painting", self.begin), ("painted", self.complete)):
            if await self.state() == state:
                return
            await reach()
            assert await self.state() == step

    async def claim(self, seconds: float = 30) -> None:
        """A painter takes it."""
        assert await self.queue.claim("w", seconds) is not None

    async def begin(self) -> None:
        """Painting starts."""
        assert await self.queue.begin(self.job, "w")

    async def complete(self) -> None:
        """The result is there."""
        assert await self.queue.complete(self.job, "w", Painted("1.jpg", 64, 48, 64, 64))

    async def sent(self, state: str, error: str = "undeliverable") -> None:
        """The result's sending ends so."""
        async with self.store.writing() as session:
            (delivery,) = await open_deliveries(session)
            sent = Sent(7, "file", False) if state == "sent" else None
            await finish_sending(session, delivery.id, state, sent, error)

    async def give_back(self, *, counts: bool) -> None:
        """The painter could not end it."""
        assert await self.queue.give_back(self.job, "w", counts=counts) is not None

    async def lose_lease(self) -> None:
        """Whoever has it is not heard of any more."""
        await self.give_back(counts=False)
        await self.claim(-1)
        assert await self.queue.recover(everything=False)

    async def crash_for_the_last_time(self) -> None:
        """The runner dies as often as is borne."""
        for _ in range(MAX_ATTEMPTS - 1):
            await self.give_back(counts=True)
            assert await self.state() == "queued"
            await self.claim()
            await self.begin()
        await self.give_back(counts=True)

    async def end_once_too_often(self) -> None:
        """The bot dies again and again while it paints this."""
        for _ in range(MAX_ENDS - 1):
            await self.restart()
            assert await self.state() == "queued"
            await self.claim()
            await self.begin()
        await self.restart()

    async def make_room(self) -> None:
        """What was in the way has been cancelled, and the order is tried again."""
        for each in await self.queue.waiting():
            await self.queue.cancel_job(each.job.id)
        assert (await self.queue.retry(self.job)).fresh

    async def restart(self) -> None:
        """The bot ended, however it did, and is there again."""
        assert await self.queue.recover(everything=True)

    async def stop(self) -> None:
        """A tap on Stop."""
        assert await self.queue.cancel_job(self.job)

    async def cancel(self) -> None:
        """The command."""
        assert await self.queue.cancel(CHAT, CHAT)

    async def leave(self) -> None:
        """The bot is taken out of the group."""
        await self.queue.leave_chat(CHAT)

    async def fail(self, error: str) -> None:
        """It can't be painted."""
        await self.queue.fail(self.job, error)


WALKS: dict[Edge, Callable[[Walk], Awaitable[None]]] = {
    ("refused", "queued", "Try again, and there is room"): Walk.make_room,
    ("queued", "leased", "a painter claims it (users take turns)"): Walk.claim,
    ("leased", "painting", "pictures fetched, given to the runner"): Walk.begin,
    ("painting", "painted", "result file and delivery row stored"): Walk.complete,
    ("painted", "delivered", "Telegram has taken the result"): lambda walk: walk.sent("sent"),
    ("leased", "queued", "stop"): lambda walk: walk.give_back(counts=False),
    ("leased", "queued", "lease ran out"): Walk.lose_lease,
    ("leased", "queued", "Telegram out of reach"): lambda walk: walk.give_back(counts=False),
    ("painting", "queued", "stop"): lambda walk: walk.give_back(counts=False),
    ("painting", "queued", "end of the bot"): Walk.restart,
    ("painting", "queued", "weights or disk space missing"): lambda walk: walk.give_back(counts=False),
    ("painting", "queued", "crash of the runner"): lambda walk: walk.give_back(counts=True),
    ("painting", "failed", "third crash"): Walk.crash_for_the_last_time,
    ("painting", "failed", "tenth end of the bot"): Walk.end_once_too_often,
    ("painting", "failed", "refused by the engine"): lambda walk: walk.fail("picture-too_small"),
    ("painting", "failed", "too slow"): lambda walk: walk.fail("too-slow"),
    ("leased", "failed", "Telegram does not give the picture"): lambda walk: walk.fail("input-gone"),
    ("painted", "failed", "nobody there to receive it"): lambda walk: walk.sent("failed"),
    ("painted", "failed", "refused"): lambda walk: walk.sent("failed", "internal"),
    **{
        (state, "cancelled", reason): walk
        for state in ("queued", "leased", "painting")
        for reason, walk in (("/cancel", Walk.cancel), ("Stop", Walk.stop), ("out of the group", Walk.leave))
    },
}
EDGES = [
    (source, target, reason)
    for source, target, label in edges_of("What happens to a job")
    for reason in label.split(" · ")
]


def test_every_arrow_is_known_and_no_other_is_drawn() -> None:
    assert len(EDGES) == len(set(EDGES))
    assert set(EDGES) == set(WALKS)


@pytest.mark.parametrize("edge", EDGES, ids=" ".join)
async def test_an_arrow_can_be_walked(store: Store, edge: Edge) -> None:
    source, target, _ = edge
    walk = Walk(SqlQueue(store, Bounds(queue_per_user=1)), store)
    await walk.enter(source)
    assert await walk.state() == source
    await WALKS[edge](walk)
    assert await walk.state() == target
