"""What an inline style says, as far as a reader's eyes are concerned."""

from __future__ import annotations

import re

Style = dict[str, str]

IMPORTANT = "!important"
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_DECLARATION = re.compile(
    r"""((?:[^;"'()]++|"[^"]*+"|'[^']*+'|\((?:[^()"']++|"[^"]*+"|'[^']*+'|\([^()]*+\))*+\)|["'()])++)"""
)
_PRIORITY = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)


def style_of(written: str) -> Style:
    """The declarations of a ``style`` attribute by name, in small letters.

    The last one counts, one marked as important before others. Its value ends with
    ``!important``.
    """
    found: Style = {}
    if not written:
        return found
    for declaration in _DECLARATION.findall(_COMMENT.sub("", written)):
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not name or not colon or not value:
            continue
        important = bool(_PRIORITY.search(value))
        if important or not found.get(name, "").endswith(IMPORTANT):
            plain = _PRIORITY.sub("", value).strip().lower()
            found[name] = plain + (IMPORTANT if important else "")
    return found


def value_of(style: Style, name: str) -> str:
    """The value of a declaration without its priority; empty where there is none."""
    return style.get(name, "").removesuffix(IMPORTANT)


def is_important(style: Style, name: str) -> bool:
    """Whether a declaration is so marked, so that no style sheet of a reader overrides it."""
    return style.get(name, "").endswith(IMPORTANT)
