"""/settings: what a person wants for all pictures to come."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.conversation.desk import Context, Desk, State
from bot.conversation.updates import person_of
from bot.jobs.bounds import Bounds
from bot.orders import SIZES, STRENGTHS, step_from
from bot.preferences import BY, Preferences
from bot.store.preferences import preferences_of, store_preferences
from bot.taps import Act, Tap
from bot.texts import LANGUAGES, Texts
from stylize import Colours


class Wishes:
    """One message with all settings; a tap changes one and shows it."""

    def __init__(self, desk: Desk, bounds: Bounds) -> None:
        self._desk = desk
        self._bounds = bounds

    async def settings(self, update: Update, _: Context) -> State:
        """Shows what is set."""
        person = person_of(update)
        async with self._desk.store.reading() as session:
            preferences = await preferences_of(session, person.id)
        keyboard = settings_buttons(person.id, preferences, self._sizes, self._desk.texts(update))
        await self._desk.say(update, "settings", keyboard)
        return None

    @property
    def _sizes(self) -> list[int]:
        """Those that the operator allows."""
        return [size for size in SIZES if size <= self._bounds.max_side]

    async def changed(self, update: Update, query: CallbackQuery, name: str) -> State:
        """Keeps a change, and shows the settings as they are now, in the language that they name."""
        person = person_of(update)
        async with self._desk.store.writing() as session:
            preferences = (await preferences_of(session, person.id)).changed(name)
            await store_preferences(session, person.id, preferences)
        self._desk.tongues.choose(person.id, preferences.language)
        texts = self._desk.texts(update)
        with contextlib.suppress(BadRequest):  # nothing has changed
            await query.edit_message_text(
                texts("settings"),
                parse_mode=ParseMode.HTML,
                reply_markup=settings_buttons(person.id, preferences, self._sizes, texts),
            )
        return None


def settings_buttons(
    person_id: int, preferences: Preferences, sizes: Sequence[int], texts: Texts
) -> InlineKeyboardMarkup:
    """A row for each setting, with a mark on what is set."""

    def choice(label: str, name: str, chosen: bool = False) -> InlineKeyboardButton:
        tap = Tap(Act.SETTING, person_id, name)
        return InlineKeyboardButton(("● " if chosen else "") + label, callback_data=tap.encode())

    def colours(*which: Colours) -> list[InlineKeyboardButton]:
        return [
            choice(texts(f"button-colours-{each}"), f"colours={each}", each is preferences.colours) for each in which
        ]

    strengths = [
        choice(texts(f"button-{name}"), name)
        for name, by in BY.items()
        if step_from(STRENGTHS, preferences.strength, by) is not None
    ]
    percent = choice(texts("setting-strength", percent=round(preferences.strength * 100)), "")
    languages = [
        choice(label, f"language={code}", code == preferences.language)
        for code, label in (("", texts("setting-language-app")), *LANGUAGES.items())
    ]
    rows = [
        [
            choice(texts("setting-quick"), "quality=quick", not preferences.finest),
            choice(texts("button-finest"), "quality=finest", preferences.finest),
        ],
        [
            choice(texts("setting-size-usual"), "size=0", not preferences.size),
            *(choice(f"{size} px", f"size={size}", size == preferences.size) for size in sizes),
        ],
        [strengths[0], percent, *strengths[1:]],
        colours(Colours.STYLE, Colours.MATCHED),
        colours(Colours.LUMINANCE, Colours.ONLY),
        [
            choice(texts("setting-as-sent"), "file=off", not preferences.as_file),
            choice(texts("setting-always-file"), "file=on", preferences.as_file),
        ],
        languages[:1],
        languages[1:],
    ]
    return InlineKeyboardMarkup([row for row in rows if row])
