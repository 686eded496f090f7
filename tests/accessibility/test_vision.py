"""Simulated colour-vision deficiencies, against what the papers say of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.accessibility.colours import Light, light_of
from forum.accessibility.vision import (
    _BRETTEL_BETWEEN,
    _BRETTEL_ONE,
    _BRETTEL_OTHER,
    _VIENOT,
    DEFICIENCIES,
    VISIONS,
    Vision,
    as_seen,
    difference,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
# The light of BT.709 to CIE XYZ as Judd and Vos corrected it, and that to the cones of Smith and
# Pokorny (1975), both as Viénot, Brettel and Mollon (1999) give them.
XYZ = (
    (0.409568, 0.355041, 0.179167),
    (0.213389, 0.706743, 0.0798680),
    (0.0186297, 0.114620, 0.912367),
)
CONES = ((0.15514, 0.54312, -0.03286), (-0.15514, 0.45684, 0.03286), (0.0, 0.0, 0.01608))


def times(matrix: tuple[Light, ...], light: Light) -> Light:
    long, middle, short = (sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix)
    return long, middle, short


def excitation(light: Light) -> Light:
    """How much the cones for long, middle and short waves answer to some light."""
    return times(CONES, times(XYZ, light))


BASES: tuple[Light, ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("matrix", "lacking"),
    [
        (_VIENOT["protanopia"], 0),
        (_VIENOT["deuteranopia"], 1),
        (_BRETTEL_ONE, 2),
        (_BRETTEL_OTHER, 2),
    ],
)
def test_only_the_cone_that_is_lacking_answers_otherwise(
    matrix: tuple[Light, ...], lacking: int
) -> None:
    """What tells a dichromat's sight from ours: the other two cones answer as they did."""
    white = excitation((1.0, 1.0, 1.0))
    answers = [(excitation(light), excitation(times(matrix, light))) for light in BASES]
    most = [
        max(abs(after[cone] - before[cone]) / white[cone] for before, after in answers)
        for cone in range(3)
    ]
    assert [change > 0.0001 for change in most] == [cone == lacking for cone in range(3)]


@given(st.integers(0, 255), st.sampled_from(DEFICIENCIES))
def test_greys_look_grey_to_everybody(level: int, vision: Vision) -> None:
    seen = bytes.fromhex(as_seen(f"#{level:02x}{level:02x}{level:02x}", vision)[1:])
    assert max(abs(channel - level) for channel in seen) <= 1


def test_half_planes_for_those_who_lack_blue_meet_in_grey() -> None:
    assert abs(sum(_BRETTEL_BETWEEN)) < 0.0001


@given(COLOURS)
def test_full_vision_sees_what_is_there(colour: str) -> None:
    assert as_seen(colour, "full") == colour


@given(COLOURS, st.sampled_from(DEFICIENCIES[:2]))
def test_who_lacks_red_or_green_sees_blue_and_yellow_alone(colour: str, vision: Vision) -> None:
    red, green, _ = bytes.fromhex(as_seen(colour, vision)[1:])
    assert red == green


def test_red_is_dark_without_the_cone_for_red_and_hardly_so_without_that_for_green() -> None:
    brightness = [light_of(as_seen("#ff0000", vision))[0] for vision in VISIONS]
    assert brightness[1] < brightness[2] < brightness[0]


@pytest.mark.parametrize(
    ("one", "other", "confused_by"),
    [
        ("#9b1c1c", "#5c5c14", ["deuteranopia"]),
        ("#0000ff", "#00603f", []),
        ("#ffffff", "#fffdd0", ["tritanopia"]),
        ("#777777", "#767676", list(VISIONS)),
        ("#000000", "#ffffff", []),
    ],
)
def test_pairs_that_somebody_takes_for_each_other(
    one: str, other: str, confused_by: list[Vision]
) -> None:
    found = [v for v in VISIONS if difference(as_seen(one, v), as_seen(other, v)) < 1]
    assert found == confused_by


@given(COLOURS, COLOURS)
def test_difference_is_the_same_both_ways_and_none_from_itself(one: str, other: str) -> None:
    assert difference(one, other) == pytest.approx(difference(other, one))
    assert difference(one, one) == 0


def test_difference_of_lightness_alone_is_that_of_the_paper() -> None:
    # L* of black is 0, of white 100; half of the people notice 5.079 + 0.751 * 3 of it.
    assert difference("#000000", "#ffffff") == pytest.approx(100 / 7.332, abs=0.001)
