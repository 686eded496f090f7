"""A palette: which colours were listed, and what each pair is good for."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.accessibility.contrast import contrast_ratio
from forum.accessibility.palette import (
    MOST_COLOURS,
    InvalidColours,
    PaletteColour,
    measured_palette,
    read_palette,
)
from forum.errors import Invalid

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    "text",
    [
        "#fff\nrgb(11, 92, 83)\nteal",
        "#fff, rgb(11, 92, 83), teal",
        " #FFF;rgb(11 92 83)\r\n\r\nteal, ",
        "#ffffff 0b5c53 teal #fff",
    ],
)
def test_colours_may_stand_one_a_line_or_with_commas_between(text: str) -> None:
    assert [colour.code for colour in read_palette(text)] == ["#ffffff", "#0b5c53", "#008080"]


def test_each_colour_counts_once_as_it_was_written_first() -> None:
    assert read_palette("Teal, #008080, white") == [
        PaletteColour("Teal", "#008080"),
        PaletteColour("white", "#ffffff"),
    ]
    assert [c.has_name for c in read_palette("teal fff #123 aabbcc rgb(1,2,3)")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert read_palette(" ,\n") == []


def test_every_word_that_is_no_colour_is_named_up_to_five() -> None:
    with pytest.raises(InvalidColours) as caught:
        read_palette("gren, #fff, blak, gren, a, b, c, d, rgb(1, 2", "backgrounds")
    named = [message.partition("”")[0] for message in caught.value.messages]
    assert (caught.value.field, named) == ("backgrounds", ["“gren", "“blak", "“a", "“b", "“c"])


def test_too_much_is_refused_with_the_limit_and_the_size() -> None:
    with pytest.raises(Invalid, match="401 characters long, and at most 400 are read"):
        read_palette("#" * 401)
    many = read_palette(" ".join(f"{n:06x}" for n in range(11)))
    for colours, backgrounds in ((many, []), (many[:6], many[6:])):
        with pytest.raises(Invalid, match="There are 11 colours, and at most 10"):
            measured_palette(colours, backgrounds)
    assert len(measured_palette(many[:MOST_COLOURS])) == 45


def test_one_colour_alone_cannot_be_compared() -> None:
    with pytest.raises(Invalid, match="at least two colours, or one and a background"):
        measured_palette(read_palette("teal"))
    assert measured_palette(read_palette("teal"), read_palette("teal")) == []


def test_each_stands_on_each_background_or_beside_each_other() -> None:
    three, two = read_palette("#111 #222 #333"), read_palette("#eee #333")

    def pairs(*listed: list[PaletteColour]) -> list[str]:
        found = measured_palette(*listed)
        return [f"{each.foreground.code[1:3]} {each.background.code[1:3]}" for each in found]

    assert pairs(three) == ["11 22", "11 33", "22 33"]
    # Nothing stands on itself.
    assert pairs(three, two) == ["11 ee", "11 33", "22 ee", "22 33", "33 ee"]


@pytest.mark.parametrize(
    ("colour", "levels"),
    [
        ("#949494", ("", "AA", "AA")),
        ("#959595", ("", "", "")),
        ("#767676", ("AA", "AAA", "AA")),
        ("#777777", ("", "AA", "AA")),
        ("#595959", ("AAA", "AAA", "AA")),
    ],
)
def test_levels_of_greys_on_white_at_the_limits(colour: str, levels: tuple[str, str, str]) -> None:
    (each,) = measured_palette(read_palette(colour), read_palette("white"))
    assert (each.text, each.large_text, each.graphics) == levels


@given(COLOURS, COLOURS)
def test_nearest_colours_are_given_where_needed_and_pass(one: str, other: str) -> None:
    for each in measured_palette(read_palette(one), read_palette(other)):
        for nearest, least in ((each.nearest_for_text, 4.5), (each.nearest_for_graphics, 3.0)):
            assert (nearest is None) == (each.ratio >= least)
            assert nearest is None or contrast_ratio(nearest, other) >= least


def test_who_sees_least_and_for_whom_two_look_alike() -> None:
    (red,) = measured_palette(read_palette("red"), read_palette("black"))
    (states,) = measured_palette(read_palette("#9b1c1c #5c5c14"))
    assert (round(red.ratio, 2), round(red.least, 2), red.least_by, red.alike_for) == (
        5.25,
        3.08,
        "protanopia",
        (),
    )
    assert states.alike_for == ("deuteranopia",)


def test_the_most_that_a_stranger_can_ask_for_takes_a_moment() -> None:
    # Mid greys and colours of one lightness are the farthest from what passes.
    text = " ".join(f"{n:02x}{150 - n // 2:02x}{120 + n // 3:02x}" for n in range(40, 240, 20))
    before = process_time()
    pairs = measured_palette(read_palette(text))
    nearest = [(each.nearest_for_text, each.nearest_for_graphics) for each in pairs]
    assert (len(nearest), process_time() - before < 0.5) == (45, True)
