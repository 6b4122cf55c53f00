"""A learned way from a sentence to a style code, beside the corpus that it was trained on.

FastCLIPstyler (Suresh et al. 2023) lets a few linear layers turn a sentence into the style code of a feed-forward net.
Theirs were taught by CLIP; ours by captioned pictures and the codes of these, see ``stylize.training.sentence``.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from stylize.errors import WeightsError
from stylize.weights import shipped

VECTOR = 384  # numbers of a sentence's vector


class Head(nn.Module):
    """Unit vectors of sentences (N, 384) → what style codes of pictures under them have in common.

    mean: (Z,) of the style codes of training. axes: (K, Z), their principal components, each as long as its standard
    deviation, so that ``whitened`` has variance 1 along each. code_net, encoder: sha256 of the nets that made codes and
    vectors.
    """

    mean: Tensor
    axes: Tensor

    def __init__(
        self, mean: Tensor, axes: Tensor, width: int, code_net: str, encoder: str, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.code_net, self.encoder = code_net, encoder
        self.register_buffer("mean", mean)
        self.register_buffer("axes", axes)
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        inputs = VECTOR
        for number in (1, 2):
            layers[f"linear{number}"] = nn.Linear(inputs, width)
            layers[f"gelu{number}"] = nn.GELU()
            layers[f"norm{number}"] = nn.LayerNorm(width)
            layers[f"dropout{number}"] = nn.Dropout(dropout)
            inputs = width
        layers["linear3"] = nn.Linear(inputs, len(axes))
        self.net = nn.Sequential(layers)

    def whitened(self, vectors: Tensor) -> Tensor:
        """(N, 384) → (N, K), in standard deviations along the axes."""
        found: Tensor = self.net(vectors)
        return found

    def forward(self, vectors: Tensor) -> Tensor:
        """(N, 384) → style codes (N, Z)."""
        return self.mean + self.whitened(vectors) @ self.axes

    def save(self, path: Path) -> None:
        """Writes one safetensors file, float16."""
        tensors = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file(tensors, path, {"code_net": self.code_net, "encoder": self.encoder})

    @classmethod
    def load(cls, path: Path | None = None) -> Head:
        """The shipped head, or that of a file, float32 on the CPU. Raises WeightsError where it can't be read."""
        path = path or shipped("sentence")
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata() or {}
                state = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118 - not a dict
            width = len(state["net.linear1.bias"])
            head = cls(state["mean"], state["axes"], width, metadata["code_net"], metadata["encoder"])
            head.load_state_dict(state)
        except (SafetensorError, OSError, KeyError, RuntimeError) as error:
            raise WeightsError(
                f"{path.name} holds no head for sentences. `stylize train sentence` makes one."
            ) from error
        return head.eval().requires_grad_(False)
