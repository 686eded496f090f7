"""A community's word list: what it holds, what its author reads, and what it would have held."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.community.setting_actions import SettingsRefused, change_settings
from forum.community.setting_queries import value_of
from forum.db import transaction
from forum.discussion.settings import WORD_LIST
from forum.permissions import OPERATOR
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PREVIEW = "See what they would have held"
PAGE = "/admin/word-list"
REASON = "with this word before others read them: “limited offer”."


def list_words(app: Flask, words: str) -> None:
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {WORD_LIST.name: words})


@pytest.fixture
def admin(app: Flask, factories: Factories) -> Person:
    """The administrator of a forum with one thread, by Ada, and “limited offer” on its list."""
    person = factories.community()
    factories.thread(factories.member("Ada"), title="Crackle")
    list_words(app, "limited offer\ncasino")
    return person


def test_post_with_listed_words_waits_and_its_author_reads_why(
    admin: Person, factories: Factories
) -> None:
    author = factories.signed_in(factories.member("Bo"))
    text = "A Limited **offer**, today only."

    preview = submit(author, "/t/1/reply?to=1", button="Preview", source=text)
    assert REASON in words_of(preview, ".preview .notice")[0]
    answer = submit(author, "/t/1/reply?to=1", button="Publish", source=text)
    assert (answer.status_code, answer.location) == (303, "/t/1")
    [held] = links_of(author.get("/t/1"), 'a[href^="/held/"]')
    assert REASON in author.get(held).text
    moderator = factories.signed_in(admin)
    [case] = links_of(moderator.get("/moderation"), ".case h2 a")
    assert REASON in moderator.get(case).text
    assert submit(moderator, case, form="form.decide", button="Publish").status_code == 303
    assert "today only" in factories.app.test_client().get("/t/1").text


@ONE_DATABASE
def test_author_reads_the_words_in_the_quotation_marks_of_their_language(
    admin: Person, factories: Factories
) -> None:
    author = factories.signed_in(factories.member("Bo"))
    submit(author, "/me", name="Bo", handle="bo", zone="UTC", language="de")
    answer = submit(
        author, "/t/1/reply?to=1", button="Vorschau", source="A limited offer, a casino."
    )
    [notice] = words_of(answer, ".preview .notice")
    assert "diesen Wörtern an, bevor andere sie lesen: „limited offer“, „casino“." in notice


@ONE_DATABASE
def test_another_title_passes_the_checks_too_and_comes_back_with_the_reason(
    admin: Person, app: Flask, factories: Factories
) -> None:
    bo = factories.member("Bo")
    thread = factories.thread(bo, title="Clay", source="Which one?")
    author, page = factories.signed_in(bo), f"/t/{thread.thread_id}/title"
    answer = submit(author, page, title="Clay, a limited offer", tags="")
    assert (answer.status_code, REASON in answer.text) == (422, True)
    assert 'value="Clay, a limited offer"' in answer.text
    assert '<h1 dir="auto">Clay</h1>' in author.get(f"/t/{thread.thread_id}").text
    assert submit(author, page, title="Clay and grog", tags="").status_code == 303
    # What stands there already is no reason, nor is what a moderator writes.
    moderator = factories.signed_in(admin)
    assert submit(moderator, page, title="Clay, a limited offer", tags="").status_code == 303
    assert submit(author, page, title="Clay: a limited offer", tags="").status_code == 303


@ONE_DATABASE
def test_title_counts_and_other_posts_pass(admin: Person, factories: Factories) -> None:
    author = factories.signed_in(factories.member("Bo"))
    fields = {"source": "Who comes along?", "title": "A casino night", "category": "1"}
    held = submit(author, "/new", button="Publish", **fields)
    assert "waits for a moderator" in author.get(held.location).text

    passes = submit(author, "/t/1/reply?to=1", button="Preview", source="An offer, limited.")
    assert words_of(passes, ".preview .notice") == []
    done = submit(author, "/t/1/reply?to=1", button="Publish", source="An offer, limited.")
    assert "An offer, limited." in factories.app.test_client().get("/t/1").text
    assert done.location == "/t/1/2"


def test_edit_is_asked_only_about_what_is_new(app: Flask, factories: Factories) -> None:
    factories.community()
    ada = factories.member("Ada")
    factories.thread(ada, source="Our casino.")
    list_words(app, "casino\npoker")
    author = factories.signed_in(ada)

    assert (
        submit(author, "/t/1/1/edit", button="Publish", source="Our old casino.").status_code == 303
    )
    refused = submit(author, "/t/1/1/edit", button="Publish", source="Casino and poker.")
    assert refused.status_code == 403
    assert text_given_back(refused) == "Casino and poker."
    assert "“poker”" in refused.text
    assert "“casino”" not in refused.text


def test_preview_shows_what_a_list_would_have_held(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    first = factories.thread(title="Casino", source="A glaze.")
    factories.reply(first, source="I sell <b>kilns</b>.")
    factories.reply(first, source="Plain words.")

    page = submit(admin, PAGE, button=PREVIEW, word_list="sell\r\nCASINO")

    assert links_of(page, "#found h3 a") == ["/t/1/2", "/t/1/1"]
    assert words_of(page, "#found h2") == ["2 posts would have waited"]
    assert words_of(page, "#found strong") == ["sell", "CASINO"]
    assert "<b>kilns" not in page.text
    with app.test_request_context():
        assert value_of(WORD_LIST) == []
    assert (
        submit(admin, PAGE, button="Save", word_list="sell\r\n\r\n sell \r\nCASINO").status_code
        == 303
    )
    with app.test_request_context():
        assert value_of(WORD_LIST) == ["sell", "CASINO"]


def test_preview_costs_the_same_for_many_posts(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    first = factories.thread(source="I sell.")

    def statements() -> int:
        with count_statements(app) as sent:
            assert submit(admin, PAGE, button=PREVIEW, word_list="sell").status_code == 200
        return len(sent)

    one = statements()
    for _ in range(5):
        factories.reply(first, source="I sell, too.")
    assert statements() == one


@ONE_DATABASE
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("fine\n!!!", "Line 2 has no letter and no digit."),
        ("x" * 81, "Shorten line 1 to 80 characters."),
        ("ab\u0007c", "Leave invisible characters out of line 1."),
        ("\n".join(f"word{n}" for n in range(201)), "Enter at most 200 lines."),
    ],
)
def test_list_that_cannot_be_one_is_given_back(
    app: Flask, factories: Factories, words: str, said: str
) -> None:
    admin = factories.signed_in(factories.community())
    for button in (PREVIEW, "Save"):
        answer = submit(admin, PAGE, button=button, word_list=words)
        assert answer.status_code == 422
        assert said in answer.text
        assert words.split("\n")[0][:60] in answer.text
    with app.test_request_context(), transaction(), pytest.raises(SettingsRefused):
        change_settings(OPERATOR, {WORD_LIST.name: words})


@ONE_DATABASE
def test_list_that_somebody_else_changed_meanwhile_is_not_overwritten(
    app: Flask, factories: Factories
) -> None:
    admin: FlaskClient = factories.signed_in(factories.community())
    form = {"word_list": "mine", "shown": "", "action": "save"}
    list_words(app, "theirs")
    token = {"csrf_token": _token(admin)}

    answer = admin.post(PAGE, data={**form, **token})

    assert answer.status_code == 422
    assert "Somebody changed this meanwhile, to: theirs." in answer.text
    with app.test_request_context():
        assert value_of(WORD_LIST) == ["theirs"]


def _token(browser: FlaskClient) -> str:
    field = form_of(browser.get(PAGE)).select_one("[name=csrf_token]")
    assert field is not None
    return str(field["value"])
