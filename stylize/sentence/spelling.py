"""Mends slips of the keyboard in a sentence before it is encoded.

MiniLM reads "strmy nigth" as the pieces st-rm-y ni-gt-h, a different sentence altogether (cosine 0.49 to "stormy
night"). Its own vocabulary of word pieces is sorted by how often the words are written, which is all that a spelling
corrector needs: an unknown word is replaced by the most common known one that is a single slip away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from stylize.sentence.words import look_words

WORD = re.compile(r"[^\W\d_]+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
RAREST = 10**6  # rank of words that are mended to only where nothing else is near
SHORTEST = 4  # letters: shorter words have too many neighbours

# Words about pictures that the vocabulary lacks; known as they are, and worth mending to.
PICTURE_WORDS = frozenset(
    """watercolor watercolors watercolour watercolours gouache crayon crayons charcoal pastels sketchy doodle doodles
    etching etchings linocut woodcut woodblock engraving mosaics stained fresco frescoes origami papercut graffiti
    impressionism impressionist impressionistic expressionism expressionist pointillism pointillist cubism cubist
    surrealism surreal surrealist baroque rococo gothic fauvism minimalist pixelated psychedelic ukiyo aquarelle
    monochrome monochromatic sepia grayscale colorful colourful colorless colourless pastel turquoise teal magenta
    crimson scarlet beige ochre lilac maroon vivid gaudy greyish bluish reddish greenish yellowish brownish
    stripes striped stripy dotted polka zigzag zigzags swirls swirly swirling checkered chequered woven knitted
    marbled wrinkled cracked bubbly frilly lacelike paisley honeycombed cobwebbed porous smeared spiralled veined
    foggy misty gloomy rainy cloudy snowy sunny windy stormy frosty icy hazy dusky moonlit starlit starry sunlit
    sunrise sunset twilight midsummer wintry autumnal springtime snowfall snowstorm thunderstorm blizzard drizzle
    underwater rainforest meadow cornfield wheatfield seaside snowman cozy cosy dreamy eerie spooky melancholy
    melancholic nostalgic romantic cheerful joyful halloween festive fiery flames
    hokusai hiroshige aivazovsky kuindzhi levitan shishkin kandinsky malevich mondrian klimt munch seurat signac
    cezanne gauguin monet manet renoir degas picasso matisse rembrandt vermeer botticelli caravaggio dali mucha gogh
    vangogh turner beardsley dore bruegel bosch durer titian goya velazquez repin vrubel roerich constable""".split()  # noqa: SIM905
)

# The model knows these by their American spelling only; measured, "watercolour" lay at cosine 0.59 to "watercolor".
AMERICAN = {"watercolour": "watercolor", "watercolours": "watercolors", "aquarelle": "watercolor"}


class Spelling:
    """Mends unknown words that are one slip from a known one.

    vocabulary: word piece → index, sorted so that common words have small indices (as BERT's is).
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self._rank = {word: rank for word, rank in vocabulary.items() if word.isalpha() and len(word) >= SHORTEST}
        self._rank.update(dict.fromkeys(PICTURE_WORDS, 0))  # here people mean "stormy" before "stray"
        for word in WORD.findall(plain(" ".join(look.read for look in look_words()))):
            self._rank.setdefault(word, RAREST)  # names of painters, which are no slips of anything

    def mend(self, sentence: str) -> str:
        """The sentence in lower case with slips mended; words that are not understood stay as they are."""
        return WORD.sub(lambda match: self._mend_word(match.group()), sentence.lower())

    def knows(self, word: str) -> bool:
        """Whether this word of at least 4 letters, in lower case and without accents, needs no mending."""
        return word in self._rank or self._is_form(word)

    def _mend_word(self, word: str) -> str:
        if len(word) >= SHORTEST and not self.knows(word):
            # People rarely miss the first letter; a changed one is more often another word.
            near = {slip for slip in _slips(word) if slip[:1] == word[0] and slip in self._rank}
            word = min(near, key=lambda known: (self._rank[known], known), default=word)
        return AMERICAN.get(word, word)

    def _is_form(self, word: str) -> bool:
        """Whether it is an everyday form of a known word, such as a plural, which needs no mending."""
        return any(
            word.endswith(ending) and (word[: -len(ending)] in self._rank or word[: -len(ending)] + "e" in self._rank)
            for ending in ("s", "es", "ed", "ing", "ly", "er", "ish", "y", "less", "like")
        )


def plain(text: str) -> str:
    """Lower case without accents, with straight apostrophes."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _slips(word: str) -> Iterator[str]:
    """Every spelling at one slip: a letter missing, doubled or wrong, or two neighbours swapped (Norvig 2007)."""
    splits = [(word[:cut], word[cut:]) for cut in range(len(word) + 1)]
    for left, right in splits:
        if right:
            yield left + right[1:]
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        for letter in LETTERS:
            yield left + letter + right
            if right:
                yield left + letter + right[1:]
