"""The composer without JavaScript: preview, findings, repairs, drafts, and a text that is never lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from forum.db import rows
from forum.discussion.models import Draft, Post, PostFinding, Revision
from forum.moderation.models import Case
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, send, submit
from tests.evidence import everything, form_of, links_of, page_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REPLY = "/t/1/reply"
# Each rule's text, and what its repair button makes of it.
REPAIRED = {
    "link-empty": (
        "See [](https://example.org/guide).",
        r"See [https://example.org/guide](https://example.org/guide).",
    ),
    "link-vague": (
        "[Read more](https://example.org/kilns) about electric kilns.",
        "[Read more about electric kilns](https://example.org/kilns).",
    ),
    "heading-skipped": ("## Firing\n\n#### Cones", "## Firing\n\n### Cones"),
    "table-no-header": (
        "| | |\n|---|---|\n| Cone | Heat |\n| 6 | 1222 |",
        "| Cone | Heat |\n|---|---|\n| 6 | 1222 |",
    ),
    "capitals-run": ("PLEASE OPEN THE KILN SLOWLY", "Please open the kiln slowly"),
}
WARNED = REPAIRED["heading-skipped"][0]
BLOCKED = REPAIRED["link-empty"][0]


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


def stored(app: Flask) -> list[str]:
    """The present sources of all posts."""
    present = (Revision.post_id == Post.id) & (Revision.version == Post.version)
    with app.app_context():
        return [
            r.source for r in rows(select(Revision.source).join(Post, present).order_by(Post.id))
        ]


def drafts(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [tuple(row) for row in rows(select(Draft.place, Draft.source).order_by(Draft.place))]


def press(browser: FlaskClient, answer: TestResponse, button: str, **values: str) -> TestResponse:
    """Press a button of the composer that an answer shows."""
    return send(browser, answer.request.path, form_of(answer), button=button, **values)


def repair_of(answer: TestResponse) -> str:
    """The words on the first repair's button."""
    button = page_of(answer).select_one("#findings button[name=repair]")
    assert isinstance(button, Tag), answer.text
    return button.get_text()


def test_preview_shows_text_and_findings_and_saves_a_draft(app: Flask, ada: FlaskClient) -> None:
    answer = submit(ada, REPLY, button="Preview", source="Use a *cone*.\n\nPLEASE DO NOT RUSH IT")
    assert answer.status_code == 200
    assert words_of(answer, ".preview .words em") == ["cone"]
    assert words_of(answer, "#findings li q") == ["PLEASE DO NOT RUSH IT"]
    assert drafts(app) == [("reply:1", "Use a *cone*.\n\nPLEASE DO NOT RUSH IT")]
    assert text_given_back(ada.get(REPLY)) == "Use a *cone*.\n\nPLEASE DO NOT RUSH IT"
    assert len(stored(app)) == 1


@ONE_DATABASE
def test_preview_of_a_thread_keeps_title_and_category(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    category = factories.category("Kilns")
    submit(
        ada,
        "/new",
        button="Preview",
        title="A <new> kiln",
        category=str(category.id),
        source="Which one?",
    )
    fields = fields_of(form_of(ada.get("/new")))
    assert (fields["title"], fields["category"], fields["source"]) == (
        "A <new> kiln",
        str(category.id),
        "Which one?",
    )


@ONE_DATABASE
def test_each_finding_is_mended_with_its_button(app: Flask, ada: FlaskClient) -> None:
    mended = {}
    for rule, (bad, _) in REPAIRED.items():
        preview = submit(ada, REPLY, button="Preview", source=bad)
        answer = press(ada, preview, repair_of(preview))
        mended[rule] = (bad, text_given_back(answer))
        assert words_of(answer, "#findings li") == [], rule
        assert words_of(answer, ".composer > .notice")[0].startswith("Done: "), rule
    assert mended == REPAIRED
    assert drafts(app) == [("reply:1", REPAIRED["capitals-run"][1])]


@ONE_DATABASE
def test_repair_of_what_was_mended_by_hand_changes_nothing(ada: FlaskClient) -> None:
    preview = submit(ada, REPLY, button="Preview", source=WARNED)
    mended = "## Firing\n\n### Cones and PEEPHOLES"
    answer = press(ada, preview, repair_of(preview), source=mended)
    assert (answer.status_code, text_given_back(answer)) == (200, mended)
    assert words_of(answer, ".composer > .notice") == [
        "That was mended already; nothing was changed."
    ]


@ONE_DATABASE
def test_what_the_author_keeps_stands_in_the_way_no_more(app: Flask, ada: FlaskClient) -> None:
    preview = submit(ada, REPLY, button="Preview", source=WARNED)
    kept = press(ada, preview, "Keep")
    assert words_of(kept, "#findings ol li") == []
    published = press(ada, kept, "Publish")
    assert (published.status_code, published.location) == (303, "/t/1/2")
    assert stored(app)[1:] == [WARNED]


def test_warning_that_was_not_seen_is_shown_once(app: Flask, ada: FlaskClient) -> None:
    first = submit(ada, REPLY, button="Publish", source=WARNED)
    assert (first.status_code, words_of(first, "#findings li strong")) == (422, ["Consider"])
    second = press(ada, first, "Publish", source=f"{WARNED}\n\nPLEASE DO NOT RUSH IT")
    assert (second.status_code, text_given_back(second)) == (
        422,
        f"{WARNED}\n\nPLEASE DO NOT RUSH IT",
    )
    third = press(ada, second, "Publish")
    assert (third.status_code, len(stored(app))) == (303, 2)
    with app.app_context():
        found = rows(
            select(PostFinding.post_id, PostFinding.version, PostFinding.rule, PostFinding.severity)
        )
        assert sorted(tuple(row) for row in found) == [
            (2, 1, "capitals-run", "warn"),
            (2, 1, "heading-skipped", "warn"),
        ]


@ONE_DATABASE
def test_what_shuts_somebody_out_is_refused_however_often(app: Flask, ada: FlaskClient) -> None:
    answer = submit(ada, REPLY, button="Publish", source=BLOCKED)
    for _ in range(2):
        assert (answer.status_code, text_given_back(answer)) == (422, BLOCKED)
        assert words_of(answer, "#findings li strong") == ["Decide"]
        answer = press(ada, answer, "Publish")
    assert (len(stored(app)), drafts(app)) == (1, [("reply:1", BLOCKED)])


def test_author_may_publish_and_ask_for_help(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    refused = submit(ada, REPLY, button="Publish", source=BLOCKED)
    answer = press(ada, refused, "Publish and ask for help")
    assert (answer.status_code, answer.location) == (303, "/t/1/2")
    with app.app_context():
        assert [tuple(r) for r in rows(select(Case.post_id, Case.kind))] == [(2, "help")]
        assert [r.rule for r in rows(select(PostFinding.rule))] == ["link-empty"]
    moderator = factories.signed_in(factories.member(role="moderator"))
    assert words_of(moderator.get("/moderation"), ".case .label") == ["asks for help"]
    assert submit(moderator, "/moderation/1", form="form.decide").status_code == 303
    assert words_of(moderator.get("/moderation"), ".case") == []


def test_draft_is_gone_after_publishing_and_when_discarded(app: Flask, ada: FlaskClient) -> None:
    submit(ada, REPLY, button="Preview", source="Half a thought.")
    submit(ada, "/t/1/1/edit", button="Preview", source="Another question?")
    places = [place for place, _ in drafts(app)]
    submit(ada, "/drafts/discard?place=edit:1")
    after_discard = [place for place, _ in drafts(app)]
    submit(ada, REPLY, button="Publish")
    assert (places, after_discard, drafts(app)) == (["edit:1", "reply:1"], ["reply:1"], [])
    assert stored(app) == ["How do you get a fine crackle?", "Half a thought."]


@ONE_DATABASE
def test_composer_asks_before_it_discards_and_keeps_what_is_in_it(
    app: Flask, ada: FlaskClient
) -> None:
    preview = submit(ada, REPLY, button="Preview", source="Half a thought.")
    whole = send(ada, REPLY, form_of(preview), button="Discard draft", source="A whole thought.")
    assert (whole.status_code, whole.location) == (303, "/drafts/discard?place=reply:1")
    assert drafts(app) == [("reply:1", "A whole thought.")]
    assert words_of(ada.get(whole.location), "h1") == ["Discard this draft?"]
    assert submit(ada, whole.location).location == "/drafts"
    assert drafts(app) == []
    late = send(ada, REPLY, form_of(preview), button="Discard draft", source="")
    assert (late.status_code, late.location) == (303, "/t/1")


def test_same_form_sent_twice_makes_one_post(app: Flask, ada: FlaskClient) -> None:
    form = fields_of(form_of(ada.get(REPLY))) | {"source": "Once.", "action": "publish"}
    answers = [ada.post(REPLY, data=form) for _ in range(2)]
    assert [(a.status_code, a.location) for a in answers] == [(303, "/t/1/2")] * 2
    assert stored(app)[1:] == ["Once."]


@ONE_DATABASE
def test_same_form_with_another_title_does_not_lose_the_title(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    category = str(factories.category("Kilns").id)
    new = {"title": "A kiln", "category": category, "source": "Which?", "action": "publish"}
    form = fields_of(form_of(ada.get("/new"))) | new
    assert [ada.post("/new", data=form).location for _ in range(2)] == ["/t/2/1"] * 2
    other = ada.post("/new", data=form | {"title": "A wheel"})
    assert (other.status_code, fields_of(form_of(other))["title"]) == (409, "A wheel")
    assert press(ada, other, "Publish").location == "/t/3/1"


def test_same_form_sent_several_times_at_once_makes_one_post(
    app: Flask, factories: Factories, author: Person
) -> None:
    category = factories.category("Kilns")
    browsers = [factories.signed_in(author) for _ in range(4)]
    token = fields_of(form_of(browsers[0].get("/new")))["submission"]
    reply_token = fields_of(form_of(browsers[0].get(REPLY)))["submission"]
    new = [
        fields_of(form_of(b.get("/new")))
        | {
            "title": "A kiln",
            "category": str(category.id),
            "source": "Which?",
            "submission": token,
            "action": "publish",
        }
        for b in browsers
    ]
    replies = [
        fields_of(form_of(b.get(REPLY)))
        | {"source": "Once.", "submission": reply_token, "action": "publish"}
        for b in browsers
    ]

    def post(turn: int) -> set[tuple[int, str | None]]:
        # A test client is not made for several threads, so each has its own.
        browser = browsers[turn]
        answers = [browser.post("/new", data=new[turn]), browser.post(REPLY, data=replies[turn])]
        return {(a.status_code, a.location) for a in answers}

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert answers == [{(303, "/t/2/1"), (303, "/t/1/2")}] * 4
    assert sorted(stored(app)) == ["How do you get a fine crackle?", "Once.", "Which?"]


FORGED = ({"csrf_token": ""}, {"csrf_token": "IjEyMyI.forged.forged"})


def test_form_with_a_stale_token_is_given_back_and_works_then(app: Flask, ada: FlaskClient) -> None:
    for path, text in ((REPLY, "A long reply."), ("/t/1/1/edit", "A long edit.")):
        form = fields_of(form_of(ada.get(path))) | {"source": text, "action": "publish"}
        for forged in FORGED:
            before = everything(app)
            answer = ada.post(path, data=form | forged)
            assert (answer.status_code, text_given_back(answer)) == (400, text)
            assert words_of(answer, "#error-summary h2") == ["1 thing to mend"]
            assert everything(app) == before
        assert press(ada, answer, "Publish").status_code == 303
    assert stored(app) == ["A long edit.", "A long reply."]


def signed_out_with_a_text(ada: FlaskClient) -> TestResponse:
    """The answer to a reply that is sent after signing out in another tab."""
    form = fields_of(form_of(ada.get(f"{REPLY}?to=1"))) | {"source": "A\n<long> & text.\n"}
    submit(ada, "/sign-out")
    answer = ada.post(REPLY, data=form | {"action": "publish"})
    assert (answer.status_code, text_given_back(answer)) == (403, "A\n<long> & text.\n")
    return answer


def test_text_survives_signing_in_again(app: Flask, author: Person, ada: FlaskClient) -> None:
    answer = signed_out_with_a_text(ada)
    before = everything(app)
    wrong = send(ada, REPLY, form_of(answer), email=author.email, password="not my password")
    assert (wrong.status_code, text_given_back(wrong)) == (422, "A\n<long> & text.\n")
    assert len(words_of(wrong, "#error-summary li")) == 1
    assert {t: r for t, r in everything(app).items() if t != "attempts"} == {
        t: r for t, r in before.items() if t != "attempts"
    }
    resumed = send(ada, REPLY, form_of(wrong), email=author.email, password=author.password)
    assert (resumed.status_code, resumed.location) == (303, REPLY)
    composer = ada.get(REPLY)
    assert text_given_back(composer) == "A\n<long> & text.\n"
    assert fields_of(form_of(composer))["in_reply_to"] == "1"
    assert press(ada, composer, "Publish").location == "/t/1/2"


@ONE_DATABASE
def test_resuming_with_a_stale_token_gives_the_text_back(
    app: Flask, author: Person, ada: FlaskClient
) -> None:
    form = form_of(signed_out_with_a_text(ada))
    before = everything(app)
    stale = send(ada, REPLY, form, email=author.email, password=author.password, csrf_token="old")
    assert (stale.status_code, text_given_back(stale)) == (400, "A\n<long> & text.\n")
    assert everything(app) == before
    resumed = send(ada, REPLY, form_of(stale), email=author.email, password=author.password)
    assert (resumed.status_code, drafts(app)) == (303, [("reply:1", "A\n<long> & text.\n")])


@ONE_DATABASE
def test_resuming_never_leads_elsewhere(author: Person, ada: FlaskClient) -> None:
    form = form_of(signed_out_with_a_text(ada))
    resumed = send(
        ada,
        REPLY,
        form,
        email=author.email,
        password=author.password,
        url="//evil.example/",
    )
    assert resumed.location == "/new"


def test_edit_makes_a_new_version_and_keeps_all(
    app: Flask, client: FlaskClient, ada: FlaskClient
) -> None:
    answer = submit(ada, "/t/1/1/edit", button="Publish", source="How do you get a *wide* crackle?")
    assert (answer.status_code, answer.location) == (303, "/t/1/1")
    page = client.get("/t/1")
    assert words_of(page, ".words em") == ["wide"]
    assert links_of(page, "a.edited") == ["/t/1/1/history"]
    history = client.get("/t/1/1/history")
    assert words_of(history, ".revision h2") == ["Version 2", "Version 1"]
    assert words_of(history, ".revision pre") == [
        "How do you get a *wide* crackle?",
        "How do you get a fine crackle?",
    ]


def test_same_text_again_makes_no_version(app: Flask, ada: FlaskClient) -> None:
    before = everything(app, less=("attempts",))
    assert submit(ada, "/t/1/1/edit", button="Publish").location == "/t/1/1"
    assert everything(app, less=("attempts",)) == before
    assert words_of(ada.get("/t/1"), "a.edited") == []


def test_findings_belong_to_the_version_that_has_them(app: Flask, ada: FlaskClient) -> None:
    press(ada, submit(ada, "/t/1/1/edit", button="Preview", source=WARNED), "Publish")
    submit(ada, "/t/1/1/edit", button="Publish", source="## Firing")
    with app.app_context():
        found = rows(select(PostFinding.post_id, PostFinding.version, PostFinding.rule))
        assert [tuple(row) for row in found] == [(1, 2, "heading-skipped")]


def test_edit_of_what_somebody_changed_meanwhile_gives_the_text_back(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    mine = form_of(ada.get("/t/1/1/edit"))
    admin = factories.signed_in(factories.member(role="moderator"))
    assert submit(admin, "/t/1/1/edit", button="Publish", source="Theirs.").status_code == 303
    answer = send(ada, "/t/1/1/edit", mine, button="Publish", source="Mine.")
    assert (answer.status_code, text_given_back(answer)) == (409, "Mine.")
    assert (stored(app), drafts(app)) == (["Theirs."], [("edit:1", "Mine.")])
    assert press(ada, answer, "Publish").status_code == 303
    assert stored(app) == ["Mine."]


@ONE_DATABASE
def test_posts_of_others_are_not_theirs_to_change(
    app: Flask, factories: Factories, ada: FlaskClient
) -> None:
    bo = factories.signed_in(factories.member("Bo"))
    token = fields_of(form_of(bo.get(REPLY)))["csrf_token"]
    before = everything(app, less=("drafts",))
    opened = bo.get("/t/1/1/edit")
    sent = bo.post(
        "/t/1/1/edit", data={"csrf_token": token, "source": "Mine now.", "action": "publish"}
    )
    assert [opened.status_code, sent.status_code] == [403, 403]
    assert text_given_back(sent) == "Mine now."
    assert everything(app, less=("drafts",)) == before
