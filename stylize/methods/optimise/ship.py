"""Makes the shipped targets of presets and of the corpus: `python -m stylize.methods.optimise.ship --data DIR`.

DIR holds the pictures that the corpus was made of, as for `python -m stylize.sentence.ship`, and images/presets. Takes
a quarter of an hour on one core.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import track
from torch import Tensor

from stylize.errors import PictureError, StylizeError
from stylize.features import BACKBONES, load_features
from stylize.methods.optimise.shipped import EYE, ShippedTargets, parts_of
from stylize.methods.optimise.target import Targets
from stylize.pictures import open_picture
from stylize.presets.build import picture_files
from stylize.sentence.corpus import SHIPPED, Corpus
from stylize.sentence.ship import sources
from stylize.tensors import to_tensor
from stylize.weights import fingerprint, shipped

OUTPUT = SHIPPED.with_name("targets.safetensors")
RANK = 64  # of 400 pictures' targets; those of 40 others came within 15 to 31 % of what two pictures differ by (W2)


def main(
    data: Annotated[Path, typer.Option(help="The developers' data folder.")] = Path("../shared"),
    output: Annotated[Path, typer.Option("-o", "--output")] = OUTPUT,
) -> None:
    """Build the targets of all presets and of the shipped corpus."""
    try:
        built = build(data)
    except StylizeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    built.save(output)
    typer.echo(f"{output}: {len(built.presets)} presets, {len(built.coordinates)} pictures, {output.stat().st_size} B")


def build(data: Path) -> ShippedTargets:
    """Raises StylizeError where the folder's pictures are not those of the shipped corpus."""
    chosen, corpus = BACKBONES[EYE], Corpus.load()
    targets = Targets(load_features(EYE, chosen.style_layers), chosen.style_layers, by_places=False)
    rows = list(track(_packed(data, targets), "pictures", total=len(corpus)))
    if len(rows) != len(corpus):
        raise StylizeError(f"{data} holds {len(rows)} of the corpus' pictures, and the corpus has {len(corpus)}.")
    presets = {name: _pack(targets, _painting(data, file)) for name, file in picture_files().items()}
    eye = fingerprint(shipped(EYE))
    return ShippedTargets.fitted(presets, torch.stack(rows), parts_of(targets), RANK, eye, corpus)


def _packed(data: Path, targets: Targets) -> Iterator[Tensor]:
    """In the order of the corpus, which leaves out what can't be read."""
    for source in sources(data):
        for name in source.captions:
            try:
                yield _pack(targets, source.pictures / name)
            except PictureError:
                continue


def _painting(data: Path, name: str) -> Path:
    for folder in ("presets", "style"):
        if (file := data / "images" / folder / name).is_file():
            return file
    raise StylizeError(f"{data} lacks {name}, the painting of a preset.")


def _pack(targets: Targets, file: Path) -> Tensor:
    return targets.pack(to_tensor(open_picture(file))[None])


if __name__ == "__main__":
    typer.run(main)
