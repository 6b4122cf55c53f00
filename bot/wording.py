"""What the bot says about jobs: captions, progress, errors."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from bot.catalogue import Catalogue
from bot.jobs.forecast import Expected
from bot.jobs.queue import Job, Painted
from bot.orders import Order, Style, StyleKind
from bot.texts import LANGUAGES, Texts
from stylize import Colours, HeldBack

SHOWN = 120  # characters of a sentence that a caption repeats
SHORT = 40  # and that a button does
LISTED = 100  # of a title that a line of a list does: 20 of them fit into a message
BAR = 10  # cells of the progress bar
SOON = 5.0  # seconds that are not worth naming to whoever is next
LONGEST_MINUTES = 90  # that are not said in hours
ERRORS = {  # codes of jobs whose text has another name
    "StyleError": "style",
    "WeightsError": "weights",
    "OutOfMemory": "memory",
}


class Wording:
    """Texts about jobs in one language, with the presets' titles at hand."""

    def __init__(self, texts: Texts, catalogue: Catalogue) -> None:
        self.texts = texts
        self._catalogue = catalogue

    def caption(self, order: Order, result: Painted | None = None) -> str:
        """What it was painted by, and whether it was enlarged; in further lines how the style was held back, and what
        was understood of a sentence."""
        held_back = result.held_back if result is not None else ()
        if HeldBack.FULL in held_back:
            order = replace(order, strength=1.0)
        parts = [self._painted_by(order.style), *self._particulars(order)]
        if result is not None and result.enlarged:
            parts.append(self.texts("result-enlarged", side=str(result.painted_side)))
        lines = [", ".join(parts), *(self.texts(f"result-held-back-{how}") for how in held_back)]
        if result is not None and result.understood:
            lines.append(self.texts("result-understood", words=", ".join(result.understood)))
        return "\n".join(lines)

    def _particulars(self, order: Order) -> list[str]:
        parts = []
        if order.strength != 1.0:
            parts.append(self.texts("result-strength", percent=round(order.strength * 100)))
        if order.stroke_size != 1.0 and order.colours != Colours.ONLY:
            parts.append(self.texts("result-strokes", percent=round(order.stroke_size * 100)))
        if order.colours != Colours.STYLE:
            parts.append(self.texts(f"result-colours-{order.colours}"))
        if order.finest:
            parts.append(self.texts("result-finest"))
        return parts

    def summary(self, order: Order) -> str:
        """What was ordered, in one short line of a list."""
        title = html.escape(shortened(self.title(order.style), LISTED), quote=False)
        parts = [f"<b>{title}</b>", *self._particulars(order)]
        return ", ".join(parts)

    def _painted_by(self, style: Style) -> str:
        match style.kind:
            case StyleKind.SENTENCE:
                return self.texts("result-sentence", sentence=shortened(style.text))
            case StyleKind.PRESET:
                preset = self._catalogue.named(style.text)
                title, artist = (preset.title, preset.artist) if preset else (style.text, "?")
                return self.texts("result-preset", title=title, artist=artist)
            case StyleKind.MIX:
                return self.texts("result-mix") + " " + self.mixture(style.parts)
            case _:
                return self.texts("result-picture")

    def mixture(self, parts: Sequence[tuple[Style, int]]) -> str:
        """The parts of a mix with their shares, in one line of HTML."""
        return " + ".join(self.texts("mix-part", percent=share, title=self.title(style)) for style, share in parts)

    def title(self, style: Style) -> str:
        """A short name for a style."""
        match style.kind:
            case StyleKind.SENTENCE:
                return shortened(style.text, SHORT)
            case StyleKind.PRESET:
                preset = self._catalogue.named(style.text)
                return preset.title if preset else style.text
            case StyleKind.MIX:
                return " + ".join(self.title(part) for part, _ in style.parts)
            case _:
                return self.texts("style-picture")

    def file_name(self, order: Order) -> str:
        """A file name that says what it is: "holiday, the-starry-night.jpg"."""
        photo = slug(order.content.name.rpartition(".")[0]) or "photo"
        style = {
            StyleKind.PRESET: order.style.text,
            StyleKind.SENTENCE: order.style.text,
            StyleKind.PICTURE: (order.style.media.name.rpartition(".")[0] if order.style.media else "")
            or "your-picture",
            StyleKind.MIX: "mix",
        }[StyleKind(order.style.kind)]
        return f"{photo}-{slug(style) or 'painted'}.jpg"

    def status(
        self,
        job: Job,
        place: int,
        expected: Expected | None = None,
        ready: float | None = None,
        *,
        resting: bool = False,
    ) -> str:
        """Where a job is, in one line; for one in finest quality also the time that painting it is expected to take.
        While the bot rests, that it waits for the operator.

        ready: seconds until it is expected to be painted, where that is known.
        """
        begun = job.state == "painting"
        if resting and not begun:
            return self.texts("status-resting")
        if begun and (job.progress or expected is None):
            percent = round(job.progress * 100)
            filled = round(job.progress * BAR)
            bar = "▓" * filled + "░" * (BAR - filled)
            if expected is None:
                return self.texts("status-painting", bar=bar, percent=percent)
            painting = self.texts("status-painting-finest", bar=bar, percent=percent)
            if not expected.known:
                return painting
            left = self.duration(expected.seconds * (1 - job.progress))
            return painting + "\n" + self.texts("finest-left", duration=left)
        where = self._where(place, None if place <= 1 and expected else ready)
        if expected is None:
            return where
        duration = self.duration(expected.seconds)
        estimate = self.texts("finest-about" if expected.known else "finest-at-most", duration=duration)
        return estimate + " " + (self.texts("status-begun") if begun else where)

    def _where(self, place: int, ready: float | None) -> str:
        if place <= 1:
            if ready is None or ready <= SOON:
                return self.texts("status-next")
            return self.texts("status-next-in", duration=self.duration(ready))
        if ready is None:
            return self.texts("status-queued", place=place)
        return self.texts("status-queued-for", place=place, duration=self.duration(ready))

    def duration(self, seconds: float) -> str:
        """As one says it: in steps of 5 and 10 seconds, half and whole minutes, hours; rounded up, to be honest."""
        step = 5 if seconds <= 30 else 10
        rounded = max(5, step * _rounded_up(seconds / step))
        if rounded < 60:
            return self.texts("duration-seconds", count=rounded)
        halves = max(2, _rounded_up(seconds / 30))
        if halves > 10:
            halves = 2 * _rounded_up(seconds / 60)
        if halves == 2:
            return self.texts("duration-minute")
        if halves > 2 * LONGEST_MINUTES:
            return self.texts("duration-hours", count=_rounded_up(seconds / 3600))
        return self.texts("duration-minutes", count=f"{halves // 2}{'½' if halves % 2 else ''}")

    def failure(self, job: Job) -> str:
        """One sentence about why a job failed."""
        key = f"error-{ERRORS.get(job.error, job.error)}"
        if key != "error-internal" and self.texts.has(key):
            return self.texts(key)
        return self.texts("error-internal", code=f"J{job.id}")


class Voices:
    """The words in every language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._each = {language: Wording(Texts(language), catalogue) for language in LANGUAGES}

    def of(self, language: str) -> Wording:
        """Those of this language, English where we do not speak it (any more)."""
        return self._each.get(language) or self._each["en"]


def shortened(sentence: str, length: int = SHOWN) -> str:
    """A sentence short enough to be repeated."""
    flat = " ".join(sentence.split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def _rounded_up(number: float) -> int:
    return math.ceil(number - 1e-6)  # what a float adds is not worth another step


def slug(text: str) -> str:
    """Letters, digits and dashes, at most 40 of them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
