"""What a person gets when they ask what is known about them."""

from __future__ import annotations

import json

from bot.jobs.queue import Painted
from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Order, Style
from bot.store import Store
from bot.store.albums import Part, store_part
from bot.store.drafts import open_draft
from bot.store.exporting import INNER, all_about
from bot.store.models import Base
from bot.store.people import meet
from bot.store.states import save_state
from bot.store.updates import store_update

ADA, BOB = 7_000_001, 7_000_002
NOT_OF_PEOPLE = {"inbox", "conversations"}  # told whole
NOT_OF_PEOPLE |= {"operator_presets", "preset_changes", "controls", "operator_steps", "broadcasts"}  # the operator's
NOT_OF_PEOPLE |= {"barred"}  # who is in it gets no answer, nor an export


def photo(person: int) -> Media:
    """A file that this person sent."""
    return Media(f"file-{person}", f"unique-{person}", sent_as_file=True, name=f"holiday of {person}.jpg")


async def lives(store: Store, person: int) -> None:
    """Leaves a row in every table."""
    queue = SqlQueue(store)
    job = await queue.enqueue(
        Order(person, person, photo(person), Style.sentence(f"wish of {person}")), f"secret{person}"
    )
    await queue.claim("some-worker", 30)
    await queue.begin(job.job_id, "some-worker")
    await queue.complete(job.job_id, "some-worker", Painted("inner-name.jpg", 64, 48, 64, 64, ("sea",)))
    message = {"message_id": 5, "from": {"id": person}, "caption": f"words of {person}"}
    async with store.writing() as session:
        (await meet(session, person)).language = "nl"
        await open_draft(session, person, person, content=photo(person), message_id=3)
        await store_part(session, Part(person, person, "g", 5, photo(person), "rain", json.dumps(message)))
        await save_state(session, "atelier", (person, person), "style")
        await store_update(session, 1, person, json.dumps({"update_id": person, "message": message}))


async def test_it_is_all_of_theirs_and_nothing_of_others(store: Store) -> None:
    await lives(store, BOB)
    await lives(store, ADA)
    async with store.reading() as session:
        about = await all_about(session, ADA)
    text = json.dumps(about)
    assert str(BOB) not in text
    assert not any(inner in text for inner in ("inner-name", "secret", "some-worker"))
    found = json.loads(text)
    assert {kind: len(rows) for kind, rows in found.items() if kind != "person"} == {
        "styles": 1, "chosen": 1, "jobs": 1, "sendings": 1, "albums_that_arrive": 1, "conversation": 1,
        "texts_for_everybody": 0, "messages_not_yet_answered": 1,
    }  # fmt: skip
    assert found["person"]["language"] == "nl"
    (job,), (style,), (part,) = found["jobs"], found["styles"], found["albums_that_arrive"]
    assert (job["state"], job["understood"], job["style_id"]) == ("painted", ["sea"], style["id"])
    assert job["content"]["name"] == f"holiday of {ADA}.jpg"
    assert job["created_at"].endswith("+00:00")
    assert style["text"] == f"wish of {ADA}"
    assert part["body"]["caption"] == f"words of {ADA}"
    assert found["conversation"] == ["style"]


async def test_of_a_stranger_there_is_nothing(store: Store) -> None:
    await lives(store, BOB)
    async with store.reading() as session:
        assert await all_about(session, ADA) is None


def test_every_table_and_left_out_column_is_known() -> None:
    tables = {table.name: set(table.c.keys()) for table in Base.metadata.sorted_tables}
    assert set(tables) == set(INNER) | NOT_OF_PEOPLE, "a new table has to be exported, or said not to speak of people"
    assert all(set(columns) <= tables[name] for name, columns in INNER.items())
