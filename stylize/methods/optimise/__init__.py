"""Painting by optimisation of the pixels."""

from stylize.methods.optimise.method import Optimise
from stylize.methods.optimise.recipe import OptimiseRecipe, recipe_names

__all__ = ["Optimise", "OptimiseRecipe", "recipe_names"]
