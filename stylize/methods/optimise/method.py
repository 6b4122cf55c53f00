"""The method "optimise": the pixels themselves descend (Gatys et al. 2016, and what came after).

The slow, most faithful way. A style is what the nets see of it, so styles mix; what the fast painter makes of the same
styles is where the descent begins, unless the recipe says otherwise.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import Cancelled
from stylize.features import find_backbone, load_features
from stylize.methods.method import Method
from stylize.methods.optimise.descent import Objective as Loss
from stylize.methods.optimise.descent import Step, descend
from stylize.methods.optimise.objective import Objective
from stylize.methods.optimise.recipe import OptimiseRecipe, Stage
from stylize.methods.optimise.target import Targets
from stylize.pictures import Picture
from stylize.request import Options, Progress, Watch
from stylize.tensors import to_picture, to_tensor

SMALLEST = 64  # px: short side of a stage; below it the deepest layer sees a single place


class Optimise:
    """A `Method`. painter: the fast one, for recipes that start from its painting.

    weights_dir: a folder or file of the backbone's weights, see `load_features`. Raises WeightsError where they can't
    be had, StyleError for a layer that the backbone lacks.
    """

    name = "optimise"
    batch = 1
    any_stroke = True

    def __init__(
        self, device: torch.device, recipe: OptimiseRecipe, painter: Method, weights_dir: Path | None = None
    ) -> None:
        self.device, self.recipe, self.painter = device, recipe, painter
        backbone = find_backbone(recipe.backbone)
        self._style = _weighed(
            recipe.style_layers or backbone.style_layers, recipe.style_weights or backbone.style_weights
        )
        self._content = _weighed(
            recipe.content_layers or backbone.content_layers, recipe.content_weights or backbone.content_weights
        )
        layers = dict.fromkeys([*self._style, *self._content])
        self._features = load_features(recipe.backbone, layers, weights_dir, pooling=recipe.pooling, device=device)
        self._targets = Targets(self._features, tuple(self._style), recipe.style_loss == "nearest")
        self.weights = painter.weights

    def prepare(self, styles: Sequence[Picture]) -> Tensor:
        """Style pictures -> (B, Z): what the fast painter takes, then the targets."""
        targets = [self._targets.pack(to_tensor(style)[None].to(self.device)) for style in styles]
        return torch.cat([self.painter.prepare(styles), torch.stack(targets)], dim=1)

    def mix(self, codes: Tensor, weights: Tensor) -> Tensor:
        """One style of several, (B, Z) -> (Z,); weights: (B,)."""
        fast = codes.shape[1] - self._targets.length
        return torch.cat([self.painter.mix(codes[:, :fast], weights), self._targets.mix(codes[:, fast:], weights)])

    def paint(self, pictures: Sequence[Picture], codes: Tensor, options: Options, watch: Watch) -> list[Picture]:
        """Each picture by itself, at its own size; those beyond the recipe's side are enlarged from there.

        A strength above 1 raises the weight of the style, to twice at 1.5.
        """
        painted: list[Picture] = []
        for picture, code in zip(pictures, codes, strict=True):
            offset = len(painted) / len(pictures)

            def tell(progress: Progress, offset: float = offset) -> bool:
                fraction = offset + progress.fraction / len(pictures)
                return watch(Progress(round(1000 * fraction), 1000, progress.loss, progress.preview))

            painted.append(self._paint(picture, code, options, tell))
        return painted

    def _paint(self, picture: Picture, code: Tensor, options: Options, watch: Watch) -> Picture:
        photo = to_tensor(picture)[None].to(self.device)
        fast = len(code) - self._targets.length
        targets = code[fast:].to(self.device)
        scale = min(1.0, self.recipe.side / max(picture.size))

        def size_of(stage: Stage) -> tuple[int, int]:
            factor = scale * stage.scale
            factor = min(scale, max(factor, SMALLEST / min(picture.size)))
            return max(1, round(picture.height * factor)), max(1, round(picture.width * factor))

        def objective_of(stage: Stage, size: tuple[int, int]) -> Loss:
            at_size = F.interpolate(photo, size, mode="bicubic", antialias=True).clamp(0, 1)
            seen = self._targets.unpack(targets, min(size) * options.stroke_size)
            return Objective(self._features, at_size, seen, self._style, self._content, recipe, options.seed)

        began = time.monotonic()
        recipe = replace(self.recipe, style_weight=self.recipe.style_weight * 4 ** (max(1.0, options.strength) - 1))
        start = self._start(picture, photo, code[:fast], options)
        total = sum(stage.steps for stage in self.recipe.stages)
        step: Step | None = None
        for step in descend(start, size_of, objective_of, recipe):
            if not math.isfinite(step.loss):
                raise FloatingPointError("the loss is no number")
            preview = to_picture(step.picture()[0]) if step.last_of_stage else None
            if not watch(Progress(step.number, total, step.loss, preview)):
                raise Cancelled("Stopped as asked.")
            if options.seconds is not None and time.monotonic() - began > options.seconds:
                break
        assert step is not None
        return to_picture(enlarged(step.picture(), photo)[0])

    def _start(self, picture: Picture, photo: Tensor, style: Tensor, options: Options) -> Tensor:
        match self.recipe.start:
            case "photo":
                return photo
            case "noise":
                generator = torch.Generator().manual_seed(options.seed)
                return torch.rand(photo.shape, generator=generator).to(self.device)
            case "painting":
                small = picture.resized(self.recipe.side)
                painted = self.painter.paint([small], style[None], options, lambda _: True)[0]
                return to_tensor(painted)[None].to(self.device)


def _weighed(layers: Sequence[str], weights: Sequence[float]) -> dict[str, float]:
    return dict(zip(layers, weights, strict=True))


def enlarged(painting: Tensor, photo: Tensor) -> Tensor:
    """The painting at the photo's size, with the photo's own fine detail where it was enlarged.

    painting: (1, 3, h, w), photo: (1, 3, H, W), both in [0, 1]. The detail is what the photo loses when it is reduced
    to the painting's size, in lightness alone: its colours would show through.
    """
    size = photo.shape[2:]
    if painting.shape[2:] == size:
        return painting
    small = F.interpolate(photo, painting.shape[2:], mode="bicubic", antialias=True)
    detail = (photo - F.interpolate(small, size, mode="bicubic")).mean(1, keepdim=True)
    return (F.interpolate(painting, size, mode="bicubic") + detail).clamp(0, 1)
