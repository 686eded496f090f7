"""What can be told of a picture's alternative from its words alone.

Nothing here sees the picture. Each function answers one question about a text, in the languages of
:mod:`forum.accessibility.picture_words`; the rules for Markdown and for HTML ask the same.
"""

from __future__ import annotations

import re
import unicodedata

from forum.accessibility.picture_words import OPENINGS, PLACEHOLDERS, SHOWS_TEXT

LONGEST = 250
"""Characters. A screen reader reads an alternative in one go, and nobody can go back within it."""

ENOUGH = 80
"""Characters after which an alternative of a screenshot is taken to say what it shows; a letter of
Chinese, Japanese or Korean counts three."""

SLACK = 100
"""Characters by which a text may be longer and still say the same: “Figure 3:”, spaces, marks."""

_ENDINGS = "png|jpe?g|jpe|gif|webp|svg|bmp|tiff?|heic|heif|avif|ico|psd|eps|raw|cr2|nef|dng"
_NAME = re.compile(rf"\S+(?: \S+)?\.(?:{_ENDINGS})(?:[?#]\S*)?", re.IGNORECASE)
_MADE_BY_DEVICE = re.compile(
    r"""(?:IMG|DSC[NF]?)[-_ ]?[0-9]{3,}\w*
    |(?:PXL|MVIMG|VID|GOPR|DJI|SAM|SCAN|FB_IMG|Snapchat)[-_]?[0-9]{3,}\w*
    |(?:P|WP_)[0-9]{7,}\w*
    |(?:image|img|photo|picture|pic|bild|foto|unnamed)[-_]?[0-9]{3,}
    |(?:Screenshot|Screen[ _]Shot|Bildschirmfoto|Capture)[-_ ](?:from[ _])?[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*
    |(?:WhatsApp|Signal)[-_ ](?:Image[-_ ])?[0-9]{4}-[0-9]{2}-[0-9]{2}.*
    |[0-9]{8}_[0-9]{6}\w*
    |\W*(?:[a-z]{2,3}-)?(?=[a-f-]*[0-9])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[\W_]*
    |(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{16,}""",
    re.IGNORECASE | re.VERBOSE,
)
_SEPARATORS = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"\s?[0-9]{1,4}(?: ?[a-z])?\Z")
_CAPTIONED = re.compile(
    r"\A(?:fig(?:ure)?|abb(?:ildung)?|image|bild)\.? ?[0-9]{1,3}[.:]? ", re.IGNORECASE
)


def _normal(text: str) -> str:
    """``text`` without punctuation and case."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return _SEPARATORS.sub(" ", folded).strip()


def _listed(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split("|")]


_PLACEHOLDERS = frozenset(
    _normal(word) for listed in PLACEHOLDERS.values() for word in _listed(listed)
)
_SHOWS_TEXT = re.compile("|".join(map(re.escape, _listed(SHOWS_TEXT))), re.IGNORECASE)
_OPENING = re.compile(f"(?:{'|'.join(OPENINGS.values())})(?:(?<=\\W)|(?=\\W|\\Z))", re.IGNORECASE)


def is_file_name(text: str) -> bool:
    """Whether ``text`` as a whole is the name of a picture's file, as a camera or a program gives it."""
    text = " ".join(text.split())
    return bool(_NAME.fullmatch(text) or _MADE_BY_DEVICE.fullmatch(text))


def is_placeholder(text: str) -> bool:
    """Whether ``text`` only says that there is a picture (“image 3”), or that words are to come.

    So does a text of nothing but punctuation, which a screen reader passes over, and what editors
    write by themselves.
    """
    words = _normal(text)
    if not words:
        return all(char.isascii() or unicodedata.category(char)[0] in "PZC" for char in text)
    begins = words.startswith(("this image has an empty alt attribute", "lorem ipsum"))
    return begins or words in _PLACEHOLDERS or _NUMBERED.sub("", words) in _PLACEHOLDERS


def says_picture(text: str) -> str:
    """The beginning of ``text`` that only announces a picture, such as “An image of”; else empty."""
    found = _OPENING.match(text.lstrip())
    return found[0] if found else ""


def says_again(text: str, other: str) -> bool:
    """Whether ``text`` has the same words as ``other``, its caption or the words beside it.

    “Figure 3:” before a caption, and what :func:`says_picture` finds, make no difference.
    """
    if len(other) > 2 * len(text) + SLACK:
        return False
    words = _bare(text)
    return bool(words) and words == _bare(other)


def _bare(text: str) -> str:
    text = _CAPTIONED.sub("", text.strip())
    return _normal(text.removeprefix(says_picture(text)))


def is_too_long(text: str) -> bool:
    """Whether ``text`` is too long to be listened to in one go."""
    return len(" ".join(text.split())) > LONGEST


def shows_text_untold(text: str) -> bool:
    """Whether ``text`` speaks of a screenshot, and is too short to say also what is written in it.

    One that quotes something, or goes on after a colon, says it.
    """
    if not _SHOWS_TEXT.search(text) or _length(text) > ENOUGH:
        return False
    return not re.search(r"[\"“”„«»「『]|: ?\w|：", text)


def _length(text: str) -> int:
    return sum(3 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
