"""Colours of a theme that cannot be told apart, by anybody or by those who lack a cone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forum.web.theme_check import faults_of
from forum.web.themes import ThemeError, read_theme

# Red and green of one lightness: far apart, but not for who lacks the cone for green.
LIT = """
name = "lit"
title = "Lit"
version = "0.1"
[light]
ink = "#000000"
link = "#0b5c53"
stop = "#9b1c1c"
good = "#5c5c14"
paper = "#ffffff"
[dark]
ink = "#ffffff"
link = "#aaccff"
stop = "#ff9080"
good = "#80f0c0"
paper = "#000000"
[contrast]
ink = "#000000"
link = "#003b8e"
stop = "#500000"
good = "#5a4600"
paper = "#ffffff"
[pairs]
text = ["ink on paper", "stop on paper", "good on paper"]
link = ["link on paper"]
edge = ["ink on paper"]
focus = ["ink on paper"]
state = ["stop on paper", "good on paper"]
"""


def lit(tmp_path: Path, *, toml: str = LIT, css: str = "") -> list[str]:
    """What is wrong with a theme of two states and links."""
    place = tmp_path / "more" / "lit"
    place.mkdir(parents=True, exist_ok=True)
    (place / "theme.toml").write_text(toml, encoding="utf-8")
    (place / "theme.css").write_text(css, encoding="utf-8")
    return faults_of(read_theme("lit", place.parent))


def test_states_that_look_alike_without_a_cone_are_found_and_mended(tmp_path: Path) -> None:
    (fault,) = lit(tmp_path)
    said, _, mend = fault.rpartition(" ")
    assert said == (
        "stop from good cannot be told apart in [light] as seen with deuteranopia: the difference is"
        " 0.13 and needs 1.0. The nearest stop that passes with all its pairs is"
    )
    assert lit(tmp_path, toml=LIT.replace("#9b1c1c", mend.rstrip("."))) == []


def test_text_that_is_pale_only_without_a_cone_is_found(tmp_path: Path) -> None:
    found = lit(tmp_path, toml=LIT.replace("#ff9080", "#ff3020"))
    assert [fault.partition(" The nearest")[0] for fault in found[1:]] == [
        "stop on paper (text) has a contrast of 3.59 in [dark] as seen with protanopia and needs 4.5."
    ]


def test_links_without_a_line_need_contrast_to_the_text(tmp_path: Path) -> None:
    toml = LIT.replace("#9b1c1c", "#c0392b")
    assert lit(tmp_path, toml=toml, css="nav a, .tag { text-decoration: none }") == []
    found = lit(tmp_path, toml=toml, css=".words a:visited, b { text-decoration-line: none; }")
    assert [re.split(" The nearest| No lightness", fault)[0] for fault in found] == [
        "theme.css takes the line from links in text, so link from ink needs a contrast of 3.0, and"
        f" has {has} in [{mode}]{seen}."
        for mode, has, seen in [
            ("light", "2.66", ""),
            ("dark", "1.64", ""),
            ("contrast", "2.01", ""),
        ]
    ]


def test_what_a_theme_adds_must_be_told_apart_too(tmp_path: Path) -> None:
    toml = LIT.replace("#9b1c1c", "#c0392b") + 'apart = ["link from good"]\n'
    assert lit(tmp_path, toml=toml) == []
    found = lit(tmp_path, toml=toml.replace('good = "#5a4600"', 'good = "#003b8f"'))
    assert [fault.partition(":")[0] for fault in found] == [
        "link from good cannot be told apart in [contrast]"
    ]
    with pytest.raises(ThemeError, match="should be two tokens such as “stop from good”"):
        lit(tmp_path, toml=toml.replace("link from good", "link on good"))


def test_nothing_is_proposed_where_no_lightness_would_do(tmp_path: Path) -> None:
    # Between black and white there is no grey on which both have 7, nor can they be more so.
    toml = LIT.replace("#9b1c1c", "#c0392b").replace("[contrast]", '[contrast]\nmid = "#777777"')
    toml = toml.replace("[light]", '[light]\nmid = "#777777"')
    toml = toml.replace("[dark]", '[dark]\nmid = "#777777"')
    toml = toml.replace(
        '"stop on paper", "good on paper"]', '"stop on paper", "ink on mid", "paper on mid"]', 1
    )
    assert lit(tmp_path, toml=toml)[-1] == (
        "paper on mid (text) has a contrast of 4.47 in [contrast] and needs 7.0. No lightness of"
        " either colour passes with all its pairs: choose another colour."
    )
