"""`stylize train …`: recipes from the command line."""

import dataclasses
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from stylize.errors import StylizeError, WeightsError

if TYPE_CHECKING:
    from stylize.sentence import Corpus, Source
    from stylize.training.compact_recipe import CompactRecipe
    from stylize.training.data import Loaded
    from stylize.training.recipe import AdaptiveRecipe
    from stylize.training.sentence_recipe import SentenceRecipe

Recipe = TypeVar("Recipe", "AdaptiveRecipe", "CompactRecipe", "SentenceRecipe")

app = typer.Typer(help="Train nets from folders of pictures.", no_args_is_help=True)
RECIPES = Path(__file__).parent / "recipes"
DRAWN = 400  # style pictures drawn by code at the start of a run
SAMPLED = 4  # photos kept out of the training for the sample sheets, and styles that they are painted in
FEWEST = {"photos": 2 * SAMPLED, "style pictures": SAMPLED, "pictures": 2 * SAMPLED}
_SHOWN = 10  # unreadable files named on the screen
_SHORT = 400  # px of the shorter side of photos in memory


@app.command()
def adaptive(
    content: Annotated[list[Path], typer.Option(help="Folder of photos; may be repeated.", file_okay=False)],
    style: Annotated[list[Path], typer.Option(help="Folder of style pictures; may be repeated.", file_okay=False)],
    share: Annotated[
        list[float] | None, typer.Option(help="Share of the style picks for each style folder, in their order.")
    ] = None,
    judge: Annotated[
        list[Path] | None,
        typer.Option(
            help="VGG-19 weights up to relu5_1: the slim ones as .safetensors, torchvision's as .pth; may be repeated."
        ),
    ] = None,
    start: Annotated[Path | None, typer.Option(help="Weights to begin with, such as the shipped ones.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Run folder: checkpoint, losses, samples, weights.")] = Path(
        "runs/adaptive"
    ),
    recipe: Annotated[Path, typer.Option(help="TOML file.", dir_okay=False)] = RECIPES / "adaptive.toml",
    steps: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=1)] = None,
    most: Annotated[int, typer.Option(help="Pictures read from each folder at most; 1 GB holds 1500.", min=1)] = 6000,
    keep_every: Annotated[int, typer.Option(help="Steps between checkpoints and sample sheets.", min=1)] = 500,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    compiled: Annotated[bool, typer.Option(help="Use torch.compile: slow start, up to four times the speed.")] = True,
    threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves torch's choice.", min=0)] = 0,
) -> None:
    """Train the arbitrary-style net; goes on where an earlier run in the same folder stopped.

    Ctrl-C ends it after the step at hand, with a checkpoint.
    """
    judges = judge or [Path("vgg19_slim.safetensors")]
    for file in judges:
        if not file.is_file():
            raise WeightsError(
                f"There are no judge weights {file}. Give them with --judge; docs/training.md says where to get them."
            )
    shares = _shares(share, style, "style")
    _check_paths(*content, *style, recipe, *([start] if start else []))
    import torch

    from stylize.devices import choose_device
    from stylize.training.adaptive import export, train
    from stylize.training.data import Sampler
    from stylize.training.judging import load_judge
    from stylize.training.recipe import AdaptiveRecipe
    from stylize.training.watching import Watcher, centre_squares

    plan = _read_recipe(AdaptiveRecipe, recipe, steps)
    console, where = Console(stderr=True, soft_wrap=True), choose_device(device)
    if threads:
        torch.set_num_threads(threads)
    look = load_judge(judges, where)
    out.mkdir(parents=True, exist_ok=True)
    photos = _read_folder(content, _SHORT, plan.leave_out, most, console)
    sources = [_read_folder([folder], round(plan.style_side * 1.5), plan.leave_out, most, console) for folder in style]
    _list_skipped([photos, *sources], out / "left_out.txt", console)
    styles = [picture for source in sources for picture in source.pictures]
    _check_enough("photos", len(photos.pictures), content)
    _check_enough("style pictures", len(styles), style)
    held_out = evenly(len(photos.pictures), SAMPLED)
    watcher = Watcher(
        out,
        centre_squares([photos.pictures[i] for i in held_out], plan.late_side).to(where),
        centre_squares([styles[i] for i in evenly(len(styles), SAMPLED)], plan.style_side).to(where),
    )
    seen = [picture for i, picture in enumerate(photos.pictures) if i not in held_out]
    console.print(f"{len(seen)} photos to train on, {SAMPLED} for the sample sheets, {len(styles)} style pictures")

    def report(line: dict[str, float]) -> None:
        _print_line(console, line, plan.steps)
        watcher.report(line)

    with _stop_on_interrupt(console) as stop:
        state = train(
            Sampler([(seen, 1.0)], random.Random(0)),
            Sampler(
                [(s.pictures, part / max(1, len(s.pictures))) for s, part in zip(sources, shares, strict=True)],
                random.Random(0),
                plan.procedural,
                round(plan.style_side * 1.25),
            ),
            look,
            plan,
            out,
            where,
            start=start,
            compiled=compiled,
            report=report,
            sample=watcher.sample,
            stop=stop,
            keep_every=keep_every,
        )
    _check_done(console, state.step, plan.steps)
    console.print(f"written {export(state, out / 'adaptive.safetensors')}")


@app.command()
def compact(
    pictures: Annotated[
        list[Path], typer.Option(help="Folder of photos or paintings; may be repeated.", file_okay=False)
    ],
    teacher: Annotated[
        list[Path], typer.Option(help="VGG-19 weights; each layer is taken from the first file that reaches it.")
    ],
    share: Annotated[
        list[float] | None, typer.Option(help="Share of the picks for each folder, in their order.")
    ] = None,
    start: Annotated[Path | None, typer.Option(help="Weights to begin with, such as the shipped ones.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Run folder: checkpoint, losses, weights.")] = Path(
        "runs/compact"
    ),
    recipe: Annotated[Path, typer.Option(help="TOML file.", dir_okay=False)] = RECIPES / "compact.toml",
    steps: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=1)] = None,
    most: Annotated[int, typer.Option(help="Pictures read from each folder at most; 1 GB holds 2500.", min=1)] = 6000,
    keep_every: Annotated[int, typer.Option(help="Steps between checkpoints.", min=1)] = 250,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    threads: Annotated[int, typer.Option(help="CPU threads; 0 leaves torch's choice.", min=0)] = 0,
) -> None:
    """Teach the small net of the optimisation painter to see what VGG-19 sees; goes on as `adaptive` does."""
    shares = _shares(share, pictures, "pictures")
    _check_paths(*pictures, *teacher, recipe, *([start] if start else []))
    import torch

    from stylize.devices import choose_device
    from stylize.training.compact import export, train
    from stylize.training.compact_lessons import Teachers
    from stylize.training.compact_recipe import CompactRecipe
    from stylize.training.curves import draw_curves, read_lines
    from stylize.training.data import Sampler

    plan = _read_recipe(CompactRecipe, recipe, steps)
    console, where = Console(stderr=True, soft_wrap=True), choose_device(device)
    if threads:
        torch.set_num_threads(threads)
    teachers = Teachers(teacher, where)
    out.mkdir(parents=True, exist_ok=True)
    sources = [_read_folder([folder], 3 * plan.side, plan.leave_out, most, console) for folder in pictures]
    _list_skipped(sources, out / "left_out.txt", console)
    seen = [[p for p, name in zip(s.pictures, s.names, strict=True) if not plan.holds_out(name)] for s in sources]
    _check_enough("pictures", sum(map(len, seen)), pictures)
    kept = sum(len(source.pictures) for source in sources) - sum(map(len, seen))
    console.print(f"{sum(map(len, seen))} pictures to train on, {kept} kept for the evaluation")

    def report(line: dict[str, float]) -> None:
        _print_line(console, line, plan.steps)
        draw_curves(read_lines(out / "losses.jsonl"), out / "losses.png")

    with _stop_on_interrupt(console) as stop:
        state = train(
            Sampler([(s, part / max(1, len(s))) for s, part in zip(seen, shares, strict=True)], random.Random(0)),
            teachers,
            plan,
            out,
            where,
            start=start,
            report=report,
            stop=stop,
            keep_every=keep_every,
        )
    _check_done(console, state.step, plan.steps)
    console.print(f"written {export(state, out / 'compact.safetensors')}")


@app.command()
def sentence(
    captions: Annotated[
        list[Path], typer.Option(help="Captions as `stylize corpus build` took them, in the same order.")
    ],
    pictures: Annotated[list[Path], typer.Option(help="Their folders of pictures, in the same order.")],
    corpus: Annotated[Path, typer.Option(help="The corpus that was built from them.", dir_okay=False)],
    out: Annotated[Path, typer.Option("-o", "--out", help="The head to write; losses go beside it.")],
    recipe: Annotated[Path, typer.Option(help="TOML file.", dir_okay=False)] = RECIPES / "sentence.toml",
    steps: Annotated[int | None, typer.Option(help="Instead of the recipe's.", min=1)] = None,
) -> None:
    """Teach the head that turns a sentence into a style code, on the captions of a corpus. Takes minutes."""
    if len(captions) != len(pictures):
        raise typer.BadParameter(f"{len(captions)} --captions for {len(pictures)} --pictures; give one for each")
    _check_paths(*captions, *pictures, corpus, recipe)
    from stylize.sentence import Corpus, Source
    from stylize.training.sentence_recipe import SentenceRecipe

    plan = _read_recipe(SentenceRecipe, recipe, steps)
    read = [Source.read(folder, file, "scene") for folder, file in zip(pictures, captions, strict=True)]
    teach_sentences(Corpus.load(corpus), read, plan, out, out.with_suffix(".png"))


def teach_sentences(
    corpus: "Corpus", sources: "Sequence[Source]", plan: "SentenceRecipe", out: Path, curves: Path | None = None
) -> None:
    """Trains the head, with a line of losses now and then; draws their curves into a PNG.

    Raises StylizeError where the sources are not the corpus' own.
    """
    from stylize.training.curves import draw_curves
    from stylize.training.sentence import Lessons, train

    console = Console(stderr=True, soft_wrap=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("reading sentences", total=None)
        lessons = Lessons.read(
            corpus, sources, progress=lambda done, of: progress.update(bar, completed=done, total=of)
        )
    console.print(f"{len(lessons.names)} pictures with {len(lessons.vectors)} sentences")
    lines: list[dict[str, float]] = []
    began = time.perf_counter()

    def report(line: dict[str, float]) -> None:
        lines.append(line)
        _print_line(console, line | {"seconds": (time.perf_counter() - began) / line["step"]}, plan.steps)

    train(lessons, plan, report).save(out)
    if lines and curves:
        draw_curves(lines, curves)
    console.print(f"written {out}")


@app.command()
def drawn(
    out: Annotated[Path, typer.Option("-o", "--out", help="Picture file.", dir_okay=False)] = Path("drawn.jpg"),
    side: Annotated[int, typer.Option(help="Of each picture, px.", min=32)] = 160,
    seed: Annotated[int, typer.Option(help="Another one gives other pictures.")] = 1,
) -> None:
    """Draw a sheet of the style pictures that a recipe's `procedural` mixes in: each material, then six at random."""
    import torch
    from torchvision.utils import make_grid, save_image

    from stylize.training.procedural import MATERIALS, procedural_style

    pictures = [
        procedural_style(side, random.Random(f"{seed} {place}"), material)
        for place, material in enumerate([*MATERIALS, *[None] * 6])
    ]
    save_image(make_grid(torch.stack(pictures), nrow=8, padding=4, pad_value=1), out)


def evenly(count: int, wanted: int) -> list[int]:
    """Places of ``wanted`` things spread evenly over ``count``."""
    return [(2 * i + 1) * count // (2 * wanted) for i in range(wanted)]


def _shares(share: list[float] | None, folders: Sequence[Path], option: str) -> list[float]:
    if share and len(share) != len(folders):
        raise typer.BadParameter(f"{len(share)} --share for {len(folders)} --{option}; give one for each, or none")
    return share or [1.0] * len(folders)


def _check_paths(*paths: Path) -> None:
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"there is no {path}")


def _read_recipe(kind: type[Recipe], path: Path, steps: int | None) -> Recipe:
    try:
        plan = kind.read(path)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(f"the recipe can't be used: {error}") from error
    return dataclasses.replace(plan, steps=steps) if steps else plan


def _print_line(console: Console, line: dict[str, float], steps: int) -> None:
    from stylize.training.watching import remaining

    left = (steps - line["step"]) * line["seconds"]
    done = time.strftime("%a %H:%M", time.localtime(time.time() + left))
    shown = "  ".join(f"{name} {value:.4f}" for name, value in line.items() if name != "step")
    console.print(f"{line['step']:.0f}/{steps}  {shown}  {remaining(left)} left, done {done}", highlight=False)


def _check_done(console: Console, step: int, steps: int) -> None:
    if step < steps:
        console.print(f"step {step} of {steps} is kept; the same command goes on from there")
        raise typer.Abort


def _read_folder(
    folders: Sequence[Path], short: int, leave_out: tuple[str, ...], most: int, console: Console
) -> "Loaded":
    from stylize.training.data import load_folders

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(f"reading {folders[0]}", total=None)
        return load_folders(
            folders,
            short,
            frozenset(leave_out),
            most=most * len(folders),
            tell=lambda done, of: progress.update(bar, completed=done, total=of),
        )


def _list_skipped(groups: Sequence["Loaded"], path: Path, console: Console) -> None:
    """Tells which files are not used: all unreadable ones in a file, the first few on the screen."""
    held_out = sum(group.held_out for group in groups)
    if held_out:
        console.print(f"{held_out} pictures held out, since the recipe's leave_out names them")
    lines = [f"{name}: {reason.split('. ')[0].rstrip('.')}" for group in groups for name, reason in group.skipped]
    path.unlink(missing_ok=True)
    if not lines:
        return
    path.write_text("\n".join(lines) + "\n")
    for line in lines[:_SHOWN]:
        console.print(f"left out {line}", markup=False, highlight=False)
    if len(lines) > _SHOWN:
        console.print(f"and {len(lines) - _SHOWN} more; {path} lists them all")


def _check_enough(what: str, count: int, folders: Sequence[Path]) -> None:
    if count < FEWEST[what]:
        where = " and ".join(str(folder) for folder in folders)
        raise StylizeError(
            f"{count} usable {what} in {where}, and at least {FEWEST[what]} are needed "
            "(JPEG, PNG, WebP, HEIC, AVIF, TIFF or BMP, 64 px and more on the shorter side)."
        )


@contextmanager
def _stop_on_interrupt(console: Console) -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks for a stop, which the function given answers; a second Ctrl-C interrupts at once."""
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        console.print("stopping after this step; once more to stop at once, without a checkpoint")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
