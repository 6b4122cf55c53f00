"""`stylize weights`: the numbers that come with the package."""

from __future__ import annotations

from pathlib import Path

import typer

from stylize.weights import fingerprint

_PACKAGE = Path(__file__).parents[1]


def weights() -> None:
    """List the shipped weights: sha256, size, name."""
    for path in sorted(_PACKAGE.rglob("*.safetensors")):
        typer.echo(f"{fingerprint(path)}  {path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(_PACKAGE)}")
