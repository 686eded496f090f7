"""Texts of rooms that know no language: written in English, put into the reader's where it is shown."""

from __future__ import annotations

from typing import Self


class Phrase(str):
    """A text in English that can still be said in another language.

    It is a plain ``str`` to whoever keeps, compares or sends it. ``forum.spoken.spoken`` says it in the
    reader's language; ``script/translate`` gathers its words, as those of ``gettext``.

    Args:
        english: a whole sentence, with ``%(name)s`` for what is filled in.
        parts: what is filled in; whole numbers are written with their thousands parted.
    """

    __slots__ = ("english", "parts")

    english: str
    parts: dict[str, str | int]

    def __new__(cls, english: str, **parts: str | int) -> Self:
        """The sentence, filled in."""
        written = {
            name: f"{part:,}" if isinstance(part, int) else part for name, part in parts.items()
        }
        phrase = super().__new__(cls, english % written if written else english)
        phrase.english, phrase.parts = english, parts
        return phrase
