"""Themes: what ships is legible in every mode, what is broken says where."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from forum.errors import NotFound
from forum.places import themes_folder
from forum.web.theme_check import faults_of
from forum.web.theme_colours import measured_pairs, pairs_apart
from forum.web.themes import (
    ThemeError,
    read_theme,
    stylesheet,
    theme_names,
    token_blocks,
)

SHIPPED = theme_names()
STATIC = Path(__file__).resolve().parents[2] / "forum" / "static"

SMALL = """
name = "small"
title = "Small"
version = "1.0.0"
[light]
ink = "#000000"
paper = "#ffffff"
[dark]
ink = "#ffffff"
paper = "#000000"
[contrast]
ink = "#000"
paper = "#fff"
[pairs]
text = ["ink on paper"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A themes folder with one small theme in it."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "theme.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "small" / "theme.css").write_text("p { color: var(--ink) }\n", encoding="utf-8")
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "small" / "theme.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_declared_pair_has_its_contrast_in_every_mode(name: str) -> None:
    theme = read_theme(name)

    measured = list(measured_pairs(theme, pairs_apart(theme)))

    assert {each.mode for each in measured} == {"light", "dark", "contrast"}
    assert len(measured) == 3 * (len(theme.pairs) + len(pairs_apart(theme))) > 150
    assert [each for each in measured if not each.is_enough] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_theme_is_fit_and_uses_every_token(name: str) -> None:
    theme = read_theme(name)
    used = set(re.findall(r"var\(--([a-z0-9-]+)", theme.css))

    assert faults_of(theme) == []
    assert set(theme.modes["light"]) - used == set()
    # The hairline between things, the gap inside the focus ring and the white below a drawing
    # carry no meaning.
    assert theme.free == ("line", "focus-gap", "picture")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_theme_says_no_side_by_left_or_right(name: str) -> None:
    """Logical properties turn with the page; code is the one thing that never turns."""
    physical = re.compile(
        r"(?:margin|padding|border|inset)-(?:left|right)|[{;]\s*(?:left|right):|text-align: right"
    )

    assert physical.findall(read_theme(name).css) == []


def weak_in(folder: Path) -> list[tuple[str, str, float]]:
    measured = measured_pairs(read_theme("small", folder), [])
    return [
        (each.mode, getattr(each.pair, "use", ""), round(each.has, 2))
        for each in measured
        if not each.is_enough
    ]


def test_a_colour_too_pale_in_one_mode_is_reported(folder: Path) -> None:
    change(folder, '[dark]\nink = "#ffffff"', '[dark]\nink = "#595959"')

    assert weak_in(folder) == [("dark", "text", 3.0)]


def test_contrast_mode_asks_more_of_text_than_of_edges(folder: Path) -> None:
    change(folder, 'ink = "#000"', 'ink = "#767676"')
    path = folder / "small" / "theme.toml"
    path.write_text(path.read_text() + 'edge = ["ink on paper"]\n', encoding="utf-8")

    assert weak_in(folder) == [("contrast", "text", 4.54)]


def test_tokens_follow_the_readers_choice_before_the_systems(folder: Path) -> None:
    blocks = token_blocks(read_theme("small", folder))

    light = "{ color-scheme: light; --ink: #000000; --paper: #ffffff; }\n"
    dark = "{ color-scheme: dark; --ink: #ffffff; --paper: #000000; }\n"
    contrast = "{ color-scheme: light; --ink: #000; --paper: #fff; }\n"
    assert blocks == (
        f':root, :root[data-mode="light"] {light}'
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-mode]) {dark}}}\n"
        f"@media (prefers-contrast: more) {{ :root:not([data-mode]) {contrast}}}\n"
        f':root[data-mode="dark"] {dark}'
        f':root[data-mode="contrast"] {contrast}'
        f"@media print {{ :root:is([data-mode], :not([data-mode])) {light}}}\n"
    )


def test_the_style_sheet_is_font_then_tokens_then_the_themes_own_rules() -> None:
    theme = read_theme("default")
    sheet = stylesheet("default", fonts="/files/fonts")
    text = sheet.content.decode()

    assert text.startswith("@font-face {")
    assert text.endswith(token_blocks(theme) + theme.css)
    assert sheet.version == hashlib.sha256(sheet.content).hexdigest()[:16]


def test_the_fonts_the_style_sheet_names_are_shipped_with_their_licence() -> None:
    named = re.findall(rb'url\("/static/([^"]+)"\)', stylesheet("default").content)

    assert named
    assert [path for path in named if not (STATIC / path.decode()).is_file()] == []
    assert "SIL OPEN FONT LICENSE" in (STATIC / "fonts" / "OFL.txt").read_text().upper()


def test_the_style_sheet_asks_nothing_of_other_hosts() -> None:
    assert re.findall(rb"https?://|@import|url\(\"?//", stylesheet("default").content) == []


@pytest.mark.parametrize("name", ["nowhere", "", "../default", "Default", "default/"])
def test_an_unknown_theme_is_refused_with_the_names_there_are(name: str, folder: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_theme(name, folder)

    assert caught.value.message == f"There is no theme called “{name}”. Themes installed: small."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'title = "Small"',
            "",
            'theme.toml of the theme “small” needs title = "…".',
        ),
        (
            '[contrast]\nink = "#000"\npaper = "#fff"',
            "",
            "theme.toml of the theme “small” needs a table [contrast].",
        ),
        (
            'paper = "#fff"\n',
            "",
            "[light] and [contrast] of the theme “small” need the same tokens: paper.",
        ),
        (
            'ink = "#000"',
            'ink = "red; } body { display: none"',
            "ink = 'red; } body { display: none' in [contrast] of the theme “small”"
            " is not a colour such as #1e2225.",
        ),
        (
            "ink on paper",
            "ink on stone",
            "“ink on stone” in [pairs] of the theme “small” names stone, which is none of its"
            " tokens: ink, paper.",
        ),
        (
            "ink on paper",
            "ink over paper",
            "“ink over paper” in [pairs] of the theme “small” should be two tokens"
            " such as “ink on paper”.",
        ),
        (
            'text = ["ink on paper"]',
            'text = "ink on paper"',
            "text in [pairs] of the theme “small” should be a list of texts.",
        ),
        (
            'text = ["ink on paper"]',
            'texts = ["ink on paper"]',
            "[pairs] of the theme “small” may hold only text, link, edge, focus, state,"
            " apart, free.",
        ),
        (
            'text = ["ink on paper"]',
            'free = ["stone"]',
            "free in [pairs] of the theme “small” names stone, which is none of its tokens:"
            " ink, paper.",
        ),
    ],
)
def test_a_broken_theme_says_where_and_what(folder: Path, old: str, new: str, message: str) -> None:
    change(folder, old, new)

    with pytest.raises(ThemeError) as caught:
        read_theme("small", folder)

    assert caught.value.message == message


def test_a_theme_file_that_is_not_toml_is_reported(folder: Path) -> None:
    change(folder, "[light]", "[light")

    with pytest.raises(ThemeError, match=r"theme\.toml of the theme “small” cannot be read"):
        read_theme("small", folder)


def test_a_theme_without_its_style_sheet_is_reported(folder: Path) -> None:
    (folder / "small" / "theme.css").unlink()

    with pytest.raises(ThemeError, match=r"theme\.css of the theme “small” cannot be read"):
        read_theme("small", folder)


def test_themes_are_listed_by_name() -> None:
    assert sorted(path.name for path in themes_folder().iterdir() if path.is_dir()) == SHIPPED
