"""The language that a post is written in, and our own few words in it."""

from __future__ import annotations

from flask_babel import force_locale, gettext

from forum.accounts.checks import is_language, known_languages
from forum.community.setting_queries import value_of
from forum.discussion.settings import POST_LANGUAGES
from forum.errors import Invalid
from forum.text.rendering import Labels


def languages_of_posts(community: str, *further: str) -> list[str]:
    """What a post may be in, the community's language first. One means that nothing is asked.

    Args:
        further: what this post is in already, which the community may not name any more.
    """
    return list(dict.fromkeys([community, *value_of(POST_LANGUAGES), *filter(None, further)]))


def chosen_language(tag: str, community: str, *further: str) -> str:
    """The language that an author chose, as posts keep it: empty for the community's own.

    Raises:
        Invalid: it is not one of those that were offered.
    """
    if tag not in ("", *languages_of_posts(community, *further)):
        raise Invalid("language", gettext("Choose a language from the list."))
    return "" if tag == community else tag


def storable_language(tag: str) -> str:
    """The tag, or nothing where it is none."""
    return tag if is_language(tag) else ""


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
