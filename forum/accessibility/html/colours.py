"""The colours that words have on a page, as far as its inline styles tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from forum.accessibility.contrast import contrast_ratio
from forum.accessibility.html.styles import value_of
from forum.accessibility.html.tree import Element, Text

WHITE, BLACK = (255.0, 255.0, 255.0), (0.0, 0.0, 0.0)
Colour = tuple[float, float, float]
_RGB = re.compile(r"rgba?\(([^()]*)\)")
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_WORD = re.compile(r"#[0-9a-f]{3,8}\b|rgba?\([^()]*\)|[a-z]+")
_FUNCTION = re.compile(r"(?:url|var|image|element|image-set|cross-fade|paint)\(")
_GRADIENT = re.compile(r"gradient\(((?:[^()]|\([^()]*\))*)\)")
_SIZE = re.compile(r"(?<![\w#(.-])-?[0-9]*\.?[0-9]+[a-z]*")
_STROKE = re.compile(r"([0-9]*\.?[0-9]+)em\b")
_THIN_STROKE = 0.03
"""In em: a thinner outline changes nothing of how letters look (axe-core uses the same)."""
GLOW = 0.5
"""How much of a blurred shadow is mixed into what is right behind letters."""


@dataclass(frozen=True, slots=True)
class Paint:
    """Words and what is behind them: ``backs`` are all colours that a gradient has there."""

    words: Colour
    backs: tuple[Colour, ...]

    @property
    def contrast(self) -> float:
        """The best that any of the words has: ACT rules ask for the best, too."""
        return max(contrast_ratio(_hex(self.words), _hex(back)) for back in self.backs)

    @property
    def is_visible(self) -> bool:
        """Whether the words differ from what is behind them at all."""
        return any(_hex(self.words) != _hex(back) for back in self.backs)


def paint_of(element: Element) -> Paint | None:
    """The colours of words directly in ``element``; ``None`` where they cannot be known.

    Where no style says otherwise a page is white and its words are black.
    """
    chain = [element, *element.ancestors()]
    if any(_is_unknown(each) for each in chain):
        return None
    backs = _backs(chain)
    words = next((c for each in chain if (c := _colour_of(each, "color"))), (*BLACK, 1.0))
    if backs is None or (words[3] < 1 and len(backs) > 1):
        return None
    opacity = 1.0
    for each in chain:
        opacity *= _opacity(each)
    return Paint(_over((*words[:3], words[3] * opacity), backs[0]), backs)


def is_coloured(element: Element) -> bool:
    """Whether it or what it stands in has a colour of its own, in a style or an old attribute."""
    return any(
        each.style.keys() & {"color", "background", "background-color", "opacity"}
        or each.attributes.keys() & {"color", "bgcolor"}
        for each in (element, *element.ancestors())
    )


def _is_unknown(element: Element) -> bool:
    style = element.style
    colours = " ".join(
        value_of(style, name) for name in ("color", "background", "background-color")
    )
    if _FUNCTION.search(colours + value_of(style, "background-image")):
        return True
    if value_of(style, "mix-blend-mode") or value_of(style, "filter"):
        return True
    stroke = _STROKE.search(value_of(style, "-webkit-text-stroke"))
    return stroke is not None and float(stroke[1]) >= _THIN_STROKE


def _backs(chain: list[Element]) -> tuple[Colour, ...] | None:
    """What is behind, from the page upwards, blurred shadows of the letters included."""
    backs: tuple[Colour, ...] = (WHITE,)
    for element in reversed(chain):
        gradient = _gradient(element)
        if gradient:
            backs = gradient
        colour = _colour_of(element, "background-color") or _background(element)
        if colour and not gradient:
            backs = tuple(_over(colour, back) for back in backs)
    glow = _glow(chain)
    return tuple(_over((*glow, GLOW), back) for back in backs) if glow else backs


def _glow(chain: list[Element]) -> Colour | None:
    """The colour of a blurred shadow around the letters."""
    shadow = next((s for each in chain if (s := value_of(each.style, "text-shadow"))), "none")
    lengths = [length(word, 16) for word in _SIZE.findall(shadow.partition(",")[0])]
    colours = [c for word in _WORD.findall(shadow) if (c := _read(word)) and c[3] == 1]
    return colours[0][:3] if colours and len(lengths) > 2 and lengths[2] else None


def _gradient(element: Element) -> tuple[Colour, ...]:
    written = value_of(element.style, "background") + value_of(element.style, "background-image")
    found = _GRADIENT.search(written)
    if not found:
        return ()
    colours = [_read(word) for word in _WORD.findall(found[1])]
    return tuple(c[:3] for c in colours if c and c[3] == 1)


def _background(element: Element) -> tuple[float, float, float, float] | None:
    for word in _WORD.findall(value_of(element.style, "background")):
        if colour := _read(word):
            return colour
    return _read((element.get("bgcolor") or "").strip().lower())


def _colour_of(element: Element, name: str) -> tuple[float, float, float, float] | None:
    found = _read(value_of(element.style, name))
    if found is None and name == "color" and element.tag == "font":
        return _read((element.get("color") or "").strip().lower())
    return found


def _opacity(element: Element) -> float:
    written = value_of(element.style, "opacity")
    share = 100 if written.endswith("%") else 1
    try:
        return min(1.0, max(0.0, float(written.rstrip("%")) / share))
    except ValueError:
        return 1.0


@cache
def _names() -> dict[str, str]:
    from PIL.ImageColor import colormap, getrgb

    # Not what stands in the map: Pillow puts numbers there once it has read a name.
    return {name: "#" + bytes(getrgb(name)[:3]).hex() for name in tuple(colormap)}


def _read(word: str) -> tuple[float, float, float, float] | None:
    """A colour with its opacity; ``None`` for what is none, or one that we do not know."""
    if word == "transparent":
        return (0, 0, 0, 0)
    if not word:
        return None
    if rgb := _RGB.fullmatch(word):
        return _read_rgb(rgb[1])
    found = _HEX.fullmatch(word if word[0] == "#" else _names().get(word, "").lower())
    if not found:
        return None
    digits = found[1]
    digits = "".join(2 * digit for digit in digits) if len(digits) < 6 else digits
    red, green, blue, *alpha = bytes.fromhex(digits)
    return (red, green, blue, alpha[0] / 255 if alpha else 1)


def _read_rgb(inside: str) -> tuple[float, float, float, float] | None:
    parts = [part for part in re.split(r"[\s,/]+", inside.strip()) if part]
    if len(parts) not in (3, 4):
        return None
    try:
        red, green, blue = (_part(part, 255) for part in parts[:3])
        return (red, green, blue, _part(parts[3], 1) if len(parts) == 4 else 1)
    except ValueError:
        return None


def _part(word: str, whole: float) -> float:
    value = float(word[:-1]) * whole / 100 if word.endswith("%") else float(word)
    return min(whole, max(0.0, value))


def _over(colour: tuple[float, float, float, float], back: Colour) -> Colour:
    red, green, blue, alpha = colour
    under = 1 - alpha
    return (
        red * alpha + back[0] * under,
        green * alpha + back[1] * under,
        blue * alpha + back[2] * under,
    )


def _hex(colour: Colour) -> str:
    return "#" + bytes(round(part) for part in colour).hex()


SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
"""Pixels (CSS Fonts 4, as browsers have it)."""
_BY_TAG = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83, "big": 1.2}
_UNITS = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 9.6 / 2.54,
    "rem": 16.0,
}
_LENGTH = re.compile(r"(-?[0-9]*\.?[0-9]+)([a-z%]*)")


def length(written: str, em: float) -> float | None:
    """A length in pixels, where ``em`` is what an em and 100 % are."""
    found = _LENGTH.fullmatch(written)
    if not found:
        return None
    number, unit = float(found[1]), found[2]
    if unit == "%":
        return number / 100 * em
    if unit in ("em", "ex", "ch"):
        return number * em * (1 if unit == "em" else 0.5)
    return number * _UNITS[unit] if unit in _UNITS else (0.0 if number == 0 else None)


def font_size(element: Element) -> float:
    """The size of its letters in pixels."""
    size = 16.0
    for each in [*[*element.ancestors()][::-1], element]:
        written = value_of(each.style, "font-size")
        if not written:
            size *= _BY_TAG.get(each.tag, 1.0)
        elif written in SIZES:
            size = SIZES[written]
        elif written in ("smaller", "larger"):
            size *= 1.2 if written == "larger" else 1 / 1.2
        else:
            given = length(written, size)
            size = size if given is None else given
    return size


_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})


def is_bold(element: Element) -> bool:
    """Whether its letters are bold."""
    for each in (element, *element.ancestors()):
        written = value_of(each.style, "font-weight")
        if written:
            return written in ("bold", "bolder") or (written.isdigit() and int(written) >= 700)
        if each.tag in _BOLD:
            return True
    return False


def is_large(element: Element) -> bool:
    """Whether letters are large: 18 points, or 14 and bold (WCAG 2.2, "large scale")."""
    points = font_size(element) * 0.75
    return points >= 17.99 or (points >= 13.99 and is_bold(element))


def coloured_texts(elements: list[Element]) -> Iterator[Element]:
    """Elements with words of their own that have some colour."""
    for element in elements:
        words = any(isinstance(child, Text) and child.text.strip() for child in element.children)
        if words and is_coloured(element):
            yield element
