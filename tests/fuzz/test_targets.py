"""Every parser on its kept inputs, and on some that are made of them: the same ones each time, in some seconds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import LONGEST, TARGETS, kept_inputs

TRIES = 60
FEW = {"responses": 25, "honesty": 30, "article": 40}
"""Those that take milliseconds each."""


@pytest.mark.parametrize("name", TARGETS)
def test_kept_inputs(name: str) -> None:
    """What once was wrong is right, and so is what reaches most of the code."""
    inputs = kept_inputs(name)
    assert inputs
    for one in inputs:
        TARGETS[name].check(one)


@pytest.mark.parametrize("name", TARGETS)
def test_made_inputs(name: str) -> None:
    """Kept inputs with pieces taken out, put in or put elsewhere do no harm either."""
    target, inputs = TARGETS[name], kept_inputs(name)
    piece = st.one_of(st.sampled_from(target.words), st.binary(max_size=3))
    change = st.tuples(st.integers(0, LONGEST), st.integers(0, 40), piece)

    @settings(
        max_examples=FEW.get(name, TRIES),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(inputs), st.lists(change, min_size=1, max_size=6))
    def check(data: bytes, changes: list[tuple[int, int, bytes]]) -> None:
        for place, gone, put in changes:
            at = place % (len(data) + 1)
            data = data[:at] + put + data[at + gone :]
        target.check(data)

    check()
