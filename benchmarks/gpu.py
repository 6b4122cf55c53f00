"""Speed and memory on a CUDA GPU: `python -m benchmarks.gpu [--json FILE]`. Where there is none, says so and ends.

The painter alone, from pixels on the device to pixels on the device; and the engine from picture to picture, with the
copies and what the CPU does. Medians over rounds, after the runs in which graphs are captured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.photo import make_photo
from stylize import Engine, Options, PresetStyle, Request, Result
from stylize.devices import choose_precision
from stylize.methods.adaptive_net import Painter, noise_like
from stylize.methods.graphs import GraphedPainter
from stylize.methods.streaming import StreamedPainter
from stylize.methods.style_encoder import CODE_SIZE

ROUNDS = 30
SIZES = (256, 512, 1024, 2048)
BATCH = 16
LARGE = 4096
GOALS = {
    "512 px alone, painter, ms": "under 5",
    f"batch of {BATCH}, painter, times the throughput": "4 or more",
    f"{LARGE}x{LARGE}, engine, peak GB": "under 4",
}

Figures = dict[str, float | str]


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median; the first three runs, which capture graphs and choose kernels, don't count."""
    taken = []
    for turn in range(rounds + 3):
        torch.cuda.synchronize()
        began = time.perf_counter()
        run()
        torch.cuda.synchronize()
        if turn >= 3:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def painter_at(painter: GraphedPainter | StreamedPainter, count: int, size: int, precision: torch.dtype) -> float:
    """Seconds of a batch."""
    photos = torch.from_numpy(make_photo(size, size).pixels).cuda().expand(count, -1, -1, -1).contiguous()
    codes = torch.randn(count, CODE_SIZE, device="cuda")
    noise = noise_like(torch.empty(count, 3, size, size, device="cuda", dtype=precision))
    return seconds(lambda: painter(photos, codes, noise))


def measure_painter(found: Figures, device: torch.device) -> None:
    """Alone and in batches, with graphs and without, in both precisions."""
    net = Painter().eval().requires_grad_(False)
    chosen = choose_precision(device)
    for precision in (torch.bfloat16, torch.float32):
        plain = StreamedPainter(net, device, precision)
        for name, painter in (("graph", GraphedPainter(plain)), ("no graph", plain)):
            for size in SIZES:
                kind = f"{str(precision).removeprefix('torch.')}, {name}"
                found[f"{size} px alone, painter, {kind}, ms"] = 1e3 * painter_at(painter, 1, size, precision)
    painter = GraphedPainter(StreamedPainter(net, device, chosen))
    alone, together = painter_at(painter, 1, 512, chosen), painter_at(painter, BATCH, 512, chosen)
    found["512 px alone, painter, ms"] = 1e3 * alone
    found[f"batch of {BATCH}, painter, ms a picture"] = 1e3 * together / BATCH
    found[f"batch of {BATCH}, painter, times the throughput"] = alone * BATCH / together


def measure_engine(found: Figures, engine: Engine) -> None:
    """From picture to picture."""
    requests = [
        Request(make_photo(512, 512), PresetStyle(name), Options(strength=strength))
        for name in ("starry-night", "great-wave", "scream", "starry-night")
        for strength in (1.0, 0.9, 0.8, 0.7)
    ]
    alone = seconds(lambda: [engine.render(request) for request in requests], 5)
    together = seconds(lambda: engine.render_many(requests), 5)
    found["512 px alone, engine, ms"] = 1e3 * alone / len(requests)
    found[f"batch of {len(requests)}, engine, ms a picture"] = 1e3 * together / len(requests)
    found[f"batch of {len(requests)}, engine, times the throughput"] = alone / together
    torch.cuda.empty_cache()
    idle = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    result: Result = engine.render(Request(make_photo(LARGE, LARGE), PresetStyle("starry-night")))
    found[f"{LARGE}x{LARGE}, engine, s"] = result.seconds
    found[f"{LARGE}x{LARGE}, engine, peak GB"] = torch.cuda.max_memory_allocated() / 2**30
    found["idle, GB"] = idle / 2**30


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--json", type=Path)
    given = ask.parse_args()
    if not torch.cuda.is_available():
        print("No GPU here: nothing was measured.")
        return
    engine = Engine("cuda")
    engine.warm_up()
    found: Figures = {"device": torch.cuda.get_device_name(), "precision": str(choose_precision(engine.device))}
    measure_painter(found, engine.device)
    measure_engine(found, engine)
    for name, value in found.items():
        shown = value if isinstance(value, str) else f"{value:10.3f}"
        print(f"{name:56}{shown}" + (f"   goal: {GOALS[name]}" if name in GOALS else ""))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
