"""The tickets in this browser: to keep as words, to bring along, to remove."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from forum.plugin_api import Invalid, TooMany, utcnow
from forum_anonymous_questions.forms import WordsForm
from forum_anonymous_questions.limits import WRONG_CODES
from forum_anonymous_questions.pages.asking import Answer, Asked, cookie_line, forgery, page
from forum_anonymous_questions.pages.starting import facts
from forum_anonymous_questions.texts import gettext, ngettext
from forum_anonymous_questions.tickets import COOKIE, Ticket, cookie_of, in_words, ticket_from_words

MOST_AT_ONCE = 12


def tickets(asked: Asked) -> Answer:
    """What is here, and what can be done with it."""
    return _show(asked, WordsForm())


def changed(asked: Asked) -> Answer:
    """Add tickets from words, or remove them all."""
    form = WordsForm(MultiDict(asked.fields))
    if not asked.has_token:
        form.form_errors.append(forgery().message)
        return _show(asked, form, HTTPStatus.FORBIDDEN)
    if asked.fields.get("action") == "remove":
        return _removed(asked)
    try:
        found = _read(asked, form.words.data or "")
    except Invalid as error:
        form.put(error)
        return _show(asked, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    except TooMany as error:
        form.form_errors.append(error.message)
        return _show(asked, form, HTTPStatus.TOO_MANY_REQUESTS)
    line = cookie_line_of(found)
    added = page("tickets_changed.html", is_removed=False, added=len(found), **facts(asked))
    return Answer(added.html, cookies=(line,))


def _read(asked: Asked, words: str) -> list[Ticket]:
    lines = [line for line in words.splitlines() if line.strip()]
    if not lines:
        raise Invalid("words", gettext("Write the words of a ticket first."))
    if len(lines) > MOST_AT_ONCE:
        raise Invalid("words", gettext("Bring at most twelve tickets along at once."))
    found = [ticket_from_words(line) for line in lines]
    good = [ticket for ticket in found if ticket is not None]
    if len(good) < len(found):
        WRONG_CODES.require_room(asked.visitor)
        WRONG_CODES.note(asked.visitor)
        wrong = [number for number, one in enumerate(found, 1) if one is None]
        raise Invalid(
            "words",
            ngettext(
                "Line %(lines)s is no ticket that holds. Compare it with the words you kept.",
                "Lines %(lines)s are no tickets that hold. Compare them with the words you kept.",
                len(wrong),
                lines=", ".join(map(str, wrong)),
            ),
        )
    return good


def _removed(asked: Asked) -> Answer:
    gone = tuple(cookie_line(name, "", 0) for name in asked.cookies)
    shown = page("tickets_changed.html", is_removed=True, added=0, **facts(asked))
    return Answer(shown.html, cookies=gone)


def cookie_line_of(kept: Sequence[Ticket]) -> str:
    """The line that has the browser keep these. The same tickets make the same cookie, so that they do
    not pile up."""
    made = cookie_of(kept, utcnow())
    name = f"{COOKIE}kept-{hashlib.sha256(made.value.encode()).hexdigest()[:8]}"
    return cookie_line(name, made.value, made.days * 24 * 3600)


def _show(asked: Asked, form: WordsForm, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    form.csrf_token.data = asked.token
    here = [in_words(ticket) for ticket in asked.unspent]
    return page(
        "tickets.html",
        status=status,
        form=form,
        words=here,
        has_cookies=bool(asked.cookies),
        **facts(asked),
    )
