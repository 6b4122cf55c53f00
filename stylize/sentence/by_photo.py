"""The retrieval of Chelaramani, Jha and Namboodiri (ICIP 2018): near to the sentence, and like the photo.

Their diagram: rank a captioned corpus by the sentence, keep the k closest pictures, compare each one's features with
those of the input photo, take the comparison as its weight in the mean of their styles. What it leaves open, and what
we chose: k (`NEAREST`); how the ranking counts beyond the choice of the k (as softmax of the cosines); how features are
compared (cosine of style codes apart from the corpus' mean, below 0 counted as 0: raw cosines of all pictures lie
within a few hundredths of each other); where the weights enter (on the k styles: of a weighted mean of feature maps
less than half of the pictures' spread is left, and the paintings come no nearer, see ``benchmarks/by_photo.py``).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.sentence.corpus import KINDS, Corpus

NEAREST = 8
TEMPERATURE = 0.07  # of cosines, in softmax(cosine / temperature)


def weighed_by_photo(corpus: Corpus, vector: Tensor, photo: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """The k pictures and their weights, (k,) int64 and float32 that add up to 1.

    vector: (384,), of the sentence. photo: (Z,), its style code. mean: (Z,), of the corpus' codes. Where no picture is
    like the photo, the sentence alone counts.
    """
    pictures, cosines = corpus.nearest(vector, KINDS, NEAREST)
    near = (cosines / TEMPERATURE).softmax(dim=0)
    alike = F.cosine_similarity(corpus.codes[pictures].float() - mean, (photo - mean)[None], dim=1).clamp_min(0)
    weights = near * alike
    if not bool(weights.any()):
        weights = near
    order = weights.argsort(descending=True, stable=True)[: int(torch.count_nonzero(weights))]
    return pictures[order], weights[order] / weights.sum()
