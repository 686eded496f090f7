"""A palette of somebody's presentation: which of its colours can stand on which, and for whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from forum.accessibility.colours import read_colour
from forum.accessibility.contrast import contrast_ratio
from forum.accessibility.nearest import nearest_passing
from forum.accessibility.vision import VISIONS, Vision, as_seen, difference
from forum.errors import Invalid
from forum.phrases import Phrase

# Pages of palettes are made for everybody who asks: at these limits in about 50 ms.
MOST_COLOURS = 10
MOST_LETTERS = 400
_MOST_TOLD = 5

# WCAG 2.2: 1.4.3 and 1.4.6 for text and large text, 1.4.11 for graphics, which has no AAA.
TEXT_AA, TEXT_AAA = 4.5, 7.0
LARGE_AA, LARGE_AAA = 3.0, 4.5
GRAPHICS_AA = 3.0

# White space, commas and semicolons, but not those inside rgb( ).
_BETWEEN = re.compile(r"[\s,;]+(?![^()]*\))")


@dataclass(frozen=True, slots=True)
class PaletteColour:
    """A colour as somebody wrote it, and as ``#rrggbb``."""

    written: str
    code: str

    @property
    def has_name(self) -> bool:
        """Whether it was written as a name, not as ``fff``: no name has only the letters a to f."""
        return self.written.isalpha() and not set(self.written.lower()) <= set("abcdef")


@dataclass(frozen=True, slots=True)
class MeasuredPair:
    """Two colours beside or on each other.

    ``ratio`` is WCAG's contrast ratio; ``least`` the lowest of those that people with a deficiency
    see, and ``least_by`` with which; ``alike_for`` names the visions for which the two look alike.
    """

    foreground: PaletteColour
    background: PaletteColour
    ratio: float
    least: float
    least_by: Vision
    alike_for: tuple[Vision, ...]

    @property
    def text(self) -> str:
        """The level that text reaches: ``AAA``, ``AA`` or nothing."""
        return _level(self.ratio, TEXT_AA, TEXT_AAA)

    @property
    def large_text(self) -> str:
        """The level that large text reaches: ``AAA``, ``AA`` or nothing."""
        return _level(self.ratio, LARGE_AA, LARGE_AAA)

    @property
    def graphics(self) -> str:
        """The level that lines and symbols reach: ``AA`` or nothing."""
        return "AA" if self.ratio >= GRAPHICS_AA else ""

    @property
    def nearest_for_text(self) -> str | None:
        """The colour nearest to the foreground that text can have; ``None`` if it can have that."""
        return self._nearest(TEXT_AA)

    @property
    def nearest_for_graphics(self) -> str | None:
        """As for text, for large text, lines and symbols."""
        return self._nearest(GRAPHICS_AA)

    def _nearest(self, least: float) -> str | None:
        if self.ratio >= least:
            return None
        ground = self.background.code
        return nearest_passing(
            self.foreground.code, lambda colour: contrast_ratio(colour, ground) >= least
        )


def read_palette(text: str, field: str = "colours") -> list[PaletteColour]:
    """The colours that somebody listed, each once, in their order; between them lines, spaces, commas.

    Raises:
        Invalid: there are too many, or some cannot be read; the message names each, up to five.
    """
    if len(text) > MOST_LETTERS:
        raise Invalid(
            field,
            Phrase(
                "This is %(count)s characters long, and at most %(most)s are read. Keep the colours"
                " alone.",
                count=len(text),
                most=MOST_LETTERS,
            ),
        )
    words = [word for word in _BETWEEN.split(text) if word]
    read: dict[str, PaletteColour] = {}
    for word, code in _codes(words, field):
        read.setdefault(code, PaletteColour(word, code))
    return list(read.values())


def measured_palette(
    colours: Sequence[PaletteColour], backgrounds: Sequence[PaletteColour] = ()
) -> list[MeasuredPair]:
    """Each colour on each background; without any, each with every other.

    Raises:
        Invalid: there are too many colours, or nothing to compare them with.
    """
    count = len({colour.code for colour in (*colours, *backgrounds)})
    if count > MOST_COLOURS:
        message = "There are %(count)s colours, and at most %(most)s are compared. Take some out."
        raise Invalid("colours", Phrase(message, count=count, most=MOST_COLOURS))
    if not colours or (not backgrounds and count < 2):
        raise Invalid("colours", Phrase("Give at least two colours, or one and a background."))
    pairs = [(c, b) for c in colours for b in backgrounds] or list(combinations(colours, 2))
    return [_measured(one, other) for one, other in pairs if one.code != other.code]


def _codes(words: list[str], field: str) -> list[tuple[str, str]]:
    read, faults = [], []
    for word in words:
        try:
            read.append((word, read_colour(word)))
        except Invalid as error:
            faults.append(error.message)
    if faults:
        raise InvalidColours(field, list(dict.fromkeys(faults))[:_MOST_TOLD])
    return read


class InvalidColours(Invalid):
    """Some colours cannot be read; ``messages`` has a sentence for each."""

    def __init__(self, field: str, messages: list[str]) -> None:
        super().__init__(field, messages[0])
        self.messages = messages


def _measured(one: PaletteColour, other: PaletteColour) -> MeasuredPair:
    seen = {v: (as_seen(one.code, v), as_seen(other.code, v)) for v in VISIONS}
    ratios = {vision: contrast_ratio(*pair) for vision, pair in seen.items()}
    least_by = min(VISIONS, key=lambda vision: ratios[vision])
    return MeasuredPair(
        one,
        other,
        ratios["full"],
        ratios[least_by],
        least_by,
        tuple(vision for vision, pair in seen.items() if difference(*pair) < 1),
    )


def _level(ratio: float, aa: float, aaa: float) -> str:
    return "AAA" if ratio >= aaa else "AA" if ratio >= aa else ""
