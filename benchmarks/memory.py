"""Peak memory of one picture above that of the idle engine: `python -m benchmarks.memory`. Not on Windows.

Photo and result are counted. What takes more comes later, so each peak is that of its own picture. Where the CPU knows
bfloat16, ONEDNN_MAX_CPU_ISA=AVX512_CORE in the environment makes it paint in float32.
"""

import torch

from benchmarks.photo import make_photo
from stylize import Engine, Options, PresetStyle, Request
from stylize.devices import choose_precision
from stylize.memory import peak_bytes
from stylize.request import Colours

SIZES = ((512, 512), (1024, 1024), (2048, 2048), (4096, 3072), (4096, 4096))
CPU = torch.device("cpu")
PLAIN, SOFT = Options(), Options(strength=0.7, colours=Colours.MATCHED)


def main() -> None:
    engine = Engine("cpu")
    engine.render(Request(make_photo(64, 64), PresetStyle("starry-night"), PLAIN))
    idle = peak_bytes(CPU)
    print(f"{choose_precision(CPU)}; idle, without the reader of sentences: {idle / 2**20:.0f} MB")
    for (width, height), options in [*((size, PLAIN) for size in SIZES), (SIZES[-1], SOFT)]:
        result = engine.render(Request(make_photo(width, height), PresetStyle("starry-night"), options))
        how = f", strength {options.strength:g}, the photo's colours" if options == SOFT else ""
        print(f"{width}×{height} px{how}: {(peak_bytes(CPU) - idle) / 2**20:.0f} MB above idle, {result.seconds:.2f} s")


if __name__ == "__main__":
    main()
