"""Repaint pictures: by another picture, by a sentence, by a preset.

from stylize import Engine, Request, PresetStyle, open_picture, encode_picture

photo = open_picture(Path("photo.jpg"))
result = Engine().render(Request(photo, PresetStyle("starry-night")))
Path("out.jpg").write_bytes(encode_picture(result.picture))
"""

from importlib import import_module
from typing import TYPE_CHECKING

from stylize.errors import Cancelled, OutOfMemory, PictureError, StyleError, StylizeError, WeightsError
from stylize.pictures import Limits, Picture, encode_picture, open_picture
from stylize.request import (
    Colours,
    HeldBack,
    ImageStyle,
    MixStyle,
    Options,
    Pace,
    PresetStyle,
    Progress,
    Request,
    Result,
    SentenceStyle,
    Style,
    Watch,
)
from stylize.sentence.screening import LONGEST_SENTENCE, Objection, screen

if TYPE_CHECKING:
    from stylize.engine import Engine
    from stylize.presets import Preset, all_presets, preview_sheet
    from stylize.presets.sheet import draw_sheet, sheet_photo, shipped_previews

__all__ = [
    "LONGEST_SENTENCE",
    "Cancelled",
    "Colours",
    "Engine",
    "HeldBack",
    "ImageStyle",
    "Limits",
    "MixStyle",
    "Objection",
    "Options",
    "OutOfMemory",
    "Pace",
    "Picture",
    "PictureError",
    "Preset",
    "PresetStyle",
    "Progress",
    "Request",
    "Result",
    "SentenceStyle",
    "Style",
    "StyleError",
    "StylizeError",
    "Watch",
    "WeightsError",
    "all_presets",
    "draw_sheet",
    "encode_picture",
    "open_picture",
    "preview_sheet",
    "screen",
    "sheet_photo",
    "shipped_previews",
]


_LATE = {"Engine": "engine"}
_LATE |= dict.fromkeys(("Preset", "all_presets", "preview_sheet"), "presets")
_LATE |= dict.fromkeys(("draw_sheet", "sheet_photo", "shipped_previews"), "presets.sheet")


def __getattr__(name: str) -> object:
    """The engine needs torch, which takes seconds to import: only those who use it wait for it."""
    if name in _LATE:
        return getattr(import_module(f"stylize.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
