"""Pictures of a run as it goes: curves of the losses, sheets of samples."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from stylize.training.curves import draw_curves, read_lines, smoothed, ticks
from stylize.training.watching import Watcher, centre_squares, remaining


def lines(count: int) -> list[dict[str, float]]:
    return [{"step": 50.0 * i, "seconds": 1.0, "style": 1 / i, "content": 0.3} for i in range(1, count + 1)]


def test_a_resumed_run_counts_each_step_once(tmp_path: Path) -> None:
    log = tmp_path / "losses.jsonl"
    old, new = lines(4), [{"step": 150.0, "style": 9.0}]
    log.write_text("".join(json.dumps(line) + "\n" for line in [*old, *new]) + '{"step": 200.0, "sty')
    assert read_lines(log) == [*old[:2], *new]


@pytest.mark.parametrize("count", [0, 1, 2, 200])
def test_curves_are_drawn_from_any_number_of_lines(count: int, tmp_path: Path) -> None:
    path = tmp_path / "losses.png"
    draw_curves(lines(count), path)
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    blue = (pixels[..., 2] - pixels[..., 0] > 60).any()
    assert blue == (count > 0)  # the curve, or at least the last value


def test_curves_leave_out_what_is_not_a_number(tmp_path: Path) -> None:
    draw_curves([*lines(5), {"step": 300.0, "style": float("nan"), "content": 0.2}], tmp_path / "losses.png")
    assert (tmp_path / "losses.png").exists()


def test_a_falling_curve_is_drawn_falling(tmp_path: Path) -> None:
    draw_curves([{"step": float(i), "style": 1 - i / 100} for i in range(1, 90)], tmp_path / "losses.png")
    pixels = np.asarray(Image.open(tmp_path / "losses.png").convert("RGB")).astype(int)[40:230]
    strong = pixels[..., 2] - pixels[..., 0] > 60
    height = [np.flatnonzero(strong[:, column]).mean() for column in (120, 300, 480)]
    assert height[0] + 30 < height[1] < height[2] - 30  # rows count downwards


def test_the_mean_smooths_and_keeps_the_level() -> None:
    noisy = [1.0 + (-1) ** i for i in range(200)]
    assert np.std(smoothed(noisy)) < 0.1 * np.std(noisy)
    assert np.mean(smoothed(noisy)) == pytest.approx(1.0, abs=0.02)
    assert smoothed([3.0, 1.0]) == [3.0, 1.0]


@pytest.mark.parametrize(("low", "high", "logarithmic"), [(0.0, 6000.0, False), (0.19, 0.23, False), (0.02, 3.0, True)])
def test_ticks_are_few_round_and_inside(low: float, high: float, logarithmic: bool) -> None:
    found = ticks(low, high, logarithmic)
    assert 3 <= len(found) <= 8
    assert all(low <= value <= high for value in found)
    assert all(float(f"{value:.2g}") == pytest.approx(value) for value in found)


def test_a_sample_sheet_has_photos_beside_and_styles_above(tmp_path: Path) -> None:
    photos = torch.stack([torch.full((3, 40, 60), 0.1 * i) for i in range(1, 4)])
    styles = torch.stack([torch.full((3, 32, 32), 0.5), torch.full((3, 32, 32), 0.9)])

    def paint(photos: Tensor, styles: Tensor) -> Tensor:
        return photos * styles.mean((2, 3), keepdim=True)

    Watcher(tmp_path / "run", photos, styles).sample(500, paint)
    sheet = np.asarray(Image.open(tmp_path / "run" / "samples" / "step-000500.png"))[..., 0] / 255
    cells = [[sheet[4 + 44 * row + 20, 4 + 64 * column + 30] for column in range(3)] for row in range(4)]
    expected = [[1, 0.5, 0.9], [0.1, 0.05, 0.09], [0.2, 0.1, 0.18], [0.3, 0.15, 0.27]]
    assert np.allclose(cells, expected, atol=0.005)


def test_a_report_draws_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "losses.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines(3)))
    Watcher(tmp_path, torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)).report(lines(3)[-1])
    assert Image.open(tmp_path / "losses.png").size == (1120, 260)


def test_squares_are_cut_from_the_middle() -> None:
    picture = torch.zeros(3, 20, 60, dtype=torch.uint8)
    picture[:, :, 20:40] = 255
    squares = centre_squares([picture, picture.transpose(1, 2)], 10)
    assert squares.shape == (2, 3, 10, 10)
    assert squares.min() > 0.9


def test_the_time_to_go_is_told_in_hours_and_minutes() -> None:
    assert remaining(30) == "under a minute"
    assert remaining(3 * 3600 + 5 * 60 + 10) == "3:05 h"
    assert remaining(30 * 3600) == "30:00 h"
