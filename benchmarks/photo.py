"""A photo that needs no file."""

import numpy as np

from stylize import Picture

ROWS = 256  # made at once, so that a large photo takes no more memory than its pixels


def make_photo(width: int, height: int) -> Picture:
    """Waves and noise: as much work as any photo."""
    pixels = np.empty((height, width, 3), np.uint8)
    x, rng = np.arange(width), np.random.default_rng(0)
    for top in range(0, height, ROWS):
        y = np.arange(top, min(top + ROWS, height))[:, None]
        waves = np.stack([np.sin(x / 31 + k) * np.cos(y / (23 + k)) for k in range(3)], axis=2)
        noise = rng.normal(0, 0.1, waves.shape)
        pixels[top : top + ROWS] = ((waves + noise) * 60 + 128).clip(0, 255)
    return Picture(pixels)
