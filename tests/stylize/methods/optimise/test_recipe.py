"""Recipes: the shipped ones read, slips are named."""

from pathlib import Path

import pytest

from stylize.errors import StyleError
from stylize.features import BACKBONES
from stylize.methods.optimise.recipe import OptimiseRecipe, Stage, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_every_shipped_recipe_reads_and_names_layers_that_its_backbone_has(name: str) -> None:
    recipe = OptimiseRecipe.named(name)
    backbone = BACKBONES[recipe.backbone]
    assert {*recipe.style_layers, *recipe.content_layers} <= set(backbone.layers)
    assert recipe.source


def test_the_chat_s_recipe_comes_first_and_the_sources_are_there() -> None:
    names = recipe_names()
    assert names[0] == "finest"
    assert {"gatys-2016", "tutorial", "notebook", "vgg16", "vgg19", "resnet50", "low-resolution"} <= set(names)


def test_the_notebook_s_numbers() -> None:
    recipe = OptimiseRecipe.named("notebook")
    assert (recipe.backbone, recipe.side, recipe.optimiser, recipe.rate) == ("vgg19", 400, "adam", 0.003)
    assert recipe.stages == (Stage(1.0, 2000),)
    assert recipe.style_weights == (1.0, 0.75, 0.2, 0.2, 0.2)
    assert (recipe.content_weight, recipe.style_weight, recipe.start) == (1.0, 1e6, "photo")


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(StyleError, match="gatys-2016"):
        OptimiseRecipe.named("picasso")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raet = 0.1", "raet"),
        ('optimiser = "sgd"', "lbfgs"),
        ('style_layers = ["relu1_1"]', "style_weights"),
        ("stages = [[2.0, 10]]", "scale"),
        ("stages = [[1.0, 0]]", "step"),
        ("pyramid = 3", "lbfgs"),
        ("pyramid = 0", "one level"),
        ("history = 0", "history"),
        ("rate = ", "can't be read"),
    ],
)
def test_a_slip_in_a_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(StyleError, match=words):
        OptimiseRecipe.named(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StyleError, match=r"none\.toml"):
        OptimiseRecipe.named(str(tmp_path / "none.toml"))
