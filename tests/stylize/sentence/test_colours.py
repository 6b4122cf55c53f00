import numpy as np
import pytest

from stylize.pictures import Picture
from stylize.sentence.colours import palette, to_lab


# L*a*b* (D65) of the corners of sRGB, from the CIE formulas by hand; agrees with published tables to a tenth.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_known_colours(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert to_lab(np.array(rgb, np.uint8)) == pytest.approx(lab, abs=0.05)


def test_palette_is_mean_and_deviation() -> None:
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:, 16:] = 255
    assert palette(Picture(pixels)) == pytest.approx([50, 0, 0, 50, 0, 0], abs=0.01)
