"""Measures of grain, strokes and colour on pictures whose answer is known."""

import numpy as np
import pytest

from benchmarks.defects import TILE, bands, flat_tiles, lattice, palette_distance, peaks, spectrum

SIDE = 4 * TILE
TILES = [(y, x) for y in range(0, SIDE, TILE) for x in range(0, SIDE, TILE)]
NOISE = np.random.default_rng(0).normal(0.5, 0.02, (SIDE, SIDE))


def wave(period: float, rms: float) -> np.ndarray:
    return np.tile(0.5 + rms * np.sqrt(2) * np.sin(2 * np.pi * np.arange(SIDE) / period), (SIDE, 1))


@pytest.mark.parametrize(("period", "band"), [(3, "2-4"), (6, "4-8"), (12, "8-16"), (24, "16-48")])
def test_a_wave_lies_in_its_band_with_its_rms(period: float, band: str) -> None:
    found = bands(spectrum(wave(period, 0.05), TILES))
    assert found[band] == pytest.approx(5, rel=0.1)
    assert all(value < found[band] / 2 for name, value in found.items() if name != band)


def test_a_wave_is_a_peak_and_noise_is_none() -> None:
    assert peaks(spectrum(wave(4, 0.05), TILES)) > 0.9
    assert peaks(spectrum(NOISE, TILES)) < 0.05


def test_lattice_sees_what_repeats_and_not_noise() -> None:
    board = 0.5 + 0.03 * (np.indices((SIDE, SIDE)).sum(0) % 2 * 2 - 1)
    assert lattice(board, TILES) == pytest.approx(3, rel=0.05)
    assert lattice(board + NOISE - 0.5, TILES) == pytest.approx(3, rel=0.05)
    assert lattice(NOISE, TILES) < 0.05


def test_flat_tiles_keep_away_from_an_edge() -> None:
    photo = np.full((SIDE, SIDE), 0.2)
    photo[:, SIDE // 2 :] = 0.8
    corners = flat_tiles(photo)
    assert corners
    assert all(x + TILE <= SIDE // 2 or x >= SIDE // 2 for _, x in corners)


def test_palette_cares_for_colours_and_not_for_places() -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (90, 90, 3))
    assert palette_distance(picture, picture[::-1, ::-1]) < 0.5
    assert palette_distance(picture, 0.5 + 0.5 * (picture - 0.5)) > 3
