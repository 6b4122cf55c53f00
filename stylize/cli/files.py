"""Files that commands read and write."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import typer

from stylize.errors import PictureError
from stylize.pictures import Picture, open_picture

Kind = Literal["jpeg", "png"]
KINDS: dict[str, Kind] = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}


def open_named(path: Path) -> Picture:
    """As `open_picture`, but an error names the file."""
    try:
        return open_picture(path)
    except PictureError as error:
        if str(path) in str(error):
            raise
        raise PictureError(f"{path}: {error}", error.reason) from error


def result_kind(out: Path, *sources: Path) -> Kind:
    """The format of a result's file, by its name.

    Raises typer.BadParameter for another ending, for a folder that is not there, and for one of the sources.
    """
    if out.suffix.lower() not in KINDS:
        raise typer.BadParameter(f"The result's name must end in .jpg or .png, not {out.name}.")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {out.parent} to write to.")
    for source in sources:
        if out.exists() and source.exists() and out.samefile(source):
            raise typer.BadParameter(f"The result would overwrite the photo {source}. Choose another -o.")
    return KINDS[out.suffix.lower()]
