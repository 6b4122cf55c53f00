"""Our judge is the tool: it repeats the scores that the tool wrote down for a peer."""

from pathlib import Path

import pytest

from benchmarks.judge import COLUMNS, Judge
from stylize import open_picture


def test_scores_are_those_of_the_tool(shared: Path) -> None:
    judge = Judge(shared)
    pair = judge.pairs[6]
    painted = open_picture(shared / f"peers/outputs/microast/{pair.name}.jpg")
    found = judge.score(painted, pair)
    aim = judge.style_of(open_picture(pair.style))
    assert judge.apart(judge.style_of(painted), aim) == pytest.approx(found["style"], rel=1e-3)
    assert found == pytest.approx({column: judge.peers()["microast"][6][column] for column in COLUMNS}, abs=1e-4)


def test_a_folder_without_pairs_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Skipped: .* holds no pairs\.csv"):
        Judge(tmp_path)
