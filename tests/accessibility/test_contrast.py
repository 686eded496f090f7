"""Contrast against values worked out by hand and values WCAG's own documents give."""

from __future__ import annotations

import pytest

from forum.accessibility.contrast import contrast_ratio, relative_luminance


def test_black_on_white_is_the_most_there_is() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21.0)


def test_a_colour_does_not_differ_from_itself() -> None:
    assert contrast_ratio("#0b5c53", "#0b5c53") == 1.0


def test_order_and_notation_do_not_matter() -> None:
    ratios = {
        contrast_ratio("#FFDD00", "#333333"),
        contrast_ratio("#333333", "#ffdd00"),
        contrast_ratio("#333", "#fd0"),
    }

    assert len(ratios) == 1


@pytest.mark.parametrize(
    ("grey", "ratio"),
    [("#767676", 4.54), ("#777777", 4.48), ("#949494", 3.03), ("#595959", 7.00)],
)
def test_greys_on_white_at_the_limits_of_the_criteria(grey: str, ratio: float) -> None:
    assert round(contrast_ratio(grey, "#ffffff"), 2) == ratio


@pytest.mark.parametrize(
    ("colour", "luminance"),
    [("#ff0000", 0.2126), ("#00ff00", 0.7152), ("#0000ff", 0.0722), ("#0a0a0a", 10 / 255 / 12.92)],
)
def test_luminance_weighs_each_channel(colour: str, luminance: float) -> None:
    assert relative_luminance(colour) == pytest.approx(luminance)


@pytest.mark.parametrize("colour", ["", "red", "#ffff", "#12345g", "#1234567", "rgb(0,0,0)"])
def test_what_is_not_a_hex_colour_is_refused(colour: str) -> None:
    with pytest.raises(ValueError, match="is not a colour"):
        contrast_ratio(colour, "#ffffff")
