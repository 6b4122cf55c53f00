"""Style picture -> what is read of it -> the code to begin with."""

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylize.features import VggFeatures
from stylize.losses import Statistics
from stylize.methods.layers import Conv
from stylize.methods.palette import PALETTE_SIZE, palette_of

CODE_SIZE = 128  # numbers that steer the painter
READING_SIZE = 256  # numbers that are read of a picture
BLOCKS = ((16, 16), (48, 48), (96, 96, 96, 96), (144,))  # channels of the eyes, those of `compact` up to relu4_1
SEEN = ("relu1_2", "relu2_2", "relu3_1", "relu3_4", "relu4_1")
SEEN_SMALL = SEEN[-2:]  # of the picture at half its size
MIXTURES = 12  # of each layer's channels
FARTHEST = 4.0  # deviations that a statistic may lie from its mean


class Eyes(nn.Module):
    """The first nine convolutions of the narrow VGG-19 that the optimisation painter sees with.

    Call with pictures (B, 3, H, W) in [0, 1], H and W from 16 up; returns the maps of SEEN, (B, C, H / 1, 2, 4 or 8,
    ...), in the pictures' precision.
    """

    def __init__(self) -> None:
        super().__init__()
        widths = (3, *(width for block in BLOCKS for width in block))
        self.convs = nn.ModuleList(Conv(widths[i], widths[i + 1], 3) for i in range(len(widths) - 1))
        self.requires_grad_(False)

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        x, found, convs = pictures.contiguous(memory_format=torch.channels_last), {}, iter(self.convs)
        for number, block in enumerate(BLOCKS, start=1):
            if number > 1:
                x = F.max_pool2d(x, 2)
            for place in range(1, len(block) + 1):
                x = next(convs)(x).relu_()
                if (name := f"relu{number}_{place}") in SEEN:
                    found[name] = x
        return found

    @torch.no_grad()
    def open(self, weights: Path) -> None:
        """Takes the convolutions of a file such as the shipped `compact`."""
        net = VggFeatures(weights, SEEN)
        names = [name for name in net.plan if name != "pool"]
        for conv, name in zip(self.convs, names, strict=True):
            assert isinstance(conv, Conv)
            conv.weight.copy_(net.get_buffer(f"weight{name}"))
            assert conv.bias is not None
            conv.bias.copy_(net.get_buffer(f"bias{name}"))
        first = self.convs[0]
        assert isinstance(first, Conv)
        assert first.bias is not None
        scale, shift = net.get_buffer("first_weight")[:, :, 0, 0], net.get_buffer("first_bias")
        first.bias += torch.einsum("oihw,i->o", first.weight, shift)
        first.weight.copy_(torch.einsum("oihw,ij->ojhw", first.weight, scale))


class StyleEncoder(nn.Module):
    """Style picture -> what is read of it -> the code to begin with.

    What the eyes see in a layer is what style losses compare: mean and standard deviation of its channels, and the
    covariance of a few mixtures of them, which is the part of a Gram matrix that two linear layers can digest. These
    tell colours to 1 % only, so the palette is read as well. Ghiasi et al. 2017 read the mean features of Inception,
    without deviations.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.eyes = Eyes()
        channels = {name: BLOCKS[int(name[4]) - 1][int(name[6]) - 1] for name in SEEN}
        self.mix = nn.ModuleDict({name: nn.Linear(channels[name], MIXTURES, bias=False) for name in SEEN})
        pooled = sum(2 * channels[name] + MIXTURES * (MIXTURES + 1) // 2 for name in SEEN)
        pooled += sum(2 * channels[name] for name in SEEN_SMALL) + PALETTE_SIZE
        self.register_buffer("centre", torch.zeros(pooled))
        self.register_buffer("spread", torch.ones(pooled))
        self.reader, self.coder = nn.Linear(pooled, READING_SIZE), nn.Linear(READING_SIZE, CODE_SIZE)
        nn.init.normal_(self.reader.weight, std=0.5)

    def forward(self, pictures: Tensor) -> Tensor:
        """pictures: (B, 3, H, W) in [0, 1], any H and W from 64 up. Returns the reading, (B, READING_SIZE) float32."""
        apart = ((self.pool(pictures) - self.centre) / self.spread).clamp(-FARTHEST, FARTHEST)
        # Of about length 1, or the steps of training would be too long for this layer alone.
        reading: Tensor = self.reader(apart / apart.shape[1] ** 0.5)
        return reading

    def code(self, readings: Tensor) -> Tensor:
        """(B, READING_SIZE) -> the code to begin with, (B, CODE_SIZE)."""
        code: Tensor = self.coder(F.relu(readings))
        return code

    def pool(self, pictures: Tensor) -> Tensor:
        """Statistics of all layers, (B, P) float32."""
        seen = {name: Statistics.of(maps) for name, maps in self._look(pictures).items()}
        small = self._look(F.avg_pool2d(pictures, 2))
        pooled = [part for each in seen.values() for part in _told(each)]
        pooled += [part for name in SEEN_SMALL for part in _told(Statistics.of(small[name]))]
        for name, mix in self.mix.items():
            assert isinstance(mix, nn.Linear)
            pooled.append(mixed_covariance(seen[name], mix.weight))
        pooled.append(palette_of(pictures))
        return torch.cat(pooled, dim=1)

    @torch.no_grad()
    def calibrate(self, pictures: Sequence[Tensor]) -> None:
        """Sets the mixtures to the directions in which the layers vary most in these batches, (B, 3, H, W), and what
        statistics are measured from to their mean and deviation."""
        looks = [{name: Statistics.of(maps) for name, maps in self._look(batch).items()} for batch in pictures]
        for name, mix in self.mix.items():
            assert isinstance(mix, nn.Linear)
            covariance = torch.stack([_covariance(look[name]).mean(0) for look in looks]).mean(0)
            values, directions = torch.linalg.eigh(covariance)
            strongest = directions[:, -MIXTURES:] / values[-MIXTURES:].clamp(min=1e-6).sqrt()
            mix.weight.copy_(strongest.T)
        pooled = torch.cat([self.pool(batch) for batch in pictures])
        self.centre.copy_(pooled.mean(0))
        self.spread.copy_(pooled.std(0) + 1e-2)

    @torch.no_grad()
    def _look(self, pictures: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = self.eyes(pictures)
        return found


def mixed_covariance(seen: Statistics, mixtures: Tensor) -> Tensor:
    """The upper triangle of the covariance of mixtures, (M, C), of a layer's channels, (B, M (M + 1) / 2), each entry
    as its signed root to be of one scale with means and deviations."""
    mixed = mixtures @ _covariance(seen) @ mixtures.T
    row, column = torch.triu_indices(len(mixtures), len(mixtures), device=mixed.device)
    entries = mixed[:, row, column]
    return entries / (entries.abs() + 1e-2).sqrt()


def _covariance(seen: Statistics) -> Tensor:
    return seen.gram - seen.mean[:, :, None] * seen.mean[:, None, :]


def _told(seen: Statistics) -> tuple[Tensor, Tensor]:
    """Mean and deviation as logarithms: strong channels must not drown weak ones."""
    return (seen.mean + 0.1).log(), (seen.sd + 0.1).log()
