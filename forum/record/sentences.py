"""Sentences of the forum's own with which moderators say why, without writing: kept in English, and said
to each reader in their language."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

from forum.phrases import Phrase

READS_WELL = str(Phrase("It reads well; nothing had to change."))
HARMLESS_WORD = str(Phrase("It has a word from our list, which is harmless here."))
HELPFUL_LINKS = str(Phrase("Its links help here."))
BY_MISTAKE = str(Phrase("A check had stopped it by mistake; you need not do anything."))
WELCOME_HERE = str(Phrase("It is good that you write here. Welcome!"))
LINE_ABOVE = str(Phrase("The line above it tells readers what to know first."))
FITS_THERE = str(Phrase("It fits better in that category; readers find it there."))
FINE = str(Phrase("It was read, and is fine as it stands."))
TO_THE_POINT = str(Phrase("It may be sharply put, but it is about the matter, not about a person."))
SEEN_OTHERWISE = str(
    Phrase("One can see this differently. Whoever does can answer it in the thread.")
)
NOTHING_LEFT = str(Phrase("It was looked at, and there is nothing left to do."))
WILL_APPEAR = str(Phrase("It was read, and will be published with the next ones."))
MENDED = str(Phrase("The post was mended; its history shows what changed."))

SENTENCES: dict[str, Any] = {
    sentence: lazy_gettext(sentence)
    for sentence in (
        *(READS_WELL, HARMLESS_WORD, HELPFUL_LINKS, BY_MISTAKE, WELCOME_HERE, LINE_ABOVE),
        *(FITS_THERE, FINE, TO_THE_POINT, SEEN_OTHERWISE, NOTHING_LEFT, MENDED),
        WILL_APPEAR,
    )
}
"""Each as it is kept, with what the reader of a page is told."""


def reason_in_words(reason: str) -> str:
    """Why something was decided, as it is said to the reader: a sentence of the forum's own in their
    language, a moderator's words as they are."""
    return str(SENTENCES.get(reason, reason))
