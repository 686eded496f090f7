"""A theme that cannot be seen is not used, and ``forum themes check`` says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from forum.app import create_app
from forum.cli import main
from forum.config import ConfigError
from forum.errors import NotFound
from forum.web.theme_check import faults_of, require_fit
from forum.web.themes import ThemeError, read_theme

PALE = """
name = "pale"
title = "Pale"
version = "0.1"
[light]
ink = "#777777"
paper = "#ffffff"
[dark]
ink = "#ffffff"
paper = "#000000"
[contrast]
ink = "#555555"
paper = "#ffffff"
[pairs]
text = ["ink on paper"]
link = ["ink on paper"]
edge = ["ink on paper"]
focus = ["ink on paper"]
state = ["ink on paper"]
"""
FAULTS = [
    f"ink on paper ({use}) has a contrast of 4.47 in [light] and needs 4.5."
    " The nearest ink that passes with all its pairs is #767676."
    for use in ("text", "link")
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of themes, with nothing in it but one that is nearly dark enough."""
    place = tmp_path / "themes"
    (place / "pale").mkdir(parents=True)
    (place / "pale" / "theme.toml").write_text(PALE, encoding="utf-8")
    (place / "pale" / "theme.css").write_text("p { color: var(--ink) }\n", encoding="utf-8")
    monkeypatch.setattr("forum.web.themes.themes_folder", lambda: place)
    return place


def write(folder: Path, *, toml: str = PALE.replace("#777777", "#000"), css: str = "") -> None:
    (folder / "pale" / "theme.toml").write_text(toml, encoding="utf-8")
    (folder / "pale" / "theme.css").write_text(css, encoding="utf-8")


def check(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["themes", "check", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_check_lists_every_pair_and_fails_for_one_that_is_too_weak(folder: Path) -> None:
    status, said = check("pale")
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert (status, lines[:6]) == (
        1,
        [
            "pale (Pale 0.1)",
            "light text ink on paper 4.47 (full) needs 4.5 too weak",
            "light link ink on paper 4.47 (full) needs 4.5 too weak",
            "light edge ink on paper 4.47 (full) needs 3.0",
            "light focus ink on paper 4.47 (full) needs 3.0",
            "light state ink on paper 4.47 (full) needs 3.0",
        ],
    )
    assert lines[11:13] == [
        "contrast text ink on paper 7.45 (full) needs 7.0",
        "contrast link ink on paper 7.45 (full) needs 7.0",
    ]
    assert lines[16:] == ["in no pair: nothing", *FAULTS]


def test_check_without_a_name_goes_through_all_themes(folder: Path) -> None:
    assert check() == check("pale")
    write(folder)
    status, said = check()
    assert (status, said.splitlines()[-1]) == (0, "  Fit to be used.")


def test_check_of_shipped_themes_passes() -> None:
    assert check()[0] == 0


def test_check_of_what_cannot_be_read_says_so(folder: Path) -> None:
    assert check("bright") == (
        1,
        "Error: There is no theme called “bright”. Themes installed: pale.\n",
    )
    write(folder, toml=PALE.replace("#555555", "grey"))
    assert check() == (
        1,
        "Error: ink = 'grey' in [contrast] of the theme “pale” is not a colour such as #1e2225.\n",
    )


def test_forum_does_not_start_with_a_theme_that_cannot_be_seen(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        create_app(tmp_path / "instance", theme="pale")
    assert str(caught.value) == (
        f"--theme: theme: The theme “pale” cannot be used. {' '.join(FAULTS)}"
        " `forum themes check pale` lists every pair; mend them, or name another theme."
    )
    served = CliRunner().invoke(
        main,
        ["serve", "--instance", str(tmp_path / "instance"), "--bind", "127.0.0.1:1"],
        env={"FORUM_THEME": "pale"},
    )
    assert (served.exit_code, FAULTS[0] in served.output) == (1, True)
    checked = CliRunner().invoke(
        main,
        ["--instance", str(tmp_path / "instance"), "config", "check"],
        env={"FORUM_THEME": "pale"},
    )
    assert (checked.exit_code, "is #767676." in checked.output) == (1, True)


def test_theme_without_faults_is_let_through(folder: Path) -> None:
    write(folder, css="p { color: var(--ink); border: 1px solid currentColor }")
    require_fit("pale")
    with pytest.raises(NotFound):
        require_fit("bright")
    write(folder, css="p { color: var(--ink); border: 1px solid #000 }")
    with pytest.raises(ThemeError):
        require_fit("pale")


@pytest.mark.parametrize(
    "value", ["#abc", "#AABBCCDD", "rgb(1 2 3)", "rgba(0,0,0,.5)", "hsl(1 2% 3%)", "red", "1px TAN"]
)
def test_colours_outside_the_tokens_are_found(folder: Path, value: str) -> None:
    write(folder, css=f"p {{ margin: 0; border-color: {value} }}")
    found = faults_of(read_theme("pale"))
    assert [fault.partition(";")[0] for fault in found] == [
        f"theme.css has the colour {value.split(' ')[-1] if 'TAN' in value else value} in"
        f" “border-color: {value}”"
    ]


def test_what_only_looks_like_a_colour_is_let_through(folder: Path) -> None:
    css = """
/* color: red; */
a:is(#face, .red):hover { color: currentColor; background: transparent; content: "color: red"; }
.tan { font-family: Linen, "Snow"; border: 0 solid CanvasText; background: url(red.png) }
:root { --edge: var(--ink); outline: 1px solid var(--edge) }
"""
    write(folder, css=css)
    assert faults_of(read_theme("pale")) == []


def test_tokens_that_nobody_declared_or_measured_are_found(folder: Path) -> None:
    toml = PALE.replace("#777777", "#000").replace("paper =", 'line = "#ccc"\npaper =')
    write(folder, toml=toml, css="p { color: var( --stone, var(--ink)) }")
    assert faults_of(read_theme("pale")) == [
        "theme.css uses --stone, which theme.toml does not declare.",
        "line stands in no pair; list it in [pairs] under text, link, edge, focus, state, or under"
        " free if nothing is said with it.",
    ]
    write(folder, toml=toml + 'free = ["line"]\n')
    assert faults_of(read_theme("pale")) == []


def test_pairs_that_the_theme_uses_but_does_not_list_are_found(folder: Path) -> None:
    toml = PALE.replace("#777777", "#000").replace("paper =", 'stone = "#eee"\npaper =')
    css = "mark { background: var(--stone); color: var(--ink) }\nmark { color: var(--ink) }"
    write(folder, toml=toml + 'free = ["stone"]\n', css=css)
    assert faults_of(read_theme("pale")) == [
        "theme.css writes ink on stone in “mark”; list it in [pairs] under text."
    ]


@pytest.mark.parametrize("use", ["text", "link", "edge", "focus", "state"])
def test_theme_says_what_stands_on_what_for_every_use(folder: Path, use: str) -> None:
    write(folder, toml=PALE.replace("#777777", "#000").replace(f"{use} =", "free = [] #"))
    assert faults_of(read_theme("pale")) == [
        f"[pairs] lists nothing under {use}, so that nobody knows whether it can be seen."
    ]
