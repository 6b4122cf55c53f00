"""How much fine structure a picture has: brush strokes, hatching, tesserae, as opposed to smooth shading."""

from __future__ import annotations

import numpy as np

from stylize.pictures import Picture
from stylize.sentence.colours import to_lab

READ_SIDE = 224  # px, long side: the smallest artworks' size, so that none counts as smoother for being small


def strokes(picture: Picture) -> float:
    """Mean magnitude of the Laplacian of L*: small for smooth shading, large for hatching."""
    lightness = to_lab(picture.resized(READ_SIDE).pixels)[..., 0]
    middle = lightness[1:-1, 1:-1]
    around = lightness[:-2, 1:-1] + lightness[2:, 1:-1] + lightness[1:-1, :-2] + lightness[1:-1, 2:]
    return float(np.abs(around - 4 * middle).mean())
