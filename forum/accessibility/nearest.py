"""The nearest colour that is good enough: the same hue and, where a screen can show it, as vivid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import cbrt, hypot

from forum.accessibility.colours import Light, colour_of, light_of

# OKLab's lightness goes from 0 to 1; a hundredth is about what one notices in a large area.
_STEPS = 100
_HALVINGS = 8
# What rounding to eight bits a channel hides.
_SLACK = 1 / 512
# The digits of the matrices below leave as much chroma to a grey.
_GREY = 0.0005


def nearest_passing(colour: str, passes: Callable[[str], bool]) -> str | None:
    """The colour nearest to ``colour`` for which ``passes`` is true, or ``None`` if there is none.

    Hue and chroma in OKLCH stay, and the lightness changes; where a screen has no such colour, the
    chroma is as high as it can be. Colours are given and got as ``#rrggbb``.

    Source: OKLab, Björn Ottosson (2020), as in CSS Color 4.
    """
    if passes(colour):
        return colour
    lightness, a, b = _oklab(light_of(colour))
    if hypot(a, b) < _GREY:
        a = b = 0.0
    for failed, found in _outwards(lightness):
        if passes(_at(found, a, b)):
            return _at(_between(failed, found, lambda each: passes(_at(each, a, b))), a, b)
    return None


def _outwards(start: float) -> Iterator[tuple[float, float]]:
    """Steps away from ``start`` in both directions, the nearer first; each with the one before."""
    for step in range(_STEPS):
        for way in (-1, 1):
            before, here = start + way * step / _STEPS, start + way * (step + 1) / _STEPS
            if 0 < before < 1:
                yield before, min(1.0, max(0.0, here))


def _between(failed: float, found: float, passes: Callable[[float], bool]) -> float:
    """A lightness that passes, closer to the one that failed."""
    for _ in range(_HALVINGS):
        middle = (failed + found) / 2
        failed, found = (failed, middle) if passes(middle) else (middle, found)
    return found


@lru_cache(maxsize=4096)
def _at(lightness: float, a: float, b: float) -> str:
    """The most vivid colour of this hue, up to the chroma given, that a screen can show."""
    if _is_shown(light := _light(lightness, a, b)):
        return colour_of(light)
    shown, beyond = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (shown + beyond) / 2
        if _is_shown(_light(lightness, a * share, b * share)):
            shown = share
        else:
            beyond = share
    return colour_of(_light(lightness, a * shown, b * shown))


def _is_shown(light: Light) -> bool:
    return all(-_SLACK <= part <= 1 + _SLACK for part in light)


def _oklab(light: Light) -> Light:
    red, green, blue = light
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _light(lightness: float, a: float, b: float) -> Light:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
