"""Makes the corpus that ships, from the developers' data folder: `python -m stylize.sentence.ship --data DIR`.

The recipe is all here: which pictures, of which kind, under which sentences. The data folder holds
images/captioned/captions.jsonl (Flickr8k photos and DTD textures with their captions), images/style with titles.jsonl
(artworks) and images/presets (20 well-known works).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from stylize.errors import StylizeError
from stylize.sentence.building import Source, build_file
from stylize.sentence.captions import read_captions
from stylize.sentence.commands import Progress, own_nets, tell_of
from stylize.sentence.corpus import SHIPPED

OWN_CAPTIONS = Path(__file__).with_name("artworks.csv")


def sources(data: Path) -> list[Source]:
    """The shipped corpus' pictures: scenes, textures, artworks. Raises CaptionsError where the folder lacks them."""
    images = data / "images"
    captioned = read_captions(images / "captioned" / "captions.jsonl")
    scenes = {name: said for name, said in captioned.items() if not name.startswith("dtd_")}
    textures = {name: said for name, said in captioned.items() if name.startswith("dtd_")}
    return [
        Source(images / "captioned", scenes, "scene"),
        Source(images / "captioned", textures, "texture"),
        Source(images / "style", artworks(images / "style"), "artwork"),
        Source(images / "presets", artworks(images / "presets"), "artwork"),
    ]


def artworks(folder: Path) -> dict[str, list[str]]:
    """Sentences for every artwork in a folder about which something is known.

    Our own where we wrote some, and its title: from titles.jsonl in the folder, if there is one, else from a name like
    "claude_monet-water_lilies.jpg".
    """
    said: dict[str, list[str]] = defaultdict(list)
    titles = _titles(folder / "titles.jsonl")
    own = read_captions(OWN_CAPTIONS)
    for file in sorted(folder.glob("*.jpg")):
        said[file.name] += own.get(file.name, [])
        said[file.name] += titles.get(file.name) or _from_name(file.stem)
    return {name: sentences for name, sentences in said.items() if sentences}


def _titles(path: Path) -> dict[str, list[str]]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["image"]: list(_title_sentences(row)) for row in rows}


def _title_sentences(row: dict[str, str]) -> Iterator[str]:
    """English sentences that a row of titles.jsonl supports; titles in other languages say nothing to the encoder."""
    artist = row.get("artist")
    if "title" in row and artist:
        yield f"{row['title']}, {(row.get('medium') or 'painting').lower()} by {artist}"
    elif artist:
        yield f"painting by {artist}"
    if "movement" in row:
        yield f"{row['movement'].replace('_', ' ')} painting"


def _from_name(stem: str) -> list[str]:
    """A sentence from a name such as "edvard_munch-the_scream"; nothing from numbered ones."""
    artist, dash, title = stem.replace("_", " ").partition("-")
    if not dash or artist == "anonymous" or " " not in artist or any(letter.isdigit() for letter in title):
        return []
    return [f"{title}, painting by {artist.title()}"]


def main(
    data: Annotated[Path, typer.Option(help="The developers' data folder.")] = Path("../shared"),
    output: Annotated[Path, typer.Option("-o", "--output")] = SHIPPED,
    weights: Annotated[Path | None, typer.Option(help="Painter whose codes to store; the shipped one.")] = None,
) -> None:
    """Build the shipped corpus with the shipped nets; killed and started again, it goes on where it was."""
    try:
        nets = own_nets(weights)
        with Progress() as progress:
            built = build_file(output, sources(data), nets, progress)
    except StylizeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    tell_of(built, output)


if __name__ == "__main__":
    typer.run(main)
