"""The contract of the queue."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.jobs.bounds import Bounds
from bot.jobs.queue import Enqueued, JobQueue, Painted, QueueFull, Refusal
from bot.jobs.rows import OVERDUE
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Order, Style
from bot.store import Store
from bot.store.deliveries import (
    Sent,
    finish_sending,
    newest_message,
    open_deliveries,
    request_delivery,
    start_sending,
)
from bot.store.models import JobRow
from stylize import HeldBack

PAINTED = Painted("1.jpg", 640, 480, 1280, 512, ("rain", "night"), (HeldBack.FULL, HeldBack.GENTLY))


def order(user: int = 1, sentence: str = "rain", chat: int | None = None) -> Order:
    """An order of this user in the private chat."""
    return Order(chat or user, user, Media("file", f"photo-of-{user}"), Style.sentence(sentence))


@pytest.fixture
def queue(store: Store) -> SqlQueue:
    """A queue with limits that tests can reach."""
    return SqlQueue(store, Bounds(2048, 1280, 300, queue_per_user=3, queue_total=5))


async def test_the_life_of_a_job(queue: SqlQueue, store: Store) -> None:
    enqueued = await queue.enqueue(order(), "update:1")
    job = await queue.claim("a", 30)
    assert job is not None
    assert (job.id, job.state, job.order, job.attempts) == (enqueued.job_id, "leased", order(), 0)
    assert await queue.begin(job.id, "a")
    assert await queue.beat(job.id, "a", 0.5, 30)
    (waiting,) = await queue.waiting()
    assert (waiting.job.state, waiting.job.progress, waiting.place, waiting.job.attempts) == ("painting", 0.5, 0, 1)
    assert await queue.complete(job.id, "a", PAINTED)
    async with store.reading() as session:
        (delivery,) = await open_deliveries(session)
    async with store.writing() as session:
        assert await start_sending(session, delivery)
        assert not await start_sending(session, delivery), "read before it was started: it is under way"
        await finish_sending(session, delivery.id, "sent", Sent(77, "file-id", False))
        assert not await start_sending(session, delivery), "read before it was sent: it has arrived"
    async with store.reading() as session:
        assert await open_deliveries(session) == []
    done = await queue.find(job.id)
    assert done is not None
    assert (done.state, done.result) == ("delivered", PAINTED)
    assert [each.id for each in await queue.untold()] == [job.id]
    await queue.mark_told(job.id)
    assert await queue.untold() == []


async def test_the_same_update_or_the_same_wish_makes_one_job(queue: SqlQueue) -> None:
    first = await queue.enqueue(order(), "update:1")
    assert first.fresh
    for again in (await queue.enqueue(order(sentence="snow"), "update:1"), await queue.enqueue(order(), "update:2")):
        assert again.job_id == first.job_id
        assert not again.fresh
    assert (await queue.enqueue(order(), "update:1")).repeated
    assert not again.repeated, "the same wish, said anew"
    assert (await queue.enqueue(order(chat=9), "update:3")).fresh, "another chat is another wish"
    await queue.fail(first.job_id, "internal")
    assert (await queue.enqueue(order(), "update:4")).fresh, "what has ended may be wished again"


async def test_a_double_tap_at_the_same_moment_makes_one_job(queue: SqlQueue) -> None:
    taps = await asyncio.gather(*(queue.enqueue(order(), f"update:{number}") for number in range(8)))
    assert len({tap.job_id for tap in taps}) == 1
    assert sum(tap.fresh for tap in taps) == 1


async def test_two_workers_never_get_the_same_job(queue: SqlQueue) -> None:
    for user in range(5):
        await queue.enqueue(order(user), f"update:{user}")
    claimed = await asyncio.gather(*(queue.claim(f"worker-{number}", 30) for number in range(8)))
    ids = [job.id for job in claimed if job is not None]
    assert len(ids) == len(set(ids)) == 5


async def test_users_take_turns(queue: SqlQueue) -> None:
    for number in range(3):
        await queue.enqueue(order(1, f"a{number}"), f"a{number}")
    await queue.enqueue(order(2, "b0"), "b0")
    await queue.enqueue(order(3, "c0"), "c0")
    predicted = [each.job.order.style.text for each in await queue.waiting()]
    turns = []
    while (job := await queue.claim("w", 30)) is not None:
        turns.append(job.order.style.text)
        await queue.fail(job.id, "done-with-it")
    assert turns == ["a0", "b0", "c0", "a1", "a2"] == predicted


async def test_somebody_new_comes_before_the_second_wish_of_another(queue: SqlQueue) -> None:
    await queue.enqueue(order(1, "a0"), "a0")
    await queue.enqueue(order(1, "a1"), "a1")
    await queue.claim("w", 30)
    await queue.enqueue(order(2, "b0"), "b0")
    job = await queue.claim("w", 30)
    assert job is not None
    assert job.order.style.text == "b0"


def finest(user: int = 1, sentence: str = "rain") -> Order:
    """The same in finest quality."""
    return replace(order(user, sentence), finest=True)


async def test_finest_quality_is_kept_and_is_another_wish(queue: SqlQueue) -> None:
    assert (await queue.enqueue(order(), "quick")).fresh
    enqueued = await queue.enqueue(finest(), "finest")
    assert enqueued.fresh
    job = await queue.find(enqueued.job_id)
    assert job is not None
    assert job.order == finest()


async def take_all(queue: SqlQueue) -> list[str]:
    """The sentences of all queued jobs, in the order in which they are claimed and begun."""
    turns = []
    while (job := await queue.claim("w", 30)) is not None:
        assert await queue.begin(job.id, "w")
        turns.append(job.order.style.text)
    return turns


async def test_quick_pictures_of_everybody_come_before_finest_ones_of_anybody(store: Store) -> None:
    queue = SqlQueue(store, Bounds(2048, 1280, 300, queue_per_user=9, queue_total=20))
    for number in range(2):
        await queue.enqueue(finest(1, f"A{number}"), f"A{number}")
    await queue.enqueue(finest(2, "B0"), "B0")
    for number in range(2):
        await queue.enqueue(order(1, f"a{number}"), f"a{number}")
    await queue.enqueue(order(3, "c0"), "c0")
    assert [each.job.order.style.text for each in await queue.waiting()][:3] == ["a0", "c0", "a1"]
    assert await take_all(queue) == ["a0", "c0", "a1", "B0", "A0", "A1"], "users take turns among the finest too"


async def test_a_finest_one_that_waited_long_comes_first_but_only_one_in_a_while(store: Store) -> None:
    queue = SqlQueue(store, Bounds(2048, 1280, 300, queue_per_user=9, queue_total=20))
    waiting = [await queue.enqueue(finest(user, f"F{user}"), f"F{user}") for user in (1, 2)]
    await queue.enqueue(order(3, "quick"), "quick")
    await queue.enqueue(order(4, "also quick"), "also quick")
    async with store.writing() as session:
        for each in waiting:
            row = await session.get_one(JobRow, each.job_id)
            row.created_at -= OVERDUE + timedelta(seconds=1)
    assert (await queue.waiting())[0].job.order.style.text == "F1"
    assert await take_all(queue) == ["F1", "quick", "also quick", "F2"]


async def test_full(queue: SqlQueue) -> None:
    for number in range(3):
        await queue.enqueue(order(1, str(number)), f"1-{number}")
    with pytest.raises(QueueFull) as full:
        await queue.enqueue(order(1, "3"), "1-3")
    assert full.value.refusal == Refusal("user", 3)
    for number in range(2):
        await queue.enqueue(order(2, str(number)), f"2-{number}")
    with pytest.raises(QueueFull) as full:
        await queue.enqueue(order(3), "3")
    assert full.value.refusal == Refusal("total", 5)


async def test_what_is_refused_is_kept_and_can_be_tried_again(queue: SqlQueue) -> None:
    jobs = [await queue.enqueue(order(1, str(number)), f"1-{number}") for number in range(3)]
    wish = replace(order(1, "more"), strength=0.6, finest=True, thread=7, reply_to=5)
    with pytest.raises(QueueFull) as full:
        await queue.enqueue(wish, "1-3")
    with pytest.raises(QueueFull) as again:
        await queue.enqueue(wish, "1-3")  # the same update, after a crash
    with pytest.raises(QueueFull) as tapped:
        await queue.retry(full.value.job_id)
    assert full.value.job_id == again.value.job_id == tapped.value.job_id
    kept = await queue.find(full.value.job_id)
    assert kept is not None
    assert (kept.state, kept.order) == ("refused", wish)
    assert len(await queue.waiting()) == 3
    assert await queue.untold() == []
    await queue.cancel_job(jobs[0].job_id)
    assert await queue.retry(kept.id) == Enqueued(kept.id, fresh=True)
    assert await queue.retry(kept.id) == Enqueued(kept.id, fresh=False), "a second tap"
    assert await queue.enqueue(wish, "1-3") == Enqueued(kept.id, fresh=False, repeated=True)
    assert [each.job.order for each in await queue.waiting()][-1] == wish


async def test_who_sent_it_anew_meanwhile_gets_it_once(queue: SqlQueue) -> None:
    jobs = [await queue.enqueue(order(1, str(number)), f"1-{number}") for number in range(3)]
    with pytest.raises(QueueFull) as full:
        await queue.enqueue(order(1, "more"), "a")
    await queue.cancel_job(jobs[0].job_id)
    anew = await queue.enqueue(order(1, "more"), "b")
    assert await queue.retry(full.value.job_id) == Enqueued(anew.job_id, fresh=False)


async def test_an_album_counts_as_one_and_is_refused_or_taken_whole(queue: SqlQueue) -> None:
    def album(name: str) -> list[Order]:
        return [replace(order(), content=Media("f", f"{name}-{number}"), album=name) for number in range(6)]

    singles = [await queue.enqueue(order(1, str(number)), f"s-{number}") for number in range(2)]
    assert all(each.fresh for each in await queue.enqueue_album(album("one"), "a"))
    with pytest.raises(QueueFull) as full:
        await queue.enqueue_album(album("other"), "b")
    assert full.value.refusal == Refusal("user", 3)
    with pytest.raises(QueueFull) as again:
        await queue.enqueue_album(album("other"), "b")
    with pytest.raises(QueueFull):
        await queue.retry(full.value.job_id)
    assert full.value.job_id == again.value.job_id
    assert len(await queue.waiting()) == 8
    await queue.cancel_job(singles[0].job_id)
    assert (await queue.retry(full.value.job_id)).fresh
    assert [each.job.order.album for each in await queue.waiting()][-6:] == ["other"] * 6


async def test_a_day_has_so_many_pictures(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=99, daily_quota=8))

    async def ordered(name: str, hours_ago: float = 0.0, *, finest: bool = False) -> int:
        job = (await queue.enqueue(replace(order(1, name), finest=finest), name)).job_id
        async with store.writing() as session:
            row = await session.get_one(JobRow, job)
            row.created_at -= timedelta(hours=hours_ago)
        return job

    await ordered("of yesterday", 25)
    await ordered("early", 23)
    await ordered("finest", 20, finest=True)
    await ordered("late", 2)
    cancelled = await ordered("late, too", 1)
    with pytest.raises(QueueFull) as full:
        await ordered("too much")
    assert full.value.refusal.whose == "day"
    assert full.value.refusal.limit == 8
    assert full.value.refusal.seconds == pytest.approx(3600, abs=5), "when the first one is a day old"
    with pytest.raises(QueueFull) as full:
        await ordered("much too much", finest=True)
    assert full.value.refusal.seconds == pytest.approx(4 * 3600, abs=5), (
        "it needs the room of the one in finest quality"
    )
    await queue.cancel_job(cancelled)
    await ordered("just enough")
    await queue.enqueue(order(2, "of somebody else"), "else")


async def test_an_album_may_fill_the_day(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=99, daily_quota=4))
    album = [replace(order(), content=Media("f", f"{number}"), album="album") for number in range(6)]
    await queue.enqueue(order(), "single")
    with pytest.raises(QueueFull):
        await queue.enqueue_album(album, "a")
    async with store.writing() as session:
        for row in await session.scalars(select(JobRow).where(JobRow.album == "")):
            row.created_at -= timedelta(hours=25)
    await queue.enqueue_album(album, "b")
    with pytest.raises(QueueFull):
        await queue.enqueue(order(1, "one more"), "c")


async def test_one_in_finest_quality_fits_into_the_smallest_day(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=99, daily_quota=2))
    await queue.enqueue(replace(order(1, "a"), finest=True), "a")
    with pytest.raises(QueueFull) as full:
        await queue.enqueue(order(1, "b"), "b")
    assert full.value.refusal.seconds == pytest.approx(24 * 3600, abs=5)


async def test_an_album_is_one_job_where_limits_are_concerned(queue: SqlQueue) -> None:
    for number in range(3):
        album = [
            replace(order(1, f"{number}"), album=f"album-{number}", content=Media("f", f"{part}")) for part in "abcd"
        ]
        assert all(each.fresh for each in await queue.enqueue_album(album, f"update:{number}"))
        again = await queue.enqueue_album(album, f"update:{number}")
        assert not any(each.fresh for each in again), "an update that is handled again makes no second album"
    with pytest.raises(QueueFull) as full:
        await queue.enqueue_album([replace(each, album="one-more") for each in album], "update:4")
    assert full.value.refusal == Refusal("user", 3)
    assert len(await queue.waiting()) == 12, "nothing of an album that was refused"


async def test_an_album_is_sent_when_its_last_picture_is_painted_or_given_up(queue: SqlQueue, store: Store) -> None:
    album = [replace(order(1), album="a", content=Media("f", part)) for part in "abc"]
    jobs = await queue.enqueue_album(album, "update:1")
    for enqueued in jobs[:2]:
        await queue.claim("w", 30)
        await queue.begin(enqueued.job_id, "w")
        await queue.complete(enqueued.job_id, "w", PAINTED)
        async with store.reading() as session:
            assert await open_deliveries(session) == []
    assert await queue.cancel_job(jobs[2].job_id)
    async with store.reading() as session:
        assert [each.job_id for each in await open_deliveries(session)] == [each.job_id for each in jobs[:2]]
    job = await queue.find(jobs[0].job_id)
    assert job is not None
    assert [each.id for each in await queue.album(job)] == [each.job_id for each in jobs]


async def test_cancel_reaches_queued_and_painting_jobs_of_that_person_only(queue: SqlQueue) -> None:
    await queue.enqueue(order(1, "a"), "a")
    await queue.enqueue(order(1, "b"), "b")
    await queue.enqueue(order(2, "c"), "c")
    job = await queue.claim("w", 30)
    assert job is not None
    await queue.begin(job.id, "w")
    assert len(await queue.cancel(1, 1)) == 2
    assert not await queue.beat(job.id, "w", 0.7, 30), "the worker hears of it at its next beat"
    assert not await queue.complete(job.id, "w", PAINTED)
    assert [each.job.order.user_id for each in await queue.waiting()] == [2]


async def test_one_job_is_cancelled_and_whoever_paints_it_hears_at_once(queue: SqlQueue) -> None:
    first = await queue.enqueue(order(1, "a"), "a")
    second = await queue.enqueue(order(1, "b"), "b")
    job = await queue.claim("w", 30)
    assert job is not None
    await queue.begin(job.id, "w")
    heard = queue.cancels.next
    assert await queue.cancel_job(first.job_id)
    assert heard.is_set()
    assert not queue.cancels.next.is_set(), "the next word is another one"
    assert not await queue.beat(job.id, "w", 0.7, 30)
    assert [each.job.id for each in await queue.waiting()] == [second.job_id]
    assert not await queue.cancel_job(first.job_id), "it has ended"
    assert not await queue.cancel_job(999)


async def test_what_is_painted_can_no_longer_be_cancelled(queue: SqlQueue) -> None:
    enqueued = await queue.enqueue(order(), "a")
    await queue.claim("w", 30)
    await queue.begin(enqueued.job_id, "w")
    await queue.complete(enqueued.job_id, "w", PAINTED)
    assert not await queue.cancel_job(enqueued.job_id)
    job = await queue.find(enqueued.job_id)
    assert job is not None
    assert job.state == "painted"


async def test_the_third_crash_is_the_last(queue: SqlQueue) -> None:
    await queue.enqueue(order(), "a")
    for state in ("queued", "queued", "failed"):
        job = await queue.claim("w", 30)
        assert job is not None
        await queue.begin(job.id, "w")
        after = await queue.give_back(job.id, "w", counts=True)
        assert after is not None
        assert after.state == state
    assert after.error == "crashed"


async def test_a_shutdown_does_not_count_as_a_try(queue: SqlQueue) -> None:
    await queue.enqueue(order(), "a")
    for _ in range(4):
        job = await queue.claim("w", 30)
        assert job is not None
        await queue.begin(job.id, "w")
        after = await queue.give_back(job.id, "w", counts=False)
        assert after is not None
        assert (after.state, after.attempts) == ("queued", 0)


async def test_the_end_of_the_bot_does_not_count_as_a_try(queue: SqlQueue) -> None:
    await queue.enqueue(order(), "a")
    for everything in (True, True, True, False):
        job = await queue.claim("w", 30 if everything else -1)
        assert job is not None
        await queue.begin(job.id, "w")
        (after,) = await queue.recover(everything=everything)
        assert (after.state, after.attempts) == ("queued", 0)


async def test_what_surely_was_not_sent_does_not_count_as_a_sending(queue: SqlQueue, store: Store) -> None:
    enqueued = await queue.enqueue(order(), "a")
    await queue.claim("w", 30)
    await queue.begin(enqueued.job_id, "w")
    await queue.complete(enqueued.job_id, "w", PAINTED)
    for _ in range(20):  # an hour without Telegram
        async with store.writing() as session:
            (delivery,) = await open_deliveries(session)
            assert await start_sending(session, delivery, since=90)
            await finish_sending(session, delivery.id, "pending")
    async with store.reading() as session:
        (delivery,) = await open_deliveries(session)
    assert (delivery.state, delivery.attempts) == ("pending", 0)


async def test_a_status_message_whose_number_is_not_known(queue: SqlQueue, store: Store) -> None:
    enqueued = await queue.enqueue(replace(order(), reply_to=12), "a")
    await queue.expect_status(enqueued.job_id, 70)
    job = await queue.find(enqueued.job_id)
    assert job is not None
    assert (job.status_message_id, job.status_since) == (None, 70)
    async with store.reading() as session:
        assert await newest_message(session) == 70
    job = await queue.attach_status(enqueued.job_id, 71)
    assert job is not None
    assert (job.status_message_id, job.status_since) == (71, None)


async def test_a_lease_that_ran_out_is_taken_back(queue: SqlQueue) -> None:
    await queue.enqueue(order(1), "a")
    await queue.enqueue(order(2), "b")
    lost, kept = await queue.claim("dead", -1), await queue.claim("alive", 30)
    assert lost is not None
    assert kept is not None
    assert [job.id for job in await queue.recover(everything=False)] == [lost.id]
    assert not await queue.begin(lost.id, "dead"), "whoever comes back late has lost it"
    assert await queue.begin(kept.id, "alive")
    assert [job.id for job in await queue.recover(everything=True)] == [kept.id]


async def test_a_sending_of_unknown_outcome_is_told_and_can_be_asked_for_again(queue: SqlQueue, store: Store) -> None:
    enqueued = await queue.enqueue(order(), "a")
    await queue.claim("w", 30)
    await queue.begin(enqueued.job_id, "w")
    await queue.complete(enqueued.job_id, "w", PAINTED)
    async with store.writing() as session:
        (delivery,) = await open_deliveries(session)
        await finish_sending(session, delivery.id, "unknown")
    async with store.writing() as session:
        assert await open_deliveries(session) == [], "it is not repeated blindly"
        _, again = await request_delivery(session, enqueued.job_id, as_file=False)
        assert again
    (job,) = await queue.untold()
    assert (job.state, job.error) == ("delivered", "unknown")


def test_it_is_the_port(queue: SqlQueue) -> None:
    port: JobQueue = queue  # mypy holds the signatures
    assert {name for name in vars(JobQueue) if not name.startswith("_")} <= set(dir(port))
