"""What an author keeps as it is stays kept: in the draft, in the post, through edits elsewhere."""

from __future__ import annotations

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.accounts.closing_actions import close_account
from forum.db import rows
from forum.discussion.models import Draft, PostFinding
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send, submit
from tests.evidence import form_of, links_of, page_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REPLY, EDIT, FINDINGS = "/t/1/reply", "/t/1/2/edit", "/t/1/2/findings"
LEVELS = "## Firing\n\n#### Cones"
SHOUTED = "PLEASE DO NOT RUSH IT"
BOTH = f"{LEVELS}\n\n{SHOUTED}"
BLOCKED = "See [](https://example.org/guide)."


@pytest.fixture
def author(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return author


@pytest.fixture
def ada(factories: Factories, author: Person) -> FlaskClient:
    """The author's browser."""
    return factories.signed_in(author)


def press(browser: FlaskClient, answer: TestResponse, button: str, **values: str) -> TestResponse:
    """Press a button of the composer that an answer shows."""
    return send(browser, answer.request.path, form_of(answer), button=button, **values)


def keep(browser: FlaskClient, answer: TestResponse, words: str) -> TestResponse:
    """Keep the finding about these words."""
    for row in page_of(answer).select("#findings ol li"):
        if words in row.get_text():
            button = row.select_one("button[name=keep]")
            assert isinstance(button, Tag)
            sent = fields_of(form_of(answer)) | {"keep": str(button["value"])}
            return browser.post(answer.request.path, data=sent)
    raise AssertionError(f"{words!r} is not among what was found")


def published(browser: FlaskClient) -> None:
    """Post 2 of thread 1: one finding kept, one not decided about."""
    preview = submit(browser, REPLY, button="Preview", source=BOTH)
    answer = press(browser, keep(browser, preview, "Cones"), "Publish")
    assert (answer.status_code, answer.location) == (303, "/t/1/2")


def noted(app: Flask) -> list[tuple[int, str, int | None, bool]]:
    """Findings of post 2: (version, rule, who keeps it, whether since some moment)."""
    columns = (PostFinding.version, PostFinding.rule, PostFinding.kept_by, PostFinding.kept_at)
    statement = select(*columns).order_by(PostFinding.version, PostFinding.rule)
    with app.app_context():
        return [(row[0], row[1], row[2], row[3] is not None) for row in rows(statement)]


def test_kept_finding_is_stored_with_the_draft_and_the_post(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    preview = submit(ada, REPLY, button="Preview", source=BOTH)
    answer = keep(ada, preview, "Cones")
    assert words_of(answer, "#findings summary")[-1] == "1 kept as it is"
    with app.app_context():
        [row] = rows(select(Draft.kept))
    assert row.kept == fields_of(form_of(answer))["kept"] != ""
    later = press(ada, ada.get(REPLY), "Preview")
    assert words_of(later, "#findings ol q, #findings .kept q") == [SHOUTED, "Cones"]
    assert press(ada, later, "Publish").status_code == 303
    assert noted(app) == [
        (1, "capitals-run", None, False),
        (1, "heading-skipped", author.id, True),
    ]


def test_edit_elsewhere_does_not_bring_it_back(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    published(ada)
    composer = ada.get(EDIT)
    shown = press(ada, composer, "Preview", source=f"More words.\n\n{BOTH}")
    assert words_of(shown, "#findings ol q, #findings .kept q") == [SHOUTED, "Cones"]
    assert press(ada, shown, "Publish").status_code == 303
    assert [row for row in noted(app) if row[0] == 2] == [
        (2, "capitals-run", None, False),
        (2, "heading-skipped", author.id, True),
    ]


@ONE_DATABASE
@pytest.mark.full
def test_other_words_are_considered_anew(ada: FlaskClient) -> None:
    preview = submit(ada, REPLY, button="Preview", source=LEVELS)
    changed = press(ada, keep(ada, preview, "Cones"), "Preview", source=f"{LEVELS} and pyrometers")
    assert words_of(changed, "#findings ol q") == ["Cones and pyrometers"]
    assert words_of(changed, "#findings .kept q") == []


@ONE_DATABASE
def test_kept_finding_is_taken_back(app: Flask, ada: FlaskClient) -> None:
    preview = submit(ada, REPLY, button="Preview", source=LEVELS)
    kept = keep(ada, preview, "Cones")
    answer = press(ada, kept, "Consider again")
    assert (words_of(answer, "#findings ol q"), text_given_back(answer)) == (["Cones"], LEVELS)
    with app.app_context():
        assert [row.kept for row in rows(select(Draft.kept))] == [""]


@ONE_DATABASE
def test_keeping_and_taking_back_needs_no_change_of_the_words(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    published(ada)
    preview = press(ada, ada.get(EDIT), "Preview")
    back = press(ada, preview, "Consider again")
    assert press(ada, keep(ada, back, SHOUTED), "Publish").status_code == 303
    assert noted(app) == [
        (1, "capitals-run", author.id, True),
        (1, "heading-skipped", None, False),
    ]


@ONE_DATABASE
@pytest.mark.full
def test_moderators_edit_leaves_who_kept_it(
    app: Flask, factories: Factories, author: Person, ada: FlaskClient
) -> None:
    published(ada)
    mo = factories.member("Mo", role="moderator")
    moderator = factories.signed_in(mo)
    preview = press(moderator, moderator.get(EDIT), "Preview", source=f"{BOTH}\n\nSlowly.")
    assert press(moderator, keep(moderator, preview, SHOUTED), "Publish").status_code == 303
    assert [row for row in noted(app) if row[0] == 2] == [
        (2, "capitals-run", mo.id, True),
        (2, "heading-skipped", author.id, True),
    ]


@ONE_DATABASE
def test_what_shuts_somebody_out_cannot_be_kept(app: Flask, ada: FlaskClient) -> None:
    preview = submit(ada, REPLY, button="Preview", source=BLOCKED)
    fields = fields_of(form_of(preview))
    forged = ada.post(REPLY, data=fields | {"keep": fields["seen"]})
    assert words_of(forged, ".composer > .notice") == [
        "That is not there any more, or has to be mended."
    ]
    for action in ("preview", "publish"):
        answer = ada.post(REPLY, data=fields | {"kept": fields["seen"], "action": action})
        assert words_of(answer, "#findings ol strong") == ["Decide"], action
    assert noted(app) == []
    sent = fields | {"kept": fields["seen"], "action": "help"}
    assert ada.post(REPLY, data=sent).status_code == 303
    assert noted(app) == [(1, "link-empty", None, False)]


@ONE_DATABASE
def test_what_is_no_fingerprint_is_left_out(app: Flask, ada: FlaskClient) -> None:
    fields = fields_of(form_of(ada.get(REPLY))) | {"source": LEVELS, "action": "preview"}
    wrong = ("x", "<b>", "0" * 17, "'; --", "\0", "ÄÖ" * 8, "A" * 16, "0" * 16)
    answer = ada.post(REPLY, data=fields | {"kept": " ".join(wrong)})
    assert answer.status_code == 200
    with app.app_context():
        assert [row.kept for row in rows(select(Draft.kept))] == ["0" * 16]


def test_author_and_moderators_read_who_kept_what(
    factories: Factories, ada: FlaskClient, client: FlaskClient
) -> None:
    published(ada)
    moderator = factories.signed_in(factories.member("Mo", role="moderator"))
    for reader in (ada, moderator):
        page = reader.get(FINDINGS)
        assert words_of(page, "h2") == ["Open", "Kept as it is"]
        assert words_of(page, ".findings-said q") == [SHOUTED, "Cones"]
        assert words_of(page, ".findings-said .quiet bdi") == ["Ada"]
        assert FINDINGS in links_of(reader.get("/t/1"), "#p2 footer a")
        assert "/t/1/1/findings" not in links_of(reader.get("/t/1"), "#p1 footer a")
    for other in (client, factories.signed_in(factories.member("Bo"))):
        assert other.get(FINDINGS).status_code == 403
        assert FINDINGS not in other.get("/t/1").text


@ONE_DATABASE
@pytest.mark.full
def test_page_is_the_same_number_of_statements_for_many_findings(
    app: Flask, ada: FlaskClient
) -> None:
    for lines in (1, 40):
        text = "\n\n".join(f"{SHOUTED} {'AND AGAIN ' * n}" for n in range(lines))
        shown = submit(ada, REPLY, button="Publish", source=text)
        assert press(ada, shown, "Publish").status_code == 303
    counts = []
    for number, found in ((2, 1), (3, 40)):
        with count_statements(app) as statements:
            page = ada.get(f"/t/1/{number}/findings")
        assert len(words_of(page, ".findings-said li")) == found
        counts.append(len(statements))
    assert counts[0] == counts[1]


@ONE_DATABASE
@pytest.mark.full
def test_who_kept_it_and_left_is_named_no_more(
    app: Flask, factories: Factories, author: Person, ada: FlaskClient
) -> None:
    published(ada)
    with app.test_request_context():
        close_account(factories.actor(author), password=author.password, empty_posts=False)
    moderator = factories.signed_in(factories.member("Mo", role="moderator"))
    assert words_of(moderator.get(FINDINGS), ".findings-said .quiet bdi") == ["Former member"]


@ONE_DATABASE
@pytest.mark.full
def test_text_that_comes_back_after_signing_in_keeps_what_was_kept(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    kept = keep(ada, submit(ada, REPLY, button="Preview", source=LEVELS), "Cones")
    fields = fields_of(form_of(kept)) | {"source": f"{LEVELS}.", "action": "publish"}
    submit(ada, "/sign-out")
    given_back = ada.post(REPLY, data=fields)
    assert given_back.status_code == 403
    resumed = send(ada, REPLY, form_of(given_back), email=author.email, password=author.password)
    assert resumed.status_code == 303
    with app.app_context():
        assert {row.kept for row in rows(select(Draft.kept))} == {fields["kept"]}
