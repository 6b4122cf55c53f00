"""Results beside both peers, to look at: `python -m benchmarks.comparison [--shared DIR]`.

Paints 24 of the pairs in DIR at strength 1 and writes three sheets to docs/pictures, each row a photo, its style
picture, our result and those of the peers. Shown are two of every three pairs whose pictures may be shown, whatever
they look like.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.judge import SHARED, Judge, Pair
from benchmarks.quality import LABELS, paint
from stylize import Engine
from stylize.labels import label_font

OUT = Path(__file__).resolve().parents[1] / "docs/pictures"
PEERS = ("microast", "magenta_int8")
HEADS = ("photo", "style", "Atelier", *(LABELS[peer] for peer in PEERS))
SHEETS, ROWS = 3, 8
CELL, GAP, HEAD = (312, 270), 8, 34
MOST = 900_000  # bytes of one sheet


def may_be_shown(pair: Pair, rights: dict[str, str]) -> bool:
    """Whether the style picture is a painting in the public domain, with a certain attribution."""
    words = rights.get(pair.style.name, "")
    return "public domain" in words and "unverified" not in words


def read_rights(shared: Path) -> dict[str, str]:
    """File name -> what the list of pictures says about its rights."""
    with (shared / "images/MANIFEST.csv").open(encoding="utf-8") as file:
        return {Path(row["file"]).name: row["rights"] for row in csv.DictReader(file)}


def fill(picture: Image.Image, size: tuple[int, int] = CELL) -> Image.Image:
    """The picture cropped to a size, a little above its middle, where heads are."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    scaled = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    left, top = (scaled.width - size[0]) // 2, (scaled.height - size[1]) // 3
    return scaled.crop((left, top, left + size[0], top + size[1]))


def draw_sheet(rows: list[tuple[Image.Image, ...]]) -> Image.Image:
    """Rows of pictures under the names of their columns."""
    width, height = (GAP + len(HEADS) * (CELL[0] + GAP), HEAD + len(rows) * (CELL[1] + GAP))
    sheet = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(sheet), label_font(18)
    for column, head in enumerate(HEADS):
        pen.text((GAP + column * (CELL[0] + GAP), 6), head, "black", font)
    for index, row in enumerate(rows):
        for column, picture in enumerate(row):
            sheet.paste(fill(picture), (GAP + column * (CELL[0] + GAP), HEAD + index * (CELL[1] + GAP)))
    return sheet


def jpeg(sheet: Image.Image, most: int) -> bytes:
    """The sheet at the best quality that stays below a number of bytes."""
    for quality in range(90, 20, -4):
        file = io.BytesIO()
        sheet.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= most:
            break
    return file.getvalue()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--weights", type=Path, help="a file instead of the shipped one")
    ask.add_argument("--out", type=Path, default=OUT)
    given = ask.parse_args()
    judge, engine = Judge(given.shared), Engine(weights=given.weights)
    rights = read_rights(given.shared)
    shown = [pair for pair in judge.pairs if may_be_shown(pair, rights)]
    chosen = [pair for index, pair in enumerate(shown) if index % 3 != 2][: SHEETS * ROWS]
    random.Random(0).shuffle(chosen)  # every sheet shows most photos and styles
    rows = []
    for pair in chosen:
        ours = paint(engine, pair, {}).picture.to_pil()
        peers = [Image.open(given.shared / "peers/outputs" / peer / f"{pair.name}.jpg") for peer in PEERS]
        # Magenta answers with a square of its own, whatever the photo's shape.
        shaped = [peer.convert("RGB").resize(ours.size, Image.Resampling.LANCZOS) for peer in peers]
        rows.append((Image.open(pair.content).convert("RGB"), Image.open(pair.style).convert("RGB"), ours, *shaped))
    for number in range(SHEETS):
        sheet = draw_sheet(rows[number * ROWS : (number + 1) * ROWS])
        (given.out / f"comparison-{number + 1}.jpg").write_bytes(jpeg(sheet, MOST))


if __name__ == "__main__":
    main()
