"""`stylize corpus build | info | search`: captioned corpora from the command line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import rich.progress
import torch
import typer

from stylize.errors import StylizeError
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise.eye import gram_packer
from stylize.sentence.building import Built, Nets, Source, build_file
from stylize.sentence.corpus import KINDS, SHIPPED, Corpus, Kind
from stylize.sentence.index import index_file
from stylize.sentence.styles import sentence_styles

app = typer.Typer(help="Captioned corpora, which sentences draw their style from.", no_args_is_help=True)

SHOWN = 12  # pictures that a search lists


class Progress:
    """A bar on the terminal with the time that is left; call it with the pictures done and of all."""

    def __init__(self) -> None:
        self._bar = rich.progress.Progress(
            rich.progress.TextColumn("{task.completed} of {task.total} pictures"),
            rich.progress.BarColumn(),
            rich.progress.TimeRemainingColumn(),
            speed_estimate_period=120,  # seconds: parts end with a pause, in which their captions are read
        )
        self._task = self._bar.add_task("pictures", total=None)

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        if self._bar.tasks[0].total is None:  # what an earlier run did tells nothing about the speed of this one
            self._bar.reset(self._task, completed=done, total=total)
        self._bar.update(self._task, completed=done)


@app.command()
def build(
    pictures: Annotated[list[Path], typer.Option(help="Folder of pictures; several times for several folders.")],
    captions: Annotated[
        list[Path], typer.Option(help="Their captions, .jsonl, .csv, .txt or YFCC100M metadata; one per folder.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The corpus to write.")],
    kind: Annotated[list[str] | None, typer.Option(help="scene, texture or artwork; one per folder. [scene]")] = None,
    weights: Annotated[Path | None, typer.Option(help="Painter whose codes to store; the shipped one.")] = None,
    grams: Annotated[
        bool, typer.Option(help="Gram matrices, which the method optimise needs; without them it is far quicker.")
    ] = True,
) -> None:
    """Make a corpus from folders of captioned pictures. Broken pictures are listed and left out.

    Killed and started again with the same words, it goes on where it was.
    """
    try:
        kinds = _kinds(kind or ["scene"] * len(pictures))
        if not len(pictures) == len(captions) == len(kinds):
            raise StylizeError("Give as many --captions (and --kind, if any) as --pictures, in the same order.")
        sources = [
            Source.read(folder, file, each) for folder, file, each in zip(pictures, captions, kinds, strict=True)
        ]
        nets = own_nets(weights, grams)
        with Progress() as progress:
            built = build_file(output, sources, nets, progress)
    except StylizeError as error:
        raise _refused(error) from error
    tell_of(built, output)


@app.command()
def info(corpus: Annotated[Path, typer.Argument(help="A corpus; the shipped one if left out.")] = SHIPPED) -> None:
    """What a corpus holds and which nets it was made with."""
    try:
        loaded = Corpus.load(corpus)
    except StylizeError as error:
        raise _refused(error) from error
    typer.echo(f"{corpus}: {len(loaded)} pictures, {corpus.stat().st_size / 1e6:.2f} MB")
    for kind in KINDS:
        typer.echo(f"  {kind}: {int(loaded.of_kind(kind).sum())}")
    typer.echo(f"  style codes: {loaded.codes.shape[1]} numbers, net {loaded.code_net[:12] or 'unknown'}")
    typer.echo(f"  sentence encoder: {loaded.encoder[:12]}")
    typer.echo(f"  index: {', '.join(loaded.index.kinds) if loaded.index else 'none'}")
    typer.echo(f"  Gram matrices: {f'net {loaded.grams.eye[:12]}' if loaded.grams else 'none'}")


@app.command()
def index(corpus: Annotated[Path, typer.Argument(help="The corpus; its index is written beside it.")]) -> None:
    """Index a corpus of 50,000 pictures or more, so that each sentence finds its pictures in milliseconds."""
    try:
        with Progress() as progress:
            made = Corpus.load(corpus).indexed(progress=progress)
    except StylizeError as error:
        raise _refused(error) from error
    file = index_file(corpus)
    made.save(file)
    typer.echo(f"{file}: {', '.join(made.kinds)}, {file.stat().st_size / 1e6:.2f} MB")


@app.command()
def search(
    sentence: Annotated[str, typer.Argument(help="An English sentence.")],
    corpus: Annotated[Path, typer.Option(help="The corpus to search.")] = SHIPPED,
) -> None:
    """What is understood of a sentence, and which pictures it draws its style from, with their weights and colours."""
    try:
        styles = sentence_styles(Corpus.load(corpus))
        styles.code("warm up")
        start = time.perf_counter()
        code = styles.code(sentence)
        seconds = time.perf_counter() - start
    except StylizeError as error:
        raise _refused(error) from error
    typer.echo(f"nearest caption at {code.confidence:.2f}, {1000 * seconds:.0f} ms")
    typer.echo(f"understood: {', '.join(code.understood) or 'none of the words that are known'}")
    for picture, weight in code.looked_at[:SHOWN]:
        lightness, green_red, blue_yellow = styles.corpus.palettes[picture, :3].tolist()
        typer.echo(
            f"  {weight:6.1%}  {styles.corpus.label(picture):<14} "
            f"L* {lightness:3.0f}  a* {green_red:+4.0f}  b* {blue_yellow:+4.0f}"
        )


def _kinds(names: list[str]) -> list[Kind]:
    kinds: list[Kind] = []
    for name in names:
        known: Kind | None = next((kind for kind in KINDS if kind == name), None)
        if known is None:
            raise StylizeError(f"The kind of a folder is {', '.join(KINDS)}, not {name}.")
        kinds.append(known)
    return kinds


def _refused(error: StylizeError) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)


def own_nets(weights: Path | None = None, grams: bool = True) -> Nets:
    """The fast painter's style encoder and, for moments, the net of the method optimise, on the CPU in float32.

    weights: of the painter, a file instead of the shipped one. Raises WeightsError.
    """
    painter = Adaptive(torch.device("cpu"), torch.float32, weights)
    return Nets(painter.prepare, painter.reader, grams=gram_packer() if grams else None)


def tell_of(built: Built, output: Path) -> None:
    """Says what was written and what was left out."""
    for broken in built.broken:
        typer.echo(f"left out {broken.file}: {broken.reason}", err=True)
    if built.absent:
        typer.echo(f"{built.absent} captioned pictures are not in the folder", err=True)
    typer.echo(f"{output}: {len(built.corpus)} pictures, {output.stat().st_size / 1e6:.2f} MB")
