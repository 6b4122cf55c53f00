"""Smoothed activations against their formula."""

import torch

from stylize.features import smoothed


def test_smoothing_is_a_softmax_over_channels_and_places() -> None:
    features = 3 * torch.randn(2, 4, 5, 6)
    powers = (features / 10).exp()
    torch.testing.assert_close(smoothed(features), 120 * powers / powers.sum((1, 2, 3), keepdim=True))


def test_one_peak_no_longer_makes_up_the_gram_matrix() -> None:
    """As in residual nets: one channel with one high place, everything else small."""
    features = torch.rand(1, 16, 8, 8)
    features[0, 3, 2, 2] = 30.0

    def share(of: torch.Tensor) -> float:
        gram = of[0].flatten(1) @ of[0].flatten(1).T
        return float(gram[3, 3] / gram.diagonal().sum())

    assert share(features) > 0.6
    assert share(smoothed(features)) < 0.4


def test_values_do_not_depend_on_the_size() -> None:
    features = torch.rand(1, 3, 8, 8)
    twice = features.repeat(1, 1, 2, 2)
    torch.testing.assert_close(smoothed(twice)[..., :8, :8], smoothed(features))
