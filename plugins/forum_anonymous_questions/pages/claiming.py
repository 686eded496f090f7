"""What the claim code opens: the question as only its asker sees it, and what they can do.

The code travels in forms, never in an address: those stand in histories and logs.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from forum.plugin_api import Conflict, ForumError, Invalid, NotFound, TooMany, UnsignedText
from forum_anonymous_questions import actions, csrf
from forum_anonymous_questions.forms import AnswerForm, ClarifyForm, CodeForm
from forum_anonymous_questions.limits import LOOKS, WRONG_CODES
from forum_anonymous_questions.models import PUBLISHED
from forum_anonymous_questions.pages.asking import (
    Answer,
    Asked,
    forgery,
    page,
    refusal,
    status_of,
)
from forum_anonymous_questions.pages.starting import facts
from forum_anonymous_questions.pages.tickets import cookie_line_of
from forum_anonymous_questions.pages.writing import fill_languages, found_in, of_found
from forum_anonymous_questions.queries import Claimed, claimed, present_text
from forum_anonymous_questions.texts import gettext


def claim(asked: Asked) -> Answer:
    """Asks for the code."""
    return _ask_for_code(asked, CodeForm())


def shown(asked: Asked) -> Answer:
    """The question whose code was sent."""
    form = CodeForm(MultiDict(asked.fields))
    if not asked.has_token and not asked.has_token_of_code:
        form.form_errors.append(forgery().message)
        return _ask_for_code(asked, form, HTTPStatus.FORBIDDEN)
    try:
        return _question(asked, _opened(asked))
    except NotFound as error:
        form.put(Invalid("code", error.message))
        return _ask_for_code(asked, form, HTTPStatus.NOT_FOUND)
    except TooMany as error:
        return refusal(error)


def _ask_for_code(asked: Asked, form: CodeForm, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    form.csrf_token.data = asked.token
    return page("claim.html", status=status, form=form)


def _opened(asked: Asked) -> Claimed:
    """What the code opens.

    Raises:
        NotFound: nothing; whether it is wrong or used up is not told.
        TooMany: wrong ones came from there too often. Right ones open their questions all the same: others
            may be behind that address.
    """
    try:
        return claimed(asked.code)
    except NotFound:
        WRONG_CODES.require_room(asked.visitor)
        WRONG_CODES.note(asked.visitor)
        raise


def _question(
    asked: Asked,
    found: Claimed,
    *,
    notice: str = "",
    form: AnswerForm | None = None,
    cookies: tuple[str, ...] = (),
    status: HTTPStatus = HTTPStatus.OK,
) -> Answer:
    answer = form or AnswerForm()
    given = page(
        "question.html",
        status=status,
        question=found,
        code=asked.code,
        token=csrf.token_for(asked.code.encode()),
        notice=notice,
        form=answer,
        **facts(asked),
    )
    return Answer(given.html, status, cookies)


Act = Callable[[Asked, Claimed], Answer]


def _with_code(act: Act) -> Callable[[Asked], Answer]:
    """A page that does something about the question whose code its form holds."""

    def answer(asked: Asked) -> Answer:
        try:
            if not asked.has_token_of_code:
                raise forgery()
            return act(asked, _opened(asked))
        except ForumError as error:
            return refusal(error, kept=asked.fields.get("source", ""))

    return answer


def _sealed() -> str:
    return str(gettext("That is sealed, and happens at the next fixed time."))


@_with_code
def thank(asked: Asked, found: Claimed) -> Answer:
    """Thank those who answered."""
    if not found.can_thank:
        raise Conflict(gettext("You cannot thank now, or have done so already."))
    actions.thank(asked.code)
    return _question(asked, claimed(asked.code), notice=_sealed())


@_with_code
def withdraw(asked: Asked, found: Claimed) -> Answer:
    """Ask whether to take the question back, then do it."""
    if not found.can_withdraw:
        raise Conflict(gettext("It is too late to withdraw it, or you have done so already."))
    if asked.fields.get("sure") != "yes":
        token = csrf.token_for(asked.code.encode())
        return page("withdraw.html", question=found, code=asked.code, token=token)
    actions.withdraw(asked.code)
    return _question(asked, claimed(asked.code), notice=_sealed())


@_with_code
def choose(asked: Asked, found: Claimed) -> Answer:
    """Say which reply answers it."""
    form = AnswerForm(MultiDict(asked.fields))
    try:
        if not found.can_answer:
            raise Conflict(gettext("You cannot choose an answer now."))
        if not form.validate() or form.number.data is None or not 1 < form.number.data < 10**9:
            raise Invalid("number", gettext("Write the number of a reply, such as 3."))
        actions.choose_answer(asked.code, form.number.data)
    except Invalid as error:
        form.number.errors = [error.message]
        return _question(asked, found, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _question(asked, claimed(asked.code), notice=_sealed())


@_with_code
def take_ticket_back(asked: Asked, found: Claimed) -> Answer:
    """Put the ticket that comes back into this browser. It can be fetched in each, and spent once."""
    if not found.has_ticket_back:
        raise Conflict(gettext("No ticket comes back for this question."))
    line = cookie_line_of([actions.ticket_back(asked.code)])
    said = gettext("The ticket is in this browser now. You can ask with it until it ends.")
    return _question(asked, found, notice=said, cookies=(line,))


@_with_code
def clarify(asked: Asked, found: Claimed) -> Answer:
    """Write more: the form, what is found in it, sending it."""
    if not found.can_clarify:
        raise Conflict(gettext("You cannot add anything now."))
    pressed = asked.fields.get("action", "")
    if pressed == "open":
        fields = {**asked.fields, **_present_text(asked, found)}
        return _show(asked, found, ClarifyForm(MultiDict(fields)), UnsignedText.read(fields))
    form, text = ClarifyForm(MultiDict(asked.fields)), UnsignedText.read(asked.fields)
    try:
        LOOKS.require_room(asked.code.encode())
        LOOKS.note(asked.code.encode())
        text.press(asked.fields)
        if pressed == "recognise":
            return _show(asked, found, form, text, looks=True)
        if pressed != "submit":
            return _show(asked, found, form, text)
        if not text.is_ready:
            return _show(asked, found, form, text, HTTPStatus.UNPROCESSABLE_ENTITY)
        actions.clarify(asked.code, source=text.source, language=text.language)
        return _question(asked, claimed(asked.code), notice=_sealed())
    except Invalid as error:
        form.put(error)
        return _show(asked, found, form, text, HTTPStatus.UNPROCESSABLE_ENTITY)
    except ForumError as error:
        form.form_errors.append(error.message)
        return _show(asked, found, form, text, status_of(error))


def _present_text(asked: Asked, found: Claimed) -> dict[str, str]:
    """What takes the place of the question's text begins with that text; what is added to a thread, empty."""
    if found.state == PUBLISHED:
        return {}
    source, language = present_text(asked.code, found)
    return {"source": source, "language": language}


def _show(
    asked: Asked,
    question: Claimed,
    form: ClarifyForm,
    text: UnsignedText,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    looks: bool = False,
) -> Answer:
    fill_languages(form)
    form.csrf_token.data = csrf.token_for(asked.code.encode())
    form.code.data = asked.code
    found = of_found(found_in(text) if looks else None)
    return page("clarify.html", status=status, question=question, form=form, text=text, **found)
