"""Memory that really runs out, in a process of its own with a limit on its address space."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

STORY = """
import resource, sys
import numpy as np
import stylize.memory
from stylize import Engine, ImageStyle, Options, OutOfMemory, Picture, Request

stylize.memory._GLIBC = None  # the heap that it grows stays in the address space, which the limit counts, though free

RECIPE = sys.argv[1]
waves = np.stack([np.sin(np.mgrid[0:SIDE, 0:SIDE][k % 2] / (7 + k)) for k in range(3)], axis=2)
photo = Picture(((waves + 1) * 127).astype(np.uint8))
style = ImageStyle(Picture(np.ascontiguousarray(photo.pixels[:128, 40:200, ::-1])))
engine = Engine("cpu")
options = OPTIONS

def used(name):
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])

engine.render(Request(photo.resized(128), style, options))
before = used("VmRSS")
roomy = engine.render(Request(photo, style, options))
needed = used("VmHWM") - before  # ru_maxrss would begin with that of the process that started this one
assert not any("Memory" in warning for warning in roomy.warnings), roomy.warnings

base = used("VmSize")
for share in (0.75, 0.3):
    resource.setrlimit(resource.RLIMIT_AS, (int(base + share * needed), -1))
    try:
        print(engine.render(Request(photo, style, options)).warnings)
    except OutOfMemory as error:
        print(error)
"""
OPTIMISE = 'Options(method="optimise", recipe=RECIPE, working_size=SIDE)'


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems don't hold to the limit")
def test_an_optimisation_is_tried_once_smaller_and_keeps_the_photo_s_size(tmp_path: Path) -> None:
    recipe = tmp_path / "quick.toml"
    recipe.write_text('start = "photo"\nstages = [[1.0, 1]]\n')
    story = STORY.replace("OPTIONS", OPTIMISE).replace("SIDE", "512")
    frugal = os.environ | {"MALLOC_MMAP_THRESHOLD_": "500000"}  # else freed maps stay in the address space
    command = [sys.executable, "-c", story, recipe]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=frugal)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "('Memory ran short, so it was painted at 358 px and enlarged.',)",
        "There is not enough memory for this size. Try a size of 251 px.",
    ]
