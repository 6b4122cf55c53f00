"""A code of one's own for one's own painting, made by the nets that ship and a step at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from stylize.features import load_features
from stylize.methods.adaptive import ENCODER_SIDE, Adaptive
from stylize.pictures import Picture
from stylize.presets.descent import SHARES, ReadingDescent
from stylize.presets.sheet import sheet_photo
from stylize.presets.stored import CODE, CODE_NET, stored_code
from stylize.request import Progress
from stylize.training.judging import LAYERS
from stylize.training.recipe import AdaptiveRecipe

EYE = "compact"  # the net that judges: it ships and is quick, but sees less than that which judged the shipped codes
STEPS = 40
KEEP_EVERY = 4  # steps


def tune(method: Adaptive, painting: Picture, file: Path) -> Iterator[Progress]:
    """See `Engine.tune`."""
    if stored_code(file, method.weights) is not None:
        return
    judge = load_features(EYE, LAYERS, device=method.device)
    descent = ReadingDescent(
        method, _at_encoder_scale(painting), [_at_encoder_scale(sheet_photo())], judge, AdaptiveRecipe(), STEPS, batch=1
    )
    part = file.with_suffix(".part")
    _resume(descent, part, method.weights)
    total = descent.steps + len(SHARES) + 1
    while not descent.done:
        descent.advance()
        if descent.step % KEEP_EVERY == 0:
            _save(descent.state(), part, method.weights)
        yield Progress(descent.step, total)
    codes = []
    for code in descent.cautious_results():
        codes.append(code)
        if descent.steps + len(codes) < total:
            yield Progress(descent.steps + len(codes), total)
    _save({CODE: codes[-1]}, file, method.weights)
    part.unlink(missing_ok=True)
    yield Progress(total, total)


def _resume(descent: ReadingDescent, part: Path, code_net: str) -> None:
    if not part.is_file():
        return
    try:
        with safe_open(part, framework="pt") as stored:
            fits = (stored.metadata() or {}).get(CODE_NET) == code_net
        if fits:
            descent.resume(load_file(part))
    except (SafetensorError, KeyError, RuntimeError):  # begins anew
        part.unlink(missing_ok=True)


def _save(state: dict[str, Tensor], file: Path, code_net: str) -> None:
    """Whoever reads the file sees it whole."""
    fresh = file.with_suffix(file.suffix + ".new")
    save_file(state, fresh, {CODE_NET: code_net})
    fresh.replace(file)


def _at_encoder_scale(picture: Picture) -> Tensor:
    short, long = sorted(picture.size)
    small = picture.resized(round(long * min(1.0, ENCODER_SIDE / short)))
    return torch.from_numpy(np.ascontiguousarray(small.pixels)).permute(2, 0, 1)
