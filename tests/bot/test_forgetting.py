"""Forgetting a person leaves nothing of them, and everything of everybody else."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from telegram import Message
from telegram.ext import ExtBot

from bot.catalogue import Catalogue
from bot.jobs.bounds import Bounds
from bot.jobs.courier import Courier
from bot.jobs.eraser import Eraser
from bot.jobs.inputs import Inputs
from bot.jobs.queue import Painted
from bot.jobs.signs import Signs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.tracing import Tracer
from bot.metrics import Metrics
from bot.orders import Media, Order, Style
from bot.sightings import Sightings
from bot.store import Store
from bot.store.albums import Part, store_part
from bot.store.deliveries import Sent, finish_sending, open_deliveries, start_sending
from bot.store.drafts import open_draft
from bot.store.forgetting import Forgotten, forget_person
from bot.store.models import Base, InboxRow
from bot.store.states import save_state
from bot.store.updates import store_update, undone_updates
from bot.wording import Voices

ADA, BOB = 7_000_001, 7_000_002
BOT = 4242
TAP = 50  # the update by which Ada asks for it
SHARED = Media("file-s", "shared", width=640, height=480)
RESULT = Painted("1.jpg", 640, 480, 640, 640)


def own(person: int, name: str) -> Media:
    """A picture that only this person sent."""
    return Media(f"file-{name}-{person}", f"{name}-{person}", sent_as_file=True, name=f"holiday of {person}.jpg")


def message(person: int, update_id: int) -> str:
    """An update as it lies in the inbox."""
    sender = {"id": person, "is_bot": False, "first_name": "A"}
    return json.dumps({"update_id": update_id, "message": {"message_id": 1, "from": sender, "text": f"of {person}"}})


async def lives(store: Store, queue: SqlQueue, person: int) -> list[int]:
    """Everything that a person can leave in the database; gives the jobs, the first one painted."""
    jobs = []
    for name, style in (
        ("one", Style.sentence(f"the wish of {person}")),
        ("two", Style.picture(own(person, "style"))),
        ("three", Style.picture(SHARED)),
    ):
        jobs.append((await queue.enqueue(Order(person, person, own(person, name), style), f"{person}-{name}")).job_id)
    jobs.append((await queue.enqueue(Order(person, person, SHARED, Style.preset("kiss")), f"{person}-s")).job_id)
    await queue.attach_status(jobs[1], 11)
    for _ in range(len(jobs)):
        job = await queue.claim("w", 30)
        assert job is not None
        await queue.begin(job.id, "w")
        if job.id == jobs[0]:
            await queue.complete(job.id, "w", replace(RESULT, file=f"{job.id}.jpg"))
    async with store.writing() as session:
        await open_draft(session, person, person, content=own(person, "draft"), message_id=3)
        await open_draft(session, person, person, style=Style.sentence(f"a later wish of {person}"))
        await store_part(session, Part(person, person, "group", 5, own(person, "album"), "rain", message(person, 0)))
        await save_state(session, "atelier", (person, person), "style")
    return jobs


async def rows(store: Store, but: int | None = None) -> dict[str, list[str]]:
    """All rows of all tables as text, without those that speak of this person."""
    async with store.reading() as session:
        found = {}
        for table in Base.metadata.sorted_tables:
            lines = [str(row) for row in await session.execute(select(table))]
            found[table.name] = [line for line in lines if but is None or str(but) not in line]
        return found


async def forget(store: Store, person: int = ADA) -> Forgotten:
    """Forgets this person."""
    async with store.writing() as session:
        return await forget_person(session, person, BOT, TAP)


def left_by(person: int, found: dict[str, list[str]]) -> Iterable[str]:
    """The rows that speak of this person."""
    return [f"{table}: {line}" for table, lines in found.items() for line in lines if str(person) in line]


async def test_nothing_of_the_person_stays_and_all_of_others_does(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=9))
    bobs = await lives(store, queue, BOB)
    adas = await lives(store, queue, ADA)
    before = await rows(store, but=ADA)
    deliveries = before.pop("deliveries")  # they name a job, not a person
    forgotten = await forget(store)
    after = await rows(store)
    assert list(left_by(ADA, after)) == []
    assert len(deliveries) == 2
    assert [line.split(", ")[1] for line in after.pop("deliveries")] == [str(bobs[0])]
    assert after == before
    assert set(forgotten.jobs) == set(adas)
    assert set(forgotten.pictures) == {f"{name}-{ADA}" for name in ("one", "two", "three", "style")}, "not the shared"
    assert forgotten.statuses == ((ADA, 11),)


async def test_again_it_finds_nothing(store: Store) -> None:
    await lives(store, SqlQueue(store, Bounds(queue_per_user=9)), ADA)
    await forget(store)
    before = await rows(store)
    assert await forget(store) == Forgotten((), frozenset(), (), (), ())
    assert await rows(store) == before


async def test_messages_that_came_before_are_emptied_and_later_ones_kept(store: Store) -> None:
    async with store.writing() as session:
        await store_update(session, 99, 7, message(ADA, 7))  # an earlier bot's
        await store_update(session, BOT, TAP - 1, message(ADA, TAP - 1))
        await store_update(session, BOT, TAP - 2, message(BOB, TAP - 2))
        await store_update(session, BOT, TAP, message(ADA, TAP))
        await store_update(session, BOT, TAP + 1, message(ADA, TAP + 1))
    await forget(store)
    async with store.writing() as session:
        assert await undone_updates(session, 99) == []
        assert [each.update_id for each in await undone_updates(session, BOT)] == [TAP - 2, TAP, TAP + 1]
        assert not await store_update(session, BOT, TAP - 1, ""), "Telegram may send it once more"
    async with store.reading() as session:
        assert list(await session.scalars(select(InboxRow.body).where(InboxRow.done))) == ["", ""]


async def test_photos_are_marked_until_their_end_was_told(store: Store) -> None:
    queue = SqlQueue(store, Bounds())
    orders = [Order(ADA, ADA, own(ADA, str(photo)), Style.preset("kiss"), reply_to=photo) for photo in (21, 22, 23)]
    told, over, _ = [(await queue.enqueue(order, str(order.reply_to))).job_id for order in orders]
    for job in (told, over):
        assert await queue.cancel_job(job)
    await queue.mark_told(told)
    assert (await forget(store)).marked == ((ADA, 22), (ADA, 23))


async def test_who_still_works_for_them_meets_no_row(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=9))
    jobs = await lives(store, queue, ADA)
    async with store.writing() as session:
        (sending,) = await open_deliveries(session)
        stale = replace(sending)
        assert await start_sending(session, sending)
    await forget(store)
    assert not await queue.beat(jobs[1], "w", 0.5, 30)
    assert not await queue.complete(jobs[1], "w", RESULT)
    assert await queue.give_back(jobs[2], "w", counts=True) is None
    await queue.fail(jobs[3], "internal")
    await queue.mark_told(jobs[3])
    async with store.writing() as session:
        await finish_sending(session, sending.id, "sent", Sent(1, "file", False))
        assert not await start_sending(session, stale)
    assert list(left_by(ADA, await rows(store))) == []


async def test_numbers_are_not_used_again(store: Store) -> None:
    queue = SqlQueue(store, Bounds(queue_per_user=9))
    old = await lives(store, queue, ADA)
    before = {name: len(lines) for name, lines in (await rows(store)).items()}
    await forget(store)
    new = await lives(store, queue, ADA)
    assert min(new) > max(old), "a button of before would speak of another picture"
    async with store.reading() as session:
        (sending,) = await open_deliveries(session)
        draft = await session.scalar(select(Base.metadata.tables["drafts"].c.id))
    assert sending.id > before["deliveries"]
    assert draft is not None
    assert draft > before["drafts"]


async def test_the_words_are_gone_from_the_disk_too(store: Store, tmp_path: Path) -> None:
    await lives(store, SqlQueue(store, Bounds(queue_per_user=9)), ADA)
    words = f"the wish of {ADA}".encode()

    def on_disk() -> bool:
        return any(words in file.read_bytes() for file in tmp_path.glob("atelier.db*"))

    assert on_disk()
    await forget(store)
    await store.scrub()
    assert not on_disk()


@pytest.fixture
def eraser(store: Store, tmp_path: Path) -> Eraser:
    """One that never has to ask Telegram."""
    bot, queue = ExtBot(f"{BOT}:never-asked"), SqlQueue(store, Bounds(queue_per_user=9))
    results = tmp_path / "results"
    results.mkdir()
    Inputs(bot, tmp_path / "inputs")
    signs, tracer = Signs(bot, queue, with_drafts=True), Tracer(bot, Sightings())

    async def restore(_: Message) -> None:
        raise AssertionError("nothing is looked for")

    voices = Voices(Catalogue([]))
    courier = Courier(bot, store, queue, voices, Metrics(), signs, results, tracer, restore)
    return Eraser(bot, store, queue, courier, tmp_path / "inputs", results)


async def test_what_ends_after_its_job_was_deleted_is_swept(store: Store, eraser: Eraser, tmp_path: Path) -> None:
    inputs = Inputs(ExtBot(f"{BOT}:never-asked"), tmp_path / "inputs")
    jobs = await lives(store, SqlQueue(store, Bounds(queue_per_user=9)), BOB)
    needed = [inputs.path_of(media) for media in (own(BOB, "one"), own(BOB, "style"), SHARED)]
    needed += [tmp_path / "results" / f"{jobs[0]}.jpg", tmp_path / "results" / f"{jobs[1]}.preview.jpg"]
    gone = [inputs.path_of(own(ADA, "one")), inputs.path_of(own(ADA, "two")).with_suffix(".part")]
    gone += [tmp_path / "results" / name for name in ("900.jpg", "900.preview.jpg", "901.part")]
    for file in (*needed, *gone):
        file.write_bytes(b"a picture")
        os.utime(file, (time.time() - 60, time.time() - 60))
    fresh = inputs.path_of(own(ADA, "fresh"))
    fresh.write_bytes(b"fetched this moment, perhaps for a job that is newer than the question")
    os.utime(fresh, (time.time() + 60, time.time() + 60))
    assert await eraser.sweep_leftovers(72) == len(gone)
    assert all(file.exists() for file in (*needed, fresh))
    assert not any(file.exists() for file in gone)
