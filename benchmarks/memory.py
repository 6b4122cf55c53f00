"""Peak memory of one picture above that of the idle engine: `python -m benchmarks.memory`. Not on Windows.

Sizes grow, so each peak is that of its own size.
"""

import resource
import sys

from benchmarks.photo import make_photo
from stylize import Engine, Options, PresetStyle, Request

SIZES = ((512, 512), (1024, 1024), (2048, 2048), (4096, 3072), (4096, 4096))


def peak() -> float:
    """MB of this process since its start."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10


def main() -> None:
    engine = Engine("cpu")
    engine.render(Request(make_photo(64, 64), PresetStyle("starry-night"), Options()))
    idle = peak()
    print(f"idle, without the reader of sentences: {idle:.0f} MB")
    for width, height in SIZES:
        result = engine.render(Request(make_photo(width, height), PresetStyle("starry-night"), Options()))
        print(f"{width}×{height} px: {peak() - idle:.0f} MB above idle, {result.seconds:.2f} s")


if __name__ == "__main__":
    main()
