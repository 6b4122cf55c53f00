"""The operator's presets: which codes a runner makes while no picture waits, and the sheet that shows all presets."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from bot.catalogue import Catalogue, Painting
from bot.jobs.messages import Tune, Tuned
from bot.loops import Loop
from bot.store import Store
from bot.store.presets import added_presets, preset_changes, presets_in_use
from bot.store.tuning import give_up, names_to_tune, store_progress, try_tuning

LOOK_EVERY = 5.0  # seconds
SHEET_QUALITY = 88

log = structlog.get_logger(__name__)


class Studio:
    """One runner at a time works for it, and only while nothing is to be painted.

    tell: called after every round in which something moved, so that the operator hears of it.
    show_sheet: called with the file of each new sheet.
    """

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        show_sheet: Callable[[Path], None],
        tell: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._show_sheet = show_sheet
        self._tell = tell
        self._waiting: deque[str] = deque()
        self._present: str | None = None
        self._heard: dict[str, Tuned] = {}
        self._loop = Loop("studio", self._look, LOOK_EVERY)
        self.start, self.stop = self._loop.start, self._loop.stop
        catalogue.folder.mkdir(parents=True, exist_ok=True)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._loop.alive

    async def load(self) -> None:
        """Takes up what the database has; every code is looked at once more, since weights may have changed."""
        async with self._store.reading() as session:
            self._waiting.extend(await names_to_tune(session))
        await self.refresh()

    async def refresh(self) -> None:
        """The operator has changed something: everybody sees it from now on, and the sheet soon."""
        async with self._store.reading() as session:
            self._catalogue.refresh(await added_presets(session), await preset_changes(session))
        self._loop.wake()

    async def add(self, name: str) -> None:
        """There is a new preset."""
        await self.refresh()
        if name not in self._waiting and name != self._present:
            self._waiting.append(name)

    async def next(self) -> Tune | None:
        """What the runner is to do next; None while it has something to do, and where there is nothing."""
        while self._present is None and self._waiting:
            name = self._waiting.popleft()
            painting = self._catalogue.own(name)
            if painting is None:
                continue
            async with self._store.writing() as session:
                wanted = await try_tuning(session, name)
            if wanted:
                self._present = name
                return Tune(name, painting.picture, painting.code, painting.preview)
        return None

    def heard(self, message: Tuned) -> None:
        """How far the runner is."""
        if message.failed or message.fraction >= 1:
            self._present = None
        self._heard[message.name] = message
        self._loop.wake()

    def interrupted(self) -> None:
        """The runner is gone; what it did is on the disk, and the next one goes on."""
        if self._present is not None:
            self._waiting.appendleft(self._present)
            self._present = None

    async def sweep(self) -> None:
        """Deletes the files of deleted presets that no job needs any more."""
        async with self._store.reading() as session:
            gone = {each.name for each in await added_presets(session) if each.deleted} - await presets_in_use(session)
        gone.discard(self._present or "")
        for name in gone:
            painting = Painting.of(self._catalogue.folder, name)
            for file in (painting.picture, painting.code, painting.code.with_suffix(".part"), painting.preview):
                file.unlink(missing_ok=True)

    async def _look(self) -> None:
        heard, self._heard = self._heard, {}
        for name, message in heard.items():
            if message.failed:
                log.error("the code of a preset can't be made; the encoder's own is painted by", preset=name)
            async with self._store.writing() as session:
                if message.failed:
                    await give_up(session, name)
                else:
                    await store_progress(session, name, message.fraction)
        await self._tell()
        sheet = await asyncio.to_thread(self._draw_sheet)
        self._show_sheet(sheet)
        for earlier in set(self._catalogue.folder.glob("sheet-*.jpg")) - {sheet}:
            earlier.unlink(missing_ok=True)

    def _draw_sheet(self) -> Path:
        """The sheet of what is offered now; presets whose preview is not painted yet are missing."""
        from stylize import all_presets, draw_sheet, open_picture, preview_sheet, sheet_photo, shipped_previews

        shown = self._catalogue.shown
        if shown == list(all_presets()):
            return preview_sheet()
        own = {preset.name: Painting.of(self._catalogue.folder, preset.name).preview for preset in shown}
        shown = [preset for preset in shown if not self._catalogue.is_own(preset.name) or own[preset.name].is_file()]
        digest = hashlib.sha256(repr(shown).encode()).hexdigest()[:16]
        sheet = self._catalogue.folder / f"sheet-{digest}.jpg"
        if shown and not sheet.is_file():
            shipped = shipped_previews()
            pictures = [
                (preset, shipped[preset.name] if preset.name in shipped else open_picture(own[preset.name]))
                for preset in shown
            ]
            fresh = sheet.with_suffix(".part")
            draw_sheet(sheet_photo(), pictures).save(fresh, "JPEG", quality=SHEET_QUALITY)
            fresh.replace(sheet)
        return sheet if shown else preview_sheet()
