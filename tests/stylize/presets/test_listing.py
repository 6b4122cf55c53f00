"""The list of presets is for every process, also for one that never paints."""

import subprocess
import sys


def test_listing_presets_does_not_load_torch() -> None:
    code = "import stylize, sys; assert len(stylize.all_presets()) > 15; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
