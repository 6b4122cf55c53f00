"""The memory that a process has taken."""

import resource
import sys


def peak_megabytes() -> float:
    """Of this process since its start. Not on Windows."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10
