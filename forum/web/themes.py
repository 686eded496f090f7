"""Themes: colour tokens for three modes and a style sheet that uses them.

A theme is a folder with two files. ``theme.toml`` has ``name``, ``title`` and ``version``; the
tables ``[light]``, ``[dark]`` and ``[contrast]`` with the same tokens, each a colour; and
``[pairs]``, which lists under ``text``, ``link``, ``edge``, ``focus`` and ``state`` what stands on
what, ``"ink on paper"``; under ``apart`` what else must not be taken for each other, ``"talk from
vote"``; and under ``free`` the tokens with which nothing is said.
``theme.css`` uses the tokens as ``var(--ink)``. How much contrast a pair needs is not the theme's
to say, so that no theme can promise itself less.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from forum.errors import ForumError, NotFound
from forum.places import themes_folder

MODES = ("light", "dark", "contrast")

# WCAG 2.2: 1.4.3 asks 4.5 of text, 1.4.11 asks 3 of the edges of controls, of focus and of states,
# 1.4.6 (enhanced) asks 7 of text, which is what somebody who chose high contrast wants.
LEAST_CONTRAST = {"text": 4.5, "link": 4.5, "edge": 3.0, "focus": 3.0, "state": 3.0}
LEAST_CONTRAST_OF_TEXT_IN_CONTRAST_MODE = 7.0
WORDS = ("text", "link")

FONT_FACE = """@font-face {{
  font-family: "Atkinson Hyperlegible Next";
  src: url("{fonts}/atkinson-hyperlegible-next-latin-wght-normal.woff2") format("woff2");
  font-weight: 200 800;
  font-display: swap;
}}
"""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_PAIR = re.compile(r"([a-z0-9-]+) on ([a-z0-9-]+)")
_APART = re.compile(r"([a-z0-9-]+) from ([a-z0-9-]+)")


class ThemeError(ForumError):
    """A theme's files cannot be used; the message names the theme, the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens that meet in a page; ``use`` is one of ``LEAST_CONTRAST``."""

    foreground: str
    background: str
    use: str

    def least(self, mode: str) -> float:
        """The contrast ratio this pair must reach in ``mode``."""
        if self.use in WORDS and mode == "contrast":
            return LEAST_CONTRAST_OF_TEXT_IN_CONTRAST_MODE
        return LEAST_CONTRAST[self.use]


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as read from its folder; ``modes`` maps mode, then token, to a colour."""

    name: str
    title: str
    version: str
    modes: Mapping[str, Mapping[str, str]]
    pairs: tuple[Pair, ...]
    apart: tuple[tuple[str, str], ...]
    free: tuple[str, ...]
    css: str


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """What a browser is given; ``version`` changes when a byte of ``content`` does."""

    content: bytes
    version: str


@cache
def stylesheet(name: str, *, fonts: str = "/static/fonts") -> Stylesheet:
    """The whole style sheet of the theme ``name``, read once for each process.

    Args:
        fonts: address of the folder ``forum/static/fonts``, without a slash at its end.

    Raises:
        NotFound: there is no such theme; the message lists those there are.
        ThemeError: its files cannot be used.
    """
    theme = read_theme(name)
    content = (FONT_FACE.format(fonts=fonts) + token_blocks(theme) + theme.css).encode()
    return Stylesheet(content, hashlib.sha256(content).hexdigest()[:16])


def theme_names(folder: Path | None = None) -> list[str]:
    """The themes that are installed, in alphabetical order."""
    return sorted(path.parent.name for path in (folder or themes_folder()).glob("*/theme.toml"))


def read_theme(name: str, folder: Path | None = None) -> Theme:
    """The theme ``name`` out of ``folder``, by default the one the forum ships.

    Raises:
        NotFound: there is no such theme; the message lists those there are.
        ThemeError: its files cannot be used.
    """
    place = (folder or themes_folder()) / name
    if not _NAME.fullmatch(name) or not (place / "theme.toml").is_file():
        names = ", ".join(theme_names(folder)) or "none"
        raise NotFound(f"There is no theme called “{name}”. Themes installed: {names}.")
    table = _read_toml(name, place / "theme.toml")
    return Theme(
        name=name,
        title=_text(name, table, "title"),
        version=_text(name, table, "version"),
        modes=_read_modes(name, table),
        pairs=_read_pairs(name, table),
        apart=_read_apart(name, table),
        free=_read_free(name, table),
        css=_read_css(name, place / "theme.css"),
    )


def token_blocks(theme: Theme) -> str:
    """The tokens as CSS: the reader's own choice (``data-mode``) before what their system asks.

    Paper is always light, whatever the screen shows.
    """
    light, dark, contrast = (_declarations(mode, theme.modes[mode]) for mode in MODES)
    undecided, any_choice = ":root:not([data-mode])", ":root:is([data-mode], :not([data-mode]))"
    return "".join(
        (
            f':root, :root[data-mode="light"] {light}',
            f"@media (prefers-color-scheme: dark) {{ {undecided} {dark}}}\n",
            f"@media (prefers-contrast: more) {{ {undecided} {contrast}}}\n",
            f':root[data-mode="dark"] {dark}',
            f':root[data-mode="contrast"] {contrast}',
            f"@media print {{ {any_choice} {light}}}\n",
        )
    )


def _declarations(mode: str, tokens: Mapping[str, str]) -> str:
    scheme = "dark" if mode == "dark" else "light"
    colours = " ".join(f"--{token}: {colour};" for token, colour in tokens.items())
    return f"{{ color-scheme: {scheme}; {colours} }}\n"


def _read_toml(name: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"theme.toml of the theme “{name}” cannot be read: {error}") from error


def _read_css(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeError(f"theme.css of the theme “{name}” cannot be read: {error}") from error


def _text(name: str, table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ThemeError(f'theme.toml of the theme “{name}” needs {key} = "…".')
    return value


def _read_modes(name: str, table: dict[str, Any]) -> dict[str, dict[str, str]]:
    modes = {mode: _read_tokens(name, mode, table.get(mode)) for mode in MODES}
    for mode in MODES:
        if missing := modes["light"].keys() ^ modes[mode].keys():
            tokens = ", ".join(sorted(missing))
            raise ThemeError(
                f"[light] and [{mode}] of the theme “{name}” need the same tokens: {tokens}."
            )
    return modes


def _read_tokens(name: str, mode: str, tokens: object) -> dict[str, str]:
    if not isinstance(tokens, dict) or not tokens:
        raise ThemeError(f"theme.toml of the theme “{name}” needs a table [{mode}].")
    for token, colour in tokens.items():
        if not _NAME.fullmatch(token) or not _COLOUR.fullmatch(str(colour)):
            raise ThemeError(
                f"{token} = {colour!r} in [{mode}] of the theme “{name}” is not a colour such as"
                " #1e2225."
            )
    return tokens


def _read_pairs(name: str, table: dict[str, Any]) -> tuple[Pair, ...]:
    return tuple(
        Pair(*_two_tokens(name, text, _PAIR, table["light"], like="ink on paper"), use)
        for use in LEAST_CONTRAST
        for text in _listed(name, table, use)
    )


def _read_apart(name: str, table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        _two_tokens(name, text, _APART, table["light"], like="stop from good")
        for text in _listed(name, table, "apart")
    )


def _listed(name: str, table: dict[str, Any], use: str) -> list[str]:
    pairs = table.get("pairs", {})
    known = (*LEAST_CONTRAST, "apart", "free")
    if not isinstance(pairs, dict) or not set(pairs) <= set(known):
        raise ThemeError(f"[pairs] of the theme “{name}” may hold only {', '.join(known)}.")
    words = pairs.get(use, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ThemeError(f"{use} in [pairs] of the theme “{name}” should be a list of texts.")
    return words


def _two_tokens(
    name: str, text: str, form: re.Pattern[str], known: dict[str, str], *, like: str
) -> tuple[str, str]:
    match = form.fullmatch(text)
    if not match:
        raise ThemeError(
            f"“{text}” in [pairs] of the theme “{name}” should be two tokens such as “{like}”."
        )
    for token in match.groups():
        _require_token(name, token, f"“{text}”", known)
    return match[1], match[2]


def _read_free(name: str, table: dict[str, Any]) -> tuple[str, ...]:
    tokens = _listed(name, table, "free")
    for token in tokens:
        _require_token(name, token, "free", table["light"])
    return tuple(tokens)


def _require_token(name: str, token: str, place: str, known: dict[str, str]) -> None:
    if token not in known:
        raise ThemeError(
            f"{place} in [pairs] of the theme “{name}” names {token}, which is none of its tokens:"
            f" {', '.join(known)}."
        )
