"""A judge that needs no download."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file


@pytest.fixture(scope="session")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of a slim VGG-19's shape: random features still tell colours and strokes apart."""
    torch.manual_seed(0)
    state = {"conv0.weight": torch.eye(3).view(3, 3, 1, 1) * 4, "conv0.bias": torch.full((3,), -2.0)}
    inputs = 3
    for block, depth in enumerate((2, 2, 4, 4, 1), start=1):
        for place in range(1, depth + 1):
            state[f"conv{block}{place}.weight"] = torch.randn(8, inputs, 3, 3) * (2 / (9 * inputs)) ** 0.5
            state[f"conv{block}{place}.bias"] = torch.zeros(8)
            inputs = 8
    path = tmp_path_factory.mktemp("judge") / "judge.safetensors"
    save_file(state, path)
    return path
