"""Verbs on what pictures say to those who do not see them."""

from __future__ import annotations

import re

from flask_babel import gettext

from forum.errors import Invalid

LONGEST_ALTERNATIVE = 500
"""Characters. Longer ones are read out in one breath, without a way to pause or go back."""

_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|webp|gif|heic)", re.IGNORECASE)


def checked_alternative(words: str) -> str:
    """What a picture shows, with its white space folded; empty where nothing was written.

    Raises:
        Invalid: ``"alternative"``; it is too long, a file's name, or has characters that cannot be
            shown.
    """
    folded = " ".join(words.split())
    if len(folded) > LONGEST_ALTERNATIVE:
        message = gettext(
            "Shorten this to %(most)d characters; it has %(n)d. The rest can stand in the text.",
            most=LONGEST_ALTERNATIVE,
            n=len(folded),
        )
        raise Invalid("alternative", message)
    if _FILE_NAME.fullmatch(folded):
        message = gettext("This is a file's name. Write what the picture shows.")
        raise Invalid("alternative", message)
    if not folded.isprintable():
        raise Invalid("alternative", gettext("Leave invisible characters out."))
    return folded
