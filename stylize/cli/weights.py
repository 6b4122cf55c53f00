"""`stylize weights`: the numbers that come with the package."""

from __future__ import annotations

import hashlib
from pathlib import Path

import typer

_PACKAGE = Path(__file__).parents[1]


def weights() -> None:
    """List the shipped weights: sha256, size, name."""
    for path in sorted(_PACKAGE.rglob("*.safetensors")):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        typer.echo(f"{digest}  {path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(_PACKAGE)}")
