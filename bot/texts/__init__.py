"""Every word that a person reads, in Fluent files, one per language."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax.ast import Resource

FOLDER = Path(__file__).parent
LANGUAGES = {"en": "English", "ru": "Русский", "es": "Español", "de": "Deutsch"}
"""The languages that the bot speaks, by their code, each by its own name."""
TAG = re.compile(r"</?[a-z]+>")
GREETING = FOLDER / "greeting.jpg"


def language_for(code: str | None) -> str:
    """The language to speak to somebody whose app says this code, such as "de-AT"; English where we don't know it."""
    language = (code or "").partition("-")[0].lower()
    return language if language in LANGUAGES else "en"


@cache
def _resource(language: str) -> Resource:
    """Read once: English stands behind every other language."""
    return FluentResource((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))


class Texts:
    """The texts of one language, ready for Telegram's HTML; what people wrote is escaped on its way in."""

    def __init__(self, language: str = "en") -> None:
        self._bundle = FluentBundle([language], use_isolating=False)
        for source in ("en", language):  # what a language lacks, such as texts for operators, is said in English
            self._bundle.add_resource(_resource(source), allow_overrides=True)

    def __call__(self, key: str, **values: str | int) -> str:
        """The text of this key. Raises KeyError where there is none, ValueError where a value is missing."""
        if not self._bundle.has_message(key):
            raise KeyError(key)
        safe = {
            name: html.escape(value, quote=False) if isinstance(value, str) else value for name, value in values.items()
        }
        pattern = self._bundle.get_message(key).value
        if pattern is None:
            raise KeyError(key)
        text, errors = self._bundle.format_pattern(pattern, safe)
        if errors:
            raise ValueError(f"text {key}: {errors[0]}")
        return str(text)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return bool(self._bundle.has_message(key))


def plain(text: str) -> str:
    """A text for a place that shows no HTML."""
    return html.unescape(TAG.sub("", text))
