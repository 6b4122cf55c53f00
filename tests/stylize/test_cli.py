"""The `stylize` command as people type it, with the real engine behind it."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from stylize.cli import app
from stylize.pictures import open_picture

COMMAND = [sys.executable, "-c", "from stylize.cli import app; app(prog_name='stylize')"]


def run(*arguments: object) -> Result:
    """In this process, so that torch is imported once for all tests."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="stylize")


def test_a_mounted_command_s_failure_is_the_whole_command_s(tmp_path: Path) -> None:
    judge = tmp_path / "judge.pth"
    judge.touch()
    found = run("presets", "build", "--pictures", tmp_path, "--content", tmp_path, "--judge", judge)
    assert found.exit_code == 2
    assert "no vincent_van_gogh-the_starry_night.jpg" in found.output
    assert "must lie below it once" in found.output


def test_two_paintings_of_one_name_are_not_taken_for_each_other(tmp_path: Path) -> None:
    judge = tmp_path / "judge.pth"
    judge.touch()
    for folder in ("1893", "1910"):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (64, 64), "red").save(tmp_path / folder / "vincent_van_gogh-the_starry_night.jpg")
    found = run("presets", "build", "--pictures", tmp_path, "--content", tmp_path, "--judge", judge)
    assert found.exit_code == 2
    assert "more than one vincent_van_gogh-the_starry_night.jpg" in found.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photo.png (96 × 64), wave.png and fire.jpg: something to paint and something to paint it like."""
    here = tmp_path_factory.mktemp("pictures")
    rows, columns = np.mgrid[0:64, 0:96]
    disc = (rows - 32) ** 2 + (columns - 48) ** 2 < 400
    photo = np.stack([90 + disc * 120, 110 + rows, 200 - columns], axis=2).astype(np.uint8)
    Image.fromarray(photo).save(here / "photo.png")
    random = np.random.default_rng(0)
    for name, tint in (("wave.png", (20, 60, 160)), ("fire.jpg", (220, 90, 10))):
        stripes = 60 * np.sin(np.mgrid[0:128, 0:128][1] / 3)[..., None] + random.normal(0, 20, (128, 128, 3))
        Image.fromarray(np.clip(stripes + tint, 0, 255).astype(np.uint8)).save(here / name)
    return here


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return open_picture(path).pixels.astype(float)


def assert_refused(result: Result, code: int, words: str) -> None:
    """One line on stderr, no traceback, the right exit code."""
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stderr.startswith("stylize: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def test_paint_like_a_picture(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jpg"
    result = run("paint", folder / "photo.png", "--style", folder / "fire.jpg", "-o", out)
    assert result.exit_code == 0, result.output
    assert "96 × 64 px in" in result.stdout
    # The stripes would hide the disc; and no bar where there is no terminal.
    assert result.stderr == "note: The style would have hidden this photo, so it was laid on more gently.\n"
    assert out.read_bytes().startswith(b"\xff\xd8\xff")
    assert open_picture(out).size == (96, 64)
    photo, style, painted = (pixels(path).mean((0, 1)) for path in (folder / "photo.png", folder / "fire.jpg", out))
    assert np.abs(painted - style).sum() < 0.8 * np.abs(photo - style).sum()


def test_the_same_request_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        assert run("paint", folder / "photo.png", "--style", folder / "wave.png", "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_size_strength_and_colours(folder: Path, tmp_path: Path) -> None:
    def painted(name: str, *options: object) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        result = run("paint", folder / "photo.png", "--style", folder / "fire.jpg", "-o", tmp_path / name, *options)
        assert result.exit_code == 0, result.output
        return pixels(tmp_path / name)

    photo, full = pixels(folder / "photo.png"), painted("full.png")
    assert painted("small.png", "--size", 48).shape == (32, 48, 3)
    weak = painted("weak.png", "--strength", 0.2)
    assert np.abs(weak - photo).mean() < np.abs(full - photo).mean()
    for way in ("matched", "luminance"):
        kept = painted("kept.png", "--colours", way)
        assert np.abs(kept.mean((0, 1)) - photo.mean((0, 1))).max() < 8
    assert np.abs(full.mean((0, 1)) - photo.mean((0, 1))).max() > 16
    only = painted("only.png", "--colours", "only")
    assert np.abs(only.mean((0, 1)) - full.mean((0, 1))).sum() < 0.4 * np.abs(photo - full).mean((0, 1)).sum()
    assert np.abs(painted("broad.png", "--stroke-size", 2) - full).mean() > 1


def test_shares_of_a_mix(folder: Path, tmp_path: Path) -> None:
    redness = []
    for shares in ((1, 9), (9, 1)):
        options = (
            "--style",
            folder / "wave.png",
            "--style",
            folder / "fire.jpg",
            "--share",
            shares[0],
            "--share",
            shares[1],
        )
        result = run("paint", folder / "photo.png", *options, "-o", tmp_path / "mix.png")
        assert result.exit_code == 0, result.output
        mean = pixels(tmp_path / "mix.png").mean((0, 1))
        redness.append(mean[0] - mean[2])
    assert redness[0] > redness[1] + 10


def test_a_mix_of_all_kinds(folder: Path, tmp_path: Path) -> None:
    kinds = ("--preset", "kiss", "--style", folder / "fire.jpg", "--sentence", "fog", "--preset", "scream")
    for name, shares in (("even.png", ()), ("fire.png", (97, 1, 1, 1))):
        options = [*kinds, *(part for share in shares for part in ("--share", share))]
        result = run("paint", folder / "photo.png", *options, "-o", tmp_path / name)
        assert result.exit_code == 0, result.output
    assert run("paint", folder / "photo.png", *kinds[2:4], "-o", tmp_path / "alone.png").exit_code == 0
    even, fire, alone = (pixels(tmp_path / f"{name}.png") for name in ("even", "fire", "alone"))
    assert np.abs(fire - alone).mean() < 0.3 * np.abs(even - alone).mean()  # pictures come first


def test_paint_a_preset(folder: Path, tmp_path: Path) -> None:
    result = run("paint", folder / "photo.png", "--preset", "starry-night", "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    assert np.abs(pixels(tmp_path / "out.png") - pixels(folder / "photo.png")).mean() > 5


def test_paint_a_sentence(folder: Path, tmp_path: Path) -> None:
    result = run("paint", folder / "photo.png", "--sentence", "a stormy sea at night", "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    assert "looked at: storm, sea, night" in result.stdout
    assert np.abs(pixels(tmp_path / "out.png") - pixels(folder / "photo.png")).mean() > 5


def test_folder_in_folder_out(folder: Path, tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "painted"
    photos.mkdir()
    (photos / "holiday.png").write_bytes((folder / "photo.png").read_bytes())
    (photos / "sunset.jpg").write_bytes((folder / "fire.jpg").read_bytes())
    Image.open(folder / "photo.png").save(photos / "sunset.webp")
    (photos / ".hidden").write_text("not to be touched")
    result = run("paint", photos, "--style", folder / "wave.png", "-o", out)
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"holiday.png", "sunset.jpg.jpg", "sunset.webp.jpg"}
    assert result.stdout.endswith("painted 3 of 3\n")

    result = run("paint", photos, "--preset", "no-such", "-o", out)
    assert_refused(result, 2, "no-such")  # told once, not for each photo

    (photos / "broken.jpg").write_bytes((folder / "fire.jpg").read_bytes()[:300])
    result = run("paint", photos, "--style", folder / "wave.png", "-o", out)
    assert result.exit_code == 1
    assert result.stderr.startswith("broken.jpg: This JPEG picture is damaged")
    assert result.stdout.endswith("painted 3 of 4\n")


def test_a_folder_as_out_for_one_photo(folder: Path, tmp_path: Path) -> None:
    result = run("paint", folder / "photo.png", "--style", folder / "wave.png", "-o", tmp_path)
    assert result.exit_code == 0, result.output
    assert open_picture(tmp_path / "photo.jpg").size == (96, 64)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("photo.png", "-o", "out.jpg"), "Give a --style, a --sentence or a --preset"),
        (("photo.png", "-o", "out.jpg", *("--preset", "kiss") * 4, "--sentence", "fog"), "up to 4 styles, not 5"),
        (("photo.png", "-o", "out.jpg", "--preset", "kiss", "--stroke-size", "3"), "between 0.5 and 2"),
        (("photo.png", "-o", "out.jpg", "--preset", "kiss", "--colours", "sepia"), "luminance"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--share", "1", "--share", "2"), "there are 2 and 1"),
        (
            (
                "photo.png",
                "-o",
                "out.jpg",
                "--style",
                "wave.png",
                "--style",
                "fire.jpg",
                "--share",
                "0",
                "--share",
                "1",
            ),
            "above 0",
        ),
        (("photo.png", "-o", "out.gif", "--style", "wave.png"), "must end in .jpg or .png, not out.gif"),
        (("photo.png", "-o", "nowhere/out.jpg", "--style", "wave.png"), "There is no folder nowhere"),
        (("photo.png", "-o", "photo.png", "--style", "wave.png"), "overwrite the photo"),
        ((".", "-o", ".", "--style", "wave.png"), "overwrite the photos"),
        ((".", "-o", "out.jpg", "--style", "wave.png"), "so -o must be one"),
        (("none.png", "-o", "out.jpg", "--style", "wave.png"), "There is no file none.png"),
        (("photo.png", "-o", "out.jpg", "--style", "none.png"), "There is no file none.png"),
        (("notes.txt", "-o", "out.jpg", "--style", "wave.png"), "notes.txt: This file is not a picture"),
        (("photo.png", "-o", "out.jpg", "--style", "notes.txt"), "notes.txt: This file is not a picture"),
        (("empty", "-o", "out", "--style", "wave.png"), "There is no file in empty"),
        (("photo.png", "-o", "out.jpg", "--sentence", " "), "The sentence is empty"),
        (("photo.png", "-o", "out.jpg", "--sentence", "un bosque de otoño con niebla"), "Say it in English"),
        (("photo.png", "-o", "out.jpg", "--preset", "no-such"), "no-such"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--strength", "1.6"), "between 0 and 1.5"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--size", "31"), "between 32 and 4096"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--size", "big"), "--size"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--method", "magic"), "magic"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--device", "toaster"), "toaster"),
        (("photo.png", "-o", "out.jpg", "--style", "wave.png", "--seed", "-1"), "seed"),
        (("photo.png", "--style", "wave.png"), "Missing option '-o'"),
        (("photo.png", "-o", "out.jpg", "--stlye", "wave.png"), "--style"),  # and suggests the right one
    ],
)
def test_wrong_input(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    for name in ("photo.png", "wave.png", "fire.jpg"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "notes.txt").write_text("milk, bread, ultramarine")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert_refused(run("paint", *arguments), 2, words)
    assert not (tmp_path / "out.jpg").exists()


def test_a_result_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full.jpg").symlink_to("/dev/full")
    result = run("paint", folder / "photo.png", "--style", folder / "wave.png", "-o", tmp_path / "full.jpg")
    assert_refused(result, 1, "No space left on device")


def test_reconstructions_in_one_strip(folder: Path, tmp_path: Path) -> None:
    def strip(name: str, *options: object) -> tuple[int, int]:
        result = run("reconstruct", folder / "photo.png", "-o", tmp_path / name, "--steps", 2, *options)
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        size = open_picture(tmp_path / name).size
        assert f"{size[0]} × {size[1]} px in" in result.stdout
        return size

    def row(*widths: int) -> int:
        return 8 + sum(width + 8 for width in widths)

    content = ("--layer", "conv4_2,relu1_1", "--layer", "relu2_1")
    assert strip("content.png", *content) == (row(96, 96, 96, 96), 8 + 64 + 42)
    assert strip("style.jpg", "--style-layers", "relu1_1, relu2_1", "--loss", "wasserstein")[0] == row(96, 96, 96)
    both = strip("both.png", *content, "--style", folder / "wave.png", "--style-layers", "relu1_1", "--size", 64)
    assert both == (row(64, 64, 64, 64), 8 + (43 + 42) + (64 + 42))
    assert strip("all.png", "--size", 48) == (row(*[48] * 6), 8 + 2 * (32 + 42))  # the five style layers, twice
    assert strip("again.png", "--size", 48) == (row(*[48] * 6), 8 + 2 * (32 + 42))
    assert (tmp_path / "all.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    strip("other.png", "--size", 48, "--seed", 1)
    assert (tmp_path / "all.png").read_bytes() != (tmp_path / "other.png").read_bytes()


def test_the_help_tells_how_many_steps_there_are() -> None:
    from stylize.reconstruct import STEPS

    assert f"Default: {STEPS}." in " ".join(run("reconstruct", "--help").stdout.split())


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--layer", "relu9_1"), 2, "compact has no layer relu9_1"),
        (("--layer", "relu1_1", "--style-layers", "relu3_1,layer1.0"), 2, "compact has no layer layer1.0"),
        (("--layer", "relu5_4"), 1, "ends before relu5_4"),
        (("--backbone", "vgg91"), 2, "Did you mean vgg19?"),
        (("--backbone", "vgg19", "--weights-dir", "none"), 1, "There is no folder or file none"),
        (("--loss", "cosine"), 2, "gram"),
        (("--size", "31"), 2, "between 32 and 4096"),
        (("--size", "40"), 2, "40 × 27 pixels at this size"),
        (("--steps", "0"), 2, "at least one step"),
        (("--seed", "-1"), 2, "seed"),
        (("--device", "toaster"), 2, "toaster"),
        (("--style", "none.png"), 2, "There is no file none.png"),
        (("--style", "out.png"), 2, "overwrite"),
        (("-o", "out.gif"), 2, "must end in .jpg or .png, not out.gif"),
        (("-o", "nowhere/out.png"), 2, "There is no folder nowhere"),
    ],
)
def test_reconstructions_that_cannot_be(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int, words: str
) -> None:
    (tmp_path / "out.png").write_bytes((folder / "wave.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert_refused(run("reconstruct", folder / "photo.png", "-o", "out.png", *options), code, words)
    assert (tmp_path / "out.png").read_bytes() == (folder / "wave.png").read_bytes()
    assert len(list(tmp_path.iterdir())) == 1


def test_unknown_commands() -> None:
    assert_refused(run("paints"), 2, "paints")
    assert "Usage: stylize" in run("--help").stdout
    for word in ("paint", "presets", "reconstruct", "weights", "corpus", "train"):
        assert word in run("--help").stdout
    assert "--stroke-size" in run("paint", "--help").stdout


@pytest.mark.parametrize(("group", "command"), [("corpus", "build"), ("train", "adaptive"), ("presets", "build")])
def test_commands_of_other_rooms_are_mounted(group: str, command: str) -> None:
    result = run(group, "--help")
    assert result.exit_code == 0
    assert f"Usage: stylize {group}" in result.stdout
    assert command in result.stdout
    assert_refused(run(group, command, "--no-such-option"), 2, "--no-such-option")


def test_presets_are_listed() -> None:
    result = run("presets")
    assert result.exit_code == 0
    names = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert {"starry-night", "great-wave"} <= names
    assert len(names) >= 16
    assert "Vincent van Gogh" in result.stdout


def test_weights_are_listed_with_their_true_hashes() -> None:
    import stylize

    result = run("weights")
    assert result.exit_code == 0
    shown = {line.split()[-1]: line.split()[0] for line in result.stdout.splitlines()}
    assert "weights/adaptive.safetensors" in shown
    for name, digest in shown.items():
        path = Path(stylize.__file__).parent / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_help_does_not_wait_for_torch() -> None:
    program = "import sys, stylize.cli; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"
    best = min(_seconds([*COMMAND, "--help"]) for _ in range(3))
    assert best < 1.0  # 0.2 s on an idle machine


def _seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - began


def test_a_terminal_sees_progress(folder: Path, tmp_path: Path) -> None:
    """The real command on a pseudo-terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [
            *COMMAND,
            "paint",
            str(folder / "photo.png"),
            "--style",
            str(folder / "wave.png"),
            "-o",
            str(tmp_path / "out.jpg"),
        ],
        stderr=theirs,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    printed, _ = process.communicate()
    assert process.returncode == 0
    assert b"photo.png" in shown
    assert b"%" in shown
    assert b"96 \xc3\x97 64 px" in printed


def test_an_optimisation_leaves_its_losses_and_the_pictures_on_its_way(folder: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "quick.toml"
    recipe.write_text('start = "photo"\nside = 96\nstages = [[0.7, 3], [1.0, 4]]\n')
    wish = ("--style", folder / "wave.png", "--method", "optimise", "--recipe", recipe)
    trace = tmp_path / "trace.json"
    result = run("paint", folder / "photo.png", *wish, "--save-every", 2, "--trace", trace, "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    steps = json.loads(trace.read_text())["steps"]
    assert [each["step"] for each in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert steps[2]["loss"] < steps[0]["loss"]
    assert steps[0]["seconds"] < steps[-1]["seconds"]
    with Image.open(trace.with_suffix(".png")) as plot:
        assert plot.size[0] > 300
    kept = sorted(path.name for path in tmp_path.glob("out-*.png"))
    assert kept == [f"out-{step:05d}.png" for step in (2, 3, 4, 6, 7)]  # every second, and the end of each size
    assert np.array_equal(open_picture(tmp_path / "out-00007.png").pixels, open_picture(tmp_path / "out.png").pixels)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--trace", "losses.json"), "Only --method optimise"),
        (("--method", "optimise", "--trace", "losses.txt"), ".json file"),
        (("--method", "optimise", "--trace", "nowhere/losses.json"), "folder that exists"),
        (("--working-size", "3"), "working size"),
        (("--save-every", "-1"), "so many steps"),
    ],
)
def test_wrong_wishes_for_an_optimisation(folder: Path, tmp_path: Path, more: tuple[str, ...], words: str) -> None:
    out = tmp_path / "out.png"
    assert_refused(run("paint", folder / "photo.png", "--preset", "kiss", "-o", out, *more), 2, words)
    assert not out.exists()
