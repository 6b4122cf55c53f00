"""The keyboards in which a style is chosen: the grid of presets and saved styles, the mixer, the list of saved ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.mixes import STEP
from bot.orders import Style
from bot.store.styles import Saved
from bot.taps import Act, Tap
from bot.wording import Wording

if TYPE_CHECKING:
    from stylize import Preset

COLUMNS = 2
ROWS = 4
PAGE = COLUMNS * ROWS
PARTICLES = ("van", "de", "da", "der", "del", "di")  # of names such as van Gogh
Row = list[InlineKeyboardButton]


@dataclass(frozen=True)
class Shelf:
    """All that somebody can choose from for one draft."""

    draft_id: int
    presets: Sequence[Preset]
    saved: Sequence[Saved]

    def grid(self, page: int, voice: Wording) -> InlineKeyboardMarkup:
        """One page, the person's own styles first; pages go round."""
        own = [_button(f"★ {each.name}", Act.SAVED, self.draft_id, str(each.id)) for each in self.saved]
        named = [_button(_label(preset), Act.PRESET, self.draft_id, preset.name) for preset in self.presets]
        texts = voice.texts
        more = [
            _button(texts("button-random"), Act.RANDOM, self.draft_id),
            _button(texts("button-mix"), Act.MIX, self.draft_id, "0g"),
        ]
        mine = [_button(texts("button-mine"), Act.MINE, self.draft_id)] if self.saved else []
        rows = _paged([*own, *named], page, Act.PAGE, self.draft_id, "")
        return InlineKeyboardMarkup([row for row in (*rows, more, mine) if row])

    def mixer(self, page: int, parts: Sequence[tuple[Style, int]], voice: Wording) -> InlineKeyboardMarkup:
        """The same to pick from, and below what is picked: a tap takes a style in or out, − and + change its share."""
        picked = {style.digest for style, _ in parts}
        items = [(f"★ {each.name}", each.style, f"s{each.id}") for each in self.saved]
        items += [(_label(preset), Style.preset(preset.name), f"p{preset.name}") for preset in self.presets]
        choices = [
            _button(("✓ " if style.digest in picked else "") + label, Act.MIX, self.draft_id, f"{page}{what}")
            for label, style, what in items
        ]
        shares = [
            [
                _button(f"− {STEP} %", Act.MIX, self.draft_id, f"{page}-{index}"),
                _button(f"{voice.title(style)} {share} %", Act.MIX, self.draft_id, f"{page}g"),
                _button(f"+ {STEP} %", Act.MIX, self.draft_id, f"{page}+{index}"),
            ]
            for index, (style, share) in enumerate(parts)
            if len(parts) > 1
        ]
        last = [_button(voice.texts("button-back"), Act.MIX, self.draft_id, "0x")]
        if len(parts) > 1:
            last.append(_button(voice.texts("button-paint-mix"), Act.MIX, self.draft_id, "0!"))
        return InlineKeyboardMarkup([*_paged(choices, page, Act.MIX, self.draft_id, "g"), *shares, last])

    def own(self, voice: Wording) -> InlineKeyboardMarkup:
        """The saved styles, to rename and to delete."""
        texts = voice.texts
        rows = [
            [
                _button(f"★ {each.name}", Act.SAVED, self.draft_id, str(each.id)),
                _button(texts("button-rename"), Act.RENAME, each.id),
                _button(texts("button-unsave"), Act.UNSAVE, each.id),
            ]
            for each in self.saved
        ]
        return InlineKeyboardMarkup([*rows, [_button(texts("button-back"), Act.PAGE, self.draft_id, "0")]])


def surname(artist: str) -> str:
    """What one calls an artist: "van Gogh", "Hokusai"."""
    words = artist.split()
    if len(words) > 2 and words[-2].lower() in PARTICLES:
        return " ".join(words[-2:])
    return words[-1] if words else ""


def _label(preset: Preset) -> str:
    return f"{preset.title} · {surname(preset.artist)}"


def _paged(buttons: Row, page: int, act: Act, draft_id: int, what: str) -> list[Row]:
    """The rows of one page, and those that turn it; `what` follows the page's number in what they carry."""
    pages = max(1, -(-len(buttons) // PAGE))
    page %= pages
    shown = buttons[page * PAGE : (page + 1) * PAGE]
    rows = [shown[start : start + COLUMNS] for start in range(0, len(shown), COLUMNS)]
    if pages > 1:
        turns = (("‹", (page - 1) % pages), (f"{page + 1} / {pages}", page), ("›", (page + 1) % pages))
        rows.append([_button(label, act, draft_id, f"{number}{what}") for label, number in turns])
    return rows


def _button(label: str, act: Act, number: int, argument: str = "") -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=Tap(act, number, argument).encode())
