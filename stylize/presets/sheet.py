"""The sheet that shows presets on one photo. Drawing it needs no torch."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from stylize.labels import fitting, label_font
from stylize.pictures import Picture, open_picture
from stylize.presets import HERE, Preset, all_presets, preview_sheet

CELL = 320  # px: long side of one picture on the sheet
GAP, LABEL = 14, 50  # px
COLUMNS = 4


def sheet_photo() -> Picture:
    """The photo that the shipped sheet is painted on: number 24 of Kodak's Photo CD sampler, free for such use."""
    return open_picture(HERE / "photo.jpg")


def draw_sheet(photo: Picture, painted: Sequence[tuple[Preset, Picture]]) -> Image.Image:
    """Presets on one photo, each with its title and artist below, the photo itself nowhere: it is known."""
    font, small = label_font(19), label_font(15)
    cell = _cell(photo)
    rows = -(-len(painted) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (cell[0] + GAP) + GAP, rows * (cell[1] + LABEL + GAP) + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (preset, picture) in enumerate(painted):
        left, top = _place(index, cell)
        sheet.paste(picture.to_pil().resize(cell, Image.Resampling.LANCZOS), (left, top))
        pen.text((left, top + cell[1] + 4), fitting(preset.title, font, cell[0]), "black", font)
        pen.text((left, top + cell[1] + 27), fitting(preset.artist, small, cell[0]), "dimgray", small)
    return sheet


def shipped_previews() -> dict[str, Picture]:
    """Preset name -> its picture on the shipped sheet."""
    sheet = open_picture(preview_sheet()).to_pil()
    cell = _cell(sheet_photo())
    places = {preset.name: _place(index, cell) for index, preset in enumerate(all_presets())}
    return {
        name: Picture.from_pil(sheet.crop((left, top, left + cell[0], top + cell[1])))
        for name, (left, top) in places.items()
    }


def _cell(photo: Picture) -> tuple[int, int]:
    """Width and height of its pictures on a sheet."""
    scale = CELL / max(photo.size)
    return math.ceil(photo.width * scale), math.ceil(photo.height * scale)


def _place(index: int, cell: tuple[int, int]) -> tuple[int, int]:
    return GAP + index % COLUMNS * (cell[0] + GAP), GAP + index // COLUMNS * (cell[1] + LABEL + GAP)
