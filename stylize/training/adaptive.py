"""Training of the arbitrary-style net: style encoder, painter and corrector together."""

import copy
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from stylize.devices import choose_precision
from stylize.errors import StylizeError, WeightsError
from stylize.losses import total_variation
from stylize.methods.adaptive_net import READER, Nets, Painter, noise_like
from stylize.methods.style_encoder import READING_SIZE
from stylize.training.data import Sampler, random_crop, vary_colours
from stylize.training.judging import Judge, StyleLook, Verdict, turned
from stylize.training.optimiser import MuonAndAdamW, Share
from stylize.training.recipe import AdaptiveRecipe
from stylize.weights import shipped

CALIBRATING = 64  # batches of style pictures that fresh nets are set by
MOST_SKIPPED = 20  # steps in a row whose gradients are no numbers, after which a run ends


class Teller(nn.Module):
    """Only for training: what is read of a picture must tell the statistics that the judge sees in it.

    Readings that know them train the encoder with every style picture directly, not only through what it paints.
    """

    def __init__(self, statistics: int) -> None:
        super().__init__()
        self.linear = nn.Linear(READING_SIZE, statistics)

    def forward(self, readings: Tensor, look: StyleLook) -> Tensor:
        """Mean squared error of the statistics as told by readings (B, READING_SIZE), (B,)."""
        error: Tensor = self.linear(readings) - told(look)
        return error.square().mean(1)


def told(look: StyleLook) -> Tensor:
    """Means and standard deviations of all layers at full size as logarithms, (B, N)."""
    parts = [part for each in look.sizes[0].values() for part in (each.mean, each.sd)]
    return torch.cat([(part + 0.1).log() for part in parts], dim=1)


@dataclass
class State:
    """Everything that a run needs to go on where it was stopped."""

    nets: Nets
    average: Nets
    teller: Teller
    optimiser: MuonAndAdamW
    step: int = 0

    @classmethod
    def start(
        cls,
        recipe: AdaptiveRecipe,
        judge: Judge,
        device: torch.device,
        weights: Path | None = None,
        pictures: Sequence[Tensor] = (),
    ) -> "State":
        """Fresh nets, or those of a weights file, from which a run goes on with a new optimiser.

        pictures: batches of style pictures, as `calibration` gives them, by which the encoder of fresh nets is set.
        """
        torch.manual_seed(recipe.seed)
        nets = Nets()
        if weights:
            try:
                nets.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
            except Exception as error:  # safetensors and torch raise many kinds
                raise WeightsError(f"{weights} holds no weights of this net to begin with.") from error
        else:
            nets.encoder.eyes.open(shipped("compact"))
            if pictures:
                nets.encoder.calibrate(pictures)
        nets.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        blank = torch.zeros(1, 3, 64, 64, device=device)
        teller = Teller(told(StyleLook.of(blank, judge, 1)).shape[1]).to(device)
        for name, weight in nets.named_parameters():
            weight.requires_grad_(weight.requires_grad and not name.startswith(recipe.frozen))
        optimiser = MuonAndAdamW(_shares(nets, teller, recipe))
        return cls(nets, copy.deepcopy(nets).requires_grad_(False), teller, optimiser)

    def save(self, path: Path) -> None:
        """Written beside and renamed, so that a crash leaves the last good file."""
        fresh = path.with_suffix(".part")
        torch.save(
            {
                "nets": self.nets.state_dict(),
                "average": self.average.state_dict(),
                "teller": self.teller.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
            },
            fresh,
        )
        fresh.replace(path)

    def load(self, path: Path) -> None:
        """Raises WeightsError for a file that is damaged or of other nets."""
        try:
            saved = torch.load(path, map_location="cpu", weights_only=True)
            self.nets.load_state_dict(saved["nets"])
            self.average.load_state_dict(saved["average"])
            self.teller.load_state_dict(saved["teller"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step = saved["step"]
        except Exception as error:  # unpickling raises whatever damaged bytes lead it to
            raise WeightsError(
                f"The checkpoint {path} is damaged or of another version. Move it away, or choose another run folder."
            ) from error


def _shares(nets: Nets, teller: Teller, recipe: AdaptiveRecipe) -> list[Share]:
    """All weights, with the share of the rate at which they learn."""
    named = list(nets.named_parameters())
    painter = [weight for name, weight in named if name.startswith("painter.")]
    reader = [weight for name, weight in named if name.startswith(READER)]
    others = [weight for name, weight in named if not name.startswith(("painter.", *READER))]
    return [
        Share(painter, recipe.painter_rate),
        Share(reader, recipe.reader_rate),
        Share([*others, *teller.parameters()], 1.0),
    ]


def rate_at(step: int, recipe: AdaptiveRecipe) -> float:
    """Warm-up, a plateau, then linearly down to 2 % from ``late_from`` on."""
    late = recipe.late_from * recipe.steps
    fall = 1 - 0.98 * max(0.0, (step - late) / max(1.0, recipe.steps - late))
    return recipe.rate * min(1.0, (step + 1) / recipe.warm_up) * fall


def codes_of(nets: Nets, painter: Callable[..., Tensor], photos: Tensor, styles: Tensor, count: int) -> Tensor:
    """Codes for styles (B, STYLE_SIZE), the first ``count`` after one look at what they paint; (B, CODE_SIZE)."""
    aimed = nets.aimed(photos[:count], styles[:count], _with_noise(painter))
    return torch.cat([aimed, nets.encoder.code(styles[count:, :READING_SIZE])])


def _with_noise(painter: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda photos, codes: painter(photos, codes, noise_like(photos))


def compiled_painter(painter: Painter) -> Callable[..., Tensor]:
    """The painter through torch.compile, for pictures of one shape.

    On a CPU with AVX-512 it is compiled for AVX2: the code that torch 2.15 made for AVX-512 and bfloat16 on a Xeon with
    AMX gave gradients of the first layers that were no numbers.
    """
    wide = "AVX512" in torch.backends.cpu.get_cpu_capability()
    compiled: Callable[..., Tensor] = torch.compile(
        painter, dynamic=False, options={"cpp.simdlen": 256} if wide else None
    )
    return compiled


def train(
    content: Sampler,
    styles: Sampler,
    judge: Judge,
    recipe: AdaptiveRecipe,
    folder: Path,
    device: torch.device,
    *,
    start: Path | None = None,
    compiled: bool = False,
    report: Callable[[dict[str, float]], None] | None = None,
    sample: Callable[[int, Callable[[Tensor, Tensor], Tensor]], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
    keep_every: int = 500,
) -> State:
    """Runs the recipe, from the checkpoint in ``folder`` where there is one; returns the last state.

    All random choices of a step follow from the recipe's seed and the step's number: a run that was stopped and
    resumed computes what one without a break does, bit for bit on a CPU.

    start: weights to begin with instead of random ones. compiled: the painter as ``compiled_painter`` makes it, which
    takes a minute at the start and is four times as fast on a CPU. report gets step, seconds per step and the mean of
    each loss since the last report, every 50 steps; sample gets the step and the averaged nets as a function of photos
    (B, 3, H, W) and style pictures (B, 3, S, S), every ``keep_every`` steps. stop is asked after each step; True ends
    the run there, with a checkpoint.
    Raises StylizeError where one step after another has gradients that are no numbers, which no weights can follow.
    """
    folder.mkdir(parents=True, exist_ok=True)
    precision = choose_precision(device)
    checkpoint = folder / "checkpoint.pt"
    fresh = not start and not checkpoint.exists()
    state = State.start(recipe, judge, device, start, calibration(styles, recipe) if fresh else ())
    if checkpoint.exists():
        state.load(checkpoint)
    nets = state.nets
    painter = compiled_painter(nets.painter) if compiled else nets.painter
    sums: dict[str, float] = {}
    summed, skipped, began = 0, 0, time.perf_counter()
    while state.step < recipe.steps:
        content.rng.seed(f"content {recipe.seed} {state.step}")
        styles.rng.seed(f"styles {recipe.seed} {state.step}")
        torch.manual_seed(recipe.seed * 1_000_003 + state.step)
        late = state.step >= recipe.late_from * recipe.steps
        photos = _photos(content, recipe.late_side if late else recipe.side, recipe).to(device, precision)
        pictures = _styles(styles, recipe).to(device, precision)
        losses = step_losses(state, painter, judge, photos, pictures, recipe)
        total = (
            recipe.style_weight * losses["style"]
            + recipe.content_weight * losses["content"]
            + recipe.edge_weight * losses["edges"]
            + recipe.palette_weight * losses["palette"]
            + recipe.smoothness * losses["smoothness"]
            + recipe.telling * losses["telling"]
        )
        total.backward()  # type: ignore[no-untyped-call]
        if state.step % recipe.identity_every == 0:
            own = nets.style(photos)
            same = painter(photos, nets.encoder.code(own[:, :READING_SIZE]), noise_like(photos))
            same = nets.coloured(same, own)
            losses["identity"] = F.mse_loss(same, photos.float())
            (recipe.identity * losses["identity"]).backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(nets.parameters(), recipe.clip)
        if torch.isfinite(norm):
            state.optimiser.step(rate_at(state.step, recipe))
            skipped = 0
        elif (skipped := skipped + 1) == MOST_SKIPPED:
            raise StylizeError(
                f"The gradients of {skipped} steps in a row were no numbers, so nothing is learned. "
                "Go on with --no-compiled or with a lower rate."
            )
        state.optimiser.clear()
        decay = min(recipe.average, (state.step + 1) / (state.step + 10))
        with torch.no_grad():
            for slow, fast in zip(state.average.parameters(), nets.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        state.step += 1

        losses["total"] = total
        summed += 1
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * (
                recipe.identity_every if name == "identity" else 1
            )
        if state.step % 50 == 0:
            seconds = (time.perf_counter() - began) / summed
            means = {name: value / summed for name, value in sums.items()}
            line = {"step": float(state.step), "seconds": seconds} | means
            with (folder / "losses.jsonl").open("a") as log:
                log.write(json.dumps({k: round(v, 5) for k, v in line.items()}) + "\n")
            if report:
                report(line)
            sums, summed, began = {}, 0, time.perf_counter()
        stopped = stop()
        if stopped or state.step % keep_every == 0 or state.step == recipe.steps:
            state.save(checkpoint)
            if sample:
                sample(state.step, _averaged(state.average))
        if stopped:
            break
    return state


def step_losses(
    state: State,
    painter: Callable[..., Tensor],
    judge: Judge,
    photos: Tensor,
    pictures: Tensor,
    recipe: AdaptiveRecipe,
) -> dict[str, Tensor]:
    """Mean losses of one batch of photos (B, 3, H, W), each painted in the style of its picture (B, 3, S, S).

    ``raw`` is the style loss of the samples whose code was not corrected, where there are some, for the log only.
    """
    nets, sizes = state.nets, len(recipe.sizes)
    corrected = max(1, round(recipe.corrected * len(photos)))
    if recipe.turned:
        judge = turned(judge)
    with torch.no_grad():
        look = StyleLook.of(pictures, judge, sizes)
        structure = judge(photos)
    styles = nets.style(pictures)
    codes = codes_of(nets, painter, photos, styles, corrected)
    painted = nets.coloured(painter(photos, codes, noise_like(photos)), styles)
    found = Verdict.of(painted, photos, pictures, look, structure, judge, recipe)
    # The logarithm keeps the few styles that nothing comes near, such as plain paper, from drowning the others.
    style = torch.log1p(found.style)
    losses = {
        "style": style.mean(),
        "palette": found.palette.mean(),
        "content": found.content.mean(),
        "edges": found.edges.mean(),
        "smoothness": total_variation(painted).mean(),
        "telling": state.teller(styles[:, :READING_SIZE], look).mean(),
    }
    if corrected < len(style):
        losses["raw"] = style[corrected:].mean().detach()
    return losses


def calibration(styles: Sampler, recipe: AdaptiveRecipe) -> list[Tensor]:
    """Batches of style pictures that fresh nets are set by, always the same for the recipe's seed."""
    styles.rng.seed(f"calibration {recipe.seed}")
    return [_styles(styles, recipe) for _ in range(CALIBRATING)]


def _photos(sampler: Sampler, side: int, recipe: AdaptiveRecipe) -> Tensor:
    scales, rng = recipe.content_scales, sampler.rng
    return torch.stack([random_crop(sampler.pick(), side, scales, rng) for _ in range(recipe.batch)])


def _styles(sampler: Sampler, recipe: AdaptiveRecipe) -> Tensor:
    side, scales, rng = recipe.style_side, recipe.style_scales, sampler.rng
    crops = [random_crop(sampler.pick(), side, scales, rng) for _ in range(recipe.batch)]
    return torch.stack([vary_colours(crop, rng, recipe.colour_chance) for crop in crops])


def _averaged(nets: Nets) -> Callable[[Tensor, Tensor], Tensor]:
    @torch.no_grad()
    def paint(photos: Tensor, pictures: Tensor) -> Tensor:
        styles = nets.style(pictures)
        codes = nets.aimed(photos, styles, _with_noise(nets.painter))
        return nets.coloured(nets.painter(photos, codes, noise_like(photos)), styles)

    return paint


def export(state: State, path: Path) -> Path:
    """The averaged weights, float16, as `stylize` loads them."""
    tensors = {name: value.half().contiguous() for name, value in state.average.state_dict().items()}
    save_file(tensors, path)
    return path
