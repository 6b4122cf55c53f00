"""The states of a conversation; outside of them (idle) nothing is chosen."""

STYLE = "style"
"""A photo waits for its style."""

PHOTO = "photo"
"""A style waits for its photo."""

NAME = "name"
"""A saved style waits for its name."""
