"""Magenta's arbitrary style nets for phones (Ghiasi et al. 2017, distilled), as TFLite files."""

from pathlib import Path
from typing import Any

import numpy as np

PREDICTOR = "style predictor, int8"
FILES = {
    "int8": "style_transfer_quantized_384.tflite",
    "fp16": "style_transfer_f16_384.tflite",
    PREDICTOR: "style_predict_quantized_256.tflite",
}
SIDE = 384  # px: the only size that the transformer paints
STYLE_SIDE = 256  # px: the only size at which its predictor reads a style


class MissingPeerError(Exception):
    """The net can't be run here; the text says why."""


class Magenta:
    """One of FILES, with inputs of noise: its time doesn't depend on them. Raises MissingPeerError."""

    def __init__(self, name: str, folder: Path, threads: int) -> None:
        file = folder / FILES[name]
        if not file.is_file():
            raise MissingPeerError(f"there is no {file.name} in the folder of the peers")
        try:
            from ai_edge_litert.interpreter import Interpreter  # an extra: only this benchmark needs it
        except ImportError as error:
            raise MissingPeerError("ai-edge-litert is not installed (the extra bench)") from error
        self.interpreter: Any = Interpreter(str(file), num_threads=threads)
        self.interpreter.allocate_tensors()
        noise = np.random.default_rng(0)
        for entry in self.interpreter.get_input_details():
            self.interpreter.set_tensor(entry["index"], noise.random(entry["shape"], np.float32))

    def __call__(self) -> None:
        self.interpreter.invoke()
