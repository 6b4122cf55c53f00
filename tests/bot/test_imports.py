"""What the chat side must not load."""

from __future__ import annotations

import subprocess
import sys


def test_the_chat_side_does_without_torch() -> None:
    code = "import sys, bot.app, bot.launch, stylize; stylize.all_presets(); "
    code += "print(stylize.screen('un bosco nella nebbia'), 'torch' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["not-english", "False"]
