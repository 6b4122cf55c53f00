import torch
from torch import Tensor

from stylize.methods.optimise.borrowed_colours import with_colours_of

LUMA = torch.tensor([0.299, 0.587, 0.114])


def luma(picture: Tensor) -> Tensor:
    return (picture * LUMA[:, None, None]).sum(1)


def test_wide_areas_take_colours_and_keep_light_and_strokes() -> None:
    random = torch.Generator().manual_seed(0)
    strokes = 0.08 * torch.rand(1, 3, 60, 96, generator=random)
    picture = torch.tensor([0.5, 0.4, 0.6])[:, None, None] + strokes
    source = torch.tensor([0.35, 0.55, 0.4])[:, None, None].expand(1, 3, 60, 96)
    found = with_colours_of(source, picture, 1.0)
    assert torch.allclose(luma(found), luma(picture), atol=1e-5)
    wanted = source.mean((2, 3)) - luma(source).mean() + luma(picture).mean()
    assert torch.allclose(found.mean((2, 3)), wanted, atol=1e-3)
    assert torch.allclose(found.std((2, 3)), picture.std((2, 3)), rtol=0.2)
    half = with_colours_of(source, picture, 0.5)
    assert torch.allclose(half, (picture + found) / 2, atol=1e-5)


def test_a_patch_of_strange_colour_goes() -> None:
    source = torch.full((1, 3, 96, 96), 0.5)
    picture = source.clone()
    picture[:, 0, 30:60, 30:60] = 0.8
    found = with_colours_of(source, picture, 1.0)
    before, after = ((each[0, 0] - luma(each)[0])[40:50, 40:50].abs().mean() for each in (picture, found))
    assert after < 0.3 * before


def test_without_a_share_nothing_changes() -> None:
    picture = torch.rand(1, 3, 20, 30)
    assert with_colours_of(torch.rand(1, 3, 20, 30), picture, 0.0) is picture


def test_a_blot_of_a_colour_that_the_other_has_nowhere_is_drawn_to_its_palette() -> None:
    source = torch.full((1, 3, 96, 96), 0.5)
    source[:, 0] += torch.linspace(0, 0.4, 96)  # grey to red
    picture = source.clone()
    picture[:, :, 40:44, 40:44] = torch.tensor([0.1, 0.1, 1.0])[:, None, None]
    found = with_colours_of(source, picture, 1.0)
    blue = (found[0, 2] - luma(found)[0])[40:44, 40:44]
    assert blue.max() < 0.1 < 0.7 < (picture[0, 2] - luma(picture)[0])[40:44, 40:44].min()
    torch.testing.assert_close(luma(found), luma(picture))
    assert (found - picture)[:, :, 60:].abs().max() < 1e-3
