"""What the judges of the arbitrary-style net see, and how far a painting is from its style and its photo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.devices import choose_precision
from stylize.features import VggFeatures
from stylize.losses import (
    Statistics,
    edge_distance,
    gram_distance,
    moment_distance,
    palette_distance,
    structure_distance,
)
from stylize.training.recipe import AdaptiveRecipe

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
FURTHER_LAYERS = ("relu2_2", "relu3_1", "relu3_4", "relu4_2")  # of further judges: where a slim net sees least
CONTENT_LAYERS = ("relu2_2", "relu3_1", "relu4_1", "relu3_4", "relu4_2")

Features = dict[str, Tensor]
Judge = Callable[[Tensor], Features]


def load_judge(paths: Sequence[Path], device: torch.device) -> Judge:
    """The frozen nets that the losses look through, in the precision that is fastest here.

    The first looks through LAYERS, the others through FURTHER_LAYERS; all layers count alike. A painter that is trained
    long against one net learns to please it in ways that no other net sees.

    Called with pictures (B, 3, H, W) in [0, 1] the judge answers ``{"relu1_1 of 0": (B, C, H, W), ...}``, the number
    being that of the net.
    """
    precision = choose_precision(device)
    nets = [
        VggFeatures(path, FURTHER_LAYERS if further else LAYERS).to(device, precision)
        for further, path in enumerate(paths)
    ]

    def look(pictures: Tensor) -> Features:
        return {f"{name} of {index}": each for index, net in enumerate(nets) for name, each in net(pictures).items()}

    return look


def turned(judge: Judge) -> Judge:
    """The judge who sees all pictures, (B, 3, H, W), in one way of 48, drawn by torch's generator.

    One of the 8 turns and reflections of a square, and one of the 6 orders of the channels. A long training finds what
    its judges don't see; turned, they see it.
    """
    order = torch.randperm(3).tolist()
    flips = [axis for axis, flipped in zip((3, 2), (torch.rand(2) < 0.5).tolist(), strict=True) if flipped]
    transposed = bool(torch.rand(()) < 0.5)

    def judge_turned(pictures: Tensor) -> Features:
        seen = pictures[:, order].flip(flips)
        return judge(seen.mT if transposed else seen)

    return judge_turned


def half(pictures: Tensor) -> Tensor:
    return F.avg_pool2d(pictures, 2)


@dataclass(frozen=True)
class StyleLook:
    """Statistics of pictures in all layers of the style loss, at full size and at the smaller sizes of the recipe."""

    sizes: tuple[dict[str, Statistics], ...]

    @classmethod
    def of(cls, pictures: Tensor, judge: Judge, sizes: int, features: Features | None = None) -> "StyleLook":
        """pictures: (B, 3, H, W) in [0, 1]; sizes: full, half, quarter...; features: at full size, where known."""
        found = [features or judge(pictures)]
        for _ in range(sizes - 1):
            pictures = half(pictures)
            found.append(judge(pictures))
        return cls(tuple({name: Statistics.of(each) for name, each in one.items()} for one in found))


def look_distance(ours: StyleLook, style: StyleLook, recipe: AdaptiveRecipe) -> Tensor:
    """The style distance of each sample, (B,): relative distances, averaged over layers, weighed over sizes."""
    total = torch.zeros(())
    shares = torch.tensor([recipe.third_block if name.startswith("relu3") else 1.0 for name in ours.sizes[0]])
    for weight, a, b in zip(recipe.sizes, ours.sizes, style.sizes, strict=True):
        aims = {name: seen.of_stronger(recipe.overshoot) for name, seen in b.items()}
        layers = [moment_distance(a[n], aims[n]) + recipe.gram_share * gram_distance(a[n], aims[n]) for n in a]
        found = torch.stack(layers, dim=-1)
        total = total + weight * (found * shares.to(found)).sum(-1) / shares.sum().to(found)
    return total


def content_distance(ours: Features, content: Features) -> Tensor:
    """The content loss of each sample, (B,): mean over those of CONTENT_LAYERS that were looked at."""
    seen = [name for name in ours if name.split()[0] in CONTENT_LAYERS]
    return torch.stack([structure_distance(ours[name], content[name]) for name in seen]).mean(0)


@dataclass(frozen=True)
class Verdict:
    """How far paintings are from their styles and photos: four distances of each sample, (B,).

    Edges take time, so they are not measured, but 0, where the recipe does not weigh them.
    """

    style: Tensor
    palette: Tensor
    content: Tensor
    edges: Tensor

    @classmethod
    def of(
        cls,
        painted: Tensor,
        photos: Tensor,
        pictures: Tensor,
        look: StyleLook,
        structure: Features,
        judge: Judge,
        recipe: AdaptiveRecipe,
    ) -> "Verdict":
        """painted, photos: (B, 3, H, W); pictures: of the styles, (B, 3, S, T); look, structure: what the judge sees in
        them and in the photos. A look of one picture holds for all samples."""
        features = judge(painted)
        ours = StyleLook.of(painted, judge, len(recipe.sizes), features)
        return cls(
            look_distance(ours, look, recipe),
            palette(painted, pictures),
            content_distance(features, structure),
            edge_distance(painted, photos) if recipe.edge_weight else torch.zeros_like(painted[:, 0, 0, 0]),
        )


def palette(painted: Tensor, pictures: Tensor) -> Tensor:
    """Distance of the colours of a painting, (B, 3, H, W), to its style picture's, (B, 3, S, S), along 12 random
    directions; (B,)."""
    side = min(painted.shape[2], pictures.shape[2]) // 4
    directions = F.normalize(torch.randn(12, 3, device=painted.device), dim=1)
    small = [F.adaptive_avg_pool2d(each.float(), side) for each in (painted, pictures)]
    return palette_distance(small[0], small[1], directions)
