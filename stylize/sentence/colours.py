"""The colours of a picture in six numbers: mean and standard deviation of L*, a* and b* (CIE 1976, D65)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylize.pictures import Picture

PALETTE_SIZE = 6
SAMPLE_SIDE = 96  # px: six numbers need no more
# IEC 61966-2-1: linear sRGB to XYZ, each row divided by the white point D65.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
TO_XYZ /= TO_XYZ.sum(axis=1, keepdims=True)


def palette(picture: Picture) -> npt.NDArray[np.float32]:
    """(6,) mean L* (0 to 100), a*, b*, then their standard deviations."""
    lab = to_lab(picture.resized(SAMPLE_SIDE).pixels).reshape(-1, 3)
    return np.concatenate([lab.mean(axis=0), lab.std(axis=0)]).astype(np.float32)


def to_lab(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """(..., 3) sRGB 0 to 255 → (..., 3) L*a*b*."""
    encoded = pixels / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
