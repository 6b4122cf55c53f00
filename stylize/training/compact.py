"""Training of `compact`: a net of VGG-19's shape and a quarter of its widths that is taught to see what VGG-19 sees.

Feature distillation: linear maps, which only the training has, tell the teacher's channels from the student's, layer by
layer. Only the student ships.
"""

import copy
import json
import time
import tomllib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from stylize.devices import choose_precision
from stylize.errors import WeightsError
from stylize.features import VggFeatures
from stylize.features.extractor import IMAGENET_MEAN, IMAGENET_SD
from stylize.features.vgg import BLOCKS
from stylize.losses import Statistics, gram_distance, moment_distance, spatial_moments
from stylize.training.data import Sampler, random_crop, vary_colours

# Of the five blocks. Blocks 2 and 3 are wider than a quarter: there a quarter of the directions holds only nine tenths
# and eight tenths of the real features' variance.
WIDTHS = (16, 48, 96, 144, 144)
LAYERS = (
    "relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1", "relu3_4", "relu4_1", "relu4_2", "relu5_1",
)  # fmt: skip

Features = dict[str, Tensor]


@dataclass(frozen=True)
class CompactRecipe:
    """Training of compact; the defaults are the shipped weights' (recipes/compact.toml)."""

    seed: int = 1
    steps: int = 3300
    batch: int = 8
    side: int = 112  # px of the crops
    scales: tuple[float, float] = (0.45, 1.25)
    lesson: int = 128  # crops that the teachers look at in one go
    passes: int = 4  # times that the student goes through a lesson: the teachers cost more than a step
    places: int = 256  # of a map's positions at most that are compared, other ones in each crop
    noise_chance: float = 0.15  # of crops mixed with noise, since painting may begin with noise
    colour_chance: float = 0.15
    rate: float = 0.03  # of a layer's weights, in standard deviations of its random ones
    renewal: float = 0.05  # share of a step's batch in the moments that the maps are solved from
    warm_up: int = 50
    clip: float = 1.0
    average: float = 0.999
    statistics: float = 0.1  # weight of the mapped features' statistics beside that of the features
    relations: float = 0.2  # weight of the Gram distances between pictures without maps
    leave_out: tuple[str, ...] = ()  # beginnings of file names: the comparison set
    hold_out_one_in: int = 40  # of the other files, by name, for the evaluation

    def __post_init__(self) -> None:
        if self.side < 32:
            raise ValueError("side must be at least 32 px: relu5_1 needs 2 px to pad")
        if self.lesson % self.batch:
            raise ValueError("lesson must be a multiple of batch")

    @classmethod
    def read(cls, path: Path) -> "CompactRecipe":
        """Raises ValueError with the name of an unknown key, or of one whose value can't be."""
        values = tomllib.loads(path.read_text())
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"{path.name}: unknown key {sorted(unknown)[0]!r}")
        given: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**given)

    def holds_out(self, name: str) -> bool:
        """Whether the file is kept for the evaluation; follows from its name, whatever folder it lies in."""
        return name.startswith(self.leave_out) or zlib.crc32(name.encode()) % self.hold_out_one_in == 0


class Compact(nn.Module):
    """VGG-19 up to relu5_1 in other widths, with torchvision's key names and reflection padding.

    Call with RGB in [0, 1], (B, 3, H, W); returns the relu maps of LAYERS. The painter does not use this class: it
    reads the exported weights as any VGG-19, with VggFeatures.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.features = nn.ModuleDict()
        self.plan: list[tuple[str, str]] = []
        index, inputs = 0, 3
        for block, (depth, width) in enumerate(zip(BLOCKS["vgg19"], widths, strict=True), start=1):
            for place in range(1, 2 if block == 5 else depth + 1):
                convolution = nn.Conv2d(inputs, width, 3)
                self.features[str(index)] = convolution
                self.plan.append((str(index), f"relu{block}_{place}"))
                index, inputs = index + 2, width
            self.plan.append(("", "pool"))
            index += 1
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor, before_relu: Callable[[nn.Module, Tensor], Tensor] | None = None) -> Features:
        x = (pictures - self.get_buffer("mean")) / self.get_buffer("sd")
        x = x.contiguous(memory_format=torch.channels_last)
        found: Features = {}
        for index, name in self.plan[:-1]:
            if name == "pool":
                x = F.max_pool2d(x, 2)
                continue
            x = self.features[index](F.pad(x, (1, 1, 1, 1), mode="reflect"))
            x = F.relu(before_relu(self.features[index], x) if before_relu else x)
            if name in LAYERS:
                found[name] = x
        return found

    @torch.no_grad()
    def settle(self, pictures: Tensor) -> None:
        """Random weights scaled and biases set so that every channel has mean 0 and variance 1 before its ReLU.

        After Mishkin and Matas 2016; they scale layers and leave the biases. pictures: as for a call.
        """

        def standard(convolution: nn.Module, x: Tensor) -> Tensor:
            assert isinstance(convolution, nn.Conv2d)
            assert convolution.bias is not None
            mean, sd = x.mean((0, 2, 3)), x.std((0, 2, 3))
            convolution.weight /= sd[:, None, None, None]
            convolution.bias.copy_((convolution.bias - mean) / sd)
            return (x - mean[:, None, None]) / sd[:, None, None]

        self(pictures, standard)


class Teachers:
    """Frozen nets; each layer is taken from the first file that reaches it.

    A slim net of Collaborative Distillation comes with maps from its channels to the full net's (``convXY_aux``): where
    it has them, what they tell is the target.
    """

    def __init__(self, files: Sequence[Path], device: torch.device) -> None:
        self.precision = choose_precision(device)
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


@dataclass
class Moments:
    """Second moments of the student's features, followed by 1, with themselves and with the teacher's.

    power: (K + 1, K + 1), cross: (K + 1, C); float64.
    """

    power: Tensor
    cross: Tensor

    @classmethod
    def of(cls, rows: Tensor, values: Tensor) -> "Moments":
        """rows: (N, K), values: (N, C)."""
        x = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1)
        return cls((x.T @ x / len(x)).double(), (x.T @ values / len(x)).double())

    def follow(self, newer: "Moments", share: float) -> None:
        """Forgets a share of the old moments for the newer ones."""
        self.power.lerp_(newer.power, share)
        self.cross.lerp_(newer.cross, share)

    def map(self) -> tuple[Tensor, Tensor]:
        """The linear map of least squares, weight (C, K) and bias (C,), float32.

        A hundred-thousandth of the mean power is added as ridge, so that dead channels do no harm.
        """
        ridge = 1e-5 * self.power.diagonal().mean() * torch.eye(len(self.power)).to(self.power)
        affine = torch.linalg.solve(self.power + ridge, self.cross).T.float()
        return affine[:, :-1].contiguous(), affine[:, -1].contiguous()


def mapped_moments(mean: Tensor, gram: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (B, C) and Gram matrix (B, C, C) of W x + b, from those of x, (B, K) and (B, K, K).

    With A = [W b] and H the Gram matrix of x followed by 1, E[(Wx + b)(Wx + b)^T] = A H A^T.
    """
    one = torch.ones_like(mean[:, :1])
    longer = torch.cat([mean, one], dim=1)
    both = torch.cat([torch.cat([gram, mean[:, :, None]], dim=2), longer[:, None]], dim=1)
    affine = torch.cat([weight, bias[:, None]], dim=1)
    return longer @ affine.T, affine @ both @ affine.T


def picture_distances(gram: Tensor) -> Tensor:
    """Frobenius distances of the Gram matrices (B, C, C) of all pairs of pictures, divided by C; (B (B - 1) / 2,)."""
    return F.pdist(gram.flatten(1)) / gram.shape[1]


def _statistics(mean: Tensor, gram: Tensor) -> Statistics:
    power = gram.diagonal(dim1=1, dim2=2)
    return Statistics(mean, (torch.maximum(power - mean.square(), 1e-3 * power.abs()) + 1e-6).sqrt(), gram)


def layer_losses(features: Tensor, aim: Aim, rows: Tensor, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """Three errors of the student's features (B, K, H, W), as numbers.

    rows: the features at the places of the aim; weight, bias: the map to the teacher's channels.

    features: squared error of the mapped features over the variance of the teacher's, which is 1 - R^2.
    statistics: of the mapped features' means, standard deviations and Gram matrices, relative to the teacher's.
    relations: squared ratio, as logarithm, of the Gram distances between the pictures of the batch to the teacher's;
    without a map, since the painter has none
    (distance-wise relational distillation, Park et al. 2019, with Gram matrices for the embedding).
    """
    mapped = F.linear(rows, weight, bias)
    spread = (aim.values - aim.values.mean((0, 1))).square().sum()
    mean, gram = spatial_moments(features)
    ours, theirs = _statistics(*mapped_moments(mean, gram, weight, bias)), _statistics(aim.mean, aim.gram)
    near, far = picture_distances(gram), picture_distances(aim.gram)
    return {
        "features": (mapped - aim.values).square().sum() / spread,
        "statistics": (moment_distance(ours, theirs) + gram_distance(ours, theirs)).mean(),
        # Of the logarithms: crops with noise have distances that would drown all others.
        "relations": ((near + 1e-4).log() - (far + 1e-4).log()).square().mean(),
    }


def step_losses(
    net: Compact, moments: dict[str, Moments], share: float, pictures: Tensor, aims: dict[str, Aim]
) -> dict[str, Tensor]:
    """Means over LAYERS of the losses of one batch (B, 3, S, S), and the first of them for each layer, by its name.

    The maps are not learned but solved from the moments, which follow the batch by ``share``: where a map is the best
    one, it does not matter for the gradient that the map depends on the features too.
    """
    found: dict[str, dict[str, Tensor]] = {}
    for name, features in net(pictures).items():
        wide, aim = features.float(), aims[name]
        rows = values_at(wide, aim.places)
        now = Moments.of(rows.detach().flatten(0, 1), aim.values.flatten(0, 1))
        moments.setdefault(name, now).follow(now, share)
        found[name] = layer_losses(wide, aim, rows, *moments[name].map())
    kinds = ("features", "statistics", "relations")
    means = {kind: torch.stack([losses[kind] for losses in found.values()]).mean() for kind in kinds}
    return means | {name: losses["features"].detach() for name, losses in found.items()}


@dataclass
class State:
    """Everything that a run needs to go on where it was stopped."""

    net: Compact
    average: Compact
    moments: dict[str, Moments]
    optimiser: torch.optim.Optimizer
    step: int = 0

    @classmethod
    def start(cls, recipe: CompactRecipe, lesson: Lesson, device: torch.device, weights: Path | None = None) -> "State":
        """A fresh net, or that of a weights file, as the file has it; the lesson shows pictures to settle on."""
        torch.manual_seed(recipe.seed)
        net = Compact()
        if weights:
            try:
                net.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
            except Exception as error:  # safetensors and torch raise many kinds
                raise WeightsError(f"{weights} holds no weights of this net to begin with.") from error
        net.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if not weights:
            net.settle(lesson.pictures[: recipe.batch])
        groups = [
            {"params": list(each.parameters()), "share": (2 / (9 * each.in_channels)) ** 0.5}
            for each in net.features.children()
            if isinstance(each, nn.Conv2d)
        ]
        optimiser = torch.optim.Adam(groups, lr=recipe.rate, betas=(0.9, 0.99))
        return cls(net, copy.deepcopy(net).requires_grad_(False), {}, optimiser)

    def save(self, path: Path) -> None:
        """Written beside and renamed, so that a crash leaves the last good file."""
        parts: dict[str, Any] = {name: getattr(self, name).state_dict() for name in ("net", "average", "optimiser")}
        parts["moments"] = {name: (each.power, each.cross) for name, each in self.moments.items()}
        fresh = path.with_suffix(".part")
        torch.save(parts | {"step": self.step}, fresh)
        fresh.replace(path)

    def load(self, path: Path) -> None:
        """Raises WeightsError for a file that is damaged or of another net."""
        try:
            saved = torch.load(path, map_location="cpu", weights_only=True)
            for name in ("net", "average", "optimiser"):
                getattr(self, name).load_state_dict(saved[name])
            self.moments = {name: Moments(*each) for name, each in saved["moments"].items()}
            self.step = saved["step"]
        except Exception as error:  # unpickling raises whatever damaged bytes lead it to
            raise WeightsError(
                f"The checkpoint {path} is damaged or of another version. Move it away, or choose another run folder."
            ) from error


def rate_at(step: int, recipe: CompactRecipe) -> float:
    """Warm-up, then linearly down to 1 %."""
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * (1 - 0.99 * step / recipe.steps)


def train(
    sampler: Sampler,
    teachers: Teachers,
    recipe: CompactRecipe,
    folder: Path,
    device: torch.device,
    *,
    start: Path | None = None,
    report: Callable[[dict[str, float]], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    keep_every: int = 500,
) -> State:
    """Runs the recipe, from the checkpoint in ``folder`` where there is one; returns the last state.

    All random choices follow from the recipe's seed and the step's number, and a lesson that a stop cut through is
    taught again: a run that was stopped and resumed computes what one without a break does, bit for bit on a CPU.

    start: weights to begin with instead of random ones. report gets step, seconds per step and the mean of each loss
    since the last report, every 50 steps. stop is asked after each step; True ends the run there, with a checkpoint,
    which is also kept every ``keep_every`` steps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    per_pass = recipe.lesson // recipe.batch
    number, lesson = 0, Lesson.number(0, sampler, teachers, recipe, device)
    state = State.start(recipe, lesson, device, start)
    if checkpoint.exists():
        state.load(checkpoint)
    sums: dict[str, float] = {}
    summed, began = 0, time.perf_counter()
    while state.step < recipe.steps:
        wanted, within = divmod(state.step, per_pass * recipe.passes)
        if wanted != number:
            number, lesson = wanted, Lesson.number(wanted, sampler, teachers, recipe, device)
        chosen = lesson.order(within // per_pass, recipe, number)[within % per_pass].to(device)
        for group in state.optimiser.param_groups:
            group["lr"] = group["share"] * rate_at(state.step, recipe)
        with torch.autocast(device.type, teachers.precision, enabled=teachers.precision != torch.float32):
            aims = {name: aim[chosen] for name, aim in lesson.aims.items()}
            losses = step_losses(state.net, state.moments, recipe.renewal, lesson.pictures[chosen], aims)
        total = losses["features"] + recipe.statistics * losses["statistics"] + recipe.relations * losses["relations"]
        total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(state.net.parameters(), recipe.clip)
        if torch.isfinite(norm):
            state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        decay = min(recipe.average, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            for slow, fast in zip(state.average.parameters(), state.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        state.step += 1

        summed += 1
        for name, value in {"total": total, **losses}.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if state.step % 50 == 0:
            means = {name: value / summed for name, value in sums.items()}
            line = {"step": float(state.step), "seconds": (time.perf_counter() - began) / summed} | means
            with (folder / "losses.jsonl").open("a") as log:
                log.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")
            if report:
                report(line)
            sums, summed, began = {}, 0, time.perf_counter()
        stopped = stop()
        if stopped or state.step % keep_every == 0 or state.step == recipe.steps:
            state.save(checkpoint)
        if stopped:
            break
    return state


def export(state: State, path: Path) -> Path:
    """The averaged weights, float16, with torchvision's key names."""
    save_file({name: value.half().contiguous() for name, value in state.average.state_dict().items()}, path)
    return path
