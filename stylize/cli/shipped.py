"""`stylize presets` and `stylize weights`: what comes with the package."""

from __future__ import annotations

import hashlib
from pathlib import Path

import typer

presets = typer.Typer(help="List the presets.", invoke_without_command=True)

_PACKAGE = Path(__file__).parents[1]


@presets.callback()
def list_presets(context: typer.Context) -> None:
    """List the presets: name, painting, artist, year."""
    if context.invoked_subcommand is not None:
        return
    from stylize.presets import all_presets

    found = all_presets()
    width = max(len(preset.name) for preset in found)
    for preset in found:
        typer.echo(f"{preset.name:{width}}  {preset.title}, {preset.artist}, {preset.year}")


def weights() -> None:
    """List the shipped weights: sha256, size, name."""
    for path in sorted(_PACKAGE.rglob("*.safetensors")):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        typer.echo(f"{digest}  {path.stat().st_size / 1e6:8.2f} MB  {path.relative_to(_PACKAGE)}")
