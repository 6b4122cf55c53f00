"""Training of the head that turns a sentence into a style code (``stylize.sentence.head``).

A regression alone would learn the mean of all styles that go with a sentence, which is bland. So the code of a
sentence's own picture must also be told from those of other pictures, by its direction (InfoNCE, van den Oord et al.
2018, both ways as in CLIP) and by its distance. And since codes that are far apart can look alike, what a code looks
like (``stylize.training.appearance``) must be nearer to its own picture than to others, and nearer than the mean style
is. Sentences get noise, since a few thousand pictures are soon known by heart: without it the head was no better than
retrieval.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.errors import StylizeError
from stylize.sentence.building import Source
from stylize.sentence.corpus import Corpus
from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.head import Head
from stylize.training.appearance import Statistics, all_apart, apart, learned_appearance, statistics_of
from stylize.training.sentence_recipe import SentenceRecipe

SAME = 0.99  # cosine of a corpus row to the mean of its captions, which only rounding keeps from 1
CHUNK = 2048  # captions encoded between two reports
REPORTED = 50  # steps
FEWEST = 20  # pictures
LEAST = 1e-9  # of distances, before their logarithm

Report = Callable[[dict[str, float]], None]


@dataclass(frozen=True, eq=False)
class Lessons:
    """P captioned pictures with N sentences.

    names: of the pictures. vectors: (N, 384), of the sentences. owners: (N,), the picture of each. codes: (P, Z).
    titled: (P,), the artworks, whose sentences are mostly titles and names. statistics: what compact sees of them, of
    each layer (P, 2 C); None where the corpus doesn't hold it.
    """

    names: tuple[str, ...]
    vectors: Tensor
    owners: Tensor
    codes: Tensor
    titled: Tensor
    code_net: str
    encoder: str
    statistics: Statistics | None = None

    @classmethod
    def read(
        cls,
        corpus: Corpus,
        sources: Sequence[Source],
        encoder: SentenceEncoder | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> "Lessons":
        """The pictures of a corpus with the sentences that it was built from; those that it left out are left out.

        Raises StylizeError where the sentences are not the corpus' own, or another net saw its pictures.
        """
        encoder = encoder or SentenceEncoder()
        corpus.require(encoder=encoder.sha256)
        said = [(name, sentences) for source in sources for name, sentences in source.captions.items()]
        flat = [sentence for _, sentences in said for sentence in sentences]
        chunks = []
        for start in range(0, len(flat), CHUNK):
            chunks.append(encoder.encode(flat[start : start + CHUNK]))
            if progress:
                progress(min(start + CHUNK, len(flat)), len(flat))
        parts = torch.split(torch.cat(chunks), [len(sentences) for _, sentences in said])
        names: list[str] = []
        kept: list[Tensor] = []
        for (name, _), vectors in zip(said, parts, strict=True):
            if len(kept) < len(corpus):
                row = corpus.meanings[len(kept)].float() * corpus.scales[len(kept)]
                if float(F.normalize(vectors.mean(0), dim=0) @ row) > SAME:
                    names.append(name)
                    kept.append(vectors)
        if len(kept) < len(corpus):
            raise StylizeError(
                f"Only {len(kept)} of the corpus' {len(corpus)} pictures have their sentences here. Give the same "
                "--captions as to `stylize corpus build`, in the same order."
            )
        owners = torch.repeat_interleave(torch.arange(len(kept)), torch.tensor([len(vectors) for vectors in kept]))
        codes, titled, seen = corpus.codes.float(), corpus.of_kind("artwork"), statistics_of(corpus)
        return cls(tuple(names), torch.cat(kept), owners, codes, titled, corpus.code_net, corpus.encoder, seen)

    def meanings(self) -> Tensor:
        """(P, 384), for each picture the direction between its sentences."""
        sums = torch.zeros(len(self.codes), self.vectors.shape[1]).index_add_(0, self.owners, self.vectors)
        return F.normalize(sums, dim=1)


def split(lessons: Lessons, recipe: SentenceRecipe) -> tuple[Tensor, Tensor, Tensor]:
    """Places of the pictures to train on, to choose by and to measure on; it follows from the names alone.

    Artworks are all trained on: a title is no description that a style could be measured by. Of a small corpus a tenth
    each is held out. Raises StylizeError where there is too little to learn from.
    """
    described = (~lessons.titled).nonzero()[:, 0].tolist()
    order = torch.tensor(
        sorted(described, key=lambda place: sha256(lessons.names[place].encode()).digest()), dtype=torch.int64
    )
    if len(lessons.names) < FEWEST:
        raise StylizeError(
            f"The corpus has {len(lessons.names)} pictures; the head needs at least {FEWEST} to learn from."
        )
    kept, tried = (min(count, len(described) // 10) for count in (recipe.held_out, recipe.validation))
    measured, chosen, rest = order.tensor_split((kept, kept + tried))
    return torch.cat([rest, lessons.titled.nonzero()[:, 0]]).sort().values, chosen, measured


def untrained(lessons: Lessons, seen: Tensor, recipe: SentenceRecipe) -> Head:
    """A head with random layers, which knows mean and principal components of the codes to train on."""
    torch.manual_seed(recipe.seed)
    codes = lessons.codes[seen]
    mean = codes.mean(0)
    _, lengths, directions = torch.linalg.svd(codes - mean, full_matrices=False)
    axes = directions * lengths[:, None] / len(codes) ** 0.5
    return Head(mean, axes[: recipe.components], recipe.width, lessons.code_net, lessons.encoder, recipe.dropout)


def losses(
    found: Tensor, own: Tensor, lengths: Tensor, different: Tensor, recipe: SentenceRecipe, sharpness: Tensor
) -> dict[str, Tensor]:
    """The errors of a batch in codes, as numbers.

    found, own: (B, K), whitened codes of the sentences and of their pictures. lengths: (K,), of the axes, their squares
    adding up to 1. different: (B, B), whether two pictures are to be told apart. sharpness: 1 / temperature.

    direction: 1 - cosine. ranking: InfoNCE of the cosines, from sentence to picture and back. distance: squared, of
    codes, in units of their variance. ranking_by_distance: InfoNCE of the negative squared distances.
    """
    others = ~different & ~torch.eye(len(found), dtype=torch.bool)
    at = torch.arange(len(found))
    cosines = (F.normalize(found, dim=1) @ F.normalize(own, dim=1).T * sharpness).masked_fill(others, -torch.inf)
    apart_by = torch.cdist(found * lengths, own * lengths).square()
    nearness = (-apart_by / recipe.reach).masked_fill(others, -torch.inf)
    return {
        "direction": (1 - F.cosine_similarity(found, own)).mean(),
        "ranking": (F.cross_entropy(cosines, at) + F.cross_entropy(cosines.T, at)) / 2,
        "distance": ((found - own) * lengths).square().sum(1).mean(),
        "ranking_by_distance": F.cross_entropy(nearness, at),
    }


def losses_by_looks(
    found: Statistics, own: Statistics, mean: Statistics, different: Tensor, recipe: SentenceRecipe
) -> dict[str, Tensor]:
    """The errors of a batch in what codes look like, 0 to 1: softened shares of the comparisons that are lost.

    found, own: of each layer (B, 2 C), by the sentences' codes and of their pictures. mean: likewise (1, 2 C), by the
    mean style. different: as above.

    beside_others: the own picture's style distance against the distances to others. beside_mean: against the
    mean style's distance to the own picture.
    """
    distances = all_apart(found, own).clamp_min(LEAST).log()
    kept = distances.diagonal()
    bland = apart(tuple(layer.expand(len(kept), -1) for layer in mean), own).clamp_min(LEAST).log()
    others = different & ~torch.eye(len(kept), dtype=torch.bool)
    return {
        "beside_others": torch.sigmoid((kept[:, None] - distances) / recipe.softness)[others].mean(),
        "beside_mean": torch.sigmoid((kept - bland) / recipe.softness).mean(),
    }


def train(lessons: Lessons, recipe: SentenceRecipe, report: Report | None = None) -> Head:
    """Runs the recipe, a minute or two on a CPU; the same lessons and recipe make the same head.

    report gets step and losses every `REPORTED` steps, and "held back", the share of validation pictures that are among
    the ten nearest to one of their sentences.
    """
    seen, validation, _ = split(lessons, recipe)
    head = untrained(lessons, seen, recipe)
    whitened = whiten(head, lessons.codes)
    lengths = head.axes.norm(dim=1)
    lengths = lengths / lengths.norm()
    looks = bland = None
    if lessons.statistics:
        of_seen = tuple(layer[seen] for layer in lessons.statistics)
        looks = learned_appearance(lessons.codes[seen], of_seen, recipe.seed)
        bland = looks(head.mean[None])
    meanings = lessons.meanings()
    sentences = [lessons.vectors[lessons.owners == picture] for picture in range(len(lessons.names))]
    sharpness = torch.tensor(1 / recipe.temperature).log().requires_grad_()
    optimiser = torch.optim.AdamW([*head.net.parameters(), sharpness], lr=recipe.rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.steps, pct_start=0.05)
    draw, noise = random.Random(recipe.seed), torch.Generator().manual_seed(recipe.seed)
    choices, batch = seen.tolist(), min(recipe.batch, len(seen))
    head.train()
    for step in range(1, recipe.steps + 1):
        pictures = draw.sample(choices, batch)
        if draw.random() < recipe.whole:
            shown = meanings[pictures]
        else:
            shown = torch.stack([draw.choice(sentences[picture]) for picture in pictures])
        blurred = torch.randn(shown.shape, generator=noise) * recipe.noise / shown.shape[1] ** 0.5
        found = head.whitened(F.normalize(shown + blurred, dim=1))
        different = meanings[pictures] @ meanings[pictures].T < recipe.alike
        each = losses(found, whitened[pictures], lengths, different, recipe, sharpness.exp().clamp(max=1 / 0.03))
        if looks and bland and lessons.statistics:
            own = tuple(layer[pictures] for layer in lessons.statistics)
            codes = head.mean + found @ head.axes
            each |= losses_by_looks(looks(codes), own, bland, different, recipe)
        total = sum((getattr(recipe, name) * value for name, value in each.items()), start=torch.zeros(()))
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        schedule.step()
        if report and step % REPORTED == 0:
            line = {name: float(value.detach()) for name, value in {"total": total, **each}.items()}
            head.eval()
            if len(validation):
                line["held back"] = 1 - found_among(head, lessons, validation, 10)
            head.train()
            report({"step": float(step), **line})
    return head.eval().requires_grad_(False)


def whiten(head: Head, codes: Tensor) -> Tensor:
    """Style codes (N, Z) → (N, K) in standard deviations along the head's axes."""
    return (codes - head.mean) @ (head.axes / head.axes.square().sum(1, keepdim=True)).T


@torch.no_grad()
def found_among(head: Head, lessons: Lessons, pictures: Tensor, first: int) -> float:
    """Share of the sentences of these pictures whose own picture is among the `first` nearest of them, by cosine."""
    chosen = torch.isin(lessons.owners, pictures)
    return recall(
        head.whitened(lessons.vectors[chosen]), lessons.owners[chosen], whiten(head, lessons.codes), pictures, first
    )


def recall(found: Tensor, owners: Tensor, codes: Tensor, pictures: Tensor, first: int) -> float:
    """R@first: share of whitened codes (N, K) that have their owner's among the nearest of these pictures' (P, K)."""
    cosines = F.normalize(found, dim=1) @ F.normalize(codes[pictures], dim=1).T
    own = (owners[:, None] == pictures).int().argmax(1, keepdim=True)
    ahead = (cosines > cosines.gather(1, own)).sum(1)
    return float((ahead < first).float().mean())
