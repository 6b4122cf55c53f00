"""Pictures drawn by code: in range, repeatable, and unlike each other."""

import itertools
import random

import pytest
import torch

from stylize.training.procedural import MATERIALS, procedural_style
from stylize.training.procedural.palette import random_palette
from stylize.training.procedural.sheet import Sheet


@pytest.mark.parametrize("material", [*MATERIALS, None])
def test_any_seed_and_size_gives_a_picture_in_range(material: str | None) -> None:
    for seed, side in itertools.product(range(6), (32, 120)):
        picture = procedural_style(side, random.Random(seed), material)
        assert picture.shape == (3, side, side)
        assert picture.dtype == torch.float32
        assert bool(torch.isfinite(picture).all())
        assert 0 <= picture.min() <= picture.max() <= 1


def test_the_same_random_state_gives_the_same_picture() -> None:
    assert torch.equal(procedural_style(96, random.Random(5)), procedural_style(96, random.Random(5)))
    assert not torch.equal(procedural_style(96, random.Random(5)), procedural_style(96, random.Random(6)))


def test_no_picture_depends_on_torchs_own_random_state() -> None:
    torch.manual_seed(0)
    first = procedural_style(96, random.Random(5))
    torch.manual_seed(1)
    state = torch.random.get_rng_state()
    assert torch.equal(first, procedural_style(96, random.Random(5)))
    assert torch.equal(state, torch.random.get_rng_state())


def test_pictures_vary_in_colour_contrast_and_grain() -> None:
    pictures = torch.stack([procedural_style(128, random.Random(seed)) for seed in range(60)])
    lightness = pictures.mean((1, 2, 3))
    assert lightness.std() > 0.12
    contrast = pictures.mean(1).std((1, 2))
    assert contrast.median() > 0.1
    assert (contrast > 0.02).float().mean() > 0.95  # hardly any is flat
    steps = (pictures[..., 1:] - pictures[..., :-1]).abs().mean((1, 2, 3)) / contrast
    assert steps.max() / steps.min() > 3  # fine marks and broad ones
    hue = pictures.mean((2, 3)) - lightness[:, None]
    assert bool((hue.amax(0) > 0.05).all())
    assert bool((hue.amin(0) < -0.05).all())


def test_palettes_go_from_dark_to_light_unless_ink_lies_on_paper() -> None:
    sizes = set()
    for seed in range(80):
        colours = random_palette(random.Random(seed)).colours
        sizes.add(len(colours))
        assert 0 <= colours.min() <= colours.max() <= 1
    assert sizes == {2, 3, 4, 5, 6, 7}


def test_cells_find_the_nearest_point_and_its_border() -> None:
    sheet = Sheet(48, random.Random(1))
    cells = sheet.cells(9.0, 0.6)
    px, py = cells.places
    far = torch.hypot(sheet.x[..., None] - px, sheet.y[..., None] - py)
    near = far.topk(2, largest=False)
    torch.testing.assert_close(cells.distance, near.values[..., 0], atol=0.02, rtol=0)
    (ax, bx), (ay, by) = (p[near.indices].unbind(-1) for p in (px, py))
    apart = torch.hypot(ax - bx, ay - by)
    border = near.values.square().diff(dim=-1)[..., 0] / (2 * apart)
    # Beside a corner another cell's border may be the nearer one than that of the second nearest point.
    assert ((cells.edge - border).abs() < 0.1).float().mean() > 0.99


def test_noise_has_the_size_and_power_that_it_says() -> None:
    for cell in (4.0, 16.0):
        noises = torch.stack([Sheet(128, random.Random(seed)).noise(cell) for seed in range(8)])
        assert noises.std() == pytest.approx(1, abs=0.15)
        rough = (noises[..., 1:] - noises[..., :-1]).std()
        assert rough * cell == pytest.approx(1.4, rel=0.25)
