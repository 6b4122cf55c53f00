"""Seconds per megapixel beside other nets: `python -m benchmarks.speed [--threads N] [--busy] [--json FILE] ...`.

Every size is measured in rounds, each of which runs every net once, so that a machine that slows down slows all of
them; the median of the rounds counts. On a busy machine `--threads 1 --busy` counts the process's own seconds on the
CPU, which others disturb less. Prints the table, writes FILE. Peers that can't be run here are left out, with
the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from benchmarks.johnson import Johnson
from benchmarks.magenta import FILES, PREDICTOR, SIDE, STYLE_SIDE, Magenta, MissingPeerError
from benchmarks.photo import make_photo
from stylize import Engine, ImageStyle, Options, PresetStyle, Request
from stylize.devices import choose_precision
from stylize.methods.adaptive import ENCODER_SIDE, Adaptive
from stylize.methods.adaptive_net import Painter, noise_like
from stylize.methods.streaming import StreamedPainter
from stylize.methods.style_encoder import CODE_SIZE

ROUNDS = {256: 15, SIDE: 11, 512: 9, 1024: 5, 2048: 3}
PEERS = Path(__file__).resolve().parents[2] / "shared/peers/magenta"
RESULTS = Path(__file__).parent / "results/speed.json"
PRESET = "starry-night"
CPU = torch.device("cpu")
PRECISIONS = {"bf16": torch.bfloat16, "fp32": torch.float32}

Run = Callable[[], object]
"""Paints one picture."""

Clock = Callable[[], float]


@dataclass
class Findings:
    """What was measured, as it is written to the file."""

    hardware: dict[str, str | int]
    per_megapixel: dict[str, dict[int, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def engine_at(engine: Engine, size: int, style: PresetStyle | ImageStyle) -> Run:
    """The whole way from picture to picture."""
    request = Request(make_photo(size, size), style, Options())
    return lambda: engine.render(request)


def painter_at(painter: StreamedPainter, size: int) -> Run:
    """From pixels to pixels, the code given."""
    photos = torch.from_numpy(make_photo(size, size).pixels)[None]
    codes = torch.zeros(1, CODE_SIZE)
    noise = noise_like(torch.empty(1, 3, size, size, dtype=painter.precision))
    return lambda: painter(photos, codes, noise)


def johnson_at(net: Johnson, size: int) -> Run:
    """From pixels to pixels too."""
    pixels = torch.from_numpy(make_photo(size, size).pixels)[None]
    precision = next(net.parameters()).dtype

    @torch.inference_mode()
    def run() -> None:
        (net(pixels.permute(0, 3, 1, 2).to(precision) / 255) * 255).round().to(torch.uint8)

    return run


def medians(runs: Mapping[str, Run], rounds: int, clock: Clock) -> dict[str, float]:
    """Seconds of each, after one run that doesn't count."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            began = clock()
            run()
            if turn:
                taken[name].append(clock() - began)
    return {name: statistics.median(each) for name, each in taken.items()}


def measure(threads: int, peers: Path, clock: Clock) -> Findings:
    """All of it, on a CPU."""
    torch.set_num_threads(threads)
    found = Findings(_hardware(threads))
    magenta = _magenta(threads, peers, found)
    _measure_start(found, clock)
    _measure_reading(magenta, found, clock)
    engine, style = Engine("cpu"), ImageStyle(make_photo(STYLE_SIDE, STYLE_SIDE))
    painters = {name: StreamedPainter(Painter().eval(), CPU, kind) for name, kind in PRECISIONS.items()}
    johnsons = {name: Johnson().eval().requires_grad_(False).to(kind) for name, kind in PRECISIONS.items()}
    for size, rounds in ROUNDS.items():
        runs = {
            "ours, engine, preset": engine_at(engine, size, PresetStyle(PRESET)),
            "ours, engine, style picture": engine_at(engine, size, style),
            **{f"ours, painter alone, {name}": painter_at(painter, size) for name, painter in painters.items()},
            **{f"Johnson, {name}": johnson_at(net, size) for name, net in johnsons.items()},
        }
        if size == SIDE:
            runs |= {f"Magenta, {name}": net for name, net in magenta.items() if name != PREDICTOR}
        for name, seconds in medians(runs, rounds, clock).items():
            found.per_megapixel.setdefault(name, {})[size] = seconds / (size * size / 1e6)
    return found


def describe(found: Findings) -> str:
    """Markdown: the table, and the single times below it."""
    lines = ["| s per megapixel | " + " | ".join(f"{size} px" for size in ROUNDS) + " |", "|---" * 6 + "|"]
    for name, row in found.per_megapixel.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[s]:.3f}" if s in row else "" for s in ROUNDS) + " |")
    lines += ["", *(f"{name}: {seconds:.3f} s" for name, seconds in found.seconds.items())]
    lines += [f"{name}: not measured, {reason}" for name, reason in found.missing.items()]
    return "\n".join([", ".join(f"{key} {value}" for key, value in found.hardware.items()), "", *lines])


def _magenta(threads: int, peers: Path, found: Findings) -> dict[str, Magenta]:
    nets = {}
    for name in FILES:
        try:
            nets[name] = Magenta(name, peers, threads)
        except MissingPeerError as missing:
            found.missing[f"Magenta, {name}"] = str(missing)
    return nets


def _measure_start(found: Findings, clock: Clock) -> None:
    """What the first user waits for; a sentence's reader is not in it."""
    found.seconds["load painter and encoder"] = _seconds(lambda: Adaptive(CPU, choose_precision(CPU)), clock)
    first = engine_at(Engine("cpu"), 512, PresetStyle(PRESET))
    found.seconds["first picture of an engine, 512 px"] = _seconds(first, clock)


def _measure_reading(magenta: Mapping[str, Magenta], found: Findings, clock: Clock) -> None:
    """Style picture to code, each at the size that its encoder takes."""
    method, style = Adaptive(CPU, choose_precision(CPU)), make_photo(ENCODER_SIDE, ENCODER_SIDE)
    runs: dict[str, Run] = {f"read a style of {ENCODER_SIDE} px, ours": lambda: method.prepare([style])}
    if PREDICTOR in magenta:
        runs[f"read a style of {STYLE_SIDE} px, Magenta"] = magenta[PREDICTOR]
    found.seconds |= medians(runs, ROUNDS[256], clock)


def _seconds(run: Run, clock: Clock) -> float:
    began = clock()
    run()
    return clock() - began


def _hardware(threads: int) -> dict[str, str | int]:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "CPU": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 1,
        "threads": threads,
        "bf16 in hardware": "yes" if choose_precision(CPU) == torch.bfloat16 else "no",
        "torch": torch.__version__,
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--busy", action="store_true", help="Count seconds on the CPU.")
    ask.add_argument("--peers", type=Path, default=PEERS)
    ask.add_argument("--json", type=Path, default=RESULTS)
    given = ask.parse_args()
    found = measure(given.threads, given.peers, time.process_time if given.busy else time.perf_counter)
    found.hardware["seconds"] = "on the CPU" if given.busy else "on the wall"
    print(describe(found))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(vars(found), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
