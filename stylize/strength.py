"""Less than full strength: what of the photo comes back into its painting.

The fine detail of the photo comes back in proportion to what is missing of full strength, everything else by its
square. Detail is what a painting loses first and what the eye misses first (small letters, faces), and it says little
of the style; colours and broad strokes say most. Moving the style code towards the photo's own, as in Ghiasi et al.
2017, section 4.2, gives up style without giving back detail: even in its own style a net does not reach the photo.
"""

from torch import Tensor
from torch.nn.functional import interpolate

CELL = 6  # px: finer than it is detail, for strokes as the net paints them


def soften(painted: Tensor, photo: Tensor, strength: float, stroke_scale: float = 1.0) -> Tensor:
    """The painting at `strength`: 0 gives the photo, 1 and more the painting; in between it changes smoothly.

    Both (3, H, W) float32 in [0, 1]; stroke_scale: by how much strokes are larger than the net paints them. Returns
    (3, H, W) in [0, 1].
    """
    missing = max(0.0, 1 - strength)
    if missing == 0:
        return painted
    difference = photo - painted
    sides = difference.shape[1:]
    grid = [max(1, round(side / (CELL * stroke_scale))) for side in sides]
    coarse = interpolate(interpolate(difference[None], grid, mode="area"), sides, mode="bilinear")[0]
    difference.sub_(coarse).mul_(missing)  # from here on the fine part; in place, since pictures may be large
    return difference.add_(coarse, alpha=missing**2).add_(painted).clamp_(0, 1)
