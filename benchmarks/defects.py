"""What the judge doesn't see and the eye does: `python -m benchmarks.defects RESULTS... [--shared DIR]`.

RESULTS are folders with one picture per pair, named as the judge wants them; the photos, the style pictures and the
peers in DIR are measured beside them. Grain and strokes are measured in flat areas of the photo, where a net can't
hide them behind edges:

palette       distance of colours to the style picture, OkLab quantiles along 32 directions, times 100
2-4 … 16-48   rms of luminance by wavelength in px, % of full scale; far below the style's: strokes missing
lattice       rms of what repeats every 8 px, % of full scale: checkerboards of the upsampling
peaks         share of fine energy in spectral peaks: weaving, whatever its period
clipped       share of pixels with a channel at its end, %: bleached brights, blocked darks
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from benchmarks.judge import SHARED, Judge, Row
from stylize.colour import srgb_to_oklab

Map = npt.NDArray[np.float64]

TILE = 48  # px: side of the areas that are looked at
FLAT = 0.03  # standard deviation of luminance in a flat tile of a photo, of 1
FEWEST = 6  # flat tiles; a photo with fewer says nothing
PERIOD = 8  # px: of our painter's coarsest grid, and a multiple of its finer ones
SHORT = 512
BANDS = {"2-4": (1 / 4, 1.0), "4-8": (1 / 8, 1 / 4), "8-16": (1 / 16, 1 / 8), "16-48": (1 / TILE, 1 / 16)}

_AXIS = np.fft.fftfreq(TILE)
_FREQUENCY = np.hypot(_AXIS[:, None], _AXIS[None])
_WINDOW = np.hanning(TILE)[:, None] * np.hanning(TILE)[None]
_DIRECTIONS = np.random.default_rng(0).normal(size=(3, 32))
_DIRECTIONS /= np.linalg.norm(_DIRECTIONS, axis=0)


def luminance(picture: Map) -> Map:
    """(H, W, 3) RGB in [0, 1] -> (H, W)."""
    return np.asarray(picture @ np.array([0.2126, 0.7152, 0.0722]))


def flat_tiles(photo: Map) -> list[tuple[int, int]]:
    """Top left corners of the flat tiles of a luminance, (H, W), half overlapping."""
    step, (height, width) = TILE // 2, photo.shape
    corners = [(y, x) for y in range(8, height - TILE, step) for x in range(8, width - TILE, step)]
    return [(y, x) for y, x in corners if photo[y : y + TILE, x : x + TILE].std() < FLAT]


def spectrum(light: Map, tiles: Sequence[tuple[int, int]]) -> Map:
    """Mean power of the tiles by frequency, (TILE, TILE); its sum is their mean variance about a plane."""
    y, x = np.mgrid[:TILE, :TILE] - (TILE - 1) / 2
    planes = np.stack([np.ones(TILE * TILE), y.ravel(), x.ravel()], 1)
    cut = np.stack([light[y : y + TILE, x : x + TILE].ravel() for y, x in tiles], 1)
    rest = cut - planes @ np.linalg.lstsq(planes, cut, rcond=None)[0]
    power = np.abs(np.fft.fft2(rest.T.reshape(-1, TILE, TILE) * _WINDOW)) ** 2
    return np.asarray(power.mean(0) / ((_WINDOW**2).sum() * TILE * TILE))


def bands(power: Map) -> Row:
    """Rms by wavelength, % of full scale."""
    return {
        name: 100 * float(np.sqrt(power[(low <= _FREQUENCY) & (high > _FREQUENCY)].sum()))
        for name, (low, high) in BANDS.items()
    }


def peaks(power: Map) -> float:
    """Share of the energy of periods 2 to 10 px that stands above three times the median of its ring, 0 to 1."""
    above = total = 0.0
    for low in np.arange(0.1, 0.5, 0.04):
        ring = power[(low <= _FREQUENCY) & (low + 0.04 > _FREQUENCY)]
        above += float(np.clip(ring - 3 * np.median(ring), 0, None).sum())
        total += float(ring.sum())
    return above / total if total else 0.0


def lattice(light: Map, tiles: Sequence[tuple[int, int]]) -> float:
    """Rms of the mean PERIOD × PERIOD cell of the tiles, % of full scale, less what chance alone would leave."""
    rough = light - _blurred(light)
    inside = np.zeros(light.shape, dtype=bool)
    for y, x in tiles:
        inside[y : y + TILE, x : x + TILE] = True
    rows, columns = np.nonzero(inside)
    place, values = rows % PERIOD * PERIOD + columns % PERIOD, rough[inside]
    count = np.bincount(place, minlength=PERIOD**2)
    cell = np.bincount(place, values, minlength=PERIOD**2) / count
    return 100 * float(np.sqrt(max(0.0, cell.var() - values.var() / count.mean())))


def palette_distance(picture: Map, style: Map) -> float:
    """How far apart two pictures' colours lie, whatever their places, times 100."""

    def quantiles(pixels: Map) -> Map:
        lab = srgb_to_oklab(torch.from_numpy(pixels.reshape(-1, 3)[::7].T[:, None].copy())).numpy()[:, 0].T
        return np.asarray(np.quantile(lab @ _DIRECTIONS, np.linspace(0.005, 0.995, 100), axis=0))

    return 100 * float(np.abs(quantiles(picture) - quantiles(style)).mean())


def measure(picture: Map, style: Map, tiles: Sequence[tuple[int, int]]) -> Row:
    """All columns for one picture; those of flat areas only where there are enough."""
    row = {
        "palette": palette_distance(picture, style),
        "clipped": 100 * float(((picture > 0.996) | (picture < 0.004)).any(2).mean()),
    }
    if len(tiles) >= FEWEST:
        light = luminance(picture)
        power = spectrum(light, tiles)
        row |= bands(power) | {"lattice": lattice(light, tiles), "peaks": peaks(power)}
    return row


def _blurred(light: Map, radius: int = 4) -> Map:
    side = 2 * radius + 1
    for axis in (0, 1):
        padded = np.pad(light, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], mode="reflect")
        light = np.asarray(np.lib.stride_tricks.sliding_window_view(padded, side, axis=axis).mean(-1))
    return light


def _read(path: Path, size: tuple[int, int] | None = None) -> Map:
    picture = Image.open(path).convert("RGB")
    if size is None:
        scale = SHORT / min(picture.size)
        size = (round(picture.width * scale), round(picture.height * scale))
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS), dtype=np.float64) / 255


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("results", type=Path, nargs="*")
    ask.add_argument("--shared", type=Path, default=SHARED)
    given = ask.parse_args()
    peers = given.shared / "peers/outputs"
    folders = [*given.results, *(peers / name for name in ("microast", "magenta_int8") if (peers / name).is_dir())]
    table: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for pair in Judge(given.shared).pairs:
        photo, style = _read(pair.content), _read(pair.style)
        tiles, size = flat_tiles(luminance(photo)), (photo.shape[1], photo.shape[0])
        whole = [(y, x) for y in range(0, style.shape[0] - TILE, TILE) for x in range(0, style.shape[1] - TILE, TILE)]
        rows = {"the photo": measure(photo, style, tiles), "the style": measure(style, style, whole)}
        for folder in folders:
            file = next((file for file in folder.glob(f"{pair.name}.*") if file.suffix in {".png", ".jpg"}), None)
            if file is None:
                raise SystemExit(f"{folder} holds no picture named {pair.name}.png or .jpg.")
            rows[folder.name] = measure(_read(file, size), style, tiles)
        for label, row in rows.items():
            for column, value in row.items():
                table[label][column].append(value)
    columns = ("palette", "clipped", *BANDS, "lattice", "peaks")
    print(f"{'':16}" + "".join(f"{column:>9}" for column in columns))
    for label, values in table.items():
        print(f"{label:16}" + "".join(f"{np.mean(values[column]):9.3f}" for column in columns))


if __name__ == "__main__":
    main()
