"""What a layer of a net remembers of a picture: another picture, from white noise, in which the net sees the same.

Of content, the features themselves (Mahendran and Vedaldi 2015); of style, their mean products over all places (Gatys
et al. 2016, fig. 1). Many pictures give a layer the same features. The papers descend the pixels, which keeps the
noise of the start wherever the layer is blind; here its frequencies descend, so that among those pictures one is found
that looks like a natural one. Nothing else is known of the original but how smooth it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from stylize.errors import Cancelled, PictureError, StyleError
from stylize.features import Backbone, Features
from stylize.labels import fitting, label_font
from stylize.losses import spatial_moments, total_variation
from stylize.methods.optimise.objective import Objective
from stylize.methods.optimise.recipe import OptimiseRecipe
from stylize.methods.optimise.target import LayerTarget
from stylize.pictures import Picture
from stylize.request import MAX_SIZE, MIN_SIZE, Progress, Watch
from stylize.tensors import to_picture, to_tensor

Loss = Literal["gram", "wasserstein"]

STEPS = 200  # the loss still falls after them, but the eye sees little of it
SMOOTHNESS = 0.005  # of content, by the original's own: takes an eighth of the grain that deep layers leave
RANGE = 10.0  # how much colours beyond [0, 1] count: clamping inside would bend the line that L-BFGS follows


@dataclass(frozen=True)
class Metric:
    """What a step of the descent changes easily, and what it starts from.

    slope: of amplitudes over frequency, f^-slope. chroma: spread of colours by that of lightness. grain: standard
    deviation of the white noise at the start, a share of white; where a layer is blind it is still there at the end.
    """

    slope: float
    chroma: float
    grain: float


# Natural pictures have amplitudes near 1/f (Field 1987) and colours that spread far less than lightness. A photo from
# compact's relu4_2 (192 px, 100 steps) comes out at a root mean square distance of 0.13, with 0.65 times the photo's
# total variation. With slope 0: 0.19, grey; with chroma 1: 0.15, blurred, with coloured fringes; with grain 0.1: 0.17,
# total variation 3.9. By a descent of its pixels from full white noise: 0.28, total variation 20.
CONTENT = Metric(slope=1.0, chroma=0.2, grain=0.01)
# A texture needs its fine lines as much as its wide forms. With slope 0.5 relu1_1, which sees 3 px, gets clouds of
# which its statistics say nothing; with 0 the patterns of relu5_1 stay small and lose their colours.
STYLE = Metric(slope=0.3, chroma=0.6, grain=0.05)


@dataclass(frozen=True)
class Descent:
    """How to search.

    steps: of the net, forward and back; a last line search may take a few more. seed: of the white noise; the same one
    gives the same picture. watch: hears of every step, see `Watch`.

    Raises StyleError for a value out of range.
    """

    steps: int = STEPS
    seed: int = 0
    watch: Watch = lambda _: True

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise StyleError(f"There must be at least one step, not {self.steps}.")
        if not 0 <= self.seed < 2**63:
            raise StyleError(f"The seed must be a whole number from 0 to 2⁶³ - 1, not {self.seed}.")


def reconstruct_content(original: Picture, layer: str, see: Features, how: Descent = Descent()) -> Picture:
    """The picture whose features at one layer equal the original's (Mahendran and Vedaldi 2015, eq. 1), as large as it.

    see: answers with that layer. Minimises |F - P|^2 / |P|^2 with a little total variation. Raises Cancelled where
    `how.watch` says no.
    """
    photo = _on_device(original, see)
    recipe = OptimiseRecipe(smoothness=SMOOTHNESS / max(float(total_variation(photo)), 1e-6))
    return _descend(Objective(see, photo, {}, {}, {layer: 1.0}, recipe), photo, CONTENT, how)


def reconstruct_style(
    original: Picture, layers: Sequence[str], see: Features, loss: Loss = "gram", how: Descent = Descent()
) -> Picture:
    """A texture whose statistics at all of these layers together equal the original's, as large as it.

    see: answers with those layers, which weigh the same. loss: "gram" compares mean products (Gatys et al. 2016, eq. 3
    to 5), relative to the original's; "wasserstein" means and covariances, see `wasserstein_distance`. Raises
    StyleError for another loss, Cancelled where `how.watch` says no.
    """
    if loss not in get_args(Loss):
        raise StyleError(f"There is no loss “{loss}”. Choose one of: {', '.join(get_args(Loss))}.")
    painting = _on_device(original, see)
    with torch.no_grad():
        seen = see(painting)
    targets = {layer: LayerTarget(*spatial_moments(seen[layer].float())) for layer in layers}
    shares = dict.fromkeys(layers, 1 / len(targets))
    recipe = OptimiseRecipe(style_loss=loss)
    return _descend(Objective(see, painting, targets, shares, {}, recipe), painting, STYLE, how)


def at_size(original: Picture, long_side: int, backbone: Backbone) -> Picture:
    """The original made smaller to that long side, px.

    Raises StyleError for a side that is not between 32 and 4096, PictureError where the backbone's deepest layers would
    see a single row or column.
    """
    if not MIN_SIZE <= long_side <= MAX_SIZE:
        raise StyleError(f"The size must be between {MIN_SIZE} and {MAX_SIZE} pixels, not {long_side}.")
    small = original.resized(long_side)
    if min(small.size) < backbone.smallest_side:
        raise PictureError(
            f"The picture is {small.width} × {small.height} pixels at this size, and {backbone.name} needs "
            f"{backbone.smallest_side} on each side. Take a larger picture or a larger size.",
            "too_small",
        )
    return small


@dataclass(frozen=True)
class Cell:
    """One picture of a strip and the two lines below it."""

    picture: Picture
    label: str
    note: str


def draw_strip(rows: Sequence[Sequence[Cell]]) -> Picture:
    """Rows of cells, each cell as large as its picture, over their labels; white between."""
    font, small, gap, lines = label_font(15), label_font(12), 8, 42
    widths = [sum(cell.picture.width + gap for cell in row) + gap for row in rows]
    heights = [max(cell.picture.height for cell in row) + lines for row in rows]
    sheet = Image.new("RGB", (max(widths), sum(heights) + gap), "white")
    pen, top = ImageDraw.Draw(sheet), gap
    for row, height in zip(rows, heights, strict=True):
        left = gap
        for cell in row:
            sheet.paste(cell.picture.to_pil(), (left, top))
            below = top + cell.picture.height
            pen.text((left, below + 2), fitting(cell.label, font, cell.picture.width), "black", font)
            pen.text((left, below + 20), fitting(cell.note, small, cell.picture.width), "dimgray", small)
            left += cell.picture.width + gap
        top += height
    return Picture.from_pil(sheet)


def _on_device(original: Picture, see: Features) -> Tensor:
    return to_tensor(original)[None].to(next(see.buffers()).device)


def _descend(distance: Callable[[Tensor], Tensor], original: Tensor, metric: Metric, how: Descent) -> Picture:
    """From white noise of the original's size to the picture of the least distance, by L-BFGS."""
    axes = _Frequencies(original, metric)
    noise = torch.randn(original.shape, generator=torch.Generator().manual_seed(how.seed))
    values = axes.of(0.5 + metric.grain * noise.to(original.device)).requires_grad_()
    # A step of full length may leap over a layer's kinks, so each is searched for along its line, mostly in one try.
    optimiser = torch.optim.LBFGS(
        [values], 1.0, how.steps, how.steps, 0.0, 0.0, history_size=10, line_search_fn="strong_wolfe"
    )
    done = 0

    def closure() -> Tensor:
        nonlocal done
        optimiser.zero_grad()
        picture = axes.picture(values)
        beyond = (picture - picture.clamp(0, 1)).square().mean()
        loss = distance(picture) + RANGE * beyond
        loss.backward()  # type: ignore[no-untyped-call]
        done += 1
        if not how.watch(Progress(min(done, how.steps), how.steps, float(loss.detach()))):
            raise Cancelled("Stopped as asked.")
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        return to_picture(axes.picture(values)[0])


class _Frequencies:
    """The axes of the descent: frequencies, lightness and colours, each divided by its strength in the metric.

    A gradient step then changes wide forms more than fine ones, and lightness more than colours (Olah et al. 2017,
    "Feature Visualization", in the section on preconditioning).
    """

    def __init__(self, like: Tensor, metric: Metric) -> None:
        self._size = (like.shape[2], like.shape[3])
        down, across = torch.fft.fftfreq(self._size[0]), torch.fft.rfftfreq(self._size[1])
        frequency = (down[:, None].square() + across.square()).sqrt().clamp_min(1 / max(self._size))
        self._strength = (0.5 / frequency).pow(metric.slope).to(like.device)
        grey = torch.full((3, 3), 1 / 3)
        self._colours = (grey + metric.chroma * (torch.eye(3) - grey)).to(like.device)

    def picture(self, values: Tensor) -> Tensor:
        """(1, 3, H, W) to (1, 3, H, W), RGB around 0.5."""
        return 0.5 + self._filtered(torch.einsum("ij,bjhw->bihw", self._colours, values), self._strength)

    def of(self, picture: Tensor) -> Tensor:
        """The values of that picture."""
        values = self._filtered(picture - 0.5, 1 / self._strength)
        return torch.einsum("ij,bjhw->bihw", torch.linalg.inv(self._colours), values)

    def _filtered(self, x: Tensor, gain: Tensor) -> Tensor:
        filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(x) * gain, s=self._size)
        return filtered
