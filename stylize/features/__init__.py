"""Frozen feature extractors with the papers' layer names, and where their weights come from."""

from stylize.features.backbones import (
    BACKBONES,
    Backbone,
    cache_folder,
    find_backbone,
    find_weights,
    load_features,
    local_weights,
)
from stylize.features.extractor import AVERAGE_GAIN, Features, Padding, Pooling
from stylize.features.smoothing import smoothed, smoothing
from stylize.features.vgg import VggFeatures

__all__ = [
    "AVERAGE_GAIN",
    "BACKBONES",
    "Backbone",
    "Features",
    "Padding",
    "Pooling",
    "VggFeatures",
    "cache_folder",
    "find_backbone",
    "find_weights",
    "load_features",
    "local_weights",
    "smoothed",
    "smoothing",
]
