"""What the teachers of compact see in random crops, lesson by lesson."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from stylize.devices import choose_precision
from stylize.errors import WeightsError
from stylize.features import VggFeatures
from stylize.losses import spatial_moments
from stylize.training.compact_net import LAYERS, Features
from stylize.training.compact_recipe import CompactRecipe
from stylize.training.data import Sampler, random_crop, vary_colours


class Teachers:
    """Frozen nets; each layer is taken from the first file that reaches it.

    A slim net of Collaborative Distillation comes with maps from its channels to the full net's (``convXY_aux``): where
    it has them, what they tell is the target. precision: of the nets; None for what is fastest here.
    """

    def __init__(self, files: Sequence[Path], device: torch.device, precision: torch.dtype | None = None) -> None:
        self.precision = precision or choose_precision(device)
        self.nets: list[tuple[VggFeatures, dict[str, tuple[Tensor, Tensor]]]] = []
        left: tuple[str, ...] = LAYERS
        for path in files:
            net = _deepest(path, left)
            if not net:
                continue
            net.to(device, self.precision)
            for name, value in list(net.named_buffers()):
                if value.ndim == 4:
                    setattr(net, name, value.contiguous(memory_format=torch.channels_last))
            self.nets.append((net, _maps_of(path, net.layers, device)))
            left = left[len(net.layers) :]
        if left:
            raise WeightsError(f"No teacher reaches {left[0]}; docs/training.md says where to get one that does.")

    @torch.inference_mode()
    def __call__(self, pictures: Tensor) -> Features:
        """pictures: (B, 3, H, W) in [0, 1]; the maps of LAYERS, float32."""
        found: Features = {}
        for net, maps in self.nets:
            for name, features in net(pictures).items():
                wide = features.float()
                found[name] = F.conv2d(wide, *maps[name]) if name in maps else wide
        return found


def _deepest(path: Path, layers: tuple[str, ...]) -> VggFeatures | None:
    """As many of the layers, from the first on, as the file has."""
    for count in range(len(layers), 0, -1):
        try:
            return VggFeatures(path, layers[:count])
        except WeightsError as error:
            if "ends before" not in str(error):
                raise
    return None


def _maps_of(path: Path, layers: Sequence[str], device: torch.device) -> dict[str, tuple[Tensor, Tensor]]:
    """Weight (R, K, 1, 1) and bias (R,) for the layers that the file has a map for.

    A map A = [W b] from K channels spans K + 1 directions of the full net's C channels. With A = QR and orthonormal Q,
    R x has the same distances and the same distances of Gram matrices, and is smaller; the scale keeps the mean power
    of a channel.
    """
    if path.suffix != ".safetensors":
        return {}
    state, found = load_file(path), {}
    for layer in layers:
        key = f"conv{layer[4]}{layer[6]}_aux"
        if f"{key}.weight" in state:
            affine = torch.cat([state[f"{key}.weight"].flatten(1), state[f"{key}.bias"][:, None]], dim=1).double()
            short = torch.linalg.qr(affine).R
            short = (short * (len(short) / len(affine)) ** 0.5).float().to(device)
            found[layer] = short[:, :-1, None, None].contiguous(), short[:, -1].contiguous()
    return found


@dataclass(frozen=True)
class Aim:
    """What teachers see in one layer of N crops.

    places: (N, P) numbers of positions, values: (N, P, C) their features; moments of the whole map: mean (N, C) and
    gram (N, C, C).
    """

    places: Tensor
    values: Tensor
    mean: Tensor
    gram: Tensor

    @classmethod
    def of(cls, features: Tensor, most: int, generator: torch.Generator) -> "Aim":
        """features: (N, C, H, W); most: places compared in each of them."""
        count, _, height, width = features.shape
        if height * width <= most:
            places = torch.arange(height * width).expand(count, -1)
        else:
            places = torch.stack([torch.randperm(height * width, generator=generator)[:most] for _ in range(count)])
        places = places.to(features.device)
        return cls(places, values_at(features, places), *spatial_moments(features))

    def __getitem__(self, chosen: Tensor) -> "Aim":
        return Aim(self.places[chosen], self.values[chosen], self.mean[chosen], self.gram[chosen])


def values_at(features: Tensor, places: Tensor) -> Tensor:
    """(B, P, C) of features (B, C, H, W) at the positions numbered row by row in places (B, P)."""
    rows = features.permute(0, 2, 3, 1).flatten(1, 2)
    return rows.gather(1, places[..., None].expand(-1, -1, rows.shape[2]))


@dataclass(frozen=True)
class Lesson:
    """Crops (N, 3, S, S) in [0, 1] and what the teachers see in them."""

    pictures: Tensor
    aims: dict[str, Aim]

    @classmethod
    def number(
        cls, number: int, sampler: Sampler, teachers: Teachers, recipe: CompactRecipe, device: torch.device
    ) -> "Lesson":
        """The lesson of this number, always the same for the same seed, pictures and teachers."""
        sampler.rng.seed(f"lesson {recipe.seed} {number}")
        generator = torch.Generator().manual_seed(sampler.rng.getrandbits(63))
        pictures = torch.stack([_crop(sampler, recipe, generator) for _ in range(recipe.lesson)]).to(device)
        parts: dict[str, list[Aim]] = {name: [] for name in LAYERS}
        for some in _batches(pictures, recipe.batch):
            for name, features in teachers(some).items():
                parts[name].append(Aim.of(features, recipe.places, generator))
        return cls(pictures, {name: _joined(aims) for name, aims in parts.items()})

    def order(self, turn: int, recipe: CompactRecipe, number: int) -> tuple[Tensor, ...]:
        """The crops of each batch in one pass, (batch,) each."""
        generator = torch.Generator().manual_seed(zlib.crc32(f"order {recipe.seed} {number} {turn}".encode()))
        return _batches(torch.randperm(len(self.pictures), generator=generator), recipe.batch)


def _batches(rows: Tensor, size: int) -> tuple[Tensor, ...]:
    return torch.split(rows, size)


def _joined(aims: list[Aim]) -> Aim:
    return Aim(*(torch.cat([getattr(aim, field.name) for aim in aims]) for field in fields(Aim)))


def _crop(sampler: Sampler, recipe: CompactRecipe, generator: torch.Generator) -> Tensor:
    rng = sampler.rng
    crop = vary_colours(random_crop(sampler.pick(), recipe.side, recipe.scales, rng), rng, recipe.colour_chance)
    if rng.random() < recipe.noise_chance:
        crop = crop.lerp(torch.rand(crop.shape, generator=generator), rng.random())
    return crop
