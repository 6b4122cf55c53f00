"""Training: folders of pictures in, weights out."""
