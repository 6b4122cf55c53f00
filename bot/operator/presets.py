"""The pages of presets: add, rename, hide, order, delete."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from telegram import Message

from bot.catalogue import Catalogue, Painting
from bot.jobs.inputs import Inputs
from bot.jobs.studio import Studio
from bot.operator.pages import Page, Row, button
from bot.operator.taking import take_picture
from bot.store import Store
from bot.store.presets import (
    add_preset,
    delete_preset,
    forget_changes,
    order_presets,
    rename_preset,
    show_preset,
)
from bot.store.steps import Step
from bot.texts import Texts
from bot.wording import slug

SECTION = "preset"
PICTURE, TITLE, RENAME = "preset-picture", "preset-title", "preset-rename"
PER_PAGE = 8
LONGEST = 40  # characters of a title or an artist: a button must hold it
MOST = 40  # presets of the operator
BETWEEN = re.compile(r"\s*[·|]\s*|\s+[-–—]\s+")


class Presets:
    """What is changed here, everybody sees at once."""

    def __init__(self, store: Store, catalogue: Catalogue, studio: Studio, inputs: Inputs, texts: Texts) -> None:
        self._store = store
        self._catalogue = catalogue
        self._studio = studio
        self._inputs = inputs
        self._texts = texts

    async def tapped(self, verb: str, argument: str, operator_id: int) -> Page:
        """See `Section`."""
        if verb == "add":
            full = sum(self._catalogue.is_own(each.name) for each in self._catalogue.listed) >= MOST
            return self._all(0, "operator-presets-full") if full else self._ask("operator-preset-ask", Step(PICTURE))
        names = [preset.name for preset in self._catalogue.listed]
        if argument not in names:
            return self._all(int(argument) if argument.isdecimal() else 0)
        match verb:
            case "rename":
                return self._ask("operator-preset-rename-ask", Step(RENAME, argument))
            case "delete" if self._catalogue.is_own(argument):
                return self._sure(argument)
            case "gone" if self._catalogue.is_own(argument):
                await self._delete(argument)
                return self._all(0, "operator-preset-deleted")
            case "hide" | "show":
                async with self._store.writing() as session:
                    await show_preset(session, argument, verb == "show")
            case "up" | "down":
                await self._move(names, argument, -1 if verb == "up" else 1)
        await self._studio.refresh()
        return self._one(argument)

    async def said(self, step: Step, message: Message, origin: str) -> Page:
        """See `Section`."""
        if step.name == PICTURE:
            return await self._take_picture(message)
        if step.name == TITLE:
            return await self._take_title(step, message.text or "", message)
        return await self._rename(step, " ".join((message.text or "").split()))

    async def _take_picture(self, message: Message) -> Page:
        picture = message.photo[-1] if message.photo else message.document
        digest = hashlib.sha256(picture.file_unique_id.encode()).hexdigest()[:8] if picture is not None else ""
        problem = await take_picture(message, self._inputs, self._incoming(digest))
        if problem is not None:
            return self._ask(problem, Step(PICTURE))
        titled = Step(TITLE, digest)
        if message.caption:
            return await self._take_title(titled, message.caption, message)
        return self._ask("operator-preset-title-ask", titled)

    async def _take_title(self, step: Step, line: str, message: Message) -> Page:
        title, artist = _read_title(line)
        if not title or not artist:
            return self._ask("operator-preset-title-unread", step)
        if max(len(title), len(artist)) > LONGEST:
            return self._ask("operator-preset-title-long", step)
        name = f"{slug(title)[:24].strip('-') or 'painting'}-{step.argument}"
        painting, incoming = Painting.of(self._catalogue.folder, name), self._incoming(step.argument)
        if incoming.is_file():
            incoming.replace(painting.picture)
        if not painting.picture.is_file():
            return self._ask("operator-preset-ask", Step(PICTURE))
        async with self._store.writing() as session:
            await add_preset(session, name, title, artist, message.chat_id)
        await self._studio.add(name)
        return self._one(name, "operator-preset-added")

    async def _rename(self, step: Step, title: str) -> Page:
        if not title or len(title) > LONGEST:
            return self._ask("operator-preset-title-long" if title else "operator-preset-rename-ask", step)
        async with self._store.writing() as session:
            await rename_preset(session, step.argument, title)
        await self._studio.refresh()
        return self._one(step.argument)

    async def _move(self, names: list[str], name: str, by: int) -> None:
        place = names.index(name)
        to = min(max(place + by, 0), len(names) - 1)
        names.insert(to, names.pop(place))
        async with self._store.writing() as session:
            await order_presets(session, names)

    async def _delete(self, name: str) -> None:
        async with self._store.writing() as session:
            await delete_preset(session, name)
            await forget_changes(session, name)
        await self._studio.refresh()

    def _all(self, page: int, key: str = "") -> Page:
        texts, listed = self._texts, self._catalogue.listed
        pages = max(1, -(-len(listed) // PER_PAGE))
        page = min(page, pages - 1)
        rows: list[Row] = [
            (button(self._label(preset.name), SECTION, "one", preset.name),)
            for preset in listed[page * PER_PAGE : (page + 1) * PER_PAGE]
        ]
        if pages > 1:
            around = (("‹", (page - 1) % pages), (f"{page + 1} / {pages}", page), ("›", (page + 1) % pages))
            rows.append([button(label, SECTION, "page", str(to)) for label, to in around])
        rows.append((button(texts("operator-button-add"), SECTION, "add"),))
        rows.append((button(texts("operator-button-back"), "home"),))
        text = texts("operator-presets", shown=len(self._catalogue.shown), count=len(listed))
        return Page(f"{texts(key)}\n\n{text}" if key else text, tuple(rows))

    def _one(self, name: str, key: str = "") -> Page:
        texts, preset = self._texts, self._catalogue.named(name)
        if preset is None:
            return self._all(0)
        shown = self._catalogue.offers(name)
        rows: list[Row] = [
            (
                button(texts("operator-button-up"), SECTION, "up", name),
                button(texts("operator-button-down"), SECTION, "down", name),
            ),
            (
                button(texts("operator-button-rename"), SECTION, "rename", name),
                button(texts("operator-button-hide"), SECTION, "hide", name)
                if shown
                else button(texts("operator-button-show"), SECTION, "show", name),
            ),
        ]
        if self._catalogue.is_own(name):
            rows.append((button(texts("operator-button-delete"), SECTION, "delete", name),))
        place = [each.name for each in self._catalogue.listed].index(name)
        rows.append((button(texts("operator-button-back"), SECTION, "page", str(place // PER_PAGE)),))
        about = "operator-preset-shown" if shown else "operator-preset-hidden"
        text = texts(about, title=preset.title, artist=preset.artist, place=place + 1)
        return Page(f"{texts(key)}\n\n{text}" if key else text, tuple(rows))

    def _sure(self, name: str) -> Page:
        texts, preset = self._texts, self._catalogue.named(name)
        rows = (
            (
                button(texts("operator-button-delete-sure"), SECTION, "gone", name),
                button(texts("operator-button-back"), SECTION, "one", name),
            ),
        )
        return Page(texts("operator-preset-sure", title=preset.title if preset else name), rows)

    def _label(self, name: str) -> str:
        preset = self._catalogue.named(name)
        title = preset.title if preset else name
        return title if self._catalogue.offers(name) else self._texts("operator-preset-hidden-label", title=title)

    def _ask(self, key: str, step: Step) -> Page:
        return Page(self._texts(key), ((button(self._texts("operator-button-back"), SECTION),),), step)

    def _incoming(self, digest: str) -> Path:
        return self._catalogue.folder / f"incoming-{digest}.part"


def _read_title(line: str) -> tuple[str, str]:
    """Title and artist of a line such as "Irises · Vincent van Gogh"; both empty where it is none."""
    parts = [part.strip() for part in BETWEEN.split(" ".join(line.split()))]
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")
