"""Training of the arbitrary-style net: style encoder and painter together."""

import copy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from stylize.features import VggFeatures
from stylize.losses import Statistics, gram_distance, moment_distance, structure_distance, total_variation
from stylize.methods.adaptive_net import Painter, StyleEncoder, noise_like
from stylize.training.data import Sampler, random_crop, vary_colours
from stylize.training.recipe import AdaptiveRecipe

LOW_LAYERS = ("relu1_2", "relu2_2", "relu3_1")
DEEP_LAYERS = ("relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_1"


@dataclass(frozen=True)
class Judges:
    """The frozen nets that the loss looks through: VGG-19 up to relu3_1, a slim VGG-19 above."""

    low: Callable[[Tensor], dict[str, Tensor]]
    deep: Callable[[Tensor], dict[str, Tensor]]

    @classmethod
    def load(cls, low: Path, deep: Path, device: torch.device) -> "Judges":
        """In bfloat16 and channels last, where convolutions cost least; zero padding in the wide net for speed."""
        nets = (
            VggFeatures(low, LOW_LAYERS, padding="zeros").to(device, torch.bfloat16),
            VggFeatures(deep, DEEP_LAYERS).to(device, torch.bfloat16),
        )
        for net in nets:
            for name, value in list(net.named_buffers()):
                if value.ndim == 4:
                    setattr(net, name, value.contiguous(memory_format=torch.channels_last))
        return cls(*nets)


def half(pictures: Tensor) -> Tensor:
    return F.avg_pool2d(pictures, 2)


@dataclass(frozen=True)
class StyleLook:
    """Statistics of pictures in all layers of the style loss: at full size, at half size, deep."""

    full: dict[str, Statistics]
    half: dict[str, Statistics]
    deep: dict[str, Statistics]

    @classmethod
    def of(cls, pictures: Tensor, judges: Judges, deep: dict[str, Tensor] | None = None) -> "StyleLook":
        """pictures: (B, 3, H, W) in [0, 1]; deep: their deep features where the caller has them already."""
        return cls(
            {name: Statistics.of(found) for name, found in judges.low(pictures).items()},
            {name: Statistics.of(found) for name, found in judges.low(half(pictures)).items()},
            {name: Statistics.of(found) for name, found in (deep or judges.deep(pictures)).items()},
        )


def look_distance(ours: StyleLook, style: StyleLook, recipe: AdaptiveRecipe, gram_share: float) -> Tensor:
    """The style loss of each sample, (B,): relative distances, averaged over layers, summed over the three views."""

    def mean(a: dict[str, Statistics], b: dict[str, Statistics]) -> Tensor:
        return torch.stack([moment_distance(a[n], b[n]) + gram_share * gram_distance(a[n], b[n]) for n in a]).mean(0)

    return (
        mean(ours.full, style.full)
        + recipe.half_scale * mean(ours.half, style.half)
        + recipe.deep_weight * mean(ours.deep, style.deep)
    )


class StylePool:
    """Style pictures held with their statistics, so that most steps need no pass over a style picture.

    Each step replaces the oldest few by fresh crops: a step costs ``refresh`` passes instead of ``batch``, and no crop
    is learned by heart.
    """

    def __init__(self, sampler: Sampler, judges: Judges, recipe: AdaptiveRecipe, device: torch.device) -> None:
        self.sampler, self.judges, self.recipe, self.device = sampler, judges, recipe, device
        self.pictures: list[Tensor] = []
        self.looks: list[StyleLook] = []
        self.oldest = 0

    def refresh(self) -> None:
        """Adds the next few styles; once the pool is full they take the places of the oldest."""
        recipe, rng = self.recipe, self.sampler.rng
        fresh = torch.stack(
            [
                vary_colours(
                    random_crop(self.sampler.pick(), recipe.style_side, recipe.style_scales, rng),
                    rng,
                    recipe.colour_chance,
                )
                for _ in range(recipe.refresh)
            ]
        ).to(self.device)
        with torch.no_grad():
            look = StyleLook.of(fresh.bfloat16(), self.judges)
        for i in range(recipe.refresh):
            one = _sample(look, i)
            if len(self.pictures) < recipe.pool:
                self.pictures.append(fresh[i].bfloat16())
                self.looks.append(one)
            else:
                self.pictures[self.oldest], self.looks[self.oldest] = fresh[i].bfloat16(), one
                self.oldest = (self.oldest + 1) % recipe.pool

    def draw(self, count: int) -> tuple[Tensor, StyleLook]:
        """Pictures (count, 3, S, S) and their statistics."""
        chosen = self.sampler.rng.sample(range(len(self.pictures)), count)
        looks = [self.looks[i] for i in chosen]

        def stack(view: str) -> dict[str, Statistics]:
            views: list[dict[str, Statistics]] = [getattr(look, view) for look in looks]
            return {
                name: Statistics(
                    torch.cat([v[name].mean for v in views]),
                    torch.cat([v[name].sd for v in views]),
                    torch.cat([v[name].gram for v in views]).float(),
                )
                for name in views[0]
            }

        return torch.stack([self.pictures[i] for i in chosen]), StyleLook(stack("full"), stack("half"), stack("deep"))


def _sample(look: StyleLook, i: int) -> StyleLook:
    """The statistics of one picture of a batch, Gram matrices in half the memory."""

    def pick(view: dict[str, Statistics]) -> dict[str, Statistics]:
        part = slice(i, i + 1)
        return {
            name: Statistics(found.mean[part].clone(), found.sd[part].clone(), found.gram[part].bfloat16())
            for name, found in view.items()
        }

    return StyleLook(pick(look.full), pick(look.half), pick(look.deep))


class Nets(nn.Module):
    """What is trained and shipped together."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.painter = StyleEncoder(), Painter()


@dataclass
class State:
    """Everything that a run needs to go on exactly where it was stopped, but for the style pool, which refills."""

    nets: Nets
    average: Nets
    optimiser: torch.optim.Optimizer
    step: int = 0

    @classmethod
    def start(cls, recipe: AdaptiveRecipe, device: torch.device) -> "State":
        torch.manual_seed(recipe.seed)
        nets = Nets().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        optimiser = torch.optim.AdamW(nets.parameters(), lr=recipe.rate, betas=(0.9, 0.99), weight_decay=1e-4)
        return cls(nets, copy.deepcopy(nets).requires_grad_(False), optimiser)

    def save(self, path: Path) -> None:
        """Written beside and renamed, so that a crash leaves the last good file."""
        fresh = path.with_suffix(".part")
        torch.save(
            {
                "nets": self.nets.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
            },
            fresh,
        )
        fresh.replace(path)

    def load(self, path: Path) -> None:
        saved = torch.load(path, weights_only=True)
        self.nets.load_state_dict(saved["nets"])
        self.average.load_state_dict(saved["average"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step = saved["step"]


def rate_at(step: int, recipe: AdaptiveRecipe) -> float:
    """Warm-up, a long plateau, then linearly down to 2 % from ``late_from`` on."""
    late = recipe.late_from * recipe.steps
    fall = 1 - 0.98 * max(0.0, (step - late) / max(1.0, recipe.steps - late))
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * fall


def weights_at(step: int, recipe: AdaptiveRecipe) -> tuple[float, float]:
    """Weight of the style loss and the Gram share in it: first the palette, then strokes, at last structure again."""
    if step < recipe.firm_from * recipe.steps:
        return recipe.style_weight, recipe.gram_share
    late = step >= recipe.late_from * recipe.steps
    return (recipe.late_weight if late else recipe.firm_weight), recipe.firm_gram_share


def train(
    content: Sampler,
    styles: Sampler,
    judges: Judges,
    recipe: AdaptiveRecipe,
    folder: Path,
    device: torch.device,
    compiled: bool = False,
    report: Callable[[dict[str, float]], None] | None = None,
    keep_every: int = 500,
) -> State:
    """Runs the recipe, from the checkpoint in ``folder`` where there is one; returns the last state.

    compiled: the painter through torch.compile, which takes a minute at the start and makes it four times as fast on a
    CPU. report gets step, seconds per step and the mean of each loss since the last report, every 50 steps.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    state = State.start(recipe, device)
    if checkpoint.exists():
        state.load(checkpoint)
    content.rng.seed(f"content {recipe.seed} {state.step}")
    styles.rng.seed(f"styles {recipe.seed} {state.step}")
    torch.manual_seed(recipe.seed + state.step)
    pool = StylePool(styles, judges, recipe, device)
    while len(pool.pictures) < min(recipe.pool, 16 * recipe.batch):
        pool.refresh()
    nets = state.nets
    painter = torch.compile(nets.painter, dynamic=False) if compiled else nets.painter
    sums: dict[str, float] = {}
    began = time.perf_counter()
    while state.step < recipe.steps:
        for group in state.optimiser.param_groups:
            group["lr"] = rate_at(state.step, recipe)
        side = recipe.late_side if state.step >= recipe.late_from * recipe.steps else recipe.side
        photos = torch.stack(
            [random_crop(content.pick(), side, recipe.content_scales, content.rng) for _ in range(recipe.batch)]
        ).to(device, torch.bfloat16)
        pool.refresh()
        style_pictures, style_look = pool.draw(recipe.batch)
        with torch.no_grad():
            structure = judges.deep(photos)[CONTENT_LAYER]

        codes = nets.encoder(style_pictures)
        painted = painter(photos, codes, noise_like(photos))
        seen = painted.bfloat16()
        deep = judges.deep(seen)
        ours = StyleLook.of(seen, judges, deep)
        weight, gram_share = weights_at(state.step, recipe)
        losses = {
            "style": look_distance(ours, style_look, recipe, gram_share).mean(),
            "content": structure_distance(deep[CONTENT_LAYER], structure).mean(),
            "smoothness": total_variation(painted).mean(),
        }
        loss = weight * losses["style"] + losses["content"] + recipe.smoothness * losses["smoothness"]
        loss.backward()  # type: ignore[no-untyped-call]
        if state.step % recipe.identity_every == 0:
            same = painter(photos, nets.encoder(photos), noise_like(photos))
            losses["identity"] = F.mse_loss(same, photos.float())
            (recipe.identity * losses["identity"]).backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(nets.parameters(), recipe.clip)
        if torch.isfinite(norm):
            state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        decay = min(recipe.average, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            for slow, fast in zip(state.average.parameters(), nets.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        state.step += 1

        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * (
                recipe.identity_every if name == "identity" else 1
            )
        if state.step % 50 == 0:
            seconds = (time.perf_counter() - began) / 50
            line = {"step": float(state.step), "seconds": seconds} | {name: total / 50 for name, total in sums.items()}
            with (folder / "losses.jsonl").open("a") as log:
                log.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")
            if report:
                report(line)
            sums, began = {}, time.perf_counter()
        if state.step % keep_every == 0 or state.step == recipe.steps:
            state.save(checkpoint)
    return state


def export(state: State, path: Path) -> Path:
    """The averaged weights, float16, as `stylize` loads them."""
    tensors = {name: value.half().contiguous() for name, value in state.average.state_dict().items()}
    save_file(tensors, path)
    return path
