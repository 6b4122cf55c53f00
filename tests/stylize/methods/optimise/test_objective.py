"""The loss and its parts against the sources' formulas."""

import pytest
import torch
from torch import Tensor

from stylize.losses import gram_matrix, nearest_distance, spatial_moments, total_variation, wasserstein_distance
from stylize.methods.optimise.objective import Objective, content_distance, gram_error
from stylize.methods.optimise.recipe import OptimiseRecipe
from stylize.methods.optimise.target import LayerTarget, Targets


def net(pictures: Tensor) -> dict[str, Tensor]:
    """Two layers: edges of the channels, and the same pooled with a third more channels."""
    first = torch.cat([pictures, pictures.roll(1, 3) - pictures], dim=1).relu()
    return {"a": first, "b": torch.nn.functional.avg_pool2d(first, 2).repeat(1, 2, 1, 1) ** 2}


def pictures(count: int, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, 64, 96, generator=torch.Generator().manual_seed(seed))


def test_conventions_restate_their_sources() -> None:
    ours, style = torch.randn(1, 4, 6, 5), torch.randn(1, 4, 6, 5)
    g, a = gram_matrix(ours), gram_matrix(style)
    rows, rows_s = ours[0].flatten(1), style[0].flatten(1)
    mse = torch.nn.functional.mse_loss
    torch.testing.assert_close(gram_error(g, a, 30, "gatys"), mse(rows @ rows.T / 30, rows_s @ rows_s.T / 30))
    tutorial = mse(rows @ rows.T / (4 * 30), rows_s @ rows_s.T / (4 * 30))  # divided by a b c d
    torch.testing.assert_close(gram_error(g, a, 30, "tutorial"), tutorial)
    notebook = mse(rows @ rows.T, rows_s @ rows_s.T) / (4 * 6 * 5)  # by d h w
    torch.testing.assert_close(gram_error(g, a, 30, "notebook"), notebook)
    torch.testing.assert_close(gram_error(g, a, 30, "relative"), (g - a).square().sum() / a.square().sum())
    for convention in ("gatys", "tutorial", "notebook"):
        torch.testing.assert_close(content_distance(ours, style, convention), mse(ours, style))  # type: ignore[arg-type]
    relative = (ours - style).square().sum() / style.square().sum()
    torch.testing.assert_close(content_distance(ours, style, "relative"), relative)


@pytest.mark.parametrize("kind", ["gram", "wasserstein"])
def test_the_loss_is_the_weighted_sum_of_its_parts(kind: str) -> None:
    photo, style, picture = pictures(1, 1), pictures(1, 2), pictures(1, 3)
    recipe = OptimiseRecipe(style_loss=kind, style_weight=3.0, content_weight=0.5, smoothness=2.0)  # type: ignore[arg-type]
    seen, wanted, own = net(picture), net(style), net(photo)
    targets = {name: LayerTarget(*spatial_moments(each)) for name, each in wanted.items()}
    found = Objective(net, photo, targets, {"a": 0.7, "b": 0.2}, {"b": 1.5}, recipe)(picture)

    def style_distance(layer: str) -> Tensor:
        ours, theirs = spatial_moments(seen[layer]), spatial_moments(wanted[layer])
        if kind == "wasserstein":
            return wasserstein_distance(*ours, *theirs)[0]
        return (ours[1] - theirs[1]).square().sum() / theirs[1].square().sum()

    expected = 3 * (0.7 * style_distance("a") + 0.2 * style_distance("b"))
    expected = expected + 0.5 * 1.5 * content_distance(seen["b"], own["b"], "relative")
    torch.testing.assert_close(found, expected + 2 * total_variation(picture)[0])


def test_without_a_style_the_content_counts_alone() -> None:
    photo, picture = pictures(1, 1), pictures(1, 3)
    found = Objective(net, photo, {}, {}, {"b": 1.5}, OptimiseRecipe())(picture)
    torch.testing.assert_close(found, 1.5 * content_distance(net(picture)["b"], net(photo)["b"], "relative"))


def test_targets_come_back_as_they_were_packed_at_the_size_nearest() -> None:
    targets, style = Targets(net, ("a", "b"), by_places=False), pictures(1, 4)
    packed = targets.pack(style)
    assert packed.shape == (targets.length,)
    found = targets.unpack(packed, 100)  # the picture is smaller than all sizes, so all hold the same
    for name, each in net(style).items():
        mean, gram = spatial_moments(each)
        torch.testing.assert_close(found[name].mean, mean)
        torch.testing.assert_close(found[name].gram, gram)
    large = torch.nn.functional.interpolate(style, (512, 768), mode="nearest")
    packed = targets.pack(large)
    coarse, fine = targets.unpack(packed, 140)["a"].gram, targets.unpack(packed, 400)["a"].gram
    torch.testing.assert_close(fine, gram_matrix(net(large)["a"]))
    assert coarse is not None
    assert not torch.allclose(coarse, gram_matrix(net(large)["a"]), rtol=1e-2)


def test_moments_of_a_mix_are_those_of_a_picture_made_of_both() -> None:
    targets, styles = Targets(net, ("a",), by_places=False), [pictures(1, 5), pictures(1, 6)]
    mixed = targets.mix(torch.stack([targets.pack(style) for style in styles]), torch.tensor([1.0, 3.0]))
    both = torch.cat([net(styles[0])["a"], *[net(styles[1])["a"]] * 3], dim=3)
    torch.testing.assert_close(targets.unpack(mixed, 64)["a"].gram, gram_matrix(both))


def test_between_styles_lie_the_means_of_their_means_and_covariances() -> None:
    targets, styles = Targets(net, ("a",), by_places=False), [pictures(1, 5), pictures(1, 6)]
    shares = torch.tensor([0.25, 0.75])
    seen = targets.unpack(targets.between(torch.stack([targets.pack(each) for each in styles]), 3 * shares), 128)["a"]
    maps = [net(each)["a"][0].flatten(1) for each in styles]
    mean = sum(share * rows.mean(1) for share, rows in zip(shares, maps, strict=True))
    covariance = sum(share * rows.cov(correction=0) for share, rows in zip(shares, maps, strict=True))
    assert seen.mean is not None
    assert seen.gram is not None
    torch.testing.assert_close(seen.mean[0], mean)
    torch.testing.assert_close(seen.gram[0], covariance + torch.outer(mean, mean), rtol=1e-4, atol=1e-5)


def test_places_of_a_mix_come_from_each_style_by_its_share() -> None:
    targets, styles = Targets(net, ("a", "b"), by_places=True), [pictures(1, 7), pictures(1, 8)]
    packed = torch.stack([targets.pack(style) for style in styles])
    alone = [targets.unpack(one, 64)["b"].places for one in packed]
    mixed = targets.unpack(targets.mix(packed, torch.tensor([1.0, 3.0])), 64)["b"].places
    assert mixed is not None
    assert alone[0] is not None
    assert alone[1] is not None
    torch.testing.assert_close(mixed[:256], alone[0][:256])
    torch.testing.assert_close(mixed[256:], alone[1][256:])


def test_places_are_compared_by_the_nearest_neighbour_loss() -> None:
    targets, style = Targets(net, ("b",), by_places=True), pictures(1, 9)
    recipe = OptimiseRecipe(style_loss="nearest", content_weight=0.0)
    aim = targets.unpack(targets.pack(style), 64)
    found = Objective(net, style, aim, {"b": 1.0}, {}, recipe)(pictures(1, 10))
    places = aim["b"].places
    assert places is not None
    expected = nearest_distance(net(pictures(1, 10))["b"][0].flatten(1).T, places)
    torch.testing.assert_close(found, expected, rtol=0.1, atol=0)  # a random choice of places
