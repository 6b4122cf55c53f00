"""A backup holds one moment's state, taken while the bot goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from bot.backup import BackupError, back_up
from bot.jobs.bounds import Bounds
from bot.jobs.inputs import file_of
from bot.jobs.queue import Painted
from bot.jobs.sql_queue import SqlQueue
from bot.launch import launch
from bot.orders import Media, Order, Style
from bot.settings import Settings
from bot.store import Store

ORDER = Order(1, 1, Media("file-a", "a"), Style.picture(Media("file-b", "b")))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of the bot that has the store."""
    for name in ("inputs", "results"):
        (tmp_path / name).mkdir()
    return Settings(_env_file=None, data_dir=tmp_path, database_url="")


def restored(archive: Path, folder: Path) -> sqlite3.Connection:
    """The database of a backup, unpacked into a new folder."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return sqlite3.connect(folder / "atelier.db")


async def test_a_writer_goes_on_while_everything_before_it_is_copied(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    queue, archive = (
        SqlQueue(store, Bounds(2048, 1280, 300, queue_per_user=10**6, queue_total=10**6)),
        tmp_path / "backup.tar.gz",
    )
    written = 0

    async def write() -> None:
        nonlocal written
        while True:
            order = replace(ORDER, style=Style.sentence(f"wish {written} " + "x" * 2000))
            await queue.enqueue(order, f"origin {written}")
            written += 1

    writer = asyncio.create_task(write())
    while written < 50:
        await asyncio.sleep(0.01)
    before = written
    backup = await asyncio.to_thread(back_up, settings, archive)
    after = written
    while written < after + 10:  # nobody was held up for good
        assert not writer.done(), writer.exception()
        await asyncio.sleep(0.01)
    writer.cancel()
    await asyncio.gather(writer, return_exceptions=True)
    base = restored(archive, tmp_path / "restored")
    assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    origins = [origin for (origin,) in base.execute("SELECT origin FROM jobs ORDER BY id")]
    base.close()
    assert origins == [f"origin {number}" for number in range(len(origins))], "one moment's state, without holes"
    assert before <= len(origins) == backup.jobs <= after + 1
    again = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'restored' / 'atelier.db'}")
    assert len(await SqlQueue(again).waiting()) == len(origins)
    await again.close()


async def test_it_holds_the_pictures_that_unfinished_jobs_need(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    queue = SqlQueue(store)
    unsent, sent, waiting = [
        (await queue.enqueue(replace(ORDER, content=Media(f"file-{name}", name)), name)).job_id
        for name in ("unsent", "cancelled", "waiting")
    ]
    job = await queue.claim("w", 30)
    assert job is not None
    assert job.id == unsent
    await queue.begin(unsent, "w")
    await queue.complete(unsent, "w", Painted(f"{unsent}.jpg", 64, 48, 64, 64))
    await queue.cancel_job(sent)
    for name in ("unsent", "cancelled", "b", "of nobody"):  # that of the waiting job is not fetched yet
        file_of(tmp_path / "inputs", name).write_bytes(name.encode())
    for number in (unsent, sent, waiting):
        (tmp_path / "results" / f"{number}.jpg").write_bytes(b"painted")
    backup = back_up(settings, tmp_path / "backup.tar.gz")
    with tarfile.open(backup.file) as tar:
        names = set(tar.getnames())
    inputs = {f"inputs/{file_of(Path(), name)}" for name in ("unsent", "b")}
    assert names == {"atelier.db", f"results/{unsent}.jpg"} | inputs
    assert str(backup).endswith("people: 1, jobs: 3, pictures: 3")
    assert backup.file.stat().st_mode & 0o077 == 0


async def test_it_refuses_in_one_line(
    store: Store,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    def refused(file: str) -> str:
        assert launch(["backup", file]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    (tmp_path / "old.tar.gz").write_bytes(b"precious")
    assert "old.tar.gz is there already" in refused("old.tar.gz")
    assert (tmp_path / "old.tar.gz").read_bytes() == b"precious"
    assert "should end in .tar.gz" in refused("backup.db")
    assert "Can't write the backup" in refused("nowhere/backup.tar.gz")
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://bot:secret@db/atelier")
    line = refused("new.tar.gz")
    assert "pg_dump" in line
    assert "secret" not in line
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/none.db")
    assert "There is no database" in refused("new.tar.gz")
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    assert "DATABASE_URL" in refused("new.tar.gz")
    monkeypatch.delenv("DATABASE_URL")
    assert launch(["backup", "new.tar.gz"]) == 0
    assert capsys.readouterr().out.startswith("new.tar.gz (")
    assert sorted(file.name for file in tmp_path.glob("*backup*")) == []


async def test_a_database_of_the_first_version(store: Store, settings: Settings, tmp_path: Path) -> None:
    await store.migrate("base")
    await store.migrate("0001")
    assert back_up(settings, tmp_path / "backup.tgz").jobs == 0


async def test_a_damaged_database_makes_no_backup(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "atelier.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(BackupError, match="not a database"):
        back_up(settings, tmp_path / "backup.tar.gz")
    assert not (tmp_path / "backup.tar.gz").exists()
