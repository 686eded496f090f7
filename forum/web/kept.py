"""What somebody wrote in a request that could not be answered, to be given back."""

from __future__ import annotations

from collections.abc import Mapping

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


def kept_texts(*, beyond_limit: bool = False) -> list[tuple[str, str]]:
    """What the request wrote, as (label, text); nothing when there is nothing, or none can be read.

    Args:
        beyond_limit: read also what is larger than a request may be, up to ``MOST_BYTES_READ``.
    """
    if request.method != "POST":
        return []
    if beyond_limit:
        request.max_content_length = request.max_form_memory_size = MOST_BYTES_READ
    try:
        form = request.form
    except (
        HTTPException,
        OSError,
        ValueError,
    ):  # That it cannot be read is often what the error is about.
        return []
    return texts_in(form)


def texts_in(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a form wrote, as (label, text)."""
    labels = {"title": gettext("Title"), "source": gettext("Text")}
    described = [name for name in form if name.startswith(DESCRIBES)]
    return [
        (labels.get(name, gettext("What you wrote")), form[name])
        for name in (*TEXT_FIELDS, *described)
        if form.get(name, "").strip()
    ]
