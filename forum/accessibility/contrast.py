"""Contrast of two colours as WCAG 2.2 defines it."""

from __future__ import annotations

import re

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


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


def relative_luminance(colour: str) -> float:
    """Lightness of an sRGB colour from 0.0 (black) to 1.0 (white).

    Source: WCAG 2.2, "relative luminance", with the threshold 0.04045 of IEC 61966-2-1.
    """
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not a colour such as #1e2225 or #fff")
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = bytes.fromhex(digits)
    return red / 255, green / 255, blue / 255


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)
