"""Writing a question: the form, what is found in it, sending it, and the claim code."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from werkzeug.datastructures import MultiDict

from forum.plugin_api import (
    Conflict,
    ForumError,
    Invalid,
    NotFound,
    UnsignedText,
    keys_for,
)
from forum_anonymous_questions import actions
from forum_anonymous_questions.codes import code_from
from forum_anonymous_questions.forms import QuestionForm, TextForm, choices
from forum_anonymous_questions.limits import LOOKS
from forum_anonymous_questions.pages.asking import Answer, Asked, forgery, page, status_of
from forum_anonymous_questions.pages.starting import facts, no_tickets
from forum_anonymous_questions.queries import claimed, key_in_force, open_categories
from forum_anonymous_questions.recognising import Kind, Recognised, recognised
from forum_anonymous_questions.recognising_queries import members_named_in, usage_in
from forum_anonymous_questions.texts import gettext
from forum_anonymous_questions.tickets import Ticket

PURPOSE = "door-code"
SHORTEST_SUBMISSION, LONGEST_SUBMISSION = 16, 64


def write(asked: Asked) -> Answer:
    """The empty form."""
    if not asked.unspent:
        return no_tickets(asked)
    return _show(asked, _form({"submission": _new_submission()}), UnsignedText())


def written(asked: Asked) -> Answer:
    """What becomes of the form."""
    # Without tickets the token is the same for all, and looking for a code is work.
    if asked.tickets and asked.has_token and (code := _code_of_earlier(asked)):
        return _done(asked, code)
    if not asked.unspent:
        return no_tickets(asked)
    form, text = _form(asked.fields), UnsignedText.read(asked.fields)
    try:
        if not asked.has_token:
            raise forgery()
        return _act(asked, form, text, asked.unspent[0])
    except Invalid as error:
        form.put(error)
        return _show(asked, form, text, HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as error:
        # The same form, sent twice at once.
        if code := _code_of_earlier(asked):
            return _done(asked, code)
        form.form_errors.append(error.message)
        return _show(asked, form, text, HTTPStatus.CONFLICT)
    except ForumError as error:
        form.form_errors.append(error.message)
        return _show(asked, form, text, status_of(error))


def _act(asked: Asked, form: QuestionForm, text: UnsignedText, ticket: Ticket) -> Answer:
    LOOKS.require_room(ticket.nonce)
    LOOKS.note(ticket.nonce)
    text.press(asked.fields)
    pressed = asked.fields.get("action")
    if pressed == "recognise":
        return _show(asked, form, text, found=found_in(text, form.title.data or ""))
    if pressed != "submit":
        return _show(asked, form, text)
    category = _chosen_category(form)
    if not (form.title.data or "").strip():
        raise Invalid("title", gettext("Give the question a title."))
    if not text.is_ready:
        return _show(asked, form, text, HTTPStatus.UNPROCESSABLE_ENTITY)
    code = _code(_sent(asked), keys_for(PURPOSE)[0])
    actions.ask(
        ticket,
        title=form.title.data,
        category_id=category,
        source=text.source,
        language=text.language,
        code=code,
    )
    return _done(asked, code)


def _chosen_category(form: QuestionForm) -> int:
    chosen = form.category.data
    for number, _title in open_categories():
        if str(number) == chosen:
            return number
    raise Invalid("category", gettext("Choose a category."))


def _new_submission() -> str:
    return secrets.token_urlsafe(24)


def _submission(asked: Asked) -> str:
    given = asked.fields.get("submission", "")
    if not (SHORTEST_SUBMISSION <= len(given) <= LONGEST_SUBMISSION and given.isascii()):
        raise Invalid(
            "submission", gettext("This form is broken. Open it again; copy your text first.")
        )
    return given


def _code_of_earlier(asked: Asked) -> str:
    """The claim code of the question that this very form made before; empty when it made none.

    Whoever sends a form twice, or never saw the answer to it, is shown the code all the same. Whoever goes
    back and writes something else asks another question.
    """
    try:
        sent = _sent(asked)
    except Invalid:
        return ""
    for key in keys_for(PURPOSE):
        code = _code(sent, key)
        try:
            claimed(code)
        except NotFound:
            continue
        return code
    return ""


def _sent(asked: Asked) -> bytes:
    words = (_submission(asked), *(asked.fields.get(name, "") for name in ("title", "source")))
    return repr(words).encode()


def _code(sent: bytes, key: bytes) -> str:
    return code_from(hmac.new(key, sent, hashlib.sha256).digest())


def _done(asked: Asked, code: str) -> Answer:
    return page("done.html", code=code, **facts(asked))


def _form(fields: Mapping[str, str]) -> QuestionForm:
    form = QuestionForm(MultiDict(fields))
    form.category.choices = choices(open_categories())
    fill_languages(form)
    return form


def fill_languages(form: TextForm) -> None:
    """Have the form ask for a language where there are several, the community's unless another was
    chosen."""
    form.language.choices = UnsignedText.languages()
    form.language.data = form.language.data or form.language.choices[0][0]


def _show(
    asked: Asked,
    form: QuestionForm,
    text: UnsignedText,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    found: Sequence[Recognised] | None = None,
) -> Answer:
    form.csrf_token.data = asked.token
    return page(
        "write.html",
        status=status,
        form=form,
        text=text,
        has_begun=key_in_force() is not None,
        **of_found(found),
    )


def of_found(found: Sequence[Recognised] | None) -> dict[str, Any]:
    """What a page says of what may tell who wrote a text; nothing when it was not looked for."""
    if found is None:
        return {"looked": False, "found": []}
    kinds = [(what_to_do(kind), [one for one in found if one.kind is kind]) for kind in Kind]
    return {"looked": True, "found": [(said, ones) for said, ones in kinds if ones]}


def found_in(text: UnsignedText, title: str = "") -> list[Recognised]:
    """What in a text may tell who wrote it."""
    return recognised(
        text.source,
        title=title,
        language=text.written_in,
        members=members_named_in(f"{title}\n{text.source}"),
        usage=usage_in([number for number, _title in open_categories()]),
    )


def what_to_do(kind: Kind) -> tuple[str, str]:
    """What is said of things of a kind: a heading, and a sentence what to do."""
    said = {
        Kind.NAME: (
            gettext("Names"),
            gettext("Say what somebody does, such as “a colleague”, in place of who it is."),
        ),
        Kind.ADDRESS: (
            gettext("Addresses and files"),
            gettext("Leave them out, or put an invented one such as example.org in their place."),
        ),
        Kind.DATE: (
            gettext("Days and times"),
            gettext("Say about when, such as “lately”: others may know who was there that day."),
        ),
        Kind.PROJECT: (
            gettext("Projects and abbreviations"),
            gettext("Say what kind of thing it is, if few work on it or call it so."),
        ),
        Kind.RARE: (
            gettext("Words that hardly anybody uses here"),
            gettext(
                "Say it as others do, if it is a word of yours. A question may need it, though."
            ),
        ),
    }
    return said[kind]
