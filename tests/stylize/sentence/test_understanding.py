"""What sentences are told to have been understood as."""

from __future__ import annotations

import pytest
import torch
from safetensors import safe_open

from stylize.sentence import Corpus, SentenceEncoder, SentenceStyles
from stylize.sentence.understanding import MOST, Understanding
from stylize.sentence.words import FILE, look_words
from stylize.weights import fingerprint, shipped


@pytest.fixture(scope="module")
def styles(encoder: SentenceEncoder) -> SentenceStyles:
    return SentenceStyles(Corpus.load(), encoder)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("a snowy day", "snow, winter"),
        ("Thick blue swirls.", "swirls, blue"),
        ("There is a Christmas feel in the air.", "Christmas"),
        ("Van Gogh", "Van Gogh"),
        ("Hokusai", "Hokusai"),
        ("hell by Bosch", "devil, Bosch"),
        ("in the style of Mucha, art nouveau", "art nouveau, Mucha"),
        ("Gustav Klimt, The Kiss, gold leaf", "Klimt, gold"),
        ("boats in the harbour, Turner", "boats, Turner, harbour"),
        ("a stormy night at sea", "storm, sea, night"),
        ("strmy nigth at sea", "storm, sea, night"),
        ("a lonely winter street", "street, loneliness, winter"),
        ("sunset over the desert", "sunset, desert"),
        ("an autumn forest in the fog", "forest, fog, autumn"),
        ("a calm lake at dawn, mist", "lake, mist, dawn"),
        ("golden hour in the mountains", "golden hour, mountains"),
        ("summer rain", "summer, rain"),
        ("neon lights in the city at night", "neon, night, city"),
        ("cyberpunk city in the rain", "cyberpunk, city, rain"),
        ("silver moonlight", "moonlight, silver"),
        ("copper and smoke", "copper, smoke"),
        ("rusted iron", "iron, rust"),
        ("stained glass", "stained glass"),
        ("horizontal stripes", "stripes"),
        ("mosaic of small gold tiles", "mosaic, tiles, gold"),
        ("a faded watercolour of a quiet harbour", "watercolour, harbour, silence"),
        ("black and white pencil drawing", "pencil drawing, black and white"),
        ("a pencil sketch of an old church", "church, pencil sketch, old"),
        ("Japanese woodblock print of a wave", "woodblock print, waves, Japan"),
        ("cubist portrait in grey and brown", "cubism, portrait, grey"),
        ("happy and cheerful", "cheerful, joy"),
        ("sad", "sadness"),
        ("joy and happiness, a party", "party, joy"),
        ("like a dream", "dream"),
        ("horror film", "horror, film"),
        ("make me look like a king", "king"),
        ("my grandmother's kitchen", "kitchen"),
        ("dogs playing on the beach", "beach, dogs"),
        ("underwater coral reef", "coral reef"),
        ("pink galaxy", "pink, galaxy"),
        ("the 1920s", "the twenties"),
        ("polka dots on yellow", "dots, yellow"),
    ],
)
def test_a_person_would_nod(styles: SentenceStyles, sentence: str, words: str) -> None:
    assert ", ".join(styles.code(sentence).understood) == words


@pytest.mark.parametrize("sentence", ["idk surprise me", "quarterly tax return of a limited company", "wabi-sabi"])
def test_where_nothing_fits_nothing_is_said(styles: SentenceStyles, sentence: str) -> None:
    assert styles.code(sentence).understood == ()


@pytest.mark.parametrize("sentence", ["joy", "a warm summer", "noon", "white", "calm", "modern"])
def test_no_opposites(styles: SentenceStyles, sentence: str) -> None:
    opposites = {"gloom", "melancholy", "sadness", "cold", "winter", "night", "midnight", "black", "chaos", "old"}
    assert not opposites & set(styles.code(sentence).understood)


def test_no_more_words_are_told_than_fit_in_a_line(styles: SentenceStyles, encoder: SentenceEncoder) -> None:
    understanding = Understanding(styles.corpus, encoder)
    vector, looked_at = encoder.understand("a snowy day"), styles.code("a snowy day").looked_at
    assert len(understanding.words("a snowy day", [vector], looked_at)) <= MOST


def test_the_shipped_vectors_are_those_of_the_words(encoder: SentenceEncoder) -> None:
    with safe_open(shipped("words"), framework="pt") as file:
        assert file.metadata() == {"encoder": encoder.sha256, "words": fingerprint(FILE)}, (
            "run stylize.sentence.ship_words"
        )
        vectors = file.get_tensor("vectors").float() * file.get_tensor("scales")[:, None]
    sample = slice(0, None, 20)
    made = encoder.encode([word.read for word in look_words()[sample]])
    assert float(torch.cosine_similarity(vectors[sample], made).min()) > 0.999
    assert torch.allclose(vectors.norm(dim=1), torch.ones(len(vectors)), atol=0.01)


def test_the_words_are_short_and_stand_once_in_a_topic() -> None:
    entries = [(word.topic, word.word) for word in look_words()]
    assert len(entries) == len(set(entries))
    assert all(word.topic and len(word.word) <= 24 for word in look_words())
