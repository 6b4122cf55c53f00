"""The method "optimise": the pixels themselves descend (Gatys et al. 2016, and what came after).

The slow, most faithful way. A style is what the nets see of it, so styles mix; what the fast painter makes of the same
styles is where the descent begins, unless the recipe says otherwise.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import Cancelled, StyleError, WeightsError
from stylize.features import find_backbone, load_features, smoothing
from stylize.memory import free_bytes, kept_memory
from stylize.methods.method import Method
from stylize.methods.optimise.borrowed_colours import with_colours_of
from stylize.methods.optimise.descent import Step, descend
from stylize.methods.optimise.eye import EYE, eye_name
from stylize.methods.optimise.memory import SHARE, bytes_per_pixel
from stylize.methods.optimise.objective import Objective
from stylize.methods.optimise.pace import pace_of
from stylize.methods.optimise.recipe import OptimiseRecipe, Stage
from stylize.methods.optimise.shipped import PresetTargets
from stylize.methods.optimise.target import Targets
from stylize.pictures import Picture
from stylize.request import Options, Pace, Progress, Watch
from stylize.sentence.corpus import REBUILD, Corpus
from stylize.sentence.styles import SentenceCode
from stylize.tensors import to_picture, to_tensor

SMALLEST = 64  # px: short side of a stage; below it the deepest layer sees a single place


class Optimise:
    """A `Method`. painter: the fast one, for recipes that start from its painting.

    weights_dir: a folder or file of the backbone's weights, see `load_features`. precision: of the net; statistics are
    float32 always. Raises WeightsError where the weights can't be had, StyleError for a layer that the backbone lacks.
    """

    name = "optimise"
    batch = 1
    any_stroke = True
    enlarges = True

    def __init__(
        self,
        device: torch.device,
        recipe: OptimiseRecipe,
        painter: Method,
        weights_dir: Path | None = None,
        precision: torch.dtype = torch.float32,
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
        net = load_features(
            recipe.backbone, layers, weights_dir, pooling=recipe.pooling, padding=recipe.padding, device=device
        )
        net.to(precision)
        self._features = smoothing(net) if recipe.smoothed else net
        self._targets = Targets(self._features, tuple(self._style), recipe.style_loss == "nearest", device)
        self.weights, self.reader = painter.weights, painter.reader

    def prepare(self, styles: Sequence[Picture]) -> Tensor:
        """Style pictures -> (B, Z): what the fast painter takes, then the targets, then how exact these are."""
        targets = [self._targets.pack(to_tensor(style)[None].to(self.device)) for style in styles]
        return torch.cat([self.painter.prepare(styles), torch.stack(targets), torch.ones(len(styles), 1)], dim=1)

    def fast_code(self, picture: Picture) -> Tensor:
        """The code that the painter knows, without the targets."""
        return self.painter.fast_code(picture)

    def mix(self, codes: Tensor, weights: Tensor) -> Tensor:
        """One style of several, (B, Z) -> (Z,); weights: (B,)."""
        fast, targets, exact = self._parts(codes)
        shares = weights / weights.sum()
        return torch.cat([self.painter.mix(fast, weights), self._targets.mix(targets, weights), shares @ exact])

    def of_preset(self, name: str, code: Tensor) -> Tensor:
        """The fast painter's code with the targets that ship for the preset."""
        return torch.cat([code, self._targets.possible(self._shipped.of_preset(name)), torch.ones(1)])

    def of_sentence(self, found: SentenceCode, corpus: Corpus) -> Tensor:
        """The fast painter's code with the targets of the pictures that the sentence brings to mind, mixed.

        By the Gram loss their Gram matrices mix as in Chelaramani et al. 2018; by Wasserstein's their means and
        covariances do, see ``Targets.between``. Raises StyleError where the corpus was built without
        them, WeightsError where another net saw its pictures.
        """
        self._require_eye()
        grams = corpus.grams
        if grams is None:
            raise StyleError(
                "This corpus can't be aimed at by the method optimise: it was built without Gram matrices. "
                "Build it anew without --no-grams, or choose the method adaptive."
            )
        if grams.eye != eye_name():
            raise WeightsError(f"The corpus' Gram matrices were made with another net. {REBUILD}")
        rows = grams.of_pictures([place for place, _ in found.looked_at])
        weights = torch.tensor([weight for _, weight in found.looked_at])
        mix = self._targets.mix if self.recipe.style_loss == "gram" else self._targets.between
        fast = self.painter.of_sentence(found, corpus)
        return torch.cat([fast, self._targets.possible(mix(rows, weights)), torch.zeros(1)])

    def eased(self, code: Tensor, photo: Picture, share: float) -> None:
        """Another descent takes too long."""

    def _parts(self, codes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of codes (..., Z): the fast painter's, the targets, and how exact these are, (..., 1) from 0 to 1."""
        fast = codes.shape[-1] - self._targets.length - 1
        return codes[..., :fast], codes[..., fast:-1], codes[..., -1:]

    @cached_property
    def pace(self) -> Pace:
        """Measured in about a second, when it is first asked for."""
        with kept_memory():
            return pace_of(self._loss_of_anything(), self.recipe, self.device)

    def memory_for(self, size: tuple[int, int]) -> float:
        """Bytes that a last stage of this width and height needs above the nets, as predicted."""
        return size[0] * size[1] * self._bytes_per_pixel

    def working_size(self, size: tuple[int, int], options: Options) -> tuple[int, int]:
        """Width and height in px of the last stage: those of the photo, the recipe's side, or what memory has room for.

        options: their own working size counts instead of the recipe's. `paint` looks at no memory: whoever wants that
        hands it what was found here.
        """
        room = SHARE * free_bytes(self.device) / self.memory_for(size)
        return _scaled(size, min(self._scale(size, options), max(room**0.5, SMALLEST / min(size))))

    def _scale(self, size: tuple[int, int], options: Options) -> float:
        return min(1.0, (options.working_size or self.recipe.side) / max(size))

    def paint(self, pictures: Sequence[Picture], codes: Tensor, options: Options, watch: Watch) -> list[Picture]:
        """Each picture by itself, at its own size; those beyond the working size are enlarged from there.

        A strength above 1 raises the weight of the style, to twice at 1.5.
        """
        painted: list[Picture] = []
        for picture, code in zip(pictures, codes, strict=True):
            before = len(painted)

            def tell(progress: Progress, before: int = before) -> bool:
                total = progress.total * len(pictures)
                return watch(Progress(before * progress.total + progress.step, total, progress.loss, progress.preview))

            with kept_memory():
                painted.append(self._paint(picture, code, options, tell))
        return painted

    def _paint(self, picture: Picture, code: Tensor, options: Options, watch: Watch) -> Picture:
        photo = to_tensor(picture)[None].to(self.device)
        fast, targets, exact = self._parts(code)
        targets = targets.to(self.device)
        width, height = _scaled(picture.size, self._scale(picture.size, options))
        recipe = replace(self.recipe, style_weight=self.recipe.style_weight * 4 ** (max(1.0, options.strength) - 1))

        def size_of(stage: Stage) -> tuple[int, int]:
            return _scaled((height, width), min(1.0, max(stage.scale, SMALLEST / min(width, height))))

        def objective_of(stage: Stage, size: tuple[int, int]) -> Objective:
            at_size = F.interpolate(photo, size, mode="bicubic", antialias=True).clamp(0, 1)
            seen = self._targets.unpack(targets, min(size) * options.stroke_size)
            return Objective(self._features, at_size, seen, self._style, self._content, recipe, options.seed)

        clock = _Clock(options.seconds)
        total = sum(stage.steps for stage in self.recipe.stages)
        start = self._start(picture, (width, height), fast, options, lambda: watch(Progress(0, total)))
        borrowed = 1 - float(exact) if self.recipe.start == "painting" else 0.0

        def picture_of(step: Step) -> Tensor:
            return with_colours_of(start, step.picture(), borrowed)

        step: Step | None = None
        for step in descend(start, size_of, objective_of, recipe):
            if not math.isfinite(step.loss):
                raise FloatingPointError("the loss is no number")
            shown = step.last_of_stage or (options.preview_every and step.number % options.preview_every == 0)
            preview = to_picture(picture_of(step)[0]) if shown else None
            if not watch(Progress(step.number, total, step.loss, preview)):
                raise Cancelled("Stopped as asked.")
            if clock.is_over():
                break
        assert step is not None
        return to_picture(enlarged(picture_of(step), photo)[0])

    def _start(
        self, picture: Picture, size: tuple[int, int], style: Tensor, options: Options, go_on: Callable[[], bool]
    ) -> Tensor:
        """(1, 3, H, W) in [0, 1] of any size."""
        match self.recipe.start:
            case "photo":
                return to_tensor(picture)[None].to(self.device)
            case "noise":
                generator = torch.Generator().manual_seed(options.seed)
                return torch.rand((1, 3, size[1], size[0]), generator=generator).to(self.device)
            case "painting":
                small = picture.resized(max(size))
                painted = self.painter.paint([small], style[None], options, lambda _: go_on())[0]
                return to_tensor(painted)[None].to(self.device)

    def _loss_of_anything(self) -> Objective:
        """An objective as any other, for trying out what a step costs."""
        picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).to(self.device)
        targets = self._targets.unpack(self._targets.pack(picture).to(self.device), 96)
        return Objective(self._features, picture, targets, self._style, {}, self.recipe)

    @cached_property
    def _shipped(self) -> PresetTargets:
        self._require_eye()
        return PresetTargets.load(eye=eye_name())

    def _require_eye(self) -> None:
        """Raises StyleError where the recipe looks through anything else than what saw the presets and the corpus."""
        own = find_backbone(EYE)
        recipe = self.recipe
        seen_alike = (recipe.backbone, recipe.pooling, recipe.smoothed) == (EYE, "max", False)
        if not seen_alike or tuple(self._style) != own.style_layers or self._targets.by_places:
            raise StyleError(
                f"Presets and sentences can be aimed at through the net {EYE} and its own layers only, and by moments. "
                "Choose the recipe finest, or paint like a picture."
            )

    @cached_property
    def _bytes_per_pixel(self) -> float:
        return bytes_per_pixel(self._loss_of_anything(), self.device, self.recipe)


class _Clock:
    """Tells when another step like the last one would go beyond so many seconds from now."""

    def __init__(self, seconds: float | None) -> None:
        self._end = math.inf if seconds is None else time.monotonic() + seconds
        self._last = time.monotonic()

    def is_over(self) -> bool:
        now = time.monotonic()
        step, self._last = now - self._last, now
        return now + step > self._end


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


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
