"""Codes for paintings of one's own: a step at a time, kept, and painted by."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from stylize import Engine, ImageStyle, Options, Picture, Request, all_presets, open_picture, preview_sheet
from stylize.features import load_features
from stylize.methods.adaptive import Adaptive
from stylize.methods.style_encoder import READING_SIZE
from stylize.presets import descent as descending
from stylize.presets import tuning
from stylize.presets.descent import ReadingDescent
from stylize.presets.sheet import draw_sheet, sheet_photo, shipped_previews
from stylize.presets.stored import CODE, CODE_NET, stored_code
from stylize.training.judging import LAYERS
from stylize.training.recipe import AdaptiveRecipe


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine("cpu")


def bars(seed: int) -> Picture:
    """Coloured bars, 128 px square."""
    colours = np.random.default_rng(seed).integers(0, 256, (16, 1, 3), dtype=np.uint8)
    return Picture(np.ascontiguousarray(np.broadcast_to(colours.repeat(8, 0), (128, 128, 3))))


def test_tuning_that_was_interrupted_goes_on_and_its_code_is_painted_by(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "STEPS", 4)
    monkeypatch.setattr(tuning, "KEEP_EVERY", 1)
    monkeypatch.setattr(descending, "SIDE", 128)
    file, photo = tmp_path / "bars.safetensors", bars(1)
    first = engine.tune(bars(2), file)
    assert [next(first).step, next(first).step] == [1, 2]
    first.close()
    assert not file.exists()
    assert [progress.step for progress in engine.tune(bars(2), file)] == [3, 4, 5, 6, 7, 8]
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert list(engine.tune(bars(2), file)) == []

    def painted(code: Path | None, **options: object) -> np.ndarray:
        style = ImageStyle(bars(2), code)
        return engine.render(Request(photo, style, Options(size=64, **options))).picture.pixels  # type: ignore[arg-type]

    plain = painted(None)
    method = Adaptive(torch.device("cpu"), torch.float32)
    save_file({CODE: method.fast_code(bars(3))}, file, {CODE_NET: method.weights})
    assert (painted(file) != plain).any()
    assert (painted(tmp_path / "missing.safetensors") == plain).all()
    assert painted(file, method="optimise", seconds=0.1).shape == (64, 64, 3)


def test_a_damaged_or_foreign_code_counts_as_none(engine: Engine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"half a file")
    assert stored_code(broken, "any") is None
    assert (
        engine.render(Request(bars(1), ImageStyle(bars(2), broken), Options(size=64))).picture.pixels
        == engine.render(Request(bars(1), ImageStyle(bars(2)), Options(size=64))).picture.pixels
    ).all()


def test_the_shipped_sheet_can_be_drawn_anew_from_its_cells() -> None:
    cells = shipped_previews()
    photo = sheet_photo()
    some = [(preset, cells[preset.name]) for preset in all_presets()][:5]
    drawn = draw_sheet(photo, some)
    assert drawn.size == (4 * 334 + 14, 2 * 278 + 14)
    corner = np.asarray(drawn.crop((14, 14, 334, 228)), dtype=int)
    assert np.abs(corner - cells["starry-night"].pixels.astype(int)).mean() < 1
    shipped = np.asarray(open_picture(preview_sheet()).pixels, dtype=int)
    whole = draw_sheet(photo, [(preset, cells[preset.name]) for preset in all_presets()])
    assert np.abs(np.asarray(whole, dtype=int) - shipped).mean() < 2


def test_a_cautious_result_is_never_farther_from_the_painting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descending, "SIDE", 128)
    judge = load_features(tuning.EYE, LAYERS)
    method = Adaptive(torch.device("cpu"), torch.float32)
    photo, painting = (tuning._at_encoder_scale(bars(seed)) for seed in (1, 2))
    descent = ReadingDescent(method, painting, [photo], judge, AdaptiveRecipe(), steps=1, batch=1)
    (*_, own) = descent.cautious_results()
    assert (own == method.fast_code(bars(2))).all(), "before any step there is only the encoder's"
    descent._mean = descent._mean + 3 * torch.randn(READING_SIZE, generator=torch.Generator().manual_seed(1))
    (*_, refused) = descent.cautious_results()
    assert (refused == own).all(), "noise is refused"
