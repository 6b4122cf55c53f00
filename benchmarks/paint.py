"""Time and memory of one painted picture: `python -m benchmarks.paint [--json FILE]`.

Prints medians over several rounds, on as many threads as torch chooses; writes JSON on request.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from stylize import Engine, Options, Picture, PresetStyle, Request
from stylize.devices import choose_precision

SIZES = ((256, 256), (512, 512), (1024, 1024), (2048, 1536))
ROUNDS = 5


def make_photo(width: int, height: int) -> Picture:
    """Waves and noise: as much work as any photo."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 31 + k) * np.cos(y / (23 + k)) for k in range(3)], axis=2)
    noise = np.random.default_rng(0).normal(0, 0.1, waves.shape)
    return Picture(((waves + noise) * 60 + 128).clip(0, 255).astype(np.uint8))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--json", type=Path)
    ask.add_argument("--device", default="auto")
    given = ask.parse_args()
    began = time.perf_counter()
    engine = Engine(given.device)
    engine.warm_up()
    figures: dict[str, float | str] = {
        "device": str(engine.device),
        "precision": str(choose_precision(engine.device)),
        "threads": torch.get_num_threads(),
        "load and warm up, s": time.perf_counter() - began,
    }
    for width, height in SIZES:
        request = Request(make_photo(width, height), PresetStyle("starry-night"), Options())
        engine.render(request)
        results = [engine.render(request) for _ in range(ROUNDS)]
        seconds = statistics.median(result.seconds for result in results)
        figures[f"{width}x{height}, s"] = seconds
        figures[f"{width}x{height}, s per megapixel"] = seconds / (width * height / 1e6)
        figures[f"{width}x{height}, peak MB"] = max(result.peak_memory for result in results) / 2**20
    for name, value in figures.items():
        print(f"{name:32}{value if isinstance(value, str) else format(value, '10.3f')}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
