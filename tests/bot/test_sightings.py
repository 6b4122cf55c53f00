"""Which numbers of messages the bot goes by."""

from __future__ import annotations

from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Order, Style
from bot.sightings import Sightings
from bot.store import Store
from bot.store.deliveries import newest_message
from bot.store.drafts import open_draft

PRIVATE, GROUP, SUPERGROUP, OTHER = 7, -8, -(10**12) - 9, -(10**12) - 10


def test_every_supergroup_counts_for_itself() -> None:
    sightings = Sightings()
    sightings.begin_at(40)
    sightings.note(GROUP, 50)
    sightings.note(SUPERGROUP, 7_000)
    sightings.note(SUPERGROUP, 6_999)
    newest = [sightings.newest(chat) for chat in (PRIVATE, GROUP, SUPERGROUP, OTHER)]
    assert newest == [50, 50, 7_000, 0]
    assert sightings.known(SUPERGROUP) == {7_000, 6_999}


async def test_an_earlier_run_is_gone_on_from_without_supergroups(store: Store) -> None:
    queue = SqlQueue(store)
    for number, chat in enumerate((PRIVATE, GROUP, SUPERGROUP)):
        order = Order(chat, PRIVATE, Media("file", "unique"), Style.preset("kiss"), reply_to=[41, 42, 9_000][number])
        job = (await queue.enqueue(order, str(chat))).job_id
        await queue.attach_status(job, [43, 44, 9_001][number])
    async with store.writing() as session:
        await open_draft(session, SUPERGROUP, PRIVATE, message_id=9_002)
    async with store.reading() as session:
        assert await newest_message(session) == 44
