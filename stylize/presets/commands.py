"""`stylize presets …`: list them, make their codes, draw their sheet."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from stylize.presets import HERE, all_presets

app = typer.Typer(help="The named paintings.", invoke_without_command=True)


@app.callback()
def show(context: typer.Context) -> None:
    """List the presets."""
    if context.invoked_subcommand:
        return
    table = Table("name", "title", "artist", "year", box=None)
    for preset in all_presets():
        table.add_row(preset.name, preset.title, preset.artist, preset.year)
    Console().print(table)


@app.command()
def build(
    pictures: Annotated[Path, typer.Option(help="Folder with the paintings that presets.toml names.", exists=True)],
    content: Annotated[Path, typer.Option(help="Folder of photos to try the codes on.", exists=True)],
    judge: Annotated[
        list[Path], typer.Option(help="VGG-19 weights up to relu5_1, as for `stylize train`.", exists=True)
    ],
    steps: Annotated[int, typer.Option(help="Descent steps for each code.")] = 50,
    weights: Annotated[Path | None, typer.Option(help="Painter weights instead of the shipped ones.")] = None,
) -> None:
    """Optimise a code for every preset, for the weights that ship."""
    import torch

    from stylize.devices import choose_precision
    from stylize.methods.adaptive import ENCODER_SIDE, Adaptive
    from stylize.presets.build import build_codes, picture_files
    from stylize.training.commands import RECIPES
    from stylize.training.data import load_folders
    from stylize.training.judging import load_judge
    from stylize.training.recipe import AdaptiveRecipe
    from stylize.weights import FOLDER

    files = picture_files()
    loaded = load_folders([pictures], ENCODER_SIDE, only=frozenset(files.values()))
    by_file = dict(zip(loaded.names, loaded.pictures, strict=True))
    for file in files.values():
        if loaded.names.count(file) != 1:
            found = "more than one" if file in by_file else "no"
            typer.echo(f"{pictures} has {found} {file}. Each preset's painting must lie below it once.", err=True)
            raise typer.Exit(2)
    device = torch.device("cpu")
    method = Adaptive(device, choose_precision(device), weights)
    recipe = AdaptiveRecipe.read(RECIPES / "adaptive.toml")
    photos = load_folders([content], ENCODER_SIDE).pictures
    console = Console(stderr=True)

    def report(name: str, before: float, after: float) -> None:
        console.print(f"{name:20} style distance {before:.4f} by the encoder, {after:.4f} optimised")

    paintings = {name: by_file[file] for name, file in files.items()}
    build_codes(
        method, paintings, photos, load_judge(judge, device), recipe, FOLDER / "presets.safetensors", report, steps
    )


@app.command()
def sheet(
    photo: Annotated[Path, typer.Argument(help="The photo to show them on.", exists=True)],
    out: Annotated[Path, typer.Option("-o", "--out", help="JPEG file.")] = HERE / "sheet.jpg",
) -> None:
    """Paint one photo in every preset and draw them on one sheet."""
    from stylize import Engine, Options, PresetStyle, Request, open_picture
    from stylize.presets.sheet import draw_sheet

    engine, content = Engine(), open_picture(photo).resized(640)
    painted = [
        (preset, engine.render(Request(content, PresetStyle(preset.name), Options())).picture)
        for preset in all_presets()
    ]
    draw_sheet(content, painted).save(out, quality=88)
