"""Makes the shipped targets of presets: `python -m stylize.methods.optimise.ship --data DIR`, in a few seconds.

DIR holds the presets' paintings, in images/presets and images/style.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from stylize.errors import StylizeError
from stylize.methods.optimise.eye import gram_packer
from stylize.methods.optimise.shipped import PresetTargets
from stylize.pictures import open_picture
from stylize.presets.build import picture_files
from stylize.weights import FOLDER

OUTPUT = FOLDER / "targets.safetensors"


def main(
    data: Annotated[Path, typer.Option(help="The developers' data folder.")] = Path("../shared"),
    output: Annotated[Path, typer.Option("-o", "--output")] = OUTPUT,
) -> None:
    """Build the targets of all presets."""
    try:
        built = build(data)
    except StylizeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    built.save(output)
    typer.echo(f"{output}: {len(built.presets)} presets, {output.stat().st_size} B")


def build(data: Path) -> PresetTargets:
    """Raises StylizeError where the folder lacks a painting."""
    packer = gram_packer()
    presets = {
        name: packer.pack(open_picture(_painting(data, file)))
        for name, file in track(picture_files().items(), "presets")
    }
    return PresetTargets(presets, packer.eye)


def _painting(data: Path, name: str) -> Path:
    for folder in ("presets", "style"):
        if (file := data / "images" / folder / name).is_file():
            return file
    raise StylizeError(f"{data} lacks {name}, the painting of a preset.")


if __name__ == "__main__":
    typer.run(main)
