"""`stylize weights`: the numbers that come with the package, and those that are fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stylize.cli.progress import download_line
from stylize.weights import fingerprint

_PACKAGE = Path(__file__).parents[1]


def weights(
    backbones: Annotated[
        list[str] | None,
        typer.Argument(metavar="[BACKBONE]...", help="Fetch these: vgg16, vgg19, resnet50. Without any: list."),
    ] = None,
) -> None:
    """List the shipped weights: sha256, size, name; or download backbones, for painting without a network later."""
    if backbones:
        _fetch(backbones)
        return
    for path in sorted(_PACKAGE.rglob("*.safetensors")):
        typer.echo(f"{fingerprint(path)}  {path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(_PACKAGE)}")


def _fetch(names: list[str]) -> None:
    """Prints sha256, size and place of each, also of those that are here already."""
    from stylize.features import find_backbone, find_weights

    wanted = [find_backbone(name) for name in names]  # a wrong name is told before half a gigabyte of another one
    for backbone in wanted:
        with download_line(backbone.name) as tell:
            path = find_weights(backbone, tell=tell)
        typer.echo(f"{fingerprint(path)}  {path.stat().st_size / 1e6:8.2f} MB  {path}")
