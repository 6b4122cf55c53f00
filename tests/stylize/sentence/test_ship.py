from pathlib import Path

from stylize.sentence.captions import read_captions
from stylize.sentence.ship import OWN_CAPTIONS, artworks, sources


def test_recipe_finds_its_pictures(shared: Path) -> None:
    parts = sources(shared)
    assert [part.kind for part in parts] == ["scene", "texture", "artwork", "artwork"]
    assert [len(part.captions) for part in parts] == [3350, 1120, 1117, 20]
    assert all((part.pictures / name).is_file() for part in parts for name in part.captions)


def test_every_caption_of_ours_has_its_picture(shared: Path) -> None:
    known = {name for part in sources(shared)[2:] for name in part.captions}
    assert set(read_captions(OWN_CAPTIONS)) <= known


def test_names_say_who_painted_what(tmp_path: Path) -> None:
    for name in (
        "edvard_munch-the_scream.jpg",
        "anonymous-old_sketch.jpg",
        "dph-99_target.jpg",
        "ivan_shishkin-q28.jpg",
    ):
        (tmp_path / name).touch()
    said = artworks(tmp_path)
    assert "the scream, painting by Edvard Munch" in said["edvard_munch-the_scream.jpg"]
    assert "anonymous-old_sketch.jpg" not in said
    assert "dph-99_target.jpg" not in said
    assert all("q28" not in sentence for sentence in said["ivan_shishkin-q28.jpg"])
