"""Paints the pictures of the documentation: `python docs/make_pictures.py --photos DIR --paintings DIR`.

The folders hold the photos and the painting named below; the results are ours, the originals stay where they are.
"""

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from stylize import Engine, ImageStyle, Options, Picture, PresetStyle, Request, SentenceStyle, Style, open_picture
from stylize.presets.build import label_font

HERE = Path(__file__).parent / "pictures"
GREETING = HERE.parents[1] / "bot" / "texts" / "greeting.jpg"
PAINTING = "gustav_klimt-the_kiss.jpg"
GALLERY: tuple[tuple[str, Style, str], ...] = (
    ("kodak_kodim09.jpg", PresetStyle("great-wave"), "The Great Wave"),
    ("un_dennis-buchner-WATeNJyEUkA-unsplash.jpg", PresetStyle("starry-night"), "The Starry Night"),
    ("un_david-clode-Oq9JrJb6K7M-unsplash.jpg", PresetStyle("composition-vii"), "Composition VII"),
    ("kodak_kodim24.jpg", SentenceStyle("a stormy night at sea"), "“a stormy night at sea”"),
    ("un_brendon-van-zyl-O9vNYbNVtpM-unsplash.jpg", SentenceStyle("autumn leaves"), "“autumn leaves”"),
    ("kodak_kodim17.jpg", PresetStyle("climax"), "Salome: The Climax"),
)
CELL = (400, 480)


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
        pen.text((left + 2, top + cell[1] + 8), text, "black", font)
    return sheet


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--photos", type=Path, required=True)
    ask.add_argument("--paintings", type=Path, required=True)
    given = ask.parse_args()
    HERE.mkdir(exist_ok=True)
    engine = Engine()
    gallery = [(paint(engine, open_picture(given.photos / file), style), text) for file, style, text in GALLERY]
    labelled(gallery, 3, CELL).save(HERE / "gallery.jpg", quality=88)

    photo = open_picture(given.photos / "kodak_kodim19.jpg")
    overview = [
        (photo.to_pil(), "your photo"),
        (paint(engine, photo, PresetStyle("starry-night")), "a famous painting"),
        (paint(engine, photo, SentenceStyle("a burning sunset")), "words: “a burning sunset”"),
        (paint(engine, photo, ImageStyle(open_picture(given.paintings / PAINTING))), "a second picture"),
    ]
    labelled(overview, 4, CELL).save(HERE / "overview.jpg", quality=88)
    labelled(overview, 2, CELL).save(GREETING, quality=88)


if __name__ == "__main__":
    main()
