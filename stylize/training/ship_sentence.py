"""Makes the sentence head that ships, from the shipped corpus: `python -m stylize.training.ship_sentence --data DIR`.

DIR holds the pictures and captions that the corpus was made of, see ``stylize.sentence.ship``.
"""

from pathlib import Path
from typing import Annotated

import typer

from stylize.errors import StylizeError
from stylize.sentence.corpus import SHIPPED, Corpus
from stylize.sentence.ship import sources
from stylize.training.commands import RECIPES, teach_sentences
from stylize.training.sentence_recipe import SentenceRecipe

OUTPUT = SHIPPED.with_name("sentence.safetensors")


def main(
    data: Annotated[Path, typer.Option(help="The developers' data folder.")] = Path("../shared"),
    output: Annotated[Path, typer.Option("-o", "--output")] = OUTPUT,
) -> None:
    """Train the head on the shipped corpus."""
    try:
        teach_sentences(Corpus.load(), sources(data), SentenceRecipe.read(RECIPES / "sentence.toml"), output)
    except StylizeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
