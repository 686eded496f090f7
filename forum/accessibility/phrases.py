"""Words that say "there is a link" but not where it leads, by language."""

from __future__ import annotations

import re
import unicodedata

from forum.accessibility.language_tags import primary
from forum.accessibility.lettering import plain
from forum.accessibility.wordlists import NAMES_ELSEWHERE, VAGUE

MAX_LENGTH = 200
"""Characters; whoever writes more says something."""

_MARKS = re.compile(r"[\W_]+")
_NEW_WINDOW = re.compile(
    r"[(\[][^()\[\]]{0,40}(?:new (?:tab|window)|neue[mns]? (?:tab|fenster|registerkarte)"
    r"|nouvel(?:le)? (?:fenêtre|onglet)|nueva (?:ventana|pestaña)|nuova (?:finestra|scheda)"
    r"|nieuw (?:venster|tabblad)|nova (?:janela|aba|guia))[^()\[\]]{0,20}[)\]]",
    re.IGNORECASE,
)
"""A note that says how a link opens, and nothing of where it leads."""


def _normal(text: str) -> str:
    """``text`` without punctuation, arrows and case, in plain letters."""
    return _MARKS.sub(" ", unicodedata.normalize("NFC", plain(text)).casefold()).strip()


_BY_LANGUAGE = {
    language: frozenset(map(_normal, listed.split("|"))) for language, listed in VAGUE.items()
}
_ANYWHERE = (frozenset().union(*_BY_LANGUAGE.values()) - NAMES_ELSEWHERE) | _BY_LANGUAGE["en"]


def is_vague(text: str, language: str) -> bool:
    """Whether ``text`` as a whole only says that there is a link, in any language known here.

    Args:
        language: BCP 47 tag of the draft; decides about words that mean something elsewhere.
    """
    if len(text) > MAX_LENGTH:
        return False
    words, tag = _normal(_NEW_WINDOW.sub("", text)), primary(language)
    tag = "nb" if tag in ("no", "nn") else tag
    return words in _ANYWHERE or words in _BY_LANGUAGE.get(tag, ())
