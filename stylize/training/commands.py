"""`stylize train …`: recipes from the command line."""

import dataclasses
import random
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(help="Train nets from folders of pictures.", no_args_is_help=True)
RECIPES = Path(__file__).parent / "recipes"


@app.command()
def adaptive(
    content: Annotated[list[Path], typer.Option(help="A folder of photos; may be repeated.", exists=True)],
    style: Annotated[list[Path], typer.Option(help="A folder of style pictures; may be repeated.", exists=True)],
    share: Annotated[
        list[float] | None, typer.Option(help="Share of the style picks for each style folder, in their order.")
    ] = None,
    low: Annotated[Path, typer.Option(help="VGG-19 weights up to relu3_1, safetensors.", exists=True)] = Path(
        "vgg19.safetensors"
    ),
    deep: Annotated[Path, typer.Option(help="Slim VGG-19 weights up to relu5_1, safetensors.", exists=True)] = Path(
        "vgg19_slim.safetensors"
    ),
    out: Annotated[Path, typer.Option("-o", "--out", help="Run folder: checkpoint, losses, weights.")] = Path(
        "runs/adaptive"
    ),
    recipe: Annotated[Path, typer.Option(help="TOML file.", exists=True)] = RECIPES / "adaptive.toml",
    steps: Annotated[int | None, typer.Option(help="Instead of the recipe's.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    compiled: Annotated[bool, typer.Option(help="Use torch.compile: slow start, twice the speed.")] = True,
    threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves torch's choice.")] = 0,
) -> None:
    """Train the arbitrary-style net; goes on where an earlier run in the same folder stopped."""
    import torch

    from stylize.training.adaptive import Judges, export, train
    from stylize.training.data import Sampler, load_folders
    from stylize.training.recipe import AdaptiveRecipe

    console = Console(stderr=True)
    if threads:
        torch.set_num_threads(threads)
    plan = AdaptiveRecipe.read(recipe)
    if steps:
        plan = dataclasses.replace(plan, steps=steps)
    left_out = frozenset(plan.leave_out)
    photos = load_folders(content, short=400, leave_out=left_out)
    sources = [load_folders([folder], short=round(plan.style_side * 1.5), leave_out=left_out) for folder in style]
    for skipped in (photos.skipped, *(s.skipped for s in sources)):
        for name, reason in skipped:
            console.print(f"left out {name}: {reason}")
    console.print(f"{len(photos.pictures)} photos, {sum(len(s.pictures) for s in sources)} style pictures")
    shares = share or [1.0] * len(sources)
    styles = Sampler(
        [(s.pictures, part / max(1, len(s.pictures))) for s, part in zip(sources, shares, strict=True)],
        random.Random(0),
    )
    where = torch.device(device)
    judges = Judges.load(low, deep, where)

    def report(line: dict[str, float]) -> None:
        left = (plan.steps - line["step"]) * line["seconds"]
        done = time.strftime("%H:%M", time.localtime(time.time() + left))
        shown = "  ".join(f"{name} {value:.4f}" for name, value in line.items() if name != "step")
        console.print(f"{line['step']:.0f}/{plan.steps}  {shown}  done at {done}")

    state = train(
        Sampler([(photos.pictures, 1.0)], random.Random(0)), styles, judges, plan, out, where, compiled, report
    )
    console.print(f"written {export(state, out / 'adaptive.safetensors')}")
