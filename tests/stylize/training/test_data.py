"""Folders of pictures as training material."""

import random
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from stylize.training.data import Sampler, load_folders, random_crop


def test_broken_files_and_held_out_artists_are_left_out(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((90, 130, 3), np.uint8)).save(tmp_path / "good.png")
    Image.fromarray(np.zeros((90, 90, 3), np.uint8)).save(tmp_path / "held_out-1.png")
    Image.fromarray(np.zeros((20, 90, 3), np.uint8)).save(tmp_path / "thin.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    (tmp_path / "empty.webp").touch()
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "notes.txt").write_text("not a picture")
    told: list[tuple[int, int]] = []
    loaded = load_folders([tmp_path], 64, frozenset({"held_out"}), tell=lambda done, of: told.append((done, of)))
    assert loaded.names == ("good.png",)
    assert loaded.pictures[0].shape == (3, 64, 92)
    assert [name for name, _ in loaded.skipped] == ["broken.jpg", "empty.webp", "thin.png"]
    assert loaded.held_out == 1
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_of_too_many_files_the_same_random_ones_are_read(tmp_path: Path) -> None:
    for i in range(12):
        Image.fromarray(np.full((64, 64, 3), i, np.uint8)).save(tmp_path / f"{i:02d}.png")
    first = load_folders([tmp_path], 64, most=5)
    assert len(first.names) == 5
    assert first.names == load_folders([tmp_path], 64, most=5).names
    assert first.names != tuple(f"{i:02d}.png" for i in range(5))


def test_crops_fit_any_picture() -> None:
    rng = random.Random(0)
    for shape in ((3, 20, 300), (3, 64, 64), (3, 500, 90)):
        picture = torch.randint(0, 255, shape, dtype=torch.uint8)
        for _ in range(20):
            crop = random_crop(picture, 48, (0.5, 2.0), rng)
            assert crop.shape == (3, 48, 48)
            assert 0 <= crop.min() <= crop.max() <= 1


def test_picks_follow_the_weights_and_the_drawn_share() -> None:
    flat = [torch.full((3, 8, 8), value, dtype=torch.uint8) for value in (1, 2, 3)]
    sampler = Sampler([(flat[:2], 0.5), (flat[2:], 3.0)], random.Random(0), drawn=0.2, drawn_side=32)
    picks = [sampler.pick() for _ in range(400)]
    drawn = [pick for pick in picks if pick.shape != (3, 8, 8)]
    assert {pick.shape for pick in drawn} == {(3, 32, 32)}
    assert all(pick.dtype == torch.uint8 for pick in picks)
    assert 0.13 < len(drawn) / 400 < 0.27
    heavy = sum(int(pick[0, 0, 0]) == 3 for pick in picks if pick.shape == (3, 8, 8))
    assert 0.67 < heavy / (400 - len(drawn)) < 0.83  # 3 of 4
