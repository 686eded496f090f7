"""A page asks before something is done: a question, what will happen, a button, a way back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from forum.errors import Conflict, Invalid, TooMany
from forum.testing.factories import Factories
from forum.testing.forms import submit
from forum.web.forms import ConfirmationPage, answer_confirmation
from tests.evidence import links_of, text_given_back, words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PAGE = ConfirmationPage(
    title="Break the <vase>?",
    consequences=["Everybody hears it.", "It cannot be undone."],
    submit="Break it",
    back=("Keep it", "/vases"),
)
REFUSALS = {
    Invalid("reason", "Say why, in a sentence."): (422, ["Reason: Say why, in a sentence."]),
    Invalid("nowhere", "The vase is nailed down."): (422, ["The vase is nailed down."]),
    TooMany("Wait until the shards are swept.", retry_after=7): (
        429,
        ["Wait until the shards are swept."],
    ),
}


class Reason(FlaskForm):
    """A question that asks for a reason, too."""

    reason = StringField("Reason", [InputRequired("Give a reason.")])


@pytest.fixture
def broken(app: Flask) -> list[str]:
    """What was broken at ``/vase`` and, with its reason, at ``/vase/why``."""
    done: list[str] = []

    def ask() -> object:
        def act() -> Response:
            done.append("broken")
            return Response("Crash.")

        return answer_confirmation(PAGE, act)

    def ask_why() -> object:
        form = Reason()

        def act() -> Response:
            done.append(str(form.reason.data))
            return Response("Crash.")

        return answer_confirmation(PAGE, act, form)

    app.add_url_rule("/vase", "vase", ask, methods=["GET", "POST"])
    app.add_url_rule("/vase/why", "vase_why", ask_why, methods=["GET", "POST"])
    return done


def test_question_says_what_will_happen_and_leads_back(app: Flask, broken: list[str]) -> None:
    answer = app.test_client().get("/vase")
    assert answer.status_code == 200
    assert words_of(answer, "h1") == ["Break the <vase>?"]
    assert words_of(answer, "form p") == ["Everybody hears it.", "It cannot be undone."]
    assert words_of(answer, "form button") == ["Break it"]
    assert links_of(answer, "form a") == ["/vases"]
    assert broken == []


def test_it_is_done_when_the_button_is_pressed(app: Flask, broken: list[str]) -> None:
    answer = submit(app.test_client(), "/vase")
    assert (answer.text, broken) == ("Crash.", ["broken"])


def test_nothing_is_done_for_a_form_of_somebody_else(app: Flask, broken: list[str]) -> None:
    assert app.test_client().post("/vase").status_code == 400
    assert broken == []


def test_a_missing_reason_is_asked_for_at_its_field(app: Flask, broken: list[str]) -> None:
    client = app.test_client()
    answer = submit(client, "/vase/why")
    assert (answer.status_code, broken) == (422, [])
    assert words_of(answer, "#error-summary li a[href='#reason']") == ["Reason: Give a reason."]
    assert words_of(answer, "form p")[-1] == "To mend: Give a reason."
    assert submit(client, "/vase/why", reason="Ugly").text == "Crash."
    assert broken == ["Ugly"]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: error.message)
def test_what_the_action_refuses_stands_above_the_question(
    app: Flask, error: Invalid | TooMany
) -> None:
    def act() -> Response:
        raise error

    app.add_url_rule(
        "/no", "no", lambda: answer_confirmation(PAGE, act, Reason()), methods=["GET", "POST"]
    )
    answer = submit(app.test_client(), "/no", reason="It is <ugly>")
    status, said = REFUSALS[error]
    assert (answer.status_code, words_of(answer, "#error-summary li")) == (status, said)
    assert 'value="It is &lt;ugly&gt;"' in answer.text
    assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_other_refusals_have_their_own_page(app: Flask) -> None:
    def act() -> Response:
        raise Conflict("Somebody has broken it already.")

    app.add_url_rule("/no", "no", lambda: answer_confirmation(PAGE, act), methods=["GET", "POST"])
    answer = submit(app.test_client(), "/no")
    assert (answer.status_code, text_given_back(answer)) == (409, None)
    assert words_of(answer, "main header p") == ["Somebody has broken it already."]


def test_signing_out_asks_first(factories: Factories) -> None:
    client = factories.signed_in(factories.member())
    assert words_of(client.get("/sign-out"), "h1, form .button, form a") == [
        "Sign out?",
        "Sign out",
        "Stay signed in",
    ]
    submit(client, "/sign-out")
    assert client.get("/me").headers["Location"].startswith("/sign-in")
