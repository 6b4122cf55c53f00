"""Codes of the operator's presets: asked for one after the other, gone on with, told, and shown on the sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from multiprocessing import Pipe
from pathlib import Path

import pytest
from PIL import Image
from telegram import Bot

from bot.catalogue import Catalogue, Painting
from bot.jobs import runner
from bot.jobs.bounds import Bounds
from bot.jobs.inputs import Inputs
from bot.jobs.materials import Materials
from bot.jobs.messages import Done, Paint, Pattern, Ready, Tune, Tuned
from bot.jobs.queue import Job
from bot.jobs.studio import Studio
from bot.orders import Media, Order, Style, StyleKind
from bot.store import Store
from bot.store.presets import add_preset, delete_preset
from bot.store.tuning import MAX_TRIES, untold_tunings
from stylize import Colours, all_presets, preview_sheet
from stylize.presets import descent, tuning


def picture(path: Path, side: int = 96) -> Path:
    """A painting."""
    Image.effect_mandelbrot((side, side), (-2, -1.5, 1, 1.5), 60).convert("RGB").save(path, "JPEG")
    return path


async def until(there: Callable[[], object]) -> None:
    """Waits for it."""
    async with asyncio.timeout(10):
        while not there():
            await asyncio.sleep(0.02)


class Scene:
    """A studio with two presets, for which the test is the runner."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.sheets: list[Path] = []
        self.tellings = 0
        self.catalogue = Catalogue(all_presets(), folder)
        self.studio = Studio(store, self.catalogue, self.sheets.append, self._tell)

    async def _tell(self) -> None:
        self.tellings += 1

    async def add(self, *names: str) -> None:
        """New presets."""
        for name in names:
            picture(self.folder / f"{name}.jpg")
            async with self.store.writing() as session:
                await add_preset(session, name, name.title(), "Ada", 1)
            await self.studio.add(name)


@pytest.fixture
def scene(store: Store, tmp_path: Path) -> Scene:
    return Scene(store, tmp_path / "presets")


async def test_one_at_a_time_and_what_was_interrupted_first(scene: Scene) -> None:
    await scene.add("irises", "reeds")
    task = await scene.studio.next()
    assert task is not None
    assert (task.name, task.picture) == ("irises", scene.folder / "irises.jpg")
    assert await scene.studio.next() is None, "the runner has something to do"
    scene.studio.interrupted()
    assert (await scene.studio.next()) == task
    scene.studio.heard(Tuned("irises", 1.0))
    task = await scene.studio.next()
    assert task is not None
    assert task.name == "reeds"


async def test_what_breaks_the_runner_again_and_again_is_given_up(scene: Scene) -> None:
    await scene.add("irises")
    for _ in range(MAX_TRIES):
        assert await scene.studio.next() is not None
        scene.studio.interrupted()
    assert await scene.studio.next() is None
    async with scene.store.reading() as session:
        assert [each.given_up for each in await untold_tunings(session)] == [True]


async def test_a_painting_that_has_no_code_is_not_tried_again(scene: Scene) -> None:
    await scene.add("irises")
    scene.studio.start()
    await until(lambda: scene.tellings)
    assert await scene.studio.next() is not None
    scene.studio.heard(Tuned("irises", 0.0, failed=True))
    await until(lambda: scene.tellings > 1)
    await scene.studio.stop()
    again = Scene(scene.store, scene.folder)
    await again.studio.load()
    assert await again.studio.next() is None


async def test_progress_is_kept_over_a_restart(scene: Scene) -> None:
    await scene.add("irises", "reeds")
    scene.studio.start()
    assert await scene.studio.next() is not None
    await until(lambda: scene.tellings)
    scene.studio.heard(Tuned("irises", 0.5))
    await until(lambda: scene.tellings > 1)
    await scene.studio.stop()
    again = Scene(scene.store, scene.folder)
    await again.studio.load()
    async with scene.store.reading() as session:
        assert [(each.name, each.progress) for each in await untold_tunings(session)] == [("irises", 0.5)]
    assert [preset.name for preset in again.catalogue.shown][-2:] == ["irises", "reeds"]
    task = await again.studio.next()
    assert task is not None
    assert task.name == "irises"


async def test_the_sheet_follows(scene: Scene) -> None:
    scene.studio.start()
    await until(lambda: scene.sheets)
    assert scene.sheets[-1] == preview_sheet()
    await scene.add("irises")
    picture(Painting.of(scene.folder, "irises").preview)
    scene.studio.heard(Tuned("irises", 0.0))
    await until(lambda: scene.sheets[-1] != preview_sheet())
    with Image.open(scene.sheets[-1]) as sheet, Image.open(preview_sheet()) as shipped:
        assert sheet.size == shipped.size, "the twentieth fits into the last row"
        place = (3 * 334 + 14, 4 * 278 + 14, 4 * 334, 4 * 278 + 220)
        assert sheet.crop(place).getextrema() != shipped.crop(place).getextrema()
    async with scene.store.writing() as session:
        await delete_preset(session, "irises")
    await scene.studio.refresh()
    await until(lambda: scene.sheets[-1] == preview_sheet())
    await scene.studio.sweep()
    assert not list(scene.folder.glob("irises*"))
    await scene.studio.stop()


async def test_the_painter_paints_by_the_files_while_they_are_there(store: Store, tmp_path: Path) -> None:
    scene = Scene(store, tmp_path / "presets")
    await scene.add("irises")
    inputs = Inputs(Bot("4242:never-asked"), tmp_path / "inputs")
    materials = Materials(inputs, tmp_path / "results", Bounds(), scene.catalogue)

    async def pattern(style: Style) -> Pattern:
        photo = Media("file", "photo")
        inputs.path_of(photo).write_bytes(b"fetched before")
        order = Order(1, 1, photo, style)
        return (await materials.task_for(Job(7, order, "leased", 0, 0.0, False, None, "", None))).style

    mix = Style.mix([(Style.preset("irises"), 60), (Style.preset("kiss"), 40)])
    files = Painting.of(scene.folder, "irises")
    own, shipped = (await pattern(mix)).parts
    assert own == (Pattern(StyleKind.PICTURE, str(files.picture), code=files.code), 60)
    assert shipped == (Pattern(StyleKind.PRESET, "kiss"), 40)
    files.picture.unlink()
    assert await pattern(Style.preset("irises")) == Pattern(StyleKind.PRESET, "irises")


def test_a_picture_is_painted_between_two_steps_of_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "STEPS", 2)
    monkeypatch.setattr(runner, "TELL_EVERY", 1)
    monkeypatch.setattr(descent, "SIDE", 128)
    ours, theirs = Pipe()
    painter = runner._Painter(theirs)
    painter.load("cpu")
    assert isinstance(ours.recv(), Ready)
    files = Painting.of(tmp_path, "irises")
    picture(files.picture)
    photo = picture(tmp_path / "photo", 64)
    painter.tuning = Tune("irises", files.picture, files.code, files.preview)
    painter.tune()
    assert [ours.recv(), ours.recv()] == [Tuned("irises", 0.0), Tuned("irises", 1 / 6)]
    assert files.preview.is_file()
    pattern = Pattern(StyleKind.PICTURE, str(files.picture), code=files.code)

    def paint(target: Path) -> bytes:
        painter.paint(
            Paint(1, photo, pattern, 1.0, 1.0, Colours.STYLE, False, 300, 64, 64, target, tmp_path / "preview")
        )
        while not isinstance(ours.recv(), Done):
            pass
        return target.read_bytes()

    assert paint(tmp_path / "between.jpg")
    assert not files.code.exists()
    while painter.tuning:
        painter.tune()
    said = [ours.recv() for _ in range(5)]
    assert said == [Tuned("irises", step / 6) for step in range(2, 7)]
    assert files.code.is_file()
    files.picture.write_bytes(b"damaged")
    painter.tuning = Tune("irises", files.picture, files.code, files.preview)
    painter.tune()
    assert painter.tuning is None
    assert (ours.recv().job_id, ours.recv()) == (None, Tuned("irises", 0.0, failed=True))
