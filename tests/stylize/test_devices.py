"""Which precision paints: told by times alone."""

import random

import pytest
import torch

from stylize.devices import choose_precision, faster_precision

CPU = torch.device("cpu")


class Clock:
    """Gives the same time again and again, with what other work on the machine adds to it."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.seconds, self.random, self.turns = seconds, random.Random(seed), 0

    def __call__(self) -> float:
        self.turns += 1
        return self.seconds + (self.random.expovariate(1 / 0.005) if self.random.random() < 0.3 else 0.0)


@pytest.mark.parametrize(
    ("gain", "chosen"),
    [(8.0, torch.bfloat16), (1.8, torch.bfloat16), (1.1, torch.float32), (1.0, torch.float32), (0.1, torch.float32)],
)
def test_bfloat16_is_chosen_where_it_is_clearly_faster_however_busy_the_machine(
    gain: float, chosen: torch.dtype
) -> None:
    for seed in range(50):
        clocks = {torch.float32: Clock(0.002, seed), torch.bfloat16: Clock(0.002 / gain, seed + 1000)}
        assert faster_precision(clocks) == chosen


def test_a_close_call_is_measured_for_longer() -> None:
    clear, close = Clock(0.001, 0), Clock(0.001 / 1.1, 0)
    faster_precision({torch.float32: Clock(0.003, 1), torch.bfloat16: clear})
    faster_precision({torch.float32: Clock(0.001, 1), torch.bfloat16: close})
    assert close.turns > 2 * clear.turns


def test_every_measurement_on_this_machine_chooses_alike_and_leaves_the_threads_alone() -> None:
    threads = torch.get_num_threads()
    chosen = set()
    for _ in range(3):
        choose_precision.cache_clear()
        chosen.add(choose_precision(CPU))
    assert len(chosen) == 1
    assert torch.get_num_threads() == threads
