"""What pictures of a style code look like, in the statistics by which style distances are taken.

Two codes can be far apart and look alike, so a head that is taught by the distance of codes wins little where pictures
are compared. A small net learns from a corpus which statistics its pictures have by their codes; through it the head is
taught by the distances that a judge of paintings takes, and nothing need be painted.
"""

import torch
from torch import Tensor, nn

from stylize.errors import StylizeError
from stylize.methods.optimise.eye import eye_name, gram_packer
from stylize.methods.optimise.target import SIDES
from stylize.sentence.corpus import Corpus

LAYERS = 3  # relu1_1, relu2_1 and relu3_1, of the five that moments are held of
ROWS = 256  # pictures whose moments are unpacked at a time
WIDTH = 512
STEPS = 1500
BATCH = 256
RATE = 1e-3
RIDGE = 1.0
SEEDED = 1  # so that the head's own layers and this net's don't begin with the same numbers

Statistics = tuple[Tensor, ...]
"""Of each layer, channels' means and deviations of N pictures, (N, 2 C)."""


def statistics_of(corpus: Corpus) -> Statistics | None:
    """What compact sees of every picture at the largest size, as far as the corpus' moments hold it; None without them.

    Raises StylizeError where another net saw the pictures.
    """
    if corpus.grams is None:
        return None
    if corpus.grams.eye != eye_name():
        raise StylizeError("The corpus' Gram matrices are of another net. Build it again with `stylize corpus build`.")
    parts = gram_packer().parts
    largest = len(parts) - len(parts) // len(SIDES)  # of the sizes, the last
    found: list[list[Tensor]] = [[] for _ in range(LAYERS)]
    for places in torch.split(torch.arange(len(corpus)), ROWS):
        rows = torch.split(corpus.grams.of_pictures(places.tolist()), list(parts), dim=1)
        for layer, moments in zip(found, rows[largest : largest + LAYERS], strict=True):
            layer.append(_means_and_deviations(moments))
    return tuple(torch.cat(rows) for rows in found)


def _means_and_deviations(moments: Tensor) -> Tensor:
    """(N, C + C (C + 1) / 2), means and the upper half of Gram matrices -> (N, 2 C)."""
    channels = next(c for c in range(1, moments.shape[1]) if c + c * (c + 1) // 2 == moments.shape[1])
    row, column = torch.triu_indices(channels, channels)
    mean, squares = moments[:, :channels], moments[:, channels:][:, row == column]
    return torch.cat([mean, (squares - mean.square()).clamp_min(0).sqrt()], dim=1)


def apart(ours: Statistics, wanted: Statistics) -> Tensor:
    """Style distances of N pictures to those that are wanted, (N,): the mean over layers of |a - b|² / |b|²."""
    layers = [(a - b).square().sum(1) / b.square().sum(1) for a, b in zip(ours, wanted, strict=True)]
    return torch.stack(layers).mean(0)


def all_apart(ours: Statistics, wanted: Statistics) -> Tensor:
    """The same of N pictures to each of M, (N, M)."""
    layers = [torch.cdist(a, b).square() / b.square().sum(1) for a, b in zip(ours, wanted, strict=True)]
    return torch.stack(layers).mean(0)


class Appearance(nn.Module):
    """Style codes (N, Z) -> the statistics that pictures have by them.

    By least squares, and what a net of three layers adds to them; in units of each layer's mean length.
    """

    mean: Tensor
    spread: Tensor
    usual: Tensor
    lengths: Tensor

    def __init__(self, codes: Tensor, statistics: Statistics) -> None:
        super().__init__()
        self.sizes = [layer.shape[1] for layer in statistics]
        lengths = [layer.norm(dim=1).mean().expand(layer.shape[1]) for layer in statistics]
        self.register_buffer("lengths", torch.cat(lengths))
        self.register_buffer("usual", torch.cat(statistics, dim=1).mean(0) / self.lengths)
        self.register_buffer("mean", codes.mean(0))
        self.register_buffer("spread", codes.std(0, correction=0).clamp_min(1e-6))
        units = (codes - self.mean) / self.spread
        squares = units.T @ units + RIDGE * torch.eye(units.shape[1])
        found = torch.linalg.solve(squares, units.T @ (torch.cat(statistics, dim=1) / self.lengths - self.usual))
        self.linear = nn.Parameter(found)
        self.net = nn.Sequential(
            nn.Linear(len(found), WIDTH),
            nn.GELU(),
            nn.Linear(WIDTH, WIDTH),
            nn.GELU(),
            nn.Linear(WIDTH, found.shape[1]),
        )
        for last in self.net[-1].parameters():
            nn.init.zeros_(last)

    def forward(self, codes: Tensor) -> Statistics:
        units = (codes - self.mean) / self.spread
        found = (self.usual + units @ self.linear + self.net(units)) * self.lengths
        return torch.split(found, self.sizes, dim=1)


def learned_appearance(codes: Tensor, statistics: Statistics, seed: int, steps: int = STEPS) -> Appearance:
    """From N pictures' codes (N, Z) and statistics, by the style distance; 15 s on a CPU.

    The same numbers give the same net.
    """
    torch.manual_seed(seed + SEEDED)
    net = Appearance(codes, statistics)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(steps):
        places = torch.randint(len(codes), (min(BATCH, len(codes)),))
        loss = apart(net(codes[places]), tuple(layer[places] for layer in statistics)).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return net.requires_grad_(False)
