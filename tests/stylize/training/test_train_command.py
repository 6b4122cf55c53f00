"""`stylize train adaptive` as people type it, with two folders and a toy recipe."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from stylize import Engine, ImageStyle, Request, open_picture
from stylize.cli import app
from stylize.training.commands import evenly
from stylize.training.procedural import procedural_style

RECIPE = "batch = 2\nside = 48\nlate_side = 48\nstyle_side = 48\nsizes = [1.0]\nprocedural = 0.3\nwarm_up = 3\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="stylize")


def fill(folder: Path, count: int) -> Path:
    folder.mkdir()
    for i in range(count):
        picture = procedural_style(80 + 10 * (i % 3), random.Random(f"{folder.name} {i}"))
        Image.fromarray((picture.permute(1, 2, 0) * 255).byte().numpy()).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def told(tmp_path: Path, judge_file: Path) -> list[object]:
    """The arguments of a toy run in tmp_path / "run"."""
    (tmp_path / "toy.toml").write_text(RECIPE)
    photos, styles = fill(tmp_path / "photos", 9), fill(tmp_path / "styles", 5)
    (styles / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    arguments = ["train", "adaptive", "--content", photos, "--style", styles, "--judge", judge_file, "--device", "cpu"]
    return [*arguments, "--recipe", tmp_path / "toy.toml", "-o", tmp_path / "run", "--no-compiled"]


def assert_refused(result: Result, words: str) -> None:
    assert result.exit_code in {1, 2}
    assert words in result.stderr
    assert "unexpected" not in result.stderr
    assert "Traceback" not in result.output


def test_two_folders_give_weights_curves_and_samples(told: list[object], tmp_path: Path) -> None:
    result = run(*told, "--steps", 100)
    assert result.exit_code == 0, result.output
    assert "left out broken.jpg: " in result.stderr
    assert "5 photos to train on, 4 for the sample sheets, 5 style pictures" in result.stderr
    assert "100/100" in result.stderr
    folder = tmp_path / "run"
    assert (folder / "left_out.txt").read_text().startswith("broken.jpg: ")
    assert Image.open(folder / "losses.png").size[0] == 1120
    sheet = np.asarray(Image.open(folder / "samples" / "step-000100.png"))
    assert sheet.shape == (4 + 5 * 52, 4 + 5 * 52, 3)
    photo, style = (open_picture(tmp_path / name / "0.png") for name in ("photos", "styles"))
    engine = Engine(weights=folder / "adaptive.safetensors")
    assert engine.render(Request(photo, ImageStyle(style))).picture.size == photo.size


def test_ctrl_c_keeps_the_step_and_the_same_command_goes_on(told: list[object], tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from stylize.cli import app; app(prog_name='stylize')", *map(str, told)]
    command += ["--steps", "100000", "--keep-every", "5"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + 120
    checkpoint = tmp_path / "run" / "checkpoint.pt"
    while not checkpoint.exists() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    kept = int(said.split(" of 100000 is kept")[0].split()[-1])
    assert kept >= 5
    assert (tmp_path / "run" / "samples" / f"step-{kept:06d}.png").exists()
    assert run(*told, "--steps", kept + 1).exit_code == 0
    assert (tmp_path / "run" / "samples" / f"step-{kept + 1:06d}.png").exists()


def test_what_is_missing_is_said(told: list[object], tmp_path: Path) -> None:
    def instead(option: str, value: object) -> Result:
        changed = list(told)
        changed[changed.index(option) + 1] = value
        return run(*changed)

    (tmp_path / "nothing").mkdir()
    (tmp_path / "odd.toml").write_text("stepps = 3\n")
    assert_refused(instead("--content", tmp_path / "nothing"), "0 usable photos")
    assert_refused(instead("--style", fill(tmp_path / "two", 2)), "2 usable style pictures")
    assert_refused(instead("--style", tmp_path / "absent"), "there is no")
    assert_refused(instead("--judge", tmp_path / "absent.pth"), "docs/training.md says where to get them")
    assert_refused(instead("--judge", tmp_path / "odd.toml"), "odd.toml can't be read as weights")
    assert_refused(instead("--recipe", tmp_path / "odd.toml"), "stepps")
    assert_refused(instead("--device", "toaster"), "no device called toaster")
    assert_refused(run(*told, "--share", 1, "--share", 2), "2 --share for 1 --style")
    (tmp_path / "run" / "checkpoint.pt").write_bytes(b"cut off")
    assert_refused(run(*told), "checkpoint.pt")
    (tmp_path / "run" / "checkpoint.pt").unlink()
    assert_refused(run(*told, "--start", tmp_path / "toy.toml"), "toy.toml")


def test_a_sheet_shows_every_material(tmp_path: Path) -> None:
    assert run("train", "drawn", "--side", 40, "-o", tmp_path / "drawn.png").exit_code == 0
    sheet = np.asarray(Image.open(tmp_path / "drawn.png"))
    assert sheet.shape == (4 + 3 * 44, 4 + 8 * 44, 3)
    cells = [sheet[4 + 44 * row : 44 + 44 * row, 4 + 44 * i : 44 + 44 * i] for row in range(3) for i in range(8)]
    assert all(cell.std() > 1 for cell in cells)


def test_held_out_pictures_are_spread_evenly() -> None:
    assert evenly(8, 4) == [1, 3, 5, 7]
    assert evenly(4, 4) == [0, 1, 2, 3]
    assert evenly(1000, 4) == [125, 375, 625, 875]
