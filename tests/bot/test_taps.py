"""The code in the buttons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.taps import Act, NotATap, Tap

taps = st.builds(
    Tap,
    st.sampled_from(list(Act)),
    st.integers(0, 2**63 - 1),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-:", max_size=40),
)


@given(taps)
def test_what_is_written_is_read(tap: Tap) -> None:
    code = tap.encode()
    assert len(code.encode()) <= 64
    assert Tap.decode(code) == tap


@given(st.text(max_size=64))
def test_anything_else_is_refused_quietly(code: str) -> None:
    try:
        tap = Tap.decode(code)
    except NotATap:
        return
    assert Tap.decode(tap.encode()) == tap


@pytest.mark.parametrize("code", ["", "v0:1:p:x", "v1::p:", "v1:-1:p:", "v1:1:zz:", "v1:1:p", "v1:1_0:p:", "v1:+1:p:"])
def test_codes_that_are_not_ours(code: str) -> None:
    with pytest.raises(NotATap):
        Tap.decode(code)


def test_too_long() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        Tap(Act.PRESET, 2**63 - 1, "x" * 60).encode()
