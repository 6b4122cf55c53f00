"""Means, confidence, interpolation and sign tests of scores."""

import pytest

from benchmarks.curves import at_content, confidence, mean, sign_test


def rows(*contents: float, style: float = 0.1) -> list[dict[str, float]]:
    return [{"style": style, "gram": 0.0, "slim": 0.0, "content": content, "edges": 0.5} for content in contents]


def test_a_curve_is_read_between_its_strengths_pair_by_pair() -> None:
    curve = {1.0: rows(0.2, 0.4, style=0.06), 0.5: rows(0.1, 0.1, style=0.10)}
    met = at_content(curve, 0.15)
    assert met is not None
    strength, found = met
    assert strength == pytest.approx(0.625)
    assert [row["content"] for row in found] == pytest.approx([0.125, 0.175])
    assert mean(found, "style") == pytest.approx(0.09)


def test_a_curve_that_ends_too_early_meets_nothing() -> None:
    assert at_content({0.0: rows(0.0), 1.0: rows(0.2)}, 0.3) is None


def test_sign_test_counts_wins_and_leaves_out_ties() -> None:
    ours = [{"style": value} for value in (1.0, 1.0, 1.0, 1.0, 1.0, 5.0, 2.0)]
    theirs = [{"style": 2.0}] * 7
    wins, count, p = sign_test(ours, theirs, "style")
    assert (wins, count) == (5, 6)
    assert p == pytest.approx(2 * (1 + 6) / 2**6)


def test_more_edges_are_better() -> None:
    assert sign_test([{"edges": 0.6}], [{"edges": 0.5}], "edges")[:2] == (1, 1)


def test_confidence_narrows_with_the_spread_of_pairs() -> None:
    wide, narrow = (confidence(rows(0.3 - gap, 0.3 + gap, 0.3, 0.3), "content") for gap in (0.2, 0.02))
    assert wide[0] < narrow[0] < 0.3 < narrow[1] < wide[1]
    assert confidence(rows(0.3, 0.3), "content") == pytest.approx((0.3, 0.3))
