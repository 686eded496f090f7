"""The door as browsers find it: what it shows, what it does, and all that it refuses."""

from __future__ import annotations

import logging
from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select, update

from forum.db import db, transaction
from forum.testing.application import count_statements
from forum.testing.conformance import Sample, check_its_door_tells_nothing
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import models
from forum_anonymous_questions.codes import new_code
from forum_anonymous_questions.csrf import token_for
from forum_anonymous_questions.limits import LOOKS
from forum_anonymous_questions.models import QUESTIONS, SPENDING, WAITING
from forum_anonymous_questions.queries import claim_marks
from forum_anonymous_questions.tests.asking import (
    TEXT,
    TITLE,
    again,
    ask,
    code_in,
    filled,
    form_in,
    open_with,
    words_in,
    write,
)

FORM = "application/x-www-form-urlencoded"
PAGES = ("/ask", "/ask/write", "/ask/claim", "/ask/tickets")
ONE_KIND = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def forum(forum_to_ask_in: PluginForum) -> PluginForum:
    """A forum in which members can ask."""
    return forum_to_ask_in


def counts(forum: PluginForum) -> tuple[int, int]:
    """How many tickets are spent, and how many acts wait."""
    with forum.app.app_context():
        tables = (SPENDING, WAITING)
        spent, waiting = (db.session.scalar(select(func.count()).select_from(t)) for t in tables)
        return int(spent or 0), int(waiting or 0)


def publish(forum: PluginForum, code: str, **facts: object) -> None:
    """Have a question be what the fixed time makes of it: the thread that is there."""
    with forum.app.app_context(), transaction():
        [mark, *_] = claim_marks(code)
        row = {"id": mark[:16], "code": mark, "week": "2026-W48", "state": models.PUBLISHED}
        db.session.execute(insert(QUESTIONS).values(row | {"post_id": forum.thread.id} | facts))


def test_question_is_asked_and_opened_with_its_code(
    forum: PluginForum, browser: FlaskClient
) -> None:
    assert words_in(browser.get("/ask"), "a.button") == "Write a question"
    assert "you can ask 3 questions" in words_in(browser.get("/ask"), "main")
    code = ask(browser)
    assert len(code.split()) == 10
    assert counts(forum) == (1, 1)
    assert "you can ask 2 questions" in words_in(browser.get("/ask"), "main")
    # From a browser that has never been here.
    stranger = forum.browser("guest")
    question = open_with(stranger, f"  {code.upper().replace(' ', '-')} ")
    assert (question.status_code, words_in(question, "h1")) == (200, TITLE)
    assert "It waits, sealed" in words_in(question, "main")
    assert code not in question.headers.get("Location", "")
    added = again(
        stranger, again(stranger, question, "Change its text"), "Send it sealed", source="Wet."
    )
    assert words_in(added, "main [role=status]").startswith("That is sealed")
    sure = again(stranger, added, "Take it back")
    assert (words_in(sure, "h1"), counts(forum)) == ("Take the question back?", (1, 2))
    gone = again(stranger, sure, "Take it back")
    assert "taking it back" in words_in(gone, "main")
    assert counts(forum) == (1, 3)


def test_asking_at_the_door_logs_nothing(
    forum: PluginForum, browser: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    # No setting has the forum log what is below this.
    with caplog.at_level(logging.INFO):
        caplog.clear()
        open_with(browser, ask(browser))
        assert [record.getMessage() for record in caplog.records] == []
        # The same browser in the forum itself is told, so that the silence means something.
        browser.get("/latest")
    assert [record.name for record in caplog.records if record.name == "forum.requests"] != []


def test_same_form_sent_again_asks_once_and_shows_the_same_code(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser)
    answers = [browser.post("/ask/write", data=fields) for _ in range(3)]
    assert len({code_in(answer) for answer in answers}) == 1
    assert counts(forum) == (1, 1)


def test_whoever_has_no_ticket_is_shown_no_code_of_a_form(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser)
    code = code_in(browser.post("/ask/write", data=fields))
    stranger = forum.app.test_client()
    with forum.app.app_context():
        fields["csrf_token"] = token_for()
    shown = stranger.post("/ask/write", data=fields)
    assert code not in shown.text
    assert "You cannot ask from this browser now" in words_in(shown, "main")


def test_other_words_in_the_same_form_are_another_question(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser)
    first = code_in(browser.post("/ask/write", data=fields))
    fields |= {"source": "Something else altogether.", "csrf_token": filled(browser)["csrf_token"]}
    assert code_in(browser.post("/ask/write", data=fields)) != first
    assert counts(forum) == (2, 2)


def test_findings_are_shown_and_repaired_as_in_the_composer(browser: FlaskClient) -> None:
    source = "PLEASE READ THIS FIRST\n\nThey crawl. [Click here](https://example.org/a)."
    page = write(browser, "Preview", source=source)
    assert page.status_code == 200
    assert words_in(page, "#preview-heading") == "How it will look"
    found = BeautifulSoup(page.text, "html.parser").select("#findings [name=repair]")
    assert found, words_in(page, "main")
    mended = again(browser, page, " ".join(found[0].get_text().split()))
    assert words_in(mended, "main [role=status]").startswith("Done:")
    assert form_in(mended)["source"] != source
    back = again(browser, mended, "Undo")
    assert form_in(back)["source"] == source
    kept = again(browser, back, "Keep")
    assert form_in(kept)["kept"] != ""


def test_nothing_is_sent_while_something_has_to_be_mended(
    forum: PluginForum, browser: FlaskClient
) -> None:
    stopped = write(browser, source="A [](https://example.org/a) link that says nothing.")
    assert (stopped.status_code, counts(forum)) == (422, (0, 0))
    assert words_in(stopped, "#findings-heading").startswith("Before you publish")


def test_what_may_tell_who_wrote_it_is_listed_and_kept_nowhere(
    forum: PluginForum, browser: FlaskClient
) -> None:
    page = write(
        browser,
        "Make it less recognisable",
        source="Last Tuesday Olga let me use KilnMaster for the GX-4.",
    )
    said = words_in(page, "#recognised")
    assert [word in said for word in ("Tuesday", "Olga", "KilnMaster", "GX-4")] == [True] * 4
    assert counts(forum) == (0, 0)


REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "nothing written": ({"source": " \n"}, 422, "Write something first."),
    "no title": ({"title": " "}, 422, "Give the question a title."),
    "a long title": ({"title": "a" * 400}, 422, "Shorten the title"),
    "an unseen sign in the title": ({"title": "a\u202eb"}, 422, "invisible characters"),
    "too long": ({"source": "word " * 8_000}, 422, "bytes of text"),
    "control characters": ({"source": "a\x00b"}, 422, "could not be read"),
    "a bell": ({"source": "a\x07b"}, 422, "Text:"),
    "no category": ({"category": ""}, 422, "Choose a category."),
    "a wrong category": ({"category": "99999"}, 422, "Choose a category."),
    "no number": ({"category": "1e9"}, 422, "Choose a category."),
    "a wrong language": ({"language": "tlh"}, 422, "Choose a language from the list."),
    "a picture": ({"source": f"![Kiln](/files/{'a' * 64}.webp)"}, 422, "Take the picture out"),
    "no submission": ({"submission": "x"}, 422, "This form is broken."),
    "a wrong token": ({"csrf_token": "0" * 64}, 403, "Send it again."),
    "no token": ({"csrf_token": ""}, 403, "Send it again."),
}


@ONE_KIND
def test_what_cannot_be_asked_is_refused_and_the_text_given_back(
    forum: PluginForum, browser: FlaskClient
) -> None:
    fields = filled(browser)
    found = {}
    for name, (wrong, _, said) in REFUSED.items():
        answer = browser.post("/ask/write", data=fields | wrong)
        text = form_in(answer)["source"]
        kept = text.strip() == (wrong.get("source", TEXT)).replace("\x00", "�").strip()
        found[name] = (answer.status_code, said in words_in(answer, "main"), kept)
    assert found == {name: (status, True, True) for name, (_, status, _) in REFUSED.items()}
    assert counts(forum) == (0, 0)
    # So that each was refused for its own reason.
    assert code_in(browser.post("/ask/write", data=fields))


@ONE_KIND
def test_what_is_no_form_is_refused(forum: PluginForum, browser: FlaskClient) -> None:
    fields = form_in(browser.get("/ask/write"))
    assert browser.post("/ask/write", json=fields).status_code == 422
    file = {"file": (BytesIO(b"glaze"), "glaze.txt")}
    assert browser.post("/ask/write", data=file).status_code == 422
    assert browser.post("/ask/write", data={f"f{n}": "x" for n in range(200)}).status_code == 422
    assert browser.post("/ask/write", data={"source": "a" * 1_100_000}).status_code == 413
    assert (
        browser.post(
            "/ask/write",
            data=b"source=%ff%fe&a=\xff",
            content_type="application/x-www-form-urlencoded",
        ).status_code
        == 403
    )
    for path in ("/ask/nothing", "/ask/write/more"):
        assert (browser.get(path).status_code, browser.post(path, data=fields).status_code) == (
            404,
            404,
        )
    assert browser.post("/ask", data=fields).status_code == 405
    assert browser.put("/ask/write", data=fields).status_code == 405
    assert browser.open("/ask/write", method="DELETE").status_code == 405
    for path in ("clarify", "thank", "withdraw", "answer", "ticket"):
        answer = browser.get(f"/ask/{path}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/ask/claim")
    assert browser.head("/ask").data == b""


@ONE_KIND
def test_form_from_another_site_does_nothing(forum: PluginForum, browser: FlaskClient) -> None:
    fields = filled(browser)
    for site in ("cross-site", "same-site", "odd"):
        answer = browser.post("/ask/write", data=fields, headers={"Sec-Fetch-Site": site})
        assert (answer.status_code, counts(forum)) == (403, (0, 0))
    for site in ("same-origin", "none"):
        answer = browser.post("/ask/write", data=fields, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 200
    assert counts(forum) == (1, 1)


@ONE_KIND
def test_without_a_ticket_that_holds_nothing_is_read(
    forum: PluginForum, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = filled(browser, "preview")
    [cookie] = [c for c in browser._cookies.values() if c.key.startswith("ask-")]
    real = cookie.value.split("~")[0]
    forged = real[:-3] + ("AAA" if real[-3:] != "AAA" else "BBB")

    def never(*_given: object, **_more: object) -> None:
        raise AssertionError("a text was read")

    monkeypatch.setattr("forum.discussion.unsigned.prepare", never)
    for value in ("", forged, "x", "~" * 50, '\\"', "A" * 1_000, "é"):
        stranger = forum.app.test_client()
        if value:
            stranger.set_cookie("ask-2026-4-abc", value, path="/ask")
        shown = stranger.get("/ask/write")
        assert (shown.status_code, words_in(shown, "h1")) == (
            200,
            "You cannot ask from this browser now",
        )
        assert "on or after" in words_in(shown, "main")
        answer = stranger.post("/ask/write", data=fields)
        assert words_in(answer, "h1") == "You cannot ask from this browser now"
        assert "nothing of it was read" in words_in(answer, "main")
    # With a ticket it would have been read.
    assert browser.post("/ask/write", data=fields).status_code == 500


def test_spent_tickets_ask_no_more(forum: PluginForum, browser: FlaskClient) -> None:
    old = form_in(browser.get("/ask/write"))
    for number in range(3):
        ask(browser, title=f"{TITLE} {number}")
    page = browser.get("/ask/write")
    assert "are spent" in words_in(page, "main")
    answer = browser.post("/ask/write", data=old | {"source": TEXT, "action": "submit"})
    assert words_in(answer, "textarea#kept") == TEXT
    assert counts(forum) == (3, 3)


def test_wrong_used_and_guessed_codes_are_answered_alike_and_limited(
    forum: PluginForum, browser: FlaskClient
) -> None:
    code = ask(browser)
    stranger = forum.app.test_client()
    wrong = (
        "",
        "zebra",
        new_code(),
        " ".join(code.split()[:9]),
        f"{code} acid",
        "é" * 500,
        "<b>",
    )
    answers = [open_with(stranger, each) for each in wrong]
    said = {(answer.status_code, words_in(answer, "#error-summary")) for answer in answers}
    assert len(said) == 1, said
    # Nor do the statements tell one that could be from one that cannot.
    asked = []
    for each in ("zebra", new_code()):
        with count_statements(forum.app) as statements:
            open_with(stranger, each)
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert said.pop()[0] == 404
    for _ in range(30):
        last = open_with(stranger, new_code())
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    # Others are not kept from theirs, whether they come from there or from elsewhere.
    assert open_with(stranger, code).status_code == 200
    assert open_with(stranger, new_code()).status_code == 429
    elsewhere = forum.app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert open_with(elsewhere, code).status_code == 200


@ONE_KIND
def test_code_opens_nothing_without_the_token_that_belongs_to_it(
    forum: PluginForum, browser: FlaskClient
) -> None:
    code, other = ask(browser), ask(browser, title="Another")
    token = form_in(open_with(browser, other), "form[action='/ask/withdraw']")["csrf_token"]
    for path in ("clarify", "thank", "withdraw", "answer", "ticket"):
        for wrong in ("", token):
            sent = {"code": code, "csrf_token": wrong, "sure": "yes", "source": TEXT}
            assert browser.post(f"/ask/{path}", data=sent).status_code == 403
    assert counts(forum) == (2, 2)


def test_published_question_is_thanked_for_answered_and_gives_its_ticket_back(
    forum: PluginForum, browser: FlaskClient
) -> None:
    code = new_code()
    publish(forum, code)
    forum.make.reply(forum.thread, forum.people["moderator"])
    stranger = forum.app.test_client()
    page = open_with(stranger, code)
    assert "Read the thread" in words_in(page, "main")
    wrong = again(stranger, page, "Choose as the answer", number="77")
    assert (wrong.status_code, "no such reply" in words_in(wrong, "main")) == (422, True)
    assert again(stranger, page, "Choose as the answer", number="two").status_code == 422
    chosen = again(stranger, page, "Choose as the answer", number="2")
    assert "your choice of the answer" in words_in(chosen, "main")
    assert again(stranger, page, "Choose as the answer", number="2").status_code == 409
    thanked = again(stranger, chosen, "Thank those who answered")
    assert "your thanks" in words_in(thanked, "main")
    assert again(stranger, chosen, "Thank those who answered").status_code == 409
    for _ in range(2):
        back = again(stranger, page, "Put the ticket into this browser")
        assert len(back.headers.getlist("Set-Cookie")) == 1
    assert "you can ask 1 question." in words_in(stranger.get("/ask"), "main")
    ask(stranger)
    # Fetched again it is the same one.
    again(stranger, page, "Put the ticket into this browser")
    assert "are spent" in words_in(stranger.get("/ask/write"), "main")


@ONE_KIND
def test_what_is_too_late_is_refused(forum: PluginForum) -> None:
    code = new_code()
    publish(forum, code, state=models.REFUSED, post_id=None)
    browser = forum.app.test_client()
    page = open_with(browser, code)
    assert "does not come back" in words_in(page, "main")
    token = form_in(page, "form[action='/ask/claim']")
    for path in ("clarify", "thank", "withdraw", "answer", "ticket"):
        sent = token | {"sure": "yes", "action": "submit", "source": TEXT, "number": "2"}
        assert browser.post(f"/ask/{path}", data=sent).status_code == 409
    assert counts(forum) == (0, 0)


def test_tickets_are_kept_as_words_carried_and_removed(
    forum: PluginForum, browser: FlaskClient
) -> None:
    shown = BeautifulSoup(browser.get("/ask/tickets").text, "html.parser")
    words = shown.select_one("textarea#kept").get_text().strip()  # type: ignore[union-attr]
    assert len(words.splitlines()) == 3
    other = forum.app.test_client()
    page = other.get("/ask/tickets")
    fields = form_in(page)
    for wrong in ("", "zebra", words.replace(words.split()[0], "acid", 1), f"{words}\nzebra"):
        answer = other.post("/ask/tickets", data=fields | {"words": wrong, "action": "add"})
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (422, [])
    added = other.post("/ask/tickets", data=fields | {"words": words.upper(), "action": "add"})
    assert words_in(added, "h1") == "3 tickets are in this browser now"
    ask(other)
    assert "you can ask 2 questions" in words_in(browser.get("/ask"), "main")
    removing = form_in(other.get("/ask/tickets"))
    assert (
        other.post(
            "/ask/tickets", data=removing | {"csrf_token": "", "action": "remove"}
        ).status_code
        == 403
    )
    gone = other.post("/ask/tickets", data=removing | {"action": "remove"})
    [line] = gone.headers.getlist("Set-Cookie")
    assert "Max-Age=0" in line
    assert "has none" in words_in(other.get("/ask/write"), "main")
    assert "/ask/tickets" in browser.get("/sign-out").text


@ONE_KIND
def test_start_page_says_what_is_true(forum: PluginForum) -> None:
    said = words_in(forum.app.test_client().get("/ask"), "main")
    for promise in (
        "does not tell anybody who asked it",
        "secretly changes its program or records what is sent",
        "copies the server’s disk while your question waits",
        "Your way of writing",
        "The network",
        "A lost code is lost",
        "in no backup",
        "feed, which is the same for everybody",
        "Fewer than ten members were here",
        "may be a record",
    ):
        assert promise in said, promise


def test_door_sets_no_cookie_of_its_own_and_reads_no_session(forum: PluginForum) -> None:
    check_its_door_tells_nothing(forum, tuple(Sample(page, "member") for page in PAGES))
    browser = forum.browser("member")
    cookies = {c.key: c.value for c in browser._cookies.values()}
    assert "forum" in cookies
    with_session = [browser.get(page).text for page in PAGES[:1]]
    browser.delete_cookie("forum")
    assert [browser.get(page).text for page in PAGES[:1]] == with_session
    answer = write(browser)
    assert answer.headers.getlist("Set-Cookie") == []
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


def test_pages_send_as_many_statements_however_much_there_is(
    forum: PluginForum, browser: FlaskClient
) -> None:
    def statements() -> dict[str, int]:
        found = {}
        for page in PAGES:
            browser.get(page)
            with count_statements(forum.app) as sent:
                browser.get(page)
            found[page] = len(sent)
        return found

    few = statements()
    assert max(few.values()) <= 12, few
    ask(browser)
    for number in range(8):
        publish(forum, new_code(), post_id=None)
        forum.make.member(f"Member {number}")
        forum.make.category(f"Category {number}")
    assert statements() == few


@ONE_KIND
def test_looks_are_limited_by_ticket(
    forum: PluginForum, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOOKS, "times", 2)
    assert [write(browser, "Preview").status_code for _ in range(3)] == [200, 200, 429]
    last = write(browser, "Preview")
    assert form_in(last)["source"] == TEXT


@ONE_KIND
def test_before_the_first_fixed_time_the_text_is_given_back(
    forum: PluginForum, browser: FlaskClient
) -> None:
    with forum.app.app_context(), transaction():
        db.session.execute(update(models.PERIOD).values(key_id="0" * 32))
    answer = write(browser)
    assert (answer.status_code, counts(forum)) == (409, (0, 0))
    assert form_in(answer)["source"] == TEXT
