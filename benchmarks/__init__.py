"""Speed, memory and quality; each module prints its table."""
