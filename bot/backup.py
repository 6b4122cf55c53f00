"""`python -m bot backup FILE.tar.gz`: all that a bot needs to go on elsewhere, copied while it runs."""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.jobs.inputs import file_of
from bot.settings import Settings
from bot.store.deliveries import OPEN
from bot.store.models import ACTIVE_STATES, DeliveryRow, JobRow, User
from bot.store.pictures import pictures_of_jobs, unique_ids
from bot.store.sessions import sqlite_file_of

ENDINGS = (".tar.gz", ".tgz")
KEPT = ("presets", "greeting")  # folders of what the operator added
BUSY_SECONDS = 30.0


class BackupError(Exception):
    """Nothing was written; the message is one line for the operator."""


@dataclass(frozen=True)
class Backup:
    """What was written: a file of so many bytes with all rows, the pictures of unfinished jobs, and so many files
    that the operator added."""

    file: Path
    size: int
    people: int
    jobs: int
    pictures: int
    added: int

    def __str__(self) -> str:
        megabytes = f"{self.size / 1e6:.1f} MB"
        counts = f"people: {self.people}, jobs: {self.jobs}, pictures: {self.pictures}"
        counts += f", files of the operator: {self.added}" if self.added else ""
        return f"{self.file} ({megabytes}): {counts}"


def back_up(settings: Settings, target: Path) -> Backup:
    """Writes the database as it is at this moment, the pictures that its unfinished jobs need, and what the operator
    added, into one archive.

    A running bot is not held up. Never overwrites, and never leaves half an archive under the name. Raises BackupError.
    """
    database = sqlite_file_of(settings.database)
    if database is None:
        raise BackupError(
            "DATABASE_URL is no SQLite file. Back up Postgres with pg_dump, and copy inputs and results of DATA_DIR"
        )
    if not target.name.endswith(ENDINGS):
        raise BackupError(f"{target} should end in .tar.gz, for that is what it will be")
    if target.exists():
        raise BackupError(f"{target} is there already; name a new file")
    if not database.is_file():
        raise BackupError(f"There is no database at {database}, so there is nothing to back up")
    try:
        with tempfile.TemporaryDirectory(prefix=".atelier-backup-", dir=target.parent) as folder:
            return _write(database, settings.data_dir, Path(folder), target)
    except FileExistsError as error:
        raise BackupError(f"{target} is there already; name a new file") from error
    except (OSError, sqlite3.Error, SQLAlchemyError, tarfile.TarError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error).splitlines()[0]
        raise BackupError(f"Can't write the backup {target}: {reason}") from error


def _write(database: Path, data: Path, scratch: Path, target: Path) -> Backup:
    copy, archive = scratch / "atelier.db", scratch / "archive"
    _copy_database(database, copy)
    people, jobs, wanted = _look_into(copy, data)
    with archive.open("xb") as file:
        archive.chmod(0o600)  # people's sentences are in it
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            tar.add(copy, copy.name)
            pictures = sum(_add(tar, picture, data) for picture in wanted)
            files = [file for name in KEPT if (data / name).is_dir() for file in sorted((data / name).iterdir())]
            added = sum(_add(tar, file, data) for file in files)
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    _appear(archive, target)
    return Backup(target, size, people, jobs, pictures, added)


def _add(tar: tarfile.TarFile, file: Path, data: Path) -> bool:
    """False where it is not there: not fetched yet; or its job ended since, or its person was forgotten."""
    try:
        tar.add(file, file.relative_to(data))
    except FileNotFoundError:
        return False
    return True


def _appear(archive: Path, target: Path) -> None:
    try:
        os.link(archive, target)  # unlike a renaming, it never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        if target.exists():
            raise FileExistsError(target) from None
        archive.rename(target)


def _copy_database(database: Path, copy: Path) -> None:
    """One moment's state, without free pages: those may hold what was deleted."""
    source = sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
    try:
        source.execute("VACUUM INTO ?", (str(copy),))
    finally:
        source.close()


def _look_into(copy: Path, data: Path) -> tuple[int, int, list[Path]]:
    """How many people and jobs there are, and which pictures the unfinished ones need.

    Asks only for columns that every version has: one backs up before an upgrade.
    """
    engine = create_engine(URL.create("sqlite", database=str(copy)))
    try:
        with Session(engine) as session:
            people = session.scalar(select(func.count()).select_from(User)) or 0
            jobs = session.scalar(select(func.count()).select_from(JobRow)) or 0
            pictures = unique_ids(session.execute(pictures_of_jobs(JobRow.state.in_(ACTIVE_STATES))))
            wanted = {file_of(data / "inputs", picture) for picture in pictures}
            results = session.scalars(
                select(JobRow.result_file)
                .join(DeliveryRow, DeliveryRow.job_id == JobRow.id)
                .where(DeliveryRow.state.in_(OPEN), JobRow.result_file != "")
            )
            wanted |= {data / "results" / name for name in results}
            return people, jobs, sorted(wanted)
    finally:
        engine.dispose()
