"""What the shipped corpus answers."""

import pytest
import torch
from torch import Tensor

from stylize.errors import StyleError, WeightsError
from stylize.methods.adaptive import Adaptive
from stylize.methods.style_encoder import READING_SIZE
from stylize.sentence import SHIPPED, Corpus, SentenceCode, SentenceEncoder, SentenceStyles
from stylize.sentence.colours import to_lab
from stylize.sentence.corpus import KINDS


@pytest.fixture(scope="module")
def styles(encoder: SentenceEncoder) -> SentenceStyles:
    return SentenceStyles(Corpus.load(), encoder)


@pytest.fixture(scope="module")
def everything(styles: SentenceStyles, encoder: SentenceEncoder) -> SentenceStyles:
    """Looks at every picture, however far from the sentence."""
    return SentenceStyles(styles.corpus, encoder, reach=len(styles.corpus))


def looked_at_palette(styles: SentenceStyles, sentence: str) -> Tensor:
    """(6,) weighted mean palette of the pictures that a sentence draws on."""
    looked_at = styles.code(sentence).looked_at
    pictures, weights = zip(*looked_at, strict=True)
    return torch.tensor(weights) @ styles.corpus.palettes.float()[list(pictures)]


def measure(palette: Tensor, what: str) -> float:
    lightness, green_red, blue_yellow = palette[:3].tolist()
    return {
        "light": lightness,
        "red": green_red,
        "warm": blue_yellow,
        "colourful": float(palette[1:3].norm() + palette[4:6].norm()),
    }[what]


@pytest.mark.parametrize(
    ("more", "less", "what"),
    [
        ("a snowy day", "a sunset", "light"),
        ("a sunset", "a snowy day", "warm"),
        ("noon", "night", "light"),
        ("a bright sunny noon", "a dark night in the city", "light"),
        ("sunshine", "rain", "light"),
        ("a sunny beach", "a stormy night at sea", "light"),
        ("happy and cheerful", "gloomy and sad", "light"),
        ("a desert", "a green forest", "red"),
        ("a desert", "a green forest", "warm"),
        ("fire", "the sea", "warm"),
        ("fire", "the sea", "red"),
        ("a volcano", "underwater", "warm"),
        ("autumn", "winter", "warm"),
        ("golden hour", "moonlight", "warm"),
        ("snow", "a summer meadow", "red"),  # red as opposed to green
        ("pink blossom", "green leaves", "red"),
        ("christmas", "ice", "red"),
        ("a field of flowers", "fog", "colourful"),
        ("colorful glass", "a black and white pencil drawing", "colourful"),
        ("Van Gogh", "a black and white engraving", "colourful"),
    ],
)
def test_opposites_are_ordered_as_people_would(styles: SentenceStyles, more: str, less: str, what: str) -> None:
    assert measure(looked_at_palette(styles, more), what) > measure(looked_at_palette(styles, less), what)


def kinds(styles: SentenceStyles, code: SentenceCode) -> dict[str, float]:
    """Share of each kind of picture."""
    shares = dict.fromkeys(KINDS, 0.0)
    for picture, weight in code.looked_at:
        shares[KINDS[int(styles.corpus.kinds[picture])]] += weight
    return {str(kind): share for kind, share in shares.items()}


@pytest.mark.parametrize("look", ["watercolour", "mosaic", "pencil drawing", "stripes", "oil painting", "Van Gogh"])
def test_looks_draw_on_looks(styles: SentenceStyles, look: str) -> None:
    assert kinds(styles, styles.code(look))["scene"] == 0


@pytest.mark.parametrize(
    "look",
    ["stained glass", "comic book", "pop art", "pixel art", "graffiti on a wall", "ukiyo-e", "pointillism", "cubism"],
)
def test_looks_with_a_name_draw_on_artworks_in_colour(styles: SentenceStyles, look: str) -> None:
    assert kinds(styles, styles.code(look))["artwork"] > 0.8
    grey = looked_at_palette(styles, "a black and white pencil drawing")
    assert measure(looked_at_palette(styles, look), "colourful") > measure(grey, "colourful")


@pytest.mark.parametrize("movement", ["impressionism", "post impressionism painting", "romanticism painting"])
def test_of_works_that_fit_alike_the_rougher_and_more_colourful_are_preferred(
    styles: SentenceStyles, movement: str
) -> None:
    corpus = styles.corpus
    looked_at = [picture for picture, _ in styles.code(movement).looked_at]
    works = corpus.of_kind("artwork")
    assert corpus.strokes.float()[looked_at].mean() > corpus.strokes.float()[works].mean()
    colours = torch.tensor([measure(corpus.palettes[picture].float(), "colourful") for picture in looked_at])
    usual = torch.tensor([measure(palette.float(), "colourful") for palette in corpus.palettes[works]])
    assert colours.mean() > usual.mean()


@pytest.mark.parametrize("scene", ["a stormy night at sea", "This is a snowy day.", "a lonely winter street"])
def test_scenes_are_painted(styles: SentenceStyles, scene: str) -> None:
    shares = kinds(styles, styles.code(scene))
    assert shares["texture"] == 0
    assert shares["scene"] > 0
    assert shares["artwork"] > 0.5


@pytest.mark.parametrize(
    ("scene", "lightest"), [("a stormy night at sea", 36), ("a dark night", 22), ("outer space", 33), ("rain", 52)]
)
def test_the_palette_of_a_scene_is_as_dark_as_people_expect(styles: SentenceStyles, scene: str, lightest: int) -> None:
    painter = Adaptive(torch.device("cpu"), torch.float32)
    palette = painter.of_sentence(styles.code(scene), styles.corpus)[READING_SIZE:]
    assert to_lab(palette[:3].numpy() * 255)[0] < lightest


@pytest.mark.parametrize("sentence", ["watercolour", "a mosaic of small tiles", "a man repairs a bicycle"])
def test_of_looks_and_of_scenes_without_a_light_of_their_own_little_is_expected(
    styles: SentenceStyles, sentence: str
) -> None:
    assert styles.code(sentence).expected < 0.5 < styles.code("a dark night").expected


def test_same_sentence_same_code(styles: SentenceStyles, encoder: SentenceEncoder) -> None:
    again = SentenceStyles(Corpus.load(), encoder)
    first, second = styles.code("a snowy day"), again.code("a snowy day")
    assert torch.equal(first.code, second.code)
    assert first.looked_at == second.looked_at


@pytest.mark.parametrize(
    "sentence",
    [
        "a stormy night at sea",
        "This is a snowy day.",
        "Thick blue swirls.",
        "a faded watercolour of an old town by the river",
        "strmy nigth at sea",
        "There is a Christmas feel in the air.",
        "Van Gogh",
        "horizontal stripes",
        "autumn leaves in the rain",
        "a lonely winter street",
        "fire",
        "underwater",
        "a pencil drawing of a dog",
        "happy children",
        "neon lights",
        "a mosaic",
        "quarterly tax return",
        "golden hour",
        "a volcano",
        "mountains at dawn",
    ],
)
def test_looking_at_the_nearest_is_as_good_as_looking_at_all(
    styles: SentenceStyles, everything: SentenceStyles, sentence: str
) -> None:
    torch.testing.assert_close(styles.code(sentence).code, everything.code(sentence).code, rtol=0, atol=1e-5)


def test_code_is_finite_and_explained(styles: SentenceStyles) -> None:
    code = styles.code("There is a Christmas feel in the air.")
    assert code.code.shape == (styles.corpus.codes.shape[1],)
    assert code.code.dtype == torch.float32
    assert bool(code.code.isfinite().all())
    weights = [weight for _, weight in code.looked_at]
    assert sum(weights) == pytest.approx(1, abs=1e-5)
    assert weights == sorted(weights, reverse=True)
    assert min(weights) > 0


def test_typing_errors_lead_to_the_same_pictures(styles: SentenceStyles) -> None:
    typed, meant = styles.code("strmy nigth at sea"), styles.code("stormy night at sea")
    assert typed.looked_at == meant.looked_at


def test_confidence_tells_the_known_from_the_unknown(styles: SentenceStyles) -> None:
    assert styles.code("a dog runs through the snow").confidence > 0.6
    assert styles.code("quarterly tax return of a limited company").confidence < 0.35


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_sentence_is_refused(styles: SentenceStyles, nothing: str) -> None:
    with pytest.raises(StyleError):
        styles.code(nothing)


def test_another_encoder_is_refused() -> None:
    with pytest.raises(WeightsError, match="another sentence encoder"):
        SentenceStyles(Corpus.load(), SentenceEncoder(sha256="0" * 64))


def test_shipped_corpus_is_small_and_holds_no_text() -> None:
    data = SHIPPED.read_bytes()
    assert len(data) < 12_000_000
    assert b"jpg" not in data[:4096]
    assert b"webp" not in data[:4096]
