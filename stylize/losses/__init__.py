"""Distances between pictures, most of them in feature space."""

from stylize.losses.moments import (
    Statistics,
    gram_distance,
    gram_matrix,
    moment_distance,
    spatial_moments,
)
from stylize.losses.neighbours import nearest_distance
from stylize.losses.pictures import edge_distance, palette_distance, structure_distance, total_variation
from stylize.losses.wasserstein import root_of_spread, wasserstein_distance

__all__ = [
    "Statistics",
    "edge_distance",
    "gram_distance",
    "gram_matrix",
    "moment_distance",
    "nearest_distance",
    "palette_distance",
    "root_of_spread",
    "spatial_moments",
    "structure_distance",
    "total_variation",
    "wasserstein_distance",
]
