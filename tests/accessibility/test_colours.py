"""Colours as people write them, and the nearest one that is good enough."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from forum.accessibility.colours import colour_of, light_of, read_colour
from forum.accessibility.contrast import contrast_ratio
from forum.accessibility.nearest import _oklab, nearest_passing
from forum.errors import Invalid

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#0B5C53", "#0b5c53"),
        (" #fd0 ", "#ffdd00"),
        ("0b5c53", "#0b5c53"),
        ("rgb(11, 92, 83)", "#0b5c53"),
        ("RGB(11 92 83)", "#0b5c53"),
        ("rgba(11, 92, 83, 1)", "#0b5c53"),
        ("rgb(11 92 83 / 100%)", "#0b5c53"),
        ("rgb(0% 50% 100%)", "#0080ff"),
        ("Teal", "#008080"),
        ("rebeccapurple", "#663399"),
    ],
)
def test_colours_are_read_as_people_write_them(text: str, colour: str) -> None:
    assert read_colour(text) == colour


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not a colour that we know"),
        ("gren", "“gren” is not a colour that we know. Write it as #0b5c53"),
        ("#12345", "is not a colour that we know"),
        ("rgb(1, 2)", "is not a colour that we know"),
        ("rgb(1, 2, -3)", "is not a colour that we know"),
        ("rgb(1, 2, x)", "is not a colour that we know"),
        ("rgb(1, 2, 300)", "a part is too large: write numbers from 0 to 255, or up to a"),
        ("rgb(1% 2% 101%)", "a part is too large"),
        ("rgb(1 2 3 / 50%)", "One can see through “rgb(1 2 3 / 50%)”"),
        ("rgba(1, 2, 3, .5)", "One can see through"),
        ("#11223380", "One can see through"),
        ("transparent", "One can see through"),
        ("x" * 5000, f"“{'x' * 40}…” is not"),
    ],
)
def test_what_is_no_colour_gets_a_sentence_that_says_what_to_write(text: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_colour(text)
    assert words in caught.value.message


@given(COLOURS)
def test_light_and_back_is_the_same_colour(colour: str) -> None:
    assert colour_of(light_of(colour)) == colour


@given(COLOURS, COLOURS, st.sampled_from([3.0, 4.5]))
def test_nearest_colour_really_passes_and_is_there_for_every_ground(
    colour: str, ground: str, least: float
) -> None:
    found = nearest_passing(colour, lambda each: contrast_ratio(each, ground) >= least)
    # Black or white has 4.58 on every ground.
    assert found is not None
    assert contrast_ratio(found, ground) >= least
    assert found == colour or contrast_ratio(colour, ground) < least


def test_name_that_pillow_has_read_before_is_still_a_colour() -> None:
    assert ImageColor.getrgb("teal") == (0, 128, 128)
    assert read_colour("teal") == "#008080"


@given(COLOURS, COLOURS)
def test_nearest_colour_keeps_its_hue_and_is_not_more_vivid(colour: str, ground: str) -> None:
    found = nearest_passing(colour, lambda each: contrast_ratio(each, ground) >= 4.5)
    assert found is not None
    (_, a, b), (lightness, new_a, new_b) = _oklab(light_of(colour)), _oklab(light_of(found))
    chroma, new_chroma = math.hypot(a, b), math.hypot(new_a, new_b)
    # Eight bits a channel round a dark colour's hue by a little, and of what is nearly black by a lot.
    assert new_chroma <= chroma + 0.02
    if new_chroma > 0.05 and lightness > 0.2:
        turned = math.atan2(new_b, new_a) - math.atan2(b, a)
        assert abs((turned + math.pi) % math.tau - math.pi) < math.radians(10)


@given(st.integers(0, 255), st.integers(0, 255))
def test_of_greys_no_nearer_one_passes(grey: int, ground: int) -> None:
    def shade(level: int) -> str:
        return f"#{level:02x}{level:02x}{level:02x}"

    found = nearest_passing(shade(grey), lambda each: contrast_ratio(each, shade(ground)) >= 4.5)
    passing = [level for level in range(256) if contrast_ratio(shade(level), shade(ground)) >= 4.5]
    assert found is not None
    assert len(set(bytes.fromhex(found[1:]))) == 1
    nearest = min(_away(shade(level), shade(grey)) for level in passing)
    # Lightness is tried in steps of a hundredth, and eight bits round what comes out.
    assert _away(found, shade(grey)) <= nearest + 0.015


def _away(one: str, other: str) -> float:
    return abs(_oklab(light_of(one))[0] - _oklab(light_of(other))[0])


def test_nearest_colour_of_what_no_colour_can_do_is_none() -> None:
    assert nearest_passing("#777777", lambda each: False) is None
    assert nearest_passing("#0b5c53", lambda each: True) == "#0b5c53"


def test_nearest_colours_worked_out_by_hand() -> None:
    on_white = lambda each: contrast_ratio(each, "#ffffff") >= 4.5  # noqa: E731
    assert nearest_passing("#777777", on_white) == "#767676"
    assert nearest_passing("#888888", on_white) == "#767676"
