"""Makes the vectors of the words that ship: `python -m stylize.sentence.ship_words`, after any change to words.txt."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from safetensors.torch import save_file

from stylize.sentence.encoder import SentenceEncoder
from stylize.sentence.lowrank import quantised
from stylize.sentence.words import FILE, look_words
from stylize.weights import FOLDER, fingerprint


def main(output: Annotated[Path, typer.Option("-o", "--output")] = FOLDER / "words.safetensors") -> None:
    """Encode words.txt."""
    encoder = SentenceEncoder()
    vectors, scales = quantised(encoder.encode([word.read for word in look_words()]))
    metadata = {"encoder": encoder.sha256, "words": fingerprint(FILE)}
    save_file({"vectors": vectors, "scales": scales}, output, metadata)
    typer.echo(f"{output}: {len(vectors)} words, {output.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(main)
