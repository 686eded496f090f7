"""Contrast of two colours as WCAG 2.2 defines it."""

from __future__ import annotations

from functools import lru_cache

from forum.accessibility.colours import light_of


def contrast_ratio(one: str, other: str) -> float:
    """How much two opaque colours differ in lightness: 1.0 (not at all) to 21.0, in any order.

    Args:
        one: a colour as ``#rgb`` or ``#rrggbb``; so is ``other``.

    Raises:
        ValueError: for anything else.

    Source: WCAG 2.2, "contrast ratio": (L1 + 0.05) / (L2 + 0.05), the lighter one above.
    """
    darker, lighter = sorted((relative_luminance(one), relative_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=4096)
def relative_luminance(colour: str) -> float:
    """Lightness of an sRGB colour from 0.0 (black) to 1.0 (white).

    Source: WCAG 2.2, "relative luminance", with the threshold 0.04045 of IEC 61966-2-1.
    """
    red, green, blue = light_of(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
