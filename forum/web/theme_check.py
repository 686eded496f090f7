"""Whether a theme may be used: every pair it declares can be seen, by everybody, and it has no other
colours and no other pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from forum.web.theme_colours import Apart, Measured, measured_pairs, mend_of, pairs_apart
from forum.web.themes import LEAST_CONTRAST, WORDS, Pair, Theme, ThemeError, read_theme

_COMMENT_OR_TEXT = re.compile(r"/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|url\([^)]*\)", re.DOTALL)
_DECLARATION = re.compile(r"([-\w]+)\s*:\s*([^;{}]+)(?=[;}])")
_RULE = re.compile(r"([^{};]+)\{([^{}]*)\}")
# A link as such, not one with a class or in a part of the page that makes it plain: nav, header.
_LINK_IN_TEXT = re.compile(r"(?:(?:html|body|main|article|p|li|\.words)[ >]+)*a(?::[-\w]+)?")
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
    return [
        *_weak(theme),
        *_missing(theme),
        *_undeclared(theme),
        *_stray(theme),
        *_unlisted(theme),
        *_unpaired(theme),
    ]


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
    """Every pair in every mode with what it has, for whoever sees least of it, and what it needs;
    then what is wrong."""
    yield f"{theme.name} ({theme.title} {theme.version})"
    for each in measured_pairs(theme, _apart(theme)):
        verdict = "" if each.is_enough else "  too weak"
        use = each.pair.use if isinstance(each.pair, Pair) else "apart"
        yield (
            f"  {each.mode:<8}  {use:<5}  {_named(each.pair):<26}  {_shown(each.has):>5}"
            f" {f'({each.vision})':<14}  needs {each.needs}{verdict}"
        )
    yield f"  in no pair: {', '.join(theme.free) or 'nothing'}"
    yield from (f"  {fault}" for fault in faults_of(theme) or ["Fit to be used."])


def _apart(theme: Theme) -> list[Apart]:
    return pairs_apart(theme, has_bare_links=_has_bare_links(theme.css))


def _weak(theme: Theme) -> Iterator[str]:
    apart = _apart(theme)
    for each in measured_pairs(theme, apart):
        if not each.is_enough:
            yield f"{_said(each)} {_mend(theme, each, apart)}"


def _said(weak: Measured) -> str:
    has, needs = _shown(weak.has), weak.needs
    place = f"in [{weak.mode}]" + ("" if weak.vision == "full" else f" as seen with {weak.vision}")
    if isinstance(weak.pair, Pair):
        use = weak.pair.use
        return f"{_named(weak.pair)} ({use}) has a contrast of {has} {place} and needs {needs}."
    if weak.pair.by == "contrast":
        return (
            f"theme.css takes the line from links in text, so {_named(weak.pair)} needs a contrast of"
            f" {needs}, and has {has} {place}."
        )
    return (
        f"{_named(weak.pair)} cannot be told apart {place}: the difference is {has} and needs"
        f" {needs}."
    )


def _mend(theme: Theme, weak: Measured, apart: list[Apart]) -> str:
    mend = mend_of(theme, weak, apart)
    if mend is None:
        return "No lightness of either colour passes with all its pairs: choose another colour."
    return f"The nearest {mend[0]} that passes with all its pairs is {mend[1]}."


def _named(pair: Pair | Apart) -> str:
    if isinstance(pair, Pair):
        return f"{pair.foreground} on {pair.background}"
    return f"{pair.one} from {pair.other}"


def _shown(ratio: float) -> str:
    # Rounded down, so that 4.499 does not read as if it were enough.
    return f"{int(ratio * 100) / 100:.2f}"


def _missing(theme: Theme) -> list[str]:
    return [
        f"[pairs] lists nothing under {use}, so that nobody knows whether it can be seen."
        for use in LEAST_CONTRAST
        if use not in {pair.use for pair in theme.pairs}
    ]


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
        f"{token} stands in no pair; list it in [pairs] under {', '.join(LEAST_CONTRAST)}, or under"
        " free if nothing is said with it."
        for token in lonely
    ]


def _unlisted(theme: Theme) -> list[str]:
    listed = {(pair.foreground, pair.background) for pair in theme.pairs if pair.use in WORDS}
    found = {
        (ink, ground): selector
        for selector, body in _rules(theme.css)
        for ink, ground in _written(body)
    }
    return [
        f"theme.css writes {ink} on {ground} in “{selector}”; list it in [pairs] under text."
        for (ink, ground), selector in found.items()
        if (ink, ground) not in listed
    ]


def _written(body: str) -> Iterator[tuple[str, str]]:
    """Which tokens one rule writes on which."""
    used = {name: _TOKEN_USED.findall(value) for name, value in _DECLARATION.findall(body + ";}")}
    for ground in (*used.get("background", []), *used.get("background-color", [])):
        yield from ((ink, ground) for ink in used.get("color", []))


def _has_bare_links(css: str) -> bool:
    return any(
        _LINK_IN_TEXT.fullmatch(selector.strip())
        for selectors, body in _rules(css)
        for selector in selectors.split(",")
        if re.search(r"text-decoration(?:-line)?\s*:[^;]*\bnone\b", body)
    )


def _rules(css: str) -> list[tuple[str, str]]:
    rules = _RULE.findall(_COMMENT_OR_TEXT.sub(" ", css))
    return [(selector.strip(), body) for selector, body in rules]


def _declarations(css: str) -> list[tuple[str, str]]:
    return _DECLARATION.findall(_COMMENT_OR_TEXT.sub(" ", css))


def _is_colour(word: str) -> bool:
    from PIL.ImageColor import colormap

    # currentcolor, transparent and what the system chooses (Canvas) are no colours of the theme's.
    return not word.isalpha() or word.lower() in colormap
