"""Frozen feature extractors with the papers' layer names."""

from stylize.features.vgg import VggFeatures

__all__ = ["VggFeatures"]
