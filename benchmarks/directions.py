"""Does a sentence move a picture the way its words say? `python -m benchmarks.directions [--shared DIR] [--size PX]`.

Each row of DIRECTIONS is painted over ten photos; a hit is a photo on which the painting by the first sentence has more
of the measure than that by the second, or than the photo itself. Prints the hits by aspect and the rows that miss most,
writes benchmarks/results/directions.json.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.judge import SHARED
from stylize import Engine, Options, Picture, Request, SentenceStyle, open_picture
from stylize.sentence.colours import to_lab
from stylize.sentence.strokes import strokes

RESULTS = Path(__file__).parent / "results/directions.json"
PHOTOS = 10
PHOTO = ""  # stands for the photo itself as the second of a row


@dataclass(frozen=True)
class Direction:
    """`more` must have more of `measure` than `less`, a sentence or PHOTO."""

    aspect: str
    measure: str
    more: str
    less: str = PHOTO


def _rows(aspect: str, *rows: tuple[str, str, str]) -> Iterator[Direction]:
    for measure, more, less in rows:
        yield Direction(aspect, measure, more, less)


DIRECTIONS: tuple[Direction, ...] = (
    *_rows(
        "colour words",
        ("red", "a red painting", "a green painting"),
        ("blue", "Thick blue swirls.", "thick orange swirls"),
        ("yellow", "yellow stripes", "blue stripes"),
        ("green", "everything is green", "everything is red"),
        ("purple", "purple haze", "a green haze"),
        ("orange", "orange and brown spots", "blue and white spots"),
        ("pink", "a pink dream", "a green dream"),
        ("blue", "a blue abstract painting", PHOTO),
        ("red", "a red woodcut", PHOTO),
        ("colourful", "vivid bright colors", "muted grey colors"),
        ("light", "white paper", "black velvet"),
        ("light", "pastel colors", "deep dark colors"),
    ),
    *_rows(
        "brightness",
        ("light", "a bright, sunlit place", "a dark, gloomy place"),
        ("dark", "darkness", PHOTO),
        ("light", "full of light", PHOTO),
        ("dark", "a dark cave lit by a candle", "a bright white room"),
    ),
    *_rows(
        "season",
        ("blue", "winter", "autumn"),
        ("light", "a snowy winter", "an autumn evening"),
        ("orange", "autumn leaves", "spring meadow"),
        ("green", "a summer meadow", "a frozen lake in winter"),
        ("yellow", "a hot summer", "a cold winter"),
        ("colourful", "spring blossom", "November fog"),
    ),
    *_rows(
        "time of day",
        ("dark", "night", PHOTO),
        ("light", "noon", "midnight"),
        ("orange", "sunset", "a snowy day"),
        ("light", "This is a snowy day.", "a sunset"),
        ("yellow", "golden hour", "moonlight"),
        ("blue", "a starry night", "sunrise"),
        ("dark", "late at night in the city", "early morning in the city"),
    ),
    *_rows(
        "weather",
        ("dark", "a stormy night at sea", PHOTO),
        ("muted", "fog", PHOTO),
        ("muted", "thick fog over the river", "a rainbow after the rain"),
        ("yellow", "sunshine", "rain"),
        ("light", "snowfall", "a thunderstorm"),
        ("blue", "ice and frost", "desert heat"),
    ),
    *_rows(
        "material",
        ("yellow", "gold", "silver"),
        ("orange", "old wood", "ice"),
        ("muted", "grey stone", "stained glass"),
        ("light", "white marble", "rusty iron"),
        ("rough", "a knitted pattern", "smooth silk"),
        ("red", "brick wall", "green moss"),
    ),
    *_rows(
        "technique",
        ("muted", "a black and white pencil drawing", PHOTO),
        ("muted", "black and white photo", PHOTO),
        ("muted", "a charcoal sketch", "an oil painting in bright colors"),
        ("light", "a faded watercolour", "a dark oil painting"),
        ("rough", "a mosaic of small tiles", "a soft watercolor"),
        ("rough", "an engraving with fine lines", "a soft pastel drawing"),
        ("colourful", "stained glass window", "ink drawing"),
        ("yellow", "sepia, an old photograph", PHOTO),
        ("rough", "pointillism, small dots", PHOTO),
    ),
    *_rows(
        "mood",
        ("light", "joy and happiness", "sadness and grief"),
        ("dark", "fear and horror", PHOTO),
        ("red", "anger", "calm and peace"),
        ("red", "There is a Christmas feel in the air.", "loneliness"),
        ("muted", "a gloomy, hopeless evening", "a cheerful party"),
        ("yellow", "cozy and warm", "cold and lonely"),
        ("pink", "romantic love, roses", "a cold machine"),
    ),
)


def measures(picture: Picture) -> dict[str, float]:
    """What the rows compare: means over the picture in CIE L*a*b*, and how much fine structure it has."""
    lab = to_lab(picture.resized(256).pixels).reshape(-1, 3)
    lightness, green_red, blue_yellow = (float(value) for value in lab.mean(axis=0))
    chroma = float(np.hypot(lab[:, 1], lab[:, 2]).mean())
    return {
        "light": lightness,
        "dark": -lightness,
        "red": green_red,
        "green": -green_red,
        "yellow": blue_yellow,
        "blue": -blue_yellow,
        "orange": green_red + blue_yellow,
        "purple": green_red - blue_yellow,
        "pink": green_red + lightness / 4,
        "colourful": chroma,
        "muted": -chroma,
        "rough": strokes(picture),
    }


def painted(engine: Engine, photo: Picture, sentences: Sequence[str], options: Options) -> dict[str, dict[str, float]]:
    """The measures of one photo in each sentence's style, and of the photo itself under PHOTO."""
    found = {
        sentence: measures(engine.render(Request(photo, SentenceStyle(sentence), options)).picture)
        for sentence in sentences
    }
    return found | {PHOTO: measures(photo)}


def hits(found: Mapping[str, Mapping[str, float]]) -> list[bool]:
    """Whether each of DIRECTIONS holds on one photo."""
    return [found[row.more][row.measure] > found[row.less][row.measure] for row in DIRECTIONS]


def sentences() -> list[str]:
    """All sentences of the table, each once."""
    return [s for s in dict.fromkeys(sentence for row in DIRECTIONS for sentence in (row.more, row.less)) if s != PHOTO]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--size", type=int, default=384, help="long side of the paintings, px")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    files = sorted((given.shared / "images/large").glob("*.*"))[:PHOTOS]
    if len(files) < PHOTOS:
        raise SystemExit(f"Skipped: {given.shared}/images/large holds {len(files)} photos, {PHOTOS} are needed.")
    engine, options = Engine("cpu"), Options(size=given.size)
    table = []
    for file in files:
        photo = open_picture(file).resized(given.size)
        table.append(hits(painted(engine, photo, sentences(), options)))
        print(f"{file.name}: {sum(table[-1])} of {len(DIRECTIONS)}", flush=True)
    by_row = np.array(table).mean(0)
    by_aspect: dict[str, list[float]] = defaultdict(list)
    for row, rate in zip(DIRECTIONS, by_row, strict=True):
        by_aspect[row.aspect].append(float(rate))
    print(f"\nall: {by_row.mean():.1%} of {len(DIRECTIONS)} rows × {PHOTOS} photos")
    for aspect, rates in by_aspect.items():
        print(f"{aspect:<14} {np.mean(rates):.1%} of {len(rates)} rows")
    for row, rate in sorted(zip(DIRECTIONS, by_row, strict=True), key=lambda pair: pair[1]):
        if rate < 0.9:
            print(f"  {rate:.0%}  more {row.measure}: “{row.more}” than “{row.less or 'the photo'}”")
    figures = {
        "all": float(by_row.mean()),
        "aspects": {aspect: float(np.mean(rates)) for aspect, rates in by_aspect.items()},
        "rows": [vars(row) | {"rate": float(rate)} for row, rate in zip(DIRECTIONS, by_row, strict=True)],
    }
    given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
