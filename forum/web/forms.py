"""What every form of the forum shares: protection against forgery, and errors in their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from forum.errors import Invalid, Overtaken, TooMany
from forum.web.fields import FormRequest

View = TypeVar("View", bound=Callable[..., Any])
Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]

csrf = CSRFProtect()


def init_forms(app: Flask) -> None:
    """Refuse every write that does not come from one of our own forms."""
    # A session lives for weeks; a form left open over lunch must still work.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # WTForms' Referer check would refuse people whose browsers keep the Referer to themselves.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    csrf.init_app(app)
    app.request_class = FormRequest
    app.before_request(_refuse_forgery)


def _refuse_forgery() -> None:
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if most_bytes := getattr(view, "most_bytes", None):
        request.max_content_length = most_bytes
    try:
        csrf.protect()
    except CSRFError:
        if not getattr(view, "gives_text_back", False):
            raise
        g.forged = True


def gives_text_back(view: View) -> View:
    """Mark a view that answers a form without a valid token itself, because a long text is in it.

    Such a view writes nothing when ``is_forged()``.
    """
    view.gives_text_back = True  # type: ignore[attr-defined]
    return view


def takes_files(most_bytes: int) -> Callable[[View], View]:
    """Mark a view to which a form with a file is sent: how large the whole request may be.

    More than the file itself may have, so that a file that is too large gets an answer that gives
    the rest of the form back.
    """

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def is_forged() -> bool:
    """Whether this form came without a valid token: too old, or from somewhere else."""
    return bool(g.get("forged"))


def put_error(form: FlaskForm, error: Invalid) -> None:
    """Show what an action refused at the field it named, or above the form."""
    field = form._fields.get(error.field)
    if field is None:
        form.form_errors.append(error.message)
    else:
        field.errors = [*field.errors, error.message]


def put_overtaken(form: FlaskForm, error: Overtaken) -> None:
    """Say at each field what somebody else made of it meanwhile. What was typed stays, and the next
    press of the button puts it in place of theirs. The form has a hidden field ``seen``."""
    form.form_errors.append(
        gettext(
            "Somebody else changed this while you had the page open. Nothing of yours was saved yet: "
            "compare, then send it again to put yours in the place of theirs."
        )
    )
    for name, value in error.changed.items():
        shown = _as_shown(form._fields.get(name), value)
        told = (
            gettext("Now it is “%(value)s”.", value=shown) if shown else gettext("Now it is empty.")
        )
        put_error(form, Invalid(name, told))
    form.seen.data = error.seen


def _as_shown(field: Any, value: object) -> str:
    for choice in getattr(field, "choices", None) or ():
        if isinstance(choice, tuple) and str(choice[0]) == str(value):
            return str(choice[1])
    return "" if value is None else str(value)


def put_forgery(form: FlaskForm) -> None:
    """Say above the form that its token did not fit and that nothing is lost."""
    form.form_errors.append(
        gettext("You were away for long, or signed in anew. Nothing is lost: send the form again.")
    )


@dataclass(frozen=True, slots=True)
class FormPage:
    """What a page that is one plain form says; ``links`` are further ways: (label, address). A
    ``script`` gives comfort, and ``without_script`` is said to whoever has none."""

    title: str
    submit: str
    introduction: str = ""
    links: Sequence[tuple[str, str]] = ()
    script: str = ""
    without_script: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    """What a page says that asks before something is done; a page instead of a script's dialog.

    ``title`` is the question, ``consequences`` what will happen, a sentence or two each,
    ``submit`` the words on the button, a verb, and ``back`` the way out: (label, address);
    ``links`` are further ways.
    """

    title: str
    consequences: Sequence[str]
    submit: str
    back: tuple[str, str]
    links: Sequence[tuple[str, str]] = ()


def answer_form(form: FlaskForm, page: FormPage, act: Callable[[], Response]) -> Answer:
    """The whole life of a plain form: show it, check it, act, or show it again with what to mend."""
    return _answer(form, act, "form_page.html", page)


def answer_confirmation(
    page: ConfirmationPage, act: Callable[[], Response], form: FlaskForm | None = None
) -> Answer:
    """Ask on GET, act on POST, at one address that a plain link leads to.

    Args:
        act: does it and gives the answer, as a rule a redirection. What it raises as ``Invalid``
            or ``TooMany`` is shown above the question.
        form: further fields to fill in, such as a reason; by default there is only the button.
    """
    return _answer(FlaskForm() if form is None else form, act, "confirm.html", page)


def _answer(
    form: FlaskForm, act: Callable[[], Response], template: str, page: FormPage | ConfirmationPage
) -> Answer:
    headers: dict[str, str] = {}
    status = 200
    if form.is_submitted():
        status = 422
        try:
            if form.validate():
                return act()
        except Invalid as error:
            put_error(form, error)
        except Overtaken as overtaken:
            put_overtaken(form, overtaken)
            status = 409
        except TooMany as error:
            form.form_errors.append(error.message)
            status, headers = 429, {"Retry-After": str(error.retry_after)}
    return render_template(template, form=form, **_facts(page)), status, headers


def _facts(page: FormPage | ConfirmationPage) -> dict[str, Any]:
    return {name.name: getattr(page, name.name) for name in fields(page)}
