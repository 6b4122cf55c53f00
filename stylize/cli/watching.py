"""Who listens while a picture is painted, beside the line on the terminal: the trace of losses, the kept previews."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stylize.pictures import encode_picture
from stylize.request import Progress, Watch


@dataclass
class Trace:
    """The loss of every step with the seconds since the start, for a .json file and a plot beside it."""

    file: Path
    steps: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = time.perf_counter()

    def __call__(self, progress: Progress) -> bool:
        if progress.loss is not None:
            seconds = round(time.perf_counter() - self._began, 3)
            self.steps.append({"step": progress.step, "loss": progress.loss, "seconds": seconds})
        return True

    def save(self) -> None:
        """Writes {"steps": [{"step", "loss", "seconds"}, …]} and, beside it, the same as a PNG plot."""
        from stylize.training.curves import draw_curves

        self.file.write_text(json.dumps({"steps": self.steps}, indent=1) + "\n", encoding="utf-8")
        draw_curves(self.steps, self.file.with_suffix(".png"))


@dataclass(frozen=True)
class KeptPreviews:
    """Keeps every preview beside the result: result-00050.png for that after step 50 of result.jpg."""

    out: Path

    def __call__(self, progress: Progress) -> bool:
        if progress.preview is not None:
            file = self.out.with_name(f"{self.out.stem}-{progress.step:05d}.png")
            file.write_bytes(encode_picture(progress.preview, "png"))
        return True


def all_of(watchers: Sequence[Watch]) -> Watch:
    """One that tells each; goes on while all of them want to."""

    def watch(progress: Progress) -> bool:
        answers = [each(progress) for each in watchers]
        return all(answers)

    return watch
