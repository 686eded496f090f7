"""What stands above the text in the composer: places, pictures' words, all repairs at once, undo."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.limits import Limit
from forum.db import rows
from forum.discussion import review_routes
from forum.discussion.models import Draft
from forum.moderation.models import Case
from forum.plugin_api import Hold, PostToCheck, hookimpl
from forum.plugin_host import current_host
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, submit
from tests.discussion.test_kept_findings import keep, press
from tests.evidence import everything, form_of, page_of, text_given_back, words_of
from tests.files.drawing import uploaded_by

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REPLY = "/t/1/reply"
LEVELS = "# One\n\n### Two\n\n##### Three"
MENDED = "# One\n\n## Two\n\n### Three"


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


@pytest.fixture
def bowl(factories: Factories, author: Person) -> str:
    """The address of a picture that the author uploaded."""
    return uploaded_by(factories, author)


def describe(browser: FlaskClient, answer: Any, words: str, **values: str) -> Any:
    """Write words beside the first picture that was found, and send the form."""
    fields = fields_of(form_of(answer))
    [name, *_] = [name for name in fields if name.startswith("describe-")]
    return browser.post(REPLY, data=fields | {name: words} | {"action": "describe", **values})


def test_decisions_come_first_and_each_leads_to_its_place(ada: FlaskClient) -> None:
    source = f"{LEVELS}\n\nZoë 🏺 says [](https://example.org/guide)."
    answer = submit(ada, REPLY, button="Preview", source=source)
    assert words_of(answer, "#findings ol strong") == ["Decide", "Consider", "Consider"]
    places = page_of(answer).select("#findings ol a.place")
    assert [place.get_text() for place in places] == [
        f"Line {n}: go there in your text" for n in (7, 3, 5)
    ]
    assert {place["href"] for place in places} == {"#source"}
    spans = [(int(str(p["data-start"])), int(str(p["data-end"]))) for p in places]
    assert [source[start:end] for start, end in spans] == [
        "[](https://example.org/guide)",
        "### Two",
        "##### Three",
    ]
    assert words_of(answer, "[data-found] a[href='#findings']") == words_of(answer, "#findings h2")
    ids = [part["id"] for part in page_of(answer).select("main [id]")]
    assert ids.index("findings") < ids.index("source")


def test_long_words_are_quoted_by_their_beginning(ada: FlaskClient) -> None:
    wall = "Whoever has the night shift writes down what is still open. " * 20
    answer = submit(ada, REPLY, button="Preview", source=f"{wall}\n\n## {'x' * 130}")
    assert words_of(answer, "#findings q") == [
        f"{'x' * 119}…",
        "Whoever has the night shift writes down what is still open. Whoever has the night shift "
        "writes down what is still open. …",
    ]


def test_all_safe_repairs_are_one_step_that_can_be_undone_and_done_again(
    app: Flask, ada: FlaskClient
) -> None:
    source = f"{LEVELS}\n\nPLEASE READ THIS FIRST"
    found = submit(ada, REPLY, button="Preview", source=source)
    mended = press(ada, found, "repair-all")
    assert text_given_back(mended) == f"{MENDED}\n\nPLEASE READ THIS FIRST"
    assert words_of(mended, ".notice p") == ["2 places were mended."]
    undone = press(ada, mended, "Undo")
    assert (text_given_back(undone), undone.status_code) == (source, 200)
    with app.app_context():
        assert [row.source for row in rows(select(Draft.source))] == [source]
    again = press(ada, undone, "Undo")
    assert text_given_back(again) == f"{MENDED}\n\nPLEASE READ THIS FIRST"


def test_what_was_written_after_a_repair_survives_its_undoing(ada: FlaskClient) -> None:
    found = submit(ada, REPLY, button="Preview", source=LEVELS)
    mended = press(ada, found, "repair-all")
    undone = press(ada, mended, "Undo", source=f"{MENDED}\n\nWritten since.")
    assert text_given_back(undone) == LEVELS
    assert text_given_back(press(ada, undone, "Undo")) == f"{MENDED}\n\nWritten since."


@pytest.mark.full
def test_what_is_kept_is_not_mended_with_the_rest(ada: FlaskClient) -> None:
    found = submit(
        ada, REPLY, button="Preview", source=f"{LEVELS}\n\n##### Three again\n\n# A\n\n### B"
    )
    kept = keep(ada, found, "B")
    assert "### B" in (text_given_back(press(ada, kept, "repair-all")) or "")


@pytest.mark.full
def test_single_repair_can_be_undone(ada: FlaskClient) -> None:
    found = submit(ada, REPLY, button="Preview", source="# One\n\n### Two")
    [button] = page_of(found).select("#findings button[name=repair]")
    mended = press(ada, found, button.get_text())
    assert text_given_back(mended) == "# One\n\n## Two"
    assert text_given_back(press(ada, mended, "Undo")) == "# One\n\n### Two"
    nothing = ada.post(REPLY, data=fields_of(form_of(found)) | {"action": "undo", "before": " "})
    assert text_given_back(nothing) == "# One\n\n### Two"
    assert words_of(nothing, ".notice p") == ["There is nothing to undo."]


def test_button_mends_the_place_beside_it_though_another_has_the_same_words(
    ada: FlaskClient,
) -> None:
    source = "[here](https://a.org 'Kilns') and [here](https://b.org 'Glazes')"
    found = submit(ada, REPLY, button="Preview", source=source)
    [_, second] = page_of(found).select("#findings button[name=repair]")
    pressed = fields_of(form_of(found)) | {"repair": str(second["value"])}
    mended = ada.post(REPLY, data=pressed)
    assert text_given_back(mended) == "[here](https://a.org 'Kilns') and [Glazes](https://b.org)"
    moved = ada.post(REPLY, data=pressed | {"source": f"So: {source}"})
    assert text_given_back(moved) == (
        "So: [here](https://a.org 'Kilns') and [Glazes](https://b.org)"
    )


def test_repair_that_would_break_a_cap_leaves_the_text_as_it_is(ada: FlaskClient) -> None:
    source = ("[](/minutes-of-may)" + f"\n\n{'So it is. ' * 30}" * 107).ljust(32_755, "o")
    found = submit(ada, REPLY, button="Preview", source=source)
    refused = press(ada, found, "Show the address as the link’s words")
    assert (refused.status_code, text_given_back(refused)) == (422, source)
    assert words_of(refused, "#error-summary li") == [
        "Text: Nothing was mended, for the mended text would be refused. There may be 32,768 bytes of "
        "text; this text has 32,770. Cut it, or write two posts."
    ]
    assert len(page_of(refused).select("#findings ol li")) == 1


def test_words_beside_a_picture_go_into_the_text(ada: FlaskClient, bowl: str) -> None:
    found = submit(ada, REPLY, button="Preview", source=f"Look:\n\n![]({bowl})")
    assert words_of(found, "#findings .field label") == ["What it shows"]
    answer = describe(ada, found, " A bowl\nwith *cracks* ")
    assert text_given_back(answer) == f"Look:\n\n![A bowl with \\*cracks\\*]({bowl})"
    assert words_of(answer, "#findings li") == []
    assert text_given_back(press(ada, answer, "Undo")) == f"Look:\n\n![]({bowl})"


def test_words_beside_a_picture_count_whichever_button_is_pressed(
    ada: FlaskClient, bowl: str
) -> None:
    found = submit(ada, REPLY, button="Publish", source=f"![]({bowl})")
    published = describe(ada, found, "A bowl", action="publish")
    assert (published.status_code, published.location) == (303, "/t/1/2")
    assert page_of(ada.get("/t/1")).select_one("#p2 img[alt='A bowl']") is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * 501, "Shorten this to 500 characters; it has 501. The rest can stand in the text."),
        ("IMG_2041.JPG", "This is a file's name. Write what the picture shows."),
        ("a\u202eb", "Leave invisible characters out."),
    ],
)
def test_words_that_cannot_stay_come_back(
    ada: FlaskClient, bowl: str, words: str, said: str
) -> None:
    found = submit(ada, REPLY, button="Preview", source=f"![]({bowl})")
    answer = describe(ada, found, words)
    assert (answer.status_code, text_given_back(answer)) == (422, f"![]({bowl})")
    assert words_of(answer, "#error-summary li") == [said]
    assert words_of(answer, "#findings textarea") == [words]
    too_much = describe(ada, found, words, source=f"![]({bowl})" + "x" * 33_000)
    [kept] = [name for name in fields_of(form_of(too_much)) if name.startswith("describe-")]
    assert fields_of(form_of(too_much))[kept] == words


@pytest.mark.full
def test_nothing_written_beside_a_picture_is_said(ada: FlaskClient, bowl: str) -> None:
    found = submit(ada, REPLY, button="Preview", source=f"![]({bowl})")
    answer = describe(ada, found, "")
    assert words_of(answer, ".notice p") == ["Write what the picture shows first."]


def looked_at(browser: FlaskClient, source: str, **values: str) -> Any:
    """The answer to a fresh look at a text."""
    return browser.post(
        "/review", data=fields_of(form_of(browser.get(REPLY))) | {"source": source} | values
    )


def test_fresh_look_says_what_a_preview_would(app: Flask, ada: FlaskClient) -> None:
    source = f"{LEVELS}\n\nSee [](https://example.org/guide)."
    form = fields_of(form_of(ada.get(REPLY)))
    before = {t: r for t, r in everything(app).items() if t != "attempts"}
    answer = ada.post("/review", data=form | {"source": source})
    assert {t: r for t, r in everything(app).items() if t != "attempts"} == before
    shown = page_of(submit(ada, REPLY, button="Preview", source=source)).select_one("#findings")
    said = answer.get_json()
    assert (answer.status_code, said["summary"]) == (
        200,
        "Before you publish: 1 thing to decide, 2 to consider",
    )
    assert BeautifulSoup(said["panel"], "html.parser").select_one("#findings") == shown
    [link, *_] = said["findings"]
    assert (link["rule"], link["severity"], link["wcag"]) == ("link-empty", "block", "2.4.4")
    start, end = link["span"]
    assert source[start:end] == "[](https://example.org/guide)"
    assert "https://example.org/guide" in link["repair"]["replacement"]
    assert (said["id"], said["removed"], said["hold"]) == (None, [], False)
    nothing = looked_at(ada, " ").get_json()
    assert (nothing["findings"], nothing["html"], nothing["panel"]) == ([], "", "")


class Wary:
    """Holds every reply in the thread, as soon as it is told of one."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("Wait.") if post.thread_id == 1 else None


def test_fresh_look_says_that_a_check_would_hold_it_and_opens_no_case(
    app: Flask, ada: FlaskClient
) -> None:
    with app.app_context():
        current_host().register(Wary(), "wary")
    assert looked_at(ada, "Slowly.").get_json()["hold"] is True
    elsewhere = fields_of(form_of(ada.get("/new"))) | {"source": "Slowly."}
    assert ada.post("/review", data=elsewhere).get_json()["hold"] is False
    with app.app_context():
        assert rows(select(Case.id)) == []


@pytest.mark.full
def test_fresh_look_leaves_out_what_is_kept(ada: FlaskClient) -> None:
    found = submit(ada, REPLY, button="Preview", source="# One\n\n### Two")
    kept = fields_of(form_of(keep(ada, found, "Two")))["kept"]
    said = looked_at(ada, "# One\n\n### Two\n\nMore.", kept=kept).get_json()
    assert said["summary"] == "Nothing is left to decide or to consider"
    assert "1 kept as it is" in said["panel"]


def test_fresh_look_is_for_members_with_a_form_and_has_a_limit(
    factories: Factories, ada: FlaskClient, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.post("/review", data={"source": "x"}).status_code == 403
    forged = looked_at(ada, "x", csrf_token="forged")
    assert (forged.status_code, forged.is_json) == (400, True)
    broken = looked_at(ada, "x" * 33_000)
    assert (broken.status_code, list(broken.get_json())) == (422, ["error"])
    # In a window that does not end while the test runs.
    monkeypatch.setattr(review_routes, "REVIEWS_BY_MEMBER", Limit("reviews-member", 2, 10**10))
    assert [looked_at(ada, "x").status_code for _ in range(3)] == [200, 200, 429]
