"""What somebody wrote in a request that could not be answered, to be given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

# The texts of all forms; never a password, an address or a choice.
TEXT_FIELDS = (
    *("title", "tags", "source", "alternative", "reason", "words", "about", "email_domains"),
    *("description", "for_whom", "not_for_whom", "addresses", "members"),
    *("note", "word_list"),
)
# What pictures show, written beside what was found about them; behind it stands which one.
DESCRIBES = "describe-"
# A request over the limit is still read up to here, for the sake of what was written.
MOST_BYTES_READ = 8 * 1024 * 1024
# Of strangers' texts, eight times the longest. A sign may take five bytes on a page, and anybody can have
# one made.
MOST_OF_STRANGERS = 256 * 1024


def kept_texts(*, is_member: bool, beyond_limit: bool = False) -> list[tuple[str, str]]:
    """What the request wrote, as (label, text); nothing when there is nothing, or none can be read.

    Args:
        is_member: whoever sent it is signed in; of strangers' texts no more than ``MOST_OF_STRANGERS`` signs
            come back.
        beyond_limit: read also what is larger than a request may be, of members up to ``MOST_BYTES_READ``.
    """
    if request.method != "POST":
        return []
    if beyond_limit and is_member:
        request.max_content_length = request.max_form_memory_size = MOST_BYTES_READ
    try:
        form = request.form
    except (
        HTTPException,
        OSError,
        ValueError,
    ):  # That it cannot be read is often what the error is about.
        return []
    return texts_in(form) if is_member else beginning_of(texts_in(form))


def texts_in(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """The texts among the fields of a form, as (label, text)."""
    labels = {"title": gettext("Title"), "source": gettext("Text")}
    described = [name for name in form if name.startswith(DESCRIBES)]
    return [
        (labels.get(name, gettext("What you wrote")), form[name])
        for name in (*TEXT_FIELDS, *described)
        if form.get(name, "").strip()
    ]


def beginning_of(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """As much of these texts as a stranger is given back; an ellipsis stands where one was cut."""
    left, found = MOST_OF_STRANGERS, []
    for label, text in texts:
        found.append((label, text if len(text) <= left else text[:left] + "…"))
        left -= min(left, len(text))
    return found


def is_cut(texts: Sequence[tuple[str, str]]) -> bool:
    """Whether what was given back to a stranger is not all of it."""
    return sum(len(text) for _label, text in texts) > MOST_OF_STRANGERS
