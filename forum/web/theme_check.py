"""Whether a theme may be used: every pair it declares can be seen, and it has no other colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from forum.web.themes import (
    LEAST_CONTRAST,
    MODES,
    Theme,
    ThemeError,
    contrast_of,
    read_theme,
    weak_pairs,
)

_COMMENT_OR_TEXT = re.compile(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|url\([^)]*\)", re.DOTALL)
_DECLARATION = re.compile(r"([-\w]+)\s*:\s*([^;{}]+)(?=[;}])")
_TOKEN_USED = re.compile(r"var\(\s*--([a-z0-9-]+)")
_TAKES_COLOUR = re.compile(
    r"--|[-a-z]*(?:color|background|border|outline|shadow|fill|stroke|decorat)"
)
_COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b"
    r"|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)\([^)]*\)"
    r"|(?<![-\w])[a-zA-Z]+(?![-\w(])"
)


def faults_of(theme: Theme) -> list[str]:
    """What keeps a theme from being used, a sentence each; nothing of one that is fit."""
    return [*_weak(theme), *_undeclared(theme), *_stray(theme), *_unpaired(theme)]


def require_fit(name: str, folder: Path | None = None) -> None:
    """Make sure that the forum may show itself in the theme ``name``.

    Raises:
        NotFound: there is no such theme.
        ThemeError: it cannot be read, or has faults; the message names each.
    """
    if faults := faults_of(read_theme(name, folder)):
        raise ThemeError(
            f"The theme “{name}” cannot be used. {' '.join(faults)} "
            f"`forum themes check {name}` lists every pair; mend them, or name another theme."
        )


def report(theme: Theme) -> Iterator[str]:
    """Every pair in every mode with its contrast and what it needs, then what is wrong."""
    faults = faults_of(theme)
    yield f"{theme.name} ({theme.title} {theme.version})"
    for mode in MODES:
        for pair in theme.pairs:
            ratio, least = contrast_of(theme, mode, pair), pair.least(mode)
            verdict = "" if ratio >= least else "  too weak"
            words = f"{pair.foreground} on {pair.background}"
            yield f"  {mode:<8}  {pair.use}  {words:<26}  {_shown(ratio):>5}, needs {least}{verdict}"
    yield f"  in no pair: {', '.join(theme.free) or 'nothing'}"
    yield from (f"  {fault}" for fault in faults or ["Fit to be used."])


def _weak(theme: Theme) -> list[str]:
    return [
        f"{weak.pair.foreground} on {weak.pair.background} ({weak.pair.use}) has a contrast of"
        f" {_shown(weak.ratio)} in [{weak.mode}] and needs {weak.pair.least(weak.mode)}."
        for weak in weak_pairs(theme)
    ]


def _shown(ratio: float) -> str:
    # Rounded down, so that 4.499 does not read as if it were enough.
    return f"{int(ratio * 100) / 100:.2f}"


def _undeclared(theme: Theme) -> list[str]:
    declarations = _declarations(theme.css)
    own = {name.removeprefix("--") for name, _ in declarations if name.startswith("--")}
    used = {token for _, value in declarations for token in _TOKEN_USED.findall(value)}
    return [
        f"theme.css uses --{token}, which theme.toml does not declare."
        for token in sorted(used - own - set(theme.modes["light"]))
    ]


def _stray(theme: Theme) -> list[str]:
    return [
        f"theme.css has the colour {colour} in “{name}: {value.strip()}”; colours belong into"
        " theme.toml, so that their contrast can be checked."
        for name, value in _declarations(theme.css)
        if _TAKES_COLOUR.match(name)
        for colour in _COLOUR.findall(value)
        if _is_colour(colour)
    ]


def _unpaired(theme: Theme) -> list[str]:
    paired = {token for pair in theme.pairs for token in (pair.foreground, pair.background)}
    lonely = sorted(set(theme.modes["light"]) - paired - set(theme.free))
    return [
        f"{token} stands in no pair; list it in [pairs] under {' or '.join(LEAST_CONTRAST)}, or"
        " under free if nothing is said with it."
        for token in lonely
    ]


def _declarations(css: str) -> list[tuple[str, str]]:
    return _DECLARATION.findall(_COMMENT_OR_TEXT.sub(" ", css))


def _is_colour(word: str) -> bool:
    from PIL.ImageColor import colormap

    # currentcolor, transparent and what the system chooses (Canvas) are no colours of the theme's.
    return not word.isalpha() or word.lower() in colormap
