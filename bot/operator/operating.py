"""All that lets the operator run the bot from the chat, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from telegram import Bot

from bot.catalogue import Catalogue
from bot.conversation.own_pictures import Pictures
from bot.jobs.bounds import Bounds
from bot.jobs.inputs import Inputs
from bot.jobs.sql_queue import SqlQueue
from bot.jobs.studio import Studio
from bot.operator.barred import Barred, Gate
from bot.operator.controls import Controls
from bot.operator.crier import Crier
from bot.operator.cries import Cries
from bot.operator.greeting import Greeting
from bot.operator.limits import Limits
from bot.operator.overview import Overview
from bot.operator.pages import Section
from bot.operator.panel import Panel
from bot.operator.people import People
from bot.operator.presets import Presets
from bot.operator.steps import Steps
from bot.operator.tidings import Tidings
from bot.settings import Settings
from bot.store import Store
from bot.wording import Voices


class Operating:
    """gate: stands before all handlers. panel: before the conversation. studio: for a painter. parts: run beside it."""

    def __init__(
        self,
        settings: Settings,
        bot: Bot,
        store: Store,
        queue: SqlQueue,
        bounds: Bounds,
        catalogue: Catalogue,
        pictures: Pictures,
        inputs: Inputs,
        voices: Voices,
        warm: Callable[[], Mapping[str, bool]],
    ) -> None:
        wording = voices.of("en")
        texts = wording.texts

        def show_sheet(sheet: Path) -> None:
            pictures.sheet = sheet

        self._controls = Controls(store, bounds, queue)
        self._barred = Barred(store, queue)
        self._steps = Steps(store)
        self._crier = Crier(bot, store, self._barred, texts)
        self.studio = Studio(store, catalogue, show_sheet, Tidings(bot, store, catalogue, texts).tell)
        self.gate = Gate(self._barred)
        sections: dict[str, Section] = {
            "home": Overview(store, self._controls, self._barred, wording, settings.data_dir, warm),
            "preset": Presets(store, catalogue, self.studio, inputs, texts),
            "greeting": Greeting(pictures, settings.data_dir / "greeting", inputs, texts),
            "limit": Limits(self._controls, texts),
            "person": People(self._barred, queue, settings.operators, texts),
            "cry": Cries(store, self._crier, self._barred, texts),
        }
        self.panel = Panel(settings.operators, self._steps, sections, voices)
        self.parts = (self.studio, self._crier)

    async def load(self) -> None:
        """Takes up what the database has, before anything is painted or answered."""
        await self._controls.load()
        await self._barred.load()
        await self._steps.load()
        await self._crier.load()
        await self.studio.load()
