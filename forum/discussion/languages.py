"""The language that a post is written in, and our own few words in it."""

from __future__ import annotations

from flask_babel import force_locale, gettext

from forum.accounts.checks import known_languages
from forum.text.rendering import Labels


def labels_in(language: str, community: str) -> Labels:
    """Our own words for a post: in its language, in the community's where they are not there in it."""
    known = known_languages()
    wanted = (language, language.partition("-")[0], community)
    said_in = next((tag for tag in wanted if tag in known), "en")
    # Babel's own tags have another sign between their parts than those of BCP 47.
    with force_locale(said_in.replace("-", "_")):
        return Labels(
            picture=gettext("picture"),
            table=gettext("Table"),
            # Filled in where the number is known.
            back=gettext("Back to reference %(name)s", name="%(name)s"),
        )
