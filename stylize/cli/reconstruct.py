"""`stylize reconstruct`: what layers of a net remember of a picture, as one strip."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from stylize.cli.files import open_named, result_kind
from stylize.cli.progress import download_line, progress_line
from stylize.errors import StylizeError
from stylize.pictures import Picture, encode_picture

if TYPE_CHECKING:
    import torch

    from stylize.features import Features
    from stylize.reconstruct import Cell, Descent, Loss

    Load = Callable[[Sequence[str]], Features]


def reconstruct(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The picture that a net looks at.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="A .jpg or .png file.")],
    layer: Annotated[
        list[str] | None,
        typer.Option(help="Content: a cell for each of these layers. Repeat it, or name several with commas."),
    ] = None,
    style_layers: Annotated[
        list[str] | None,
        typer.Option(help="Style: a cell for the first layer, one for the first two together, and so on. Likewise."),
    ] = None,
    style: Annotated[Path | None, typer.Option(help="The picture whose style is shown. Default: the photo.")] = None,
    backbone: Annotated[str, typer.Option(help="The net: compact, vgg16, vgg19 or resnet50.")] = "compact",
    weights_dir: Annotated[
        Path | None, typer.Option(help="Where the net's weights lie: a folder, or the file itself.")
    ] = None,
    size: Annotated[int, typer.Option(metavar="LONG_SIDE", help="Long side of a cell, px; nothing is enlarged.")] = 256,
    steps: Annotated[
        int | None, typer.Option(help="Of each cell; more come nearer and take longer. Default: 200.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the white noise to start from.")] = 0,
    loss: Annotated[Literal["gram", "wasserstein"], typer.Option(help="How styles are compared.")] = "gram",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
) -> None:
    """Show what layers of a net remember: pictures, found from white noise, in which they see the same as in a photo.

    Without any layer: content and style of the net's own style layers, one of each depth.
    """
    kind = result_kind(out, photo, *([style] if style else []))
    original = open_named(photo)  # a damaged one is told before the seconds that loading torch takes
    styled = open_named(style) if style else original

    from stylize.features import find_backbone, load_features
    from stylize.reconstruct import Descent, at_size, draw_strip

    chosen = find_backbone(backbone)
    content, styles = _names(layer), _names(style_layers)
    if not content and not styles:
        content = styles = chosen.style_layers
    elif style and not styles:
        styles = chosen.style_layers
    how = Descent(seed=seed) if steps is None else Descent(steps, seed)
    original, styled = at_size(original, size, chosen), at_size(styled, size, chosen)
    place = _device(device)

    def load(layers: Sequence[str]) -> Features:
        with download_line(chosen.name) as tell:
            return load_features(chosen.name, layers, weights_dir, device=place, tell=tell)

    load((*content, *styles))  # a layer that is absent is told before minutes of work on the others
    began = time.monotonic()
    rows = [_content_row(original, photo.name, content, load, how)] if content else []
    if styles:
        rows.append(_style_row(styled, (style or photo).name, styles, load, loss, how))
    strip = draw_strip(rows)
    out.write_bytes(encode_picture(strip, kind))
    typer.echo(f"{out}: {strip.width} × {strip.height} px in {time.monotonic() - began:.0f} s")


def _names(given: list[str] | None) -> tuple[str, ...]:
    """Of repeated options with commas in them; each once."""
    names = (name.strip() for text in given or [] for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def _device(wish: str) -> torch.device:
    from stylize.devices import choose_device

    try:
        return choose_device(wish)
    except StylizeError as error:
        raise typer.BadParameter(str(error)) from error


def _content_row(original: Picture, name: str, layers: Sequence[str], load: Load, how: Descent) -> list[Cell]:
    from stylize.reconstruct import Cell, reconstruct_content

    row = [Cell(original, "original", name)]
    for layer in layers:
        see = load([layer])
        with progress_line(f"content of {layer}") as watch:
            row.append(Cell(reconstruct_content(original, layer, see, replace(how, watch=watch)), layer, "content"))
    return row


def _style_row(original: Picture, name: str, layers: Sequence[str], load: Load, loss: Loss, how: Descent) -> list[Cell]:
    from stylize.reconstruct import Cell, reconstruct_style

    row = [Cell(original, "original", name)]
    for last, layer in enumerate(layers):
        seen = layers[: last + 1]
        see, label = load(seen), f"+ {layer}" if last else layer
        with progress_line(f"style of {label}") as watch:
            row.append(Cell(reconstruct_style(original, seen, see, loss, replace(how, watch=watch)), label, "style"))
    return row
