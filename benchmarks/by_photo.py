"""Where the weights of k pictures enter: `python -m benchmarks.by_photo [--shared DIR]`.

Chelaramani, Jha and Namboodiri (ICIP 2018) weigh k pictures by the photo and leave open what of them is weighed. For
held-out captioned pictures, by their first sentence, photos are painted as `--by-photo` does by its recipe, but small.
The k pictures are seen by `compact`, squared and at one size. Towards what the photo descends:

Gram matrices: the weighted mean of their Gram matrices, as shipped;
mean of maps: the Gram matrix of the weighted mean of their feature maps;
weighed maps: the mean Gram matrix of their maps, each multiplied by its weight, brought back to the size of one;
own picture: the Gram matrix of the held-out picture itself, the ceiling.

The judge takes the style distance to the held-out picture and to another; medians, since smooth pictures have distances
of several units. Diversity is that of paintings of one photo.
Power: trace of the target beside the weighted mean of the k traces; spread: the same without the channels' means. Both
are means over layers. Prints a table, writes benchmarks/results/by_photo.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
from PIL import ImageOps
from torch import Tensor

from benchmarks.judge import SHARED, Judge
from benchmarks.sentence_quality import CPU, diversity, without
from stylize import Picture, encode_picture, open_picture
from stylize.devices import choose_precision
from stylize.features import BACKBONES, load_features
from stylize.losses import spatial_moments
from stylize.methods.adaptive import Adaptive
from stylize.methods.optimise.descent import descend
from stylize.methods.optimise.objective import Objective
from stylize.methods.optimise.recipe import OptimiseRecipe, Stage
from stylize.methods.optimise.target import LayerTarget
from stylize.sentence import Corpus, SentenceEncoder, SentenceStyles
from stylize.sentence.ship import sources
from stylize.tensors import to_picture, to_tensor
from stylize.training.sentence import Lessons, split
from stylize.training.sentence_recipe import SentenceRecipe

RESULTS = Path(__file__).parent / "results/by_photo.json"
TIE = 0.01  # distances that differ by less are alike, and count half
PHOTOS = 2  # painted in turn
EYE = BACKBONES["compact"]
ONE = torch.ones(1)

Maps = Mapping[str, Tensor]
"""Layer → feature maps of k pictures at one size, (k, C, H, W)."""


def squared(picture: Picture, side: int) -> Tensor:
    """(3, side, side) in [0, 1], of the middle."""
    return to_tensor(Picture.from_pil(ImageOps.fit(picture.to_pil(), (side, side))))


def of_grams(maps: Tensor, weights: Tensor) -> LayerTarget:
    mean, gram = spatial_moments(maps)
    return LayerTarget((weights @ mean)[None], torch.einsum("k,kab->ab", weights, gram)[None])


def of_mean_map(maps: Tensor, weights: Tensor) -> LayerTarget:
    return LayerTarget(*spatial_moments(torch.einsum("k,kchw->chw", weights, maps)[None]))


def of_weighed_maps(maps: Tensor, weights: Tensor) -> LayerTarget:
    return of_grams(maps, weights.square() / weights.square().sum())


WAYS: dict[str, Callable[[Tensor, Tensor], LayerTarget]] = {
    "Gram matrices": of_grams,
    "mean of maps": of_mean_map,
    "weighed maps": of_weighed_maps,
}
OWN = "own picture"


def sizes(target: LayerTarget) -> Tensor:
    """(2,) power and spread."""
    assert target.mean is not None
    assert target.gram is not None
    power = target.gram.diagonal(dim1=1, dim2=2).sum()
    return torch.stack([power, power - target.mean.square().sum()])


def kept(target: Mapping[str, LayerTarget], maps: Maps, weights: Tensor) -> list[float]:
    """Power and spread beside those of the k pictures."""
    singles = {layer: torch.stack([sizes(of_grams(one[None], ONE)) for one in each]) for layer, each in maps.items()}
    return torch.stack([sizes(target[layer]) / (weights @ singles[layer]) for layer in maps]).mean(0).tolist()


class Wish(NamedTuple):
    """A held-out picture, the photo that is painted for it, and the k pictures with their weights."""

    picture: Path
    photo: int
    nearest: list[Path]
    weights: Tensor


class Painter:
    """Photos that descend by the paper's recipe, at a small size, and the feature maps that it sees."""

    def __init__(self, photos: list[Picture], side: int, steps: int) -> None:
        recipe = OptimiseRecipe.named("chelaramani-2018")
        self._recipe = replace(recipe, side=side, stages=(Stage(1.0, steps),))
        layers = (*EYE.style_layers, *recipe.content_layers)
        self._net = load_features(EYE.name, layers, pooling=recipe.pooling, padding=recipe.padding)
        self._photos, self._side = [to_tensor(photo)[None] for photo in photos], side

    @torch.no_grad()
    def maps(self, pictures: list[Picture]) -> Maps:
        seen = self._net(torch.stack([squared(picture, self._side) for picture in pictures]))
        return {layer: seen[layer].float() for layer in EYE.style_layers}

    def painted(self, photo: int, target: Mapping[str, LayerTarget]) -> Picture:
        start, recipe = self._photos[photo], self._recipe
        height, width = start.shape[2:]
        style = dict(zip(EYE.style_layers, EYE.style_weights, strict=True))
        content = dict(zip(recipe.content_layers, recipe.content_weights, strict=True))
        objective = Objective(self._net, start, target, style, content, recipe)
        *_, last = descend(start, lambda stage: (height, width), lambda stage, size: objective, recipe)
        return to_picture(last.picture()[0])


def wishes(shared: Path, photos: list[Picture], count: int) -> list[Wish]:
    """For the first of the held-out pictures of `benchmarks.sentence_quality`, on the photos in turn."""
    corpus, read = Corpus.load(), sources(shared)
    names = tuple(name for source in read for name in source.captions)
    listed = [(source.pictures / name, said[0]) for source in read for name, said in source.captions.items()]
    assert len(listed) == len(corpus)
    none = torch.empty(0, dtype=torch.int64)  # the split follows from names and kinds alone
    lessons = Lessons(names, none, none, corpus.codes, corpus.of_kind("artwork"), corpus.code_net, corpus.encoder)
    _, chosen, measured = split(lessons, SentenceRecipe())
    held_out = torch.cat([chosen, measured])
    styles = SentenceStyles(without(corpus, held_out), SentenceEncoder())
    rest = sorted(set(range(len(corpus))) - set(held_out.tolist()))
    readings = Adaptive(CPU, choose_precision(CPU)).prepare(photos)
    found = []
    for number, place in enumerate(measured[:count].tolist()):
        photo = number % len(photos)
        picture, sentence = listed[place]
        near, weights = zip(*styles.code(sentence, readings[photo]).looked_at, strict=True)
        found.append(Wish(picture, photo, [listed[rest[each]][0] for each in near], torch.tensor(weights)))
    return found


def figures(rows: Tensor, shipped: Tensor, seen: Sequence[list[dict[str, Tensor]]]) -> dict[str, float]:
    """Of one way. rows: of each painting; shipped: those as shipped. seen: of each photo, as the judge sees it."""
    own, other, power, spread = rows.T
    return {
        "to its picture, median": float(own.median()),
        "to another, median": float(other.median()),
        "nearer than to another": float((own < other).float().mean()),
        "nearer than as shipped": float(torch.where(own.isclose(shipped[:, 0], TIE), 0.5, own < shipped[:, 0]).mean()),
        "diversity": sum(map(diversity, seen)) / len(seen),
        "power": float(power.mean()),
        "spread": float(spread.mean()),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--shared", type=Path, default=SHARED)
    ask.add_argument("--pictures", type=int, default=24, help="held-out pictures that are painted for")
    ask.add_argument("--side", type=int, default=192, help="of the squares, px; the photos' long side is half more")
    ask.add_argument("--steps", type=int, default=40)
    ask.add_argument("--keep", type=Path, help="a folder for the paintings")
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    judge = Judge(given.shared)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    photos = [open_picture(file).resized(given.side * 3 // 2) for file in judge.large()[:PHOTOS]]
    painter = Painter(photos, given.side, given.steps)
    asked = wishes(given.shared, photos, given.pictures)
    aims = [judge.style_of(open_picture(wish.picture)) for wish in asked]
    another = torch.arange(len(asked)).roll(1).tolist()
    rows: dict[str, list[list[float]]] = {way: [] for way in (*WAYS, OWN)}
    seen: dict[str, list[list[dict[str, Tensor]]]] = {way: [[] for _ in photos] for way in rows}
    for number, wish in enumerate(asked):
        maps = painter.maps([open_picture(file) for file in wish.nearest])
        targets = {way: {layer: aim(each, wish.weights) for layer, each in maps.items()} for way, aim in WAYS.items()}
        targets[OWN] = {name: of_grams(each, ONE) for name, each in painter.maps([open_picture(wish.picture)]).items()}
        for way, target in targets.items():
            painting = painter.painted(wish.photo, target)
            found = judge.style_of(painting)
            apart = [judge.apart(found, aims[number]), judge.apart(found, aims[another[number]])]
            rows[way].append([*apart, *kept(target, maps, wish.weights)])
            seen[way][wish.photo].append(found)
            if given.keep:
                (given.keep / f"{number:02}-{way.replace(' ', '-')}.png").write_bytes(encode_picture(painting, "png"))
        print(number, {way: [round(figure, 3) for figure in each[-1]] for way, each in rows.items()}, flush=True)
    shipped = torch.tensor(rows["Gram matrices"])
    told = {way: figures(torch.tensor(each), shipped, seen[way]) for way, each in rows.items()}
    print("|", " | ".join(["", *told[OWN]]), "|\n" + "|---" * (len(told[OWN]) + 1) + "|")
    for way, each in told.items():
        print(f"| {way} | " + " | ".join(f"{figure:.3f}" for figure in each.values()) + " |")
    several = sum(float(1 / wish.weights.square().sum()) for wish in asked) / len(asked)
    setting = {"pictures": len(asked), "side": given.side, "steps": given.steps, "weights are those of": several}
    given.json.write_text(json.dumps(setting | {"ways": told}, indent=1) + "\n")


if __name__ == "__main__":
    main()
