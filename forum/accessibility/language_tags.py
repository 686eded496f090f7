"""Tags of languages (BCP 47): which there are, and which one somebody meant."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("language_subtags.txt")
_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*|[xX](?:-[A-Za-z0-9]{1,8})+")
_PRIVATE = re.compile(r"q[a-t][a-z]|x")

# What people write for a language: its name in English and in itself, and the code of a country
# that is the code of no language.
_MEANT = {
    name: tag
    for tag, names in {
        "ar": "arabic arab عربي العربية",
        "bg": "bulgarian български",
        "ca": "catalan català",
        "cs": "czech čeština česky cz",
        "da": "danish dansk dk",
        "de": "german deutsch ger deu",
        "el": "greek ελληνικά gr",
        "en": "english eng gb us",
        "es": "spanish español espanol castellano mx",
        "et": "estonian eesti",
        "fa": "persian farsi فارسی",
        "fi": "finnish suomi",
        "fr": "french français francais",
        "he": "hebrew עברית",
        "hi": "hindi हिन्दी",
        "hr": "croatian hrvatski",
        "hu": "hungarian magyar",
        "id": "indonesian",
        "it": "italian italiano",
        "ja": "japanese jp 日本語",
        "ko": "korean 한국어",
        "la": "latin latina",
        "nb": "norwegian norsk bokmål",
        "nl": "dutch nederlands",
        "pl": "polish polski",
        "pt": "portuguese português portugues",
        "ro": "romanian română",
        "ru": "russian русский",
        "sv": "swedish svenska",
        "tr": "turkish türkçe",
        "uk": "ukrainian українська ua",
        "vi": "vietnamese vn",
        "zh": "chinese mandarin cn 中文",
    }.items()
    for name in names.split()
}


def primary(tag: str) -> str:
    """The language alone, without script and region: ``de`` of ``de-AT``."""
    return tag.split("-")[0].casefold()


def is_language(tag: str) -> bool:
    """Whether ``tag`` is formed as BCP 47 says, and its language is registered or private.

    Source: IANA's Language Subtag Registry of 2025-08-25. As browsers do, this heeds only the
    language: ``en-XX`` is English wherever XX is.
    """
    language = primary(tag)
    return bool(_TAG.fullmatch(tag)) and (
        f" {language} " in _registered() or _PRIVATE.fullmatch(language) is not None
    )


@cache
def _registered() -> str:
    # Looked for in one string: as a set of strings the 8,267 would take ten times the memory.
    return f" {' '.join(_FILE.read_text('ascii').split())} "


def tag_meant_by(words: str) -> str | None:
    """The tag of the language that somebody named in another way, as ``english`` or ``en_US``."""
    tag = words.strip().strip("\"'").replace("_", "-")
    if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", tag) and is_language(tag):
        return tag
    return _MEANT.get(primary(tag))
