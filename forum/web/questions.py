"""Asking a moderator, or an author, before something is done, and saying afterwards how to undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from forum.db import transaction
from forum.web.addresses import log_url
from forum.web.forms import Answer, ConfirmationPage, answer_confirmation
from forum.web.page import say_undoable


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what is done then, and what is said afterwards.

    Attributes:
        title: the question.
        consequences: what will happen, sentence by sentence.
        submit: what stands on the button.
        act: does it, in a transaction: the number of its entry in the moderators' record, or ``None``
            where there is none.
        done: what is said once it is done.
        form: the fields that are asked for, if any are.
    """

    title: str
    consequences: list[str]
    submit: str
    act: Callable[[], int | None]
    done: str
    form: FlaskForm | None = None


def ask(question: Question, back: tuple[str, str], *, leads_to: str) -> Answer:
    """The page that asks, and what happens when its button is pressed.

    Args:
        back: label and address of the way back.
        leads_to: where one stands when it is done.
    """

    def act() -> Response:
        with transaction():
            entry_id = question.act()
        say_done(question.done, entry_id)
        return redirect(leads_to, 303)

    page = ConfirmationPage(question.title, question.consequences, question.submit, back)
    return answer_confirmation(page, act, question.form)


def say_done(done: str, entry_id: int | None) -> None:
    """Say on the next page that something is done, and where it stands in the record, how to undo it."""
    if entry_id is None:
        flash(done)
    else:
        say_undoable(done, log_url(entry_id))
