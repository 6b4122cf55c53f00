"""Descent from the encoder's reading of a painting to one that the nets paint more like it by."""

import random
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from stylize.methods.adaptive import Adaptive
from stylize.methods.adaptive_net import noise_like
from stylize.methods.style_encoder import READING_SIZE
from stylize.pictures import Picture
from stylize.training.data import random_crop
from stylize.training.judging import Judge, StyleLook, Verdict
from stylize.training.recipe import AdaptiveRecipe

SIDE = 256  # px of the crops that a code is tried on
UNSEEN = 3  # crops
SHARES = (0.25, 0.5, 1.0)  # of the way
LOSS = 1.02  # of the content distance at most
PALETTE_LOSS = 1.1  # more, since it is measured along random directions
RATE = 0.04  # of a descent step, as a share of how much the numbers of a reading differ


class ReadingDescent:
    """Descent through the frozen nets, step by step, so that it can wait, be stored and go on.

    style: (3, H, W) uint8, the painting with its short side at the encoder's scale; photos likewise. Minimises the
    training loss over random crops of the photos, from the encoder's own reading; the palette is the painting's.
    """

    def __init__(
        self,
        method: Adaptive,
        style: Tensor,
        photos: Sequence[Tensor],
        judge: Judge,
        recipe: AdaptiveRecipe,
        steps: int = 50,
        batch: int = 2,
    ) -> None:
        rng = random.Random(recipe.seed)
        torch.manual_seed(recipe.seed)
        self._method, self._judge, self._recipe, self._batch = method, judge, recipe, batch
        self._painting = style[None].float() / 255
        self._look = StyleLook.of(self._painting, judge, len(recipe.sizes))
        self._start = method.prepare([Picture(style.permute(1, 2, 0).contiguous().numpy())])[0].clone()
        self._crops = torch.stack(
            [random_crop(rng.choice(photos), SIDE, recipe.content_scales, rng) for _ in range(8 * batch)]
        )
        self._unseen = torch.stack(
            [random_crop(rng.choice(photos), SIDE, recipe.content_scales, rng) for _ in range(UNSEEN)]
        )
        own = self._start[:READING_SIZE]
        self._reading = own.clone().requires_grad_()
        self._rate = RATE * float(own.std())
        self._optimiser = torch.optim.Adam([self._reading], lr=self._rate)
        self._mean = own.clone()
        self.step, self.steps = 0, steps

    @property
    def done(self) -> bool:
        """Whether all steps are made."""
        return self.step >= self.steps

    def advance(self) -> None:
        """One step."""
        recipe, step, batch = self._recipe, self.step, self._batch
        self._optimiser.param_groups[0]["lr"] = self._rate * min(1.0, 2 * (1 - step / self.steps))
        at = step * batch % len(self._crops)
        found = self._verdict(self._reading, self._crops[at : at + batch])
        (
            recipe.style_weight * torch.log1p(found.style.mean())
            + recipe.palette_weight * found.palette.mean()
            + recipe.content_weight * found.content.mean()
            + recipe.edge_weight * found.edges.mean()
        ).backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._optimiser.zero_grad()
        now = self._reading.detach()
        self._mean = now.clone() if step < self.steps // 2 else self._mean.lerp(now, 0.1)
        self.step += 1

    def result(self) -> tuple[Tensor, float, float]:
        """The style, (STYLE_SIZE,), and the style distance of the encoder's and of this one on the same crops; where
        descent comes no nearer it is the encoder's."""
        before, after = self._distance(self._start[:READING_SIZE]), self._distance(self._mean)
        return (self._with_palette(self._mean), before, after) if after < before else (self._start, before, before)

    def cautious_results(self) -> Iterator[Tensor]:
        """Styles, (STYLE_SIZE,), for a judge that is not to be trusted far, each better than the one before; the last
        counts. It lies as far on the way as crops that descent never saw come nearer to the painting and lose next to
        nothing of their photos and colours; nowhere on it, it is the encoder's."""
        best = self._start[:READING_SIZE]
        before = self._seen_by_judge(best)
        nearest = float(before.style.mean())
        yield self._start
        for share in SHARES:
            reading = self._start[:READING_SIZE].lerp(self._mean, share)
            found = self._seen_by_judge(reading)
            kept = found.content.mean() <= LOSS * before.content.mean()
            coloured = found.palette.mean() <= PALETTE_LOSS * before.palette.mean()
            if kept and coloured and found.style.mean() < nearest:
                best, nearest = reading, float(found.style.mean())
            yield self._with_palette(best)

    def state(self) -> dict[str, Tensor]:
        """All that `resume` needs."""
        moments = {name: value.clone() for name, value in self._optimiser.state[self._reading].items()}
        return moments | {
            "reading": self._reading.detach().clone(),
            "mean": self._mean.clone(),
            "done": torch.tensor(self.step),
        }

    def resume(self, state: dict[str, Tensor]) -> None:
        """Goes on from a stored state. Raises KeyError or RuntimeError where it is none of such a descent."""
        with torch.no_grad():
            self._reading.copy_(state["reading"])
        self._mean = state["mean"].clone()
        self._optimiser.state[self._reading] = {name: state[name].clone() for name in ("step", "exp_avg", "exp_avg_sq")}
        self.step = int(state["done"])

    def _paint(self, photos: Tensor, codes: Tensor) -> Tensor:
        precision = self._method.precision
        noise = noise_like(photos.to(precision))
        painted: Tensor = self._method.nets.painter(photos.to(precision), codes, noise)
        return painted

    def _with_palette(self, reading: Tensor) -> Tensor:
        return torch.cat([reading, self._start[READING_SIZE:]])

    def _verdict(self, reading: Tensor, photos: Tensor) -> Verdict:
        with torch.no_grad():
            structure = self._judge(photos)
        nets, styles = self._method.nets, self._with_palette(reading).expand(len(photos), -1)
        painted = nets.coloured(self._paint(photos, nets.aimed(photos, styles, self._paint)), styles)
        pictures = self._painting.expand(len(painted), -1, -1, -1)
        return Verdict.of(painted, photos, pictures, self._look, structure, self._judge, self._recipe)

    def _seen_by_judge(self, reading: Tensor) -> Verdict:
        with torch.no_grad():
            return self._verdict(reading, self._unseen)

    def _distance(self, reading: Tensor) -> float:
        with torch.no_grad():
            return float(self._verdict(reading, self._crops[: 2 * self._batch]).style.mean())
