"""What colours look like to people who lack one kind of cone, and whether two can be told apart.

About one man in twelve and one woman in two hundred see colours in one of these ways, or partly so.
The simulation is that of somebody who lacks the cone altogether, the hardest case.
"""

from __future__ import annotations

from functools import lru_cache
from math import hypot
from typing import Literal, get_args

from forum.accessibility.colours import Light, colour_of, light_of

Vision = Literal["full", "protanopia", "deuteranopia", "tritanopia"]
VISIONS: tuple[Vision, ...] = get_args(Vision)
DEFICIENCIES = VISIONS[1:]

_Matrix = tuple[Light, Light, Light]

# Viénot, Brettel and Mollon, "Digital video colourmaps for checking the legibility of displays by
# dichromats", Color Research and Application 24 (1999): one plane for those who lack red or green.
# The light of screens is that of ITU-R BT.709 (sRGB), the cones are those of Smith and Pokorny (1975).
_VIENOT: dict[str, _Matrix] = {
    "protanopia": (
        (0.11238, 0.88762, 0.0),
        (0.11238, 0.88762, 0.0),
        (0.00401, -0.00401, 1.0),
    ),
    "deuteranopia": (
        (0.29275, 0.70725, 0.0),
        (0.29275, 0.70725, 0.0),
        (-0.02234, 0.02234, 1.0),
    ),
}
# Brettel, Viénot and Mollon, "Computerized simulation of color appearance for dichromats", Journal
# of the Optical Society of America A 14 (1997): who lacks blue needs two half planes.
_BRETTEL_ONE: _Matrix = (
    (1.01277, 0.13548, -0.14826),
    (-0.01243, 0.86812, 0.14431),
    (0.07589, 0.80500, 0.11911),
)
_BRETTEL_OTHER: _Matrix = (
    (0.93678, 0.18979, -0.12657),
    (0.06154, 0.81526, 0.12320),
    (-0.37562, 1.12767, 0.24796),
)
_BRETTEL_BETWEEN: Light = (0.03901, -0.02788, -0.01113)

# What half of the people notice in L*, a* and b*, for marks of a third of a degree, about the size
# of a word: Stone, Szafir and Setlur, "An Engineering Model for Color Difference as a Function of
# Size", Color and Imaging Conference 22 (2014).
_NOTICED: Light = (5.079 + 0.751 * 3, 5.339 + 1.541 * 3, 5.349 + 2.871 * 3)

# From the light of sRGB to CIE XYZ under D65 (IEC 61966-2-1), with white at 1, 1, 1.
_XYZ: _Matrix = (
    (0.4124564 / 0.9504559, 0.3575761 / 0.9504559, 0.1804375 / 0.9504559),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339 / 1.0890578, 0.1191920 / 1.0890578, 0.9503041 / 1.0890578),
)


@lru_cache(maxsize=4096)
def as_seen(colour: str, vision: Vision) -> str:
    """A colour as somebody with this vision sees it, as ``#rrggbb``.

    Raises:
        ValueError: it is not a colour such as ``#1e2225``.
    """
    light = light_of(colour)
    if vision == "full":
        return colour_of(light)
    if vision == "tritanopia":
        is_one = _along(_BRETTEL_BETWEEN, light) >= 0
        return colour_of(_times(_BRETTEL_ONE if is_one else _BRETTEL_OTHER, light))
    return colour_of(_times(_VIENOT[vision], light))


def difference(one: str, other: str) -> float:
    """How much two colours differ beside each other: from 1.0 on half of the people notice it in
    marks of the size of a word.

    Raises:
        ValueError: one is not a colour such as ``#1e2225``.
    """
    pairs = zip(_lab(light_of(one)), _lab(light_of(other)), _NOTICED, strict=True)
    return hypot(*((a - b) / noticed for a, b, noticed in pairs))


def _times(matrix: _Matrix, light: Light) -> Light:
    red, green, blue = (_along(row, light) for row in matrix)
    return red, green, blue


def _along(row: Light, light: Light) -> float:
    return row[0] * light[0] + row[1] * light[1] + row[2] * light[2]


def _lab(light: Light) -> Light:
    # CIE 15: CIELAB, with its exact limits 216/24389 and 24389/27.
    x, y, z = (
        part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in _times(_XYZ, light)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)
