"""Paints the sheets of docs/sentences.md: `python docs/make_sentence_pictures.py --photos DIR`.

Twelve sentences on three photos, once by the fast painter, once by optimisation; DIR is that of `make_pictures.py`.
"""

import argparse
from pathlib import Path

from make_pictures import labelled
from PIL import Image

from stylize import Engine, Options, Picture, Request, SentenceStyle, open_picture

HERE = Path(__file__).parent / "pictures"
PHOTOS = ("kodak_kodim19.jpg", "un_bruna-branco-7r1HxvVC7AY-unsplash.jpg", "kodak_kodim24.jpg")
SENTENCES = (
    "a stormy night at sea",
    "This is a snowy day.",
    "There is a Christmas feel in the air.",
    "Thick blue swirls.",
    "A faded watercolour.",
    "a mosaic of small tiles",
    "in the style of Van Gogh",
    "a black and white pencil drawing",
    "autumn leaves",
    "a foggy morning",
    "joy and happiness",
    "fire and flames",
)
CELL = (330, 270)
METHODS = {"sentences.jpg": Options(size=512), "sentences-optimised.jpg": Options(method="optimise", size=384)}


def row_of(engine: Engine, photos: list[Picture], sentence: str, options: Options) -> list[tuple[Image.Image, str]]:
    """The photos in one style; below the first the sentence, below the last what was understood."""
    results = [engine.render(Request(photo, SentenceStyle(sentence), options)) for photo in photos]
    understood = ", ".join(results[0].understood)
    texts = [f"“{sentence}”", "", understood and f"looked at: {understood}"]
    return [(result.picture.to_pil(), text) for result, text in zip(results, texts, strict=True)]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--photos", type=Path, required=True)
    ask.add_argument("--only", nargs="+", default=list(METHODS), choices=METHODS)
    given = ask.parse_args()
    engine, photos = Engine("cpu"), [open_picture(given.photos / name) for name in PHOTOS]
    for name in given.only:
        cells = [cell for sentence in SENTENCES for cell in row_of(engine, photos, sentence, METHODS[name])]
        labelled(cells, 6, CELL).save(HERE / name, quality=85, optimize=True, progressive=True)
        print(HERE / name)


if __name__ == "__main__":
    main()
