"""The net through which presets and sentences are aimed at, whose targets come without a picture."""

from torch import Tensor

from stylize.features import BACKBONES, load_features
from stylize.methods.optimise.target import Targets
from stylize.pictures import Picture
from stylize.sentence.lowrank import PackGrams
from stylize.tensors import to_tensor
from stylize.weights import fingerprint, shipped

EYE = "compact"
LONG_SIDE = 2048  # px: what a picture is reduced to first; the largest size looked at is 512 px, short side


def eye_name() -> str:
    """sha256 of its weights. Raises WeightsError where the installation lacks them."""
    return fingerprint(shipped(EYE))


def gram_packer() -> PackGrams:
    """Packs pictures as the method optimise looks at them by its recipe finest. Raises WeightsError."""
    layers = BACKBONES[EYE].style_layers
    targets = Targets(load_features(EYE, layers), layers, by_places=False)

    def pack(picture: Picture) -> Tensor:
        return targets.pack(to_tensor(picture.resized(LONG_SIDE))[None])

    return PackGrams(pack, tuple(targets.sizes * targets.levels), eye_name())
