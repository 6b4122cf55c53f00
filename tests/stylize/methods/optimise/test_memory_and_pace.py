"""What a descent is said to need, against what it takes."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from stylize.memory import free_bytes
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise import Optimise, OptimiseRecipe
from stylize.methods.optimise.memory import STATES, TRANSIENT, bytes_per_pixel
from stylize.methods.optimise.pace import pace_of
from stylize.methods.optimise.recipe import Stage
from stylize.request import Options, Pace

CPU = torch.device("cpu")
KINDS = (torch.float32, torch.bfloat16)
ADAM = OptimiseRecipe(optimiser="adam")


def test_memory_is_what_the_gradient_keeps() -> None:
    """Exponentials keep their result: three times 12 bytes for each pixel; a table of any size keeps out of it."""
    table = torch.rand(1000, requires_grad=True)

    def step(picture: Tensor) -> Tensor:
        return picture.exp().exp().exp().sum() + table.exp().sum()

    assert bytes_per_pixel(step, CPU, ADAM) == pytest.approx(TRANSIENT * 36 + STATES["adam"] * 12)


def test_half_the_precision_halves_what_is_kept() -> None:
    full, half = (bytes_per_pixel(lambda x, kind=kind: x.to(kind).exp().sum(), CPU, ADAM) for kind in KINDS)
    assert full - STATES["adam"] * 12 == pytest.approx(2 * (half - STATES["adam"] * 12))


def test_l_bfgs_remembers_two_pictures_for_each_step() -> None:
    def need(steps: int) -> float:
        recipe = OptimiseRecipe(optimiser="lbfgs", stages=(Stage(0.5, steps - 1), Stage(1.0, steps)))
        return bytes_per_pixel(lambda x: x.exp().sum(), CPU, recipe)

    assert need(30) - need(20) == pytest.approx(10 * 2 * 12)
    assert need(300) == need(100)


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    free = free_bytes(CPU, tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    assert abs(free_bytes(CPU, tmp_path) - free) < 0.2 * free
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert free_bytes(CPU, tmp_path) == 2_000_000


def test_what_memory_has_no_room_for_is_painted_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    method = Optimise(CPU, replace(OptimiseRecipe.named("finest"), side=4096), Adaptive(CPU, torch.float32))
    assert method.working_size((1200, 800), Options(working_size=600)) == (600, 400)
    monkeypatch.setattr("stylize.methods.optimise.method.free_bytes", lambda device: 300_000_000)
    width, height = method.working_size((4000, 3000), Options())
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    assert 0.03 < width * height / 1e6 < 3  # a pixel takes of the order of a kilobyte
    assert method.memory_for((width, height)) <= 300_000_000
    monkeypatch.setattr("stylize.methods.optimise.method.free_bytes", lambda device: 0)
    assert min(method.working_size((4000, 3000), Options())) == 64  # one has to try


def test_a_pace_counts_every_step_at_its_size() -> None:
    now = 0.0

    def slow(picture: Tensor) -> Tensor:
        """A second a megapixel, and two hundredths for any picture."""
        nonlocal now
        now += 0.02 + picture.shape[2] * picture.shape[3] * 1e-6
        return picture.sum()

    recipe = OptimiseRecipe(stages=(Stage(0.5, 40), Stage(1.0, 60)), side=1000)
    pace = pace_of(slow, recipe, CPU, clock=lambda: now)
    assert pace.seconds == pytest.approx(2.0)
    assert pace.seconds_per_megapixel == pytest.approx(40 / 4 + 60)
    assert pace.side == 1000


def test_a_photo_beyond_the_side_takes_no_longer() -> None:
    pace = Pace(2.0, 10.0, 1000)
    assert pace.seconds_for(500, 400) == pytest.approx(2 + 10 * 0.2)
    assert pace.seconds_for(1000, 500) == pytest.approx(pace.seconds_for(4000, 2000)) == pytest.approx(7.0)
