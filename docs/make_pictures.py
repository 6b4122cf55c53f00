"""Paints the pictures of the documentation: `python docs/make_pictures.py --photos DIR --paintings DIR`.

The folders hold the photos named below and, at any depth, the paintings of the presets; the results are ours, the
originals stay where they are. Of the paintings only small renditions are shown, and all are in the public domain.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from stylize import (
    Engine,
    ImageStyle,
    Options,
    Picture,
    Preset,
    PresetStyle,
    Request,
    SentenceStyle,
    Style,
    all_presets,
    open_picture,
)
from stylize.labels import label_font

HERE = Path(__file__).parent / "pictures"
GREETING = HERE.parents[1] / "bot" / "texts" / "greeting.jpg"
PAINTING = "kiss"
GALLERY: tuple[tuple[str, Style, str], ...] = (
    ("kodak_kodim09.jpg", PresetStyle("great-wave"), "The Great Wave"),
    ("un_dennis-buchner-WATeNJyEUkA-unsplash.jpg", PresetStyle("starry-night"), "The Starry Night"),
    ("un_david-clode-Oq9JrJb6K7M-unsplash.jpg", PresetStyle("composition-vii"), "Composition VII"),
    ("kodak_kodim24.jpg", SentenceStyle("stained glass"), "“stained glass”"),
    ("un_brendon-van-zyl-O9vNYbNVtpM-unsplash.jpg", SentenceStyle("autumn leaves"), "“autumn leaves”"),
    ("kodak_kodim17.jpg", PresetStyle("climax"), "Salome: The Climax"),
)
CELL = (400, 480)
PRESET_PHOTOS = (  # a face, a landscape, an animal; each with the part of it that is painted: left, top, right, bottom
    ("kodak_kodim18.jpg", (0.34, 0.15, 0.80, 0.46)),
    ("kodak_kodim19.jpg", (0.0, 0.08, 1.0, 0.75)),
    ("un_dennis-buchner-WATeNJyEUkA-unsplash.jpg", (0.05, 0.1, 0.95, 0.68)),
)
THUMB = 200  # px: one picture of the presets' sheet, painted at twice that size


def paint(engine: Engine, photo: Picture, style: Style) -> Image.Image:
    return engine.render(Request(photo, style, Options(size=900))).picture.to_pil()


def crop_to(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle of a picture, filling the given size."""
    scale = max(width / picture.width, height / picture.height)
    scaled = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    left, top = (scaled.width - width) // 2, (scaled.height - height) // 2
    return scaled.crop((left, top, left + width, top + height))


def labelled(cells: list[tuple[Image.Image, str]], columns: int, cell: tuple[int, int]) -> Image.Image:
    font, gap, line = label_font(20), 12, 40
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (cell[0] + gap) + gap, rows * (cell[1] + line + gap) + gap), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (picture, text) in enumerate(cells):
        left, top = gap + index % columns * (cell[0] + gap), gap + index // columns * (cell[1] + line + gap)
        sheet.paste(crop_to(picture, *cell), (left, top))
        inside = min(left + 2, sheet.width - gap - int(pen.textlength(text, font)))  # a text may be wider than its cell
        pen.text((inside, top + cell[1] + 8), text, "black", font)
    return sheet


def preset_sheet(engine: Engine, photos: list[Picture], paintings: dict[str, Picture]) -> Image.Image:
    """Every preset: its painting, then the photos in it; two presets in a row, the photos themselves on top."""
    gap, line, per_row, cells = 6, 34, 2, 1 + len(photos)
    presets = all_presets()
    high, wide = THUMB + line + gap, cells * (THUMB + gap) + 2 * gap
    sheet = Image.new("RGB", (per_row * wide, (1 + -(-len(presets) // per_row)) * high), "white")
    pen, font = ImageDraw.Draw(sheet), label_font(17)

    def put(row: int, place: int, cell: int, picture: Image.Image) -> None:
        sheet.paste(crop_to(picture, THUMB, THUMB), (gap + place * wide + cell * (THUMB + gap), gap + row * high))

    for cell, photo in enumerate(photos, 1):
        put(0, 0, cell, photo.to_pil())
    pen.text((gap, gap + THUMB // 2), "the photos", "black", font)
    for index, preset in enumerate(presets):
        row, place = 1 + index // per_row, index % per_row
        put(row, place, 0, paintings[preset.name].to_pil())
        for cell, photo in enumerate(photos, 1):
            result = engine.render(Request(photo, PresetStyle(preset.name), Options(size=2 * THUMB)))
            put(row, place, cell, result.picture.to_pil())
        pen.text((gap + place * wide, row * high + gap + THUMB + 5), f"{preset.title}, {preset.artist}", "black", font)
    return sheet


def part_of(photo: Picture, box: tuple[float, float, float, float]) -> Picture:
    """A part of a photo; left, top, right and bottom as shares of its size."""
    left, top, right, bottom = (round(share * side) for share, side in zip(box, photo.size * 2, strict=True))
    return Picture(np.ascontiguousarray(photo.pixels[top:bottom, left:right]))


def painting_of(preset: Preset, folder: Path) -> Picture:
    """The preset's painting, wherever it lies below the folder. Raises SystemExit where it is absent."""
    for file in folder.rglob(preset.picture):
        return open_picture(file)
    raise SystemExit(f"{folder} lacks {preset.picture}. Each preset's painting must lie below it.")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--photos", type=Path, required=True)
    ask.add_argument("--paintings", type=Path, required=True)
    given = ask.parse_args()
    HERE.mkdir(exist_ok=True)
    engine = Engine()
    paintings = {preset.name: painting_of(preset, given.paintings) for preset in all_presets()}
    photos = [part_of(open_picture(given.photos / file), box) for file, box in PRESET_PHOTOS]
    preset_sheet(engine, photos, paintings).save(HERE / "presets.jpg", quality=80, optimize=True)

    gallery = [(paint(engine, open_picture(given.photos / file), style), text) for file, style, text in GALLERY]
    labelled(gallery, 3, CELL).save(HERE / "gallery.jpg", quality=88)

    photo = open_picture(given.photos / "kodak_kodim19.jpg")
    overview = [
        (photo.to_pil(), "your photo"),
        (paint(engine, photo, PresetStyle("starry-night")), "a famous painting"),
        (paint(engine, photo, SentenceStyle("a burning sunset")), "words: “a burning sunset”"),
        (paint(engine, photo, ImageStyle(paintings[PAINTING])), "a second picture"),
    ]
    labelled(overview, 4, CELL).save(HERE / "overview.jpg", quality=88)
    labelled(overview, 2, CELL).save(GREETING, quality=88)


if __name__ == "__main__":
    main()
