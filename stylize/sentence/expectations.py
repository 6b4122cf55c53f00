"""What colours people expect of a scene or a mood.

Photographs of a night at sea are rarely dark, and nobody captions a picture "sad". So the palette that retrieved photos
suggest is pulled towards that of the sentences below which mean about the same. The colours are our own choice.
"""

from __future__ import annotations

import torch
from torch import Tensor

from stylize.sentence.encoder import SentenceEncoder

# Sentence, then mean L* (0 black to 100 white), a* (green to red), b* (blue to yellow).
EXPECTED: tuple[tuple[str, int, int, int], ...] = (
    ("a dark night", 15, 2, -10),
    ("a stormy night at sea", 24, -3, -10),
    ("moonlight", 25, -2, -14),
    ("a starry night sky", 25, 2, -22),
    ("a storm with dark clouds", 38, -2, -7),
    ("rain, a rainy day", 46, -2, -7),
    ("fog and mist", 65, -1, 1),
    ("a snowy winter forest", 70, 0, -4),
    ("a snowy day", 78, 0, -5),
    ("winter, cold and ice", 68, -3, -9),
    ("sunshine", 72, 3, 24),
    ("spring", 67, -7, 18),
    ("winter", 70, 0, -7),
    ("autumn", 50, 14, 30),
    ("spring blossom", 70, 4, 14),
    ("a green summer meadow in sunshine", 62, -16, 32),
    ("a sunny summer day", 70, 0, 22),
    ("autumn leaves", 48, 17, 32),
    ("an autumn forest", 44, 16, 32),
    ("sunset", 50, 20, 27),
    ("sunrise, dawn", 64, 12, 15),
    ("golden hour, warm evening light", 58, 12, 35),
    ("noon, bright daylight", 76, 1, 14),
    ("full of light, brightness", 80, 1, 10),
    ("dusk, twilight", 34, 7, -10),
    ("fire and flames", 38, 27, 34),
    ("a volcano with glowing lava", 32, 25, 24),
    ("the sea, the ocean", 52, -8, -17),
    ("under water, the deep sea", 38, -10, -19),
    ("a tropical beach", 70, -7, 2),
    ("a green forest", 40, -13, 19),
    ("a jungle", 36, -16, 22),
    ("a hot desert", 66, 11, 32),
    ("mountains", 55, -2, -8),
    ("a field of sunflowers", 62, 6, 45),
    ("a field of red poppies", 50, 27, 24),
    ("lavender, violet flowers", 50, 16, -18),
    ("a romantic evening with roses", 44, 26, 10),
    ("christmas", 40, 22, 16),
    ("halloween, spooky", 25, 13, 18),
    ("sad, gloomy, lonely", 36, -1, -5),
    ("happy, cheerful, joyful", 70, 8, 30),
    ("calm and peaceful", 64, -4, -4),
    ("fear and danger", 25, 12, 4),
    ("anger", 34, 32, 20),
    ("dreamy, a dream", 66, 8, -8),
    ("old times, nostalgia, memories", 54, 6, 20),
    ("candle light, a cozy room", 40, 13, 28),
    ("neon lights in the city at night", 28, 18, -20),
    ("outer space, a galaxy", 20, 8, -18),
    ("northern lights", 34, -18, 2),
    ("warm colors", 55, 20, 30),
    ("cold colors", 55, -7, -18),
    ("pastel colors", 78, 6, 6),
    ("black and white", 50, 0, 0),
)
CLOSE = 0.06  # of cosines, in the softmax over the nearest expectations
NEAREST = 3
UNLIKE, ALIKE = 0.3, 0.7  # cosines to the nearest expectation: at the first it has no say, at the second its full say
FULL_SAY = 0.75


class Expectations:
    """Pulls palettes towards what people expect."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._vectors = encoder.encode([sentence for sentence, *_ in EXPECTED])
        self._colours = torch.tensor([colour for _, *colour in EXPECTED], dtype=torch.float32)

    def pull(self, palette: Tensor, vector: Tensor) -> tuple[Tensor, float]:
        """(6,) palette → (6,), its mean colour moved towards what the sentence's vector (384,) lets expect, and how
        much people expect, 0 to 1."""
        cosines, nearest = (self._vectors @ vector).topk(NEAREST)
        expected = (cosines / CLOSE).softmax(dim=0) @ self._colours[nearest]
        say = float(((cosines[0] - UNLIKE) / (ALIKE - UNLIKE)).clamp(0, 1))
        return torch.cat([torch.lerp(palette[:3], expected, FULL_SAY * say), palette[3:]]), say
