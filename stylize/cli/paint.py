"""`stylize paint`: one photo, or a folder of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stylize.cli.files import KINDS, Kind, open_named, result_kind
from stylize.cli.progress import progress_line
from stylize.cli.watching import KeptPreviews, Trace, all_of
from stylize.errors import StyleError, StylizeError, WeightsError
from stylize.pictures import Picture, encode_picture, open_picture
from stylize.request import (
    Colours,
    ImageStyle,
    MixStyle,
    Options,
    PresetStyle,
    Request,
    Result,
    SentenceStyle,
    Style,
    Watch,
)

if TYPE_CHECKING:
    from stylize.engine import Engine

_DEFAULTS = Options()


@dataclass(frozen=True)
class Task:
    """One photo and where its painting goes; `kind` is the format of the file."""

    photo: Path
    out: Path
    kind: Kind


def paint(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO|FOLDER", help="The photo to paint, or a folder of photos.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="A .jpg or .png file; for a folder of photos a folder.")],
    style: Annotated[list[Path] | None, typer.Option(help="Paint like this picture.")] = None,
    sentence: Annotated[list[str] | None, typer.Option(help="Paint in the theme of an English sentence.")] = None,
    by_photo: Annotated[
        bool,
        typer.Option(
            help="For a --sentence choose pictures that are like the photo too, as in Chelaramani et al. 2018."
        ),
    ] = False,
    preset: Annotated[list[str] | None, typer.Option(help="Paint like a preset; `stylize presets` lists them.")] = None,
    share: Annotated[
        list[float] | None,
        typer.Option(help="The share of each style of a mix: pictures, then sentences, then presets. Default: equal."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="The way of painting: adaptive, or optimise, which takes minutes.")
    ] = _DEFAULTS.method,
    size: Annotated[int | None, typer.Option(metavar="LONG_SIDE", help="Long side of the result, px.")] = None,
    strength: Annotated[float, typer.Option(help="0 is the photo, 1 the style, 1.5 more.")] = _DEFAULTS.strength,
    stroke_size: Annotated[float, typer.Option(help="0.5 is fine strokes, 2 broad ones.")] = _DEFAULTS.stroke_size,
    colours: Annotated[
        Colours,
        typer.Option(
            help="style; matched: the photo's palette; luminance: the photo's own, only light and dark are painted; "
            "only: the photo in the style's colours, without strokes."
        ),
    ] = _DEFAULTS.colours,
    seed: Annotated[int, typer.Option(help="For methods that draw random numbers.")] = _DEFAULTS.seed,
    recipe: Annotated[
        str, typer.Option(help="Of the method optimise: a name of docs/optimise.md, or a .toml file.")
    ] = _DEFAULTS.recipe,
    seconds: Annotated[
        float | None, typer.Option(help="Of the method optimise: stop there with what it has.", metavar="SECONDS")
    ] = None,
    working_size: Annotated[
        int | None,
        typer.Option(
            metavar="LONG_SIDE", help="Of the method optimise: strokes are made at this size, px, then enlarged."
        ),
    ] = None,
    save_every: Annotated[
        int,
        typer.Option(help="Of the method optimise: keep the picture after every so many steps beside the result."),
    ] = _DEFAULTS.preview_every,
    trace: Annotated[
        Path | None,
        typer.Option(help="Of the method optimise: a .json file for the losses; a plot of them goes beside it."),
    ] = None,
    weights_dir: Annotated[
        Path | None, typer.Option(help="Where the weights of backbones lie: a folder, or the file of the one.")
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="What sentences draw on: a file of `stylize corpus build`; the shipped one.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
) -> None:
    """Paint a photo, or every photo of a folder, like a picture, a sentence or a preset, or like up to four of them."""
    options = Options(method, size, strength, stroke_size, colours, seed, recipe, seconds, working_size, save_every)
    said = [SentenceStyle(each, by_photo) for each in sentence or []]
    wish = _style(style or [], said, preset or [], share or [])
    if photo.is_dir():
        if trace:
            raise typer.BadParameter("A --trace is of one photo, not of a folder.")
        _paint_folder(_folder_tasks(photo, out), _engine(device, weights_dir, corpus), wish, options)
    else:
        losses = _trace(trace, options)
        task = _single_task(photo, out)
        content = open_named(photo)  # a damaged one is told before the seconds that loading torch takes
        _paint_one(_engine(device, weights_dir, corpus), content, task, wish, options, losses)


def _paint_folder(tasks: list[Task], engine: Engine, style: Style, options: Options) -> None:
    """Paints what can be painted, names the rest; raises typer.Exit(1) where there is a rest."""
    failures = 0
    for task in tasks:
        try:
            _paint_one(engine, open_picture(task.photo), task, style, options)
        except (StyleError, WeightsError):
            raise  # would be the same for every photo
        except StylizeError as error:
            failures += 1
            typer.echo(f"{task.photo.name}: {error}", err=True)
    typer.echo(f"painted {len(tasks) - failures} of {len(tasks)}")
    if failures:
        raise typer.Exit(1)


def _paint_one(
    engine: Engine, content: Picture, task: Task, style: Style, options: Options, losses: Trace | None = None
) -> None:
    task.out.parent.mkdir(exist_ok=True)
    with progress_line(task.photo.name) as line:
        watchers: list[Watch] = [line]
        if options.preview_every:
            watchers.append(KeptPreviews(task.out))
        if losses:
            watchers.append(losses)
        result = engine.render(Request(content, style, options), all_of(watchers))
    if losses:
        losses.save()
    task.out.write_bytes(encode_picture(result.picture, task.kind))
    _report(task.out, result)


def _trace(file: Path | None, options: Options) -> Trace | None:
    if file is None:
        return None
    if options.method != "optimise":
        raise typer.BadParameter("Only --method optimise has losses to --trace.")
    if file.suffix.lower() != ".json" or not file.parent.is_dir():
        raise typer.BadParameter(f"The --trace must be a .json file in a folder that exists, not {file}.")
    return Trace(file)


def _report(out: Path, result: Result) -> None:
    typer.echo(f"{out}: {result.picture.width} × {result.picture.height} px in {result.seconds:.2f} s")
    if result.understood:
        typer.echo(f"looked at: {', '.join(result.understood)}")
    for warning in result.warnings:
        typer.echo(f"note: {warning}", err=True)


def _style(pictures: list[Path], sentences: list[SentenceStyle], presets: list[str], shares: list[float]) -> Style:
    """The one style or mix that was asked for; raises typer.BadParameter for none, for wrong shares."""
    count = len(pictures) + len(sentences) + len(presets)
    if not count:
        raise typer.BadParameter("Give a --style, a --sentence or a --preset, or several to mix.")
    if shares and len(shares) != count:
        raise typer.BadParameter(f"Give one --share for each style: there are {len(shares)} and {count}.")
    styles: list[Style] = [ImageStyle(open_named(path)) for path in pictures]
    styles += [*sentences, *map(PresetStyle, presets)]
    return styles[0] if count == 1 else MixStyle(tuple(zip(styles, shares or [1.0] * count, strict=True)))


def _single_task(photo: Path, out: Path) -> Task:
    if out.is_dir():
        out = out / f"{photo.stem}.jpg"
    return Task(photo, out, result_kind(out, photo))


def _folder_tasks(folder: Path, out: Path) -> list[Task]:
    """Every file of a folder but hidden ones, in the order of their names; PNG stays PNG, the rest becomes JPEG."""
    if (out.exists() and not out.is_dir()) or out.suffix.lower() in KINDS:
        raise typer.BadParameter(f"{folder} is a folder, so -o must be one, not {out.name}.")
    if out.resolve() == folder.resolve():
        raise typer.BadParameter("The results would overwrite the photos. Choose another folder for -o.")
    if not out.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {out.parent} to write to.")
    photos = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not photos:
        raise typer.BadParameter(f"There is no file in {folder}.")
    endings = [".png" if photo.suffix.lower() == ".png" else ".jpg" for photo in photos]
    names = Counter(photo.stem + ending for photo, ending in zip(photos, endings, strict=True))
    tasks = []
    for photo, ending in zip(photos, endings, strict=True):
        stem = photo.stem if names[photo.stem + ending] == 1 else photo.name  # a.heic beside a.jpg
        tasks.append(Task(photo, out / (stem + ending), KINDS[ending]))
    return tasks


def _engine(device: str, weights_dir: Path | None, corpus: Path | None) -> Engine:
    from stylize.engine import Engine

    try:
        return Engine(device, weights_dir=weights_dir, corpus=corpus)
    except StylizeError as error:
        raise typer.BadParameter(str(error)) from error
