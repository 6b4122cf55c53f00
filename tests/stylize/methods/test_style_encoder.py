"""What is read of a style picture."""

import pytest
import torch
from torch import Tensor

from stylize.features import VggFeatures
from stylize.losses import Statistics
from stylize.methods.palette import palette_of
from stylize.methods.style_encoder import (
    FARTHEST,
    MIXTURES,
    READING_SIZE,
    SEEN,
    SEEN_SMALL,
    StyleEncoder,
    mixed_covariance,
)
from stylize.weights import shipped


@pytest.fixture(scope="module")
def encoder() -> StyleEncoder:
    torch.manual_seed(0)
    encoder = StyleEncoder().eval()
    encoder.eyes.open(shipped("compact"))
    return encoder


def pictures(count: int, seed: int) -> Tensor:
    """Soft coloured blobs with noise, (count, 3, 80, 96)."""
    generator = torch.Generator().manual_seed(seed)
    soft = torch.nn.functional.interpolate(torch.rand(count, 3, 6, 7, generator=generator), (80, 96), mode="bicubic")
    return (soft + 0.1 * torch.randn(count, 3, 80, 96, generator=generator)).clamp(0, 1)


def test_the_eyes_see_what_the_net_does_that_they_come_from(encoder: StyleEncoder) -> None:
    net = VggFeatures(shipped("compact"), SEEN)
    for name, expected in net(pictures(2, 0)).items():
        torch.testing.assert_close(encoder.eyes(pictures(2, 0))[name], expected, rtol=1e-3, atol=1e-4)


def test_mixed_covariances_are_rooted(encoder: StyleEncoder) -> None:
    maps, mixtures = torch.randn(2, 5, 7, 6), torch.randn(3, 5)
    for sample, found in zip(maps, mixed_covariance(Statistics.of(maps), mixtures), strict=True):
        covariance = torch.cov(mixtures @ sample.flatten(1), correction=0)
        expected = covariance[tuple(torch.triu_indices(3, 3))]
        torch.testing.assert_close(found, expected / (expected.abs() + 1e-2).sqrt(), rtol=1e-4, atol=1e-4)


def test_a_reading_is_linear_in_logarithms_of_moments_in_covariances_and_in_the_palette(encoder: StyleEncoder) -> None:
    picture = pictures(1, 1)
    net = VggFeatures(shipped("compact"), SEEN)
    full, half = net(picture), net(torch.nn.functional.avg_pool2d(picture, 2))
    told = [
        (part + 0.1).log()
        for maps in (*full.values(), *(half[name] for name in SEEN_SMALL))
        for part in (maps.mean((2, 3)), maps.std((2, 3), correction=0))
    ]
    told += [mixed_covariance(Statistics.of(full[name]), encoder.mix[name].weight) for name in SEEN]  # type: ignore[arg-type]
    told.append(palette_of(picture))
    pooled = encoder.pool(picture)
    torch.testing.assert_close(pooled, torch.cat(told, dim=1), rtol=1e-2, atol=1e-2)
    apart = ((pooled - encoder.centre) / encoder.spread).clamp(-FARTHEST, FARTHEST)
    torch.testing.assert_close(encoder(picture), encoder.reader(apart / pooled.shape[1] ** 0.5))
    assert encoder(picture).shape == (1, READING_SIZE)


def test_calibrated_statistics_lie_about_0_and_mixtures_vary_alike_and_apart() -> None:
    encoder = StyleEncoder()
    encoder.eyes.open(shipped("compact"))
    batches = [pictures(2, seed) for seed in range(8)]
    encoder.calibrate(batches)
    apart = (torch.cat([encoder.pool(batch) for batch in batches]) - encoder.centre) / encoder.spread
    assert apart.mean(0).abs().max() < 1e-3
    assert 0.5 < apart.std(0).median() <= 1
    mix = encoder.mix["relu3_1"].weight
    maps = torch.cat([encoder.eyes(batch)["relu3_1"] for batch in batches])
    rows = maps - maps.mean((2, 3), keepdim=True)
    mixed = torch.einsum("mc,bchw->mbhw", mix, rows).flatten(1)  # type: ignore[arg-type]
    torch.testing.assert_close(mixed @ mixed.T / mixed.shape[1], torch.eye(MIXTURES), rtol=0, atol=0.02)
