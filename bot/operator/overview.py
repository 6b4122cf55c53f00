"""The first page: how the bot is doing, in numbers."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from telegram import Message

from bot.operator.barred import Barred
from bot.operator.controls import Controls
from bot.operator.pages import Page, button
from bot.store import Store
from bot.store.models import now
from bot.store.overview import Speed, Work, work_now
from bot.store.steps import Step
from bot.wording import Wording

SECTION = "home"


@dataclass(frozen=True)
class Disk:
    """In bytes."""

    inputs: int
    results: int
    database: int
    free: int

    @classmethod
    def of(cls, folder: Path, database: Path | None) -> Disk:
        """What lies in the data folder; 0 for a database that is no file."""
        files = [] if database is None else database.parent.glob(f"{database.name}*")
        return cls(
            _bytes_in(folder / "inputs"),
            _bytes_in(folder / "results"),
            sum(_size(file) for file in files),
            shutil.disk_usage(folder).free,
        )


class Overview:
    """Shows numbers, never a picture, a caption or a name."""

    def __init__(
        self,
        store: Store,
        controls: Controls,
        barred: Barred,
        wording: Wording,
        folder: Path,
        warm: Callable[[], Mapping[str, bool]],
    ) -> None:
        self._store = store
        self._controls = controls
        self._barred = barred
        self._wording = wording
        self._folder = folder
        self._warm = warm

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        if verb in ("rest", "wake"):
            await self._controls.rest(verb == "rest")
        return await self.page()

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`; this one waits for nothing."""
        return await self.page()

    async def page(self) -> Page:
        """The numbers of this moment."""
        async with self._store.reading() as session:
            work = await work_now(session)
        disk = await asyncio.to_thread(Disk.of, self._folder, self._store.sqlite_file)
        texts, resting = self._wording.texts, self._controls.resting
        lines = [
            texts("operator-overview", time=f"{now():%H:%M:%S}"),
            self._queue(work),
            self._speed("operator-speed-hour", work.hour),
            self._speed("operator-speed-day", work.day),
            self._errors(work),
            texts(
                "operator-people",
                all=work.people,
                day=work.active_day,
                week=work.active_week,
                left=work.blocked,
                barred=len(self._barred.people),
            ),
            texts(
                "operator-disk",
                inputs=_size_words(disk.inputs),
                results=_size_words(disk.results),
                database=_size_words(disk.database),
                free=_size_words(disk.free),
            ),
            *(
                texts("operator-runner-warm" if warm else "operator-runner-cold", name=name)
                for name, warm in self._warm().items()
            ),
        ]
        if resting:
            lines.append(texts("operator-resting"))
        rest = ("operator-button-wake", "wake") if resting else ("operator-button-rest", "rest")
        rows = (
            (button(texts("operator-button-refresh"), SECTION), button(texts(rest[0]), SECTION, rest[1])),
            (
                button(texts("operator-button-presets"), "preset"),
                button(texts("operator-button-greeting"), "greeting"),
            ),
            (
                button(texts("operator-button-limits"), "limit"),
                button(texts("operator-button-barring"), "person"),
            ),
            (button(texts("operator-button-broadcast"), "cry"),),
        )
        return Page("\n".join(lines), rows)

    def _queue(self, work: Work) -> str:
        texts = self._wording.texts
        line = texts("operator-queue", waiting=work.waiting, painting=work.painting)
        if work.waiting or work.painting:
            line += " " + texts("operator-queue-oldest", duration=self._wording.duration(work.oldest))
        return line

    def _speed(self, key: str, speed: Speed) -> str:
        texts = self._wording.texts
        line = texts(key, count=speed.delivered)
        if speed.delivered:
            line += " " + texts("operator-speed", median=f"{speed.median:.1f}", p95=f"{speed.p95:.1f}")
        return line

    def _errors(self, work: Work) -> str:
        texts = self._wording.texts
        if not work.errors:
            return texts("operator-errors-none")
        return texts("operator-errors", codes=", ".join(f"{code} {count}" for code, count in work.errors))


def _bytes_in(folder: Path) -> int:
    return sum(_size(file) for file in folder.iterdir()) if folder.is_dir() else 0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # deleted just now
        return 0


def _size_words(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
