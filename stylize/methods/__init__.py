"""Ways of painting, one per file."""
