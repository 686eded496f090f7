"""Colours of a screen: as people write them, and as light."""

from __future__ import annotations

import re

from forum.errors import Invalid
from forum.phrases import Phrase

# Red, green and blue as shares of the screen's own, in proportion to the light: 0.0 to 1.0 each.
Light = tuple[float, float, float]

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_BARE_HEX = re.compile(r"[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?")
_HEX_WITH_ALPHA = re.compile(r"#(?:[0-9a-fA-F]{4}|[0-9a-fA-F]{8})")
_RGB = re.compile(r"rgba?\(([^()]*)\)", re.IGNORECASE)
_PART = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)(%?)")
_MOST_SHOWN = 40


def read_colour(text: str) -> str:
    """The colour that somebody wrote, as ``#rrggbb``.

    Understood are ``#rgb``, ``#rrggbb``, the digits without the sign (as presentation programs give
    them to copy), ``rgb()`` with numbers or percentages, and the 148 names of CSS Color 4.

    Raises:
        Invalid: it is none of these, or one can see through it; the message says what to write.
    """
    word = text.strip()
    if _HEX.fullmatch(word) or _BARE_HEX.fullmatch(word):
        return _long_hex(word)
    if _HEX_WITH_ALPHA.fullmatch(word) or word.lower() == "transparent":
        raise _see_through(word)
    if match := _RGB.fullmatch(word):
        return _read_rgb(word, match[1])
    return _named(word)


def light_of(colour: str) -> Light:
    """The light of a colour written as ``#rgb`` or ``#rrggbb``.

    Raises:
        ValueError: for anything else.

    Source: the transfer function of IEC 61966-2-1 (sRGB), which WCAG 2.2 uses, too.
    """
    if not _HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not a colour such as #1e2225 or #fff")
    red, green, blue = bytes.fromhex(_long_hex(colour)[1:])
    return _linear(red / 255), _linear(green / 255), _linear(blue / 255)


def colour_of(light: Light) -> str:
    """The colour nearest to some light that a screen can show, as ``#rrggbb``."""
    return "#" + bytes(round(_encoded(min(1.0, max(0.0, part))) * 255) for part in light).hex()


def _linear(channel: float) -> float:
    if channel <= 0.04045:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)


def _encoded(channel: float) -> float:
    if channel <= 0.0031308:
        return channel * 12.92
    return float(1.055 * channel ** (1 / 2.4) - 0.055)


def _long_hex(word: str) -> str:
    digits = word.removeprefix("#").lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _read_rgb(word: str, inside: str) -> str:
    colour, _, alpha = inside.partition("/")
    parts = [part for part in re.split(r"[\s,]+", colour.strip()) if part]
    if len(parts) == 4 and not alpha:
        alpha = parts.pop()
    if len(parts) != 3:
        raise _unknown(word)
    if alpha.strip() not in ("", "1", "1.0", "100%"):
        raise _see_through(word)
    return "#" + bytes(_read_part(word, part) for part in parts).hex()


def _read_part(word: str, part: str) -> int:
    match = _PART.fullmatch(part)
    if not match:
        raise _unknown(word)
    value = float(match[1]) * 255 / 100 if match[2] else float(match[1])
    if value > 255:
        raise Invalid(
            "colours",
            Phrase(
                "In “%(colour)s” a part is too large: write numbers from 0 to 255, or up to a hundred"
                " percent.",
                colour=_shown(word),
            ),
        )
    return round(value)


def _named(word: str) -> str:
    # Imported here, so that who only measures contrast does not load the library for pictures.
    from PIL.ImageColor import colormap, getrgb

    name = word.lower()
    if name not in colormap:
        raise _unknown(word)
    # Not what stands in the map: Pillow puts numbers there once it has read a name.
    red, green, blue = getrgb(name)[:3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _unknown(word: str) -> Invalid:
    return Invalid(
        "colours",
        Phrase(
            "“%(colour)s” is not a colour that we know. Write it as #0b5c53, as rgb(11, 92, 83), or"
            " with its CSS name, such as teal.",
            colour=_shown(word),
        ),
    )


def _see_through(word: str) -> Invalid:
    return Invalid(
        "colours",
        Phrase(
            "One can see through “%(colour)s”, so its contrast depends on what lies behind it. Write"
            " the colour that results, as it appears on the screen.",
            colour=_shown(word),
        ),
    )


def _shown(word: str) -> str:
    return word if len(word) <= _MOST_SHOWN else word[:_MOST_SHOWN] + "…"
