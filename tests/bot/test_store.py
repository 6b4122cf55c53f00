"""Sessions, migrations and the small repositories, on real SQLite files."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bot.jobs.sql_queue import SqlQueue
from bot.orders import Media, Style
from bot.store import Store, StoreError
from bot.store.drafts import cancel_draft, newest_draft, open_draft
from bot.store.models import Base, DeliveryRow, Draft, StyleRow, User
from bot.store.people import keep_style, meet, style_of
from stylize import Colours

PHOTO = Media("file-1", "unique-1", width=640, height=480)


async def test_no_update_is_lost_between_concurrent_writers(store: Store, address: str) -> None:
    other = await Store.open(address)  # as another process: those of one store take turns before SQLite is asked
    async with store.writing() as session:
        await meet(session, 1)
        session.add(Draft(id=1, chat_id=0, user_id=1))

    async def count_up(opened: Store) -> None:
        for _ in range(15):
            async with opened.writing() as session:
                row = await session.get_one(Draft, 1)
                await asyncio.sleep(0)  # gives the others their chance between reading and writing
                row.chat_id += 1

    await asyncio.gather(*(count_up(opened) for opened in (store, other) for _ in range(12)))
    await other.close()
    async with store.reading() as session:
        assert (await session.get_one(Draft, 1)).chat_id == 24 * 15


async def test_writers_that_meet_are_served_in_their_order(store: Store) -> None:
    served = []

    async def write(number: int) -> None:
        async with store.writing() as session:
            await meet(session, number)
        served.append(number)

    await asyncio.gather(*(write(number) for number in range(1, 25)))
    assert served == list(range(1, 25))


async def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    async with store.writing() as session:
        await meet(session, 1)
        async with asyncio.timeout(1), store.reading() as reader:
            assert await reader.scalar(select(User)) is None


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    async def fail_half_way() -> None:
        async with store.writing() as session:
            await meet(session, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()
    async with store.reading() as session:
        assert await session.get(User, 1) is None


async def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(IntegrityError) as error:
        async with store.writing() as session:
            session.add(StyleRow(user_id=99, digest="d", kind="sentence", text="a secret wish"))
    assert "a secret wish" not in str(error.value), "what people write must not get into errors, and so into the log"


async def test_pragmas(store: Store) -> None:
    async with store.reading() as session:
        assert await session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await session.scalar(text("PRAGMA busy_timeout")) == 10000
        assert await session.scalar(text("PRAGMA foreign_keys")) == 1


async def test_migrations_give_exactly_the_models_and_go_back(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    def tables(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with store.reading() as session:
        assert await (await session.connection()).run_sync(differences) == []
    await store.migrate("base")
    async with store.reading() as session:
        assert await (await session.connection()).run_sync(tables) == {"alembic_version"}
    await store.migrate("head")


async def test_jobs_of_the_first_version_keep_their_colours_and_sendings(store: Store) -> None:
    await store.migrate("base")
    await store.migrate("0001")
    async with store.writing() as session:
        await session.execute(text("INSERT INTO users VALUES (1, '', 0, '2026-01-01', NULL)"))
        await session.execute(text("INSERT INTO styles VALUES (1, 1, 'd', 'preset', 'kiss', NULL, '2026-01-01')"))
        for number, kept in ((1, 0), (2, 1)):
            values = {"n": number, "kept": kept, "photo": json.dumps(asdict(PHOTO))}
            await session.execute(
                text(
                    "INSERT INTO jobs (id, origin, chat_id, user_id, content, style_id, strength, keep_colours,"
                    " as_file, fingerprint, state, priority, attempts, worker, progress, cancel_requested, error, told,"
                    " result_file, result_width, result_height, full_side, created_at) VALUES (:n, :n, 1, 1, :photo, 1,"
                    " 0.8, :kept, 0, :n, 'delivered', 0, 1, '', 1, 0, '', 1, '', 0, 0, 0, '2026-01-01')"
                ),
                values,
            )
            await session.execute(
                text("INSERT INTO deliveries VALUES (:n, :n, 0, 'sent', 1, 7, 'file', '2026-01-01', NULL)"),
                {"n": number},
            )
    await store.migrate("head")
    orders = [job.order for number in (1, 2) if (job := await SqlQueue(store).find(number)) is not None]
    assert [(order.strength, order.stroke_size, order.colours, order.finest) for order in orders] == [
        (0.8, 1.0, Colours.STYLE, False),
        (0.8, 1.0, Colours.MATCHED, False),
    ]
    async with store.reading() as session:
        assert list(await session.scalars(select(DeliveryRow.job_id))) == [1, 2]


async def test_opening_twice_changes_nothing(store: Store, address: str) -> None:
    async with store.writing() as session:
        await meet(session, 7, "de")
    again = await Store.open(address)
    async with again.reading() as session:
        assert (await session.get_one(User, 7)).language == "de"
    await again.close()


@pytest.mark.parametrize("address", ["nonsense", "sqlite+aiosqlite:////proc/nowhere/a.db", "mysql+nothing://x/y"])
async def test_a_database_that_cant_be_opened(address: str) -> None:
    with pytest.raises(StoreError) as error:
        await Store.open(address)
    assert "\n" not in str(error.value)


async def test_the_same_style_of_a_user_is_one_row(store: Store) -> None:
    async with store.writing() as session:
        await meet(session, 1)
        first = await keep_style(session, 1, Style.sentence("rain"))
        second = await keep_style(session, 1, Style.sentence("rain"))
        other = await keep_style(session, 1, Style.picture(PHOTO))
        assert first.id == second.id != other.id
    async with store.reading() as session:
        assert style_of(await session.get_one(StyleRow, other.id)) == Style.picture(PHOTO)


async def test_only_the_newest_draft_counts(store: Store) -> None:
    async with store.writing() as session:
        first = await open_draft(session, 5, 1, content=PHOTO, message_id=10)
        same = await open_draft(session, 5, 1, content=PHOTO, message_id=10)
        other_chat = await open_draft(session, 6, 1, style=Style.preset("starry-night"))
        second = await open_draft(session, 5, 1, content=PHOTO, message_id=11)
    assert first == same
    async with store.reading() as session:
        assert await newest_draft(session, 5, 1) == second
        assert await newest_draft(session, 6, 1) == other_chat
    async with store.writing() as session:
        assert await cancel_draft(session, 5, 1)
        assert not await cancel_draft(session, 5, 1)
        assert await newest_draft(session, 5, 1) is None, "an older one does not come back"
