"""A photo that needs no file."""

import numpy as np

from stylize import Picture


def make_photo(width: int, height: int) -> Picture:
    """Waves and noise: as much work as any photo."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 31 + k) * np.cos(y / (23 + k)) for k in range(3)], axis=2)
    noise = np.random.default_rng(0).normal(0, 0.1, waves.shape)
    return Picture(((waves + noise) * 60 + 128).clip(0, 255).astype(np.uint8))
