"""The moderators' list and each case's page: who sees it, who has it, and what a decision does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import sleep

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from forum.accounts.models import Grant
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.models import Post, Thread
from forum.errors import NotAllowed, NotFound
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import claim_case, finish_help, open_case
from forum.moderation.models import Case
from forum.moderation.rules import CASES_A_PAGE
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import everything, form_of, links_of, words_of


@pytest.fixture
def mo(factories: Factories) -> Person:
    """A moderator of a community."""
    factories.community()
    return factories.member("Mo", role="moderator")


def ask_for_help(app: Flask, post: Post, reason: str = "Please help.") -> int:
    """Open a case as an author does: its id."""
    with app.test_request_context():
        with transaction():
            open_case(CaseNeeded(post_id=post.id, kind="help", reason=reason))
        [case] = rows(select(Case.id).where(Case.post_id == post.id))
        return int(case.id)


def cases(app: Flask) -> list[tuple[int, str, str, int | None]]:
    """All cases: (post, kind, reason, who closed it)."""
    columns = (Case.post_id, Case.kind, Case.reason, Case.closed_by)
    with app.app_context():
        return [tuple(row) for row in rows(select(*columns).order_by(Case.id))]


def let_claims_lapse(app: Flask) -> None:
    """As if half an hour had passed."""
    with app.test_request_context(), transaction():
        db.session.execute(update(Case).values(claimed_until=utcnow() - timedelta(seconds=1)))


def test_list_is_for_moderators_and_administrators(
    factories: Factories, mo: Person, client: FlaskClient
) -> None:
    member = factories.signed_in(factories.member())
    admin = factories.signed_in(factories.member(role="admin"))
    visitors = (client, member, factories.signed_in(mo), admin)
    assert [visitor.get("/moderation").status_code for visitor in visitors] == [403, 403, 200, 200]
    named = ["/moderation" in visitor.get("/").text for visitor in visitors]
    assert named == [False, False, True, True]


def test_oldest_case_stands_first_with_its_reason_and_leads_to_its_page(
    app: Flask, factories: Factories, mo: Person
) -> None:
    ada = factories.member("Ada")
    first = factories.thread(ada, title="Crackle", source="How *fine*?")
    second = factories.thread(ada, title="Slip", source="How thick?")
    oldest = ask_for_help(app, second, "A table.")
    newest = ask_for_help(app, first, "A <b>heading</b>.")
    moderator = factories.signed_in(mo)
    page = moderator.get("/moderation")
    assert words_of(page, ".case h2") == ["Slip", "Crackle"]
    assert words_of(page, ".case .reason") == ["A table.", "A <b>heading</b>."]
    assert words_of(page, ".case .excerpt") == ["How thick?", "How fine?"]
    assert links_of(page, ".case h2 a") == [f"/moderation/{oldest}", f"/moderation/{newest}"]
    case = moderator.get(f"/moderation/{newest}")
    assert words_of(case, ".reason, .held-post .words") == ["A <b>heading</b>.", "How fine?"]
    assert f"/t/{first.thread_id}/1" in links_of(case, ".meta a")


def test_post_has_one_case_of_a_kind(app: Flask, factories: Factories, mo: Person) -> None:
    post = factories.thread()
    ask_for_help(app, post, "First.")
    ask_for_help(app, post, "Second.")
    assert cases(app) == [(post.id, "help", "First.", None)]


def test_help_that_was_given_closes_the_case_and_tells_the_author(
    app: Flask, factories: Factories, mo: Person, worker: Callable[[], int]
) -> None:
    ada = factories.member("Ada")
    post = factories.thread(ada)
    case = ask_for_help(app, post)
    with app.app_context():
        before = rows(select(Thread.last_number, Thread.last_posted_at, Post.created_at).join(Post))
    moderator = factories.signed_in(mo)
    words = "I gave the table a row of headings."
    answer = submit(
        moderator, f"/moderation/{case}", form="form.decide", button="Done", words=words
    )
    worker()
    assert (answer.status_code, answer.location) == (303, "/moderation")
    assert cases(app) == [(post.id, "help", "Please help.", mo.id)]
    assert words_of(moderator.get("/moderation"), ".case") == []
    told = factories.signed_in(ada).get("/notifications")
    assert words_of(told, "ul.rows .about, ul.rows blockquote")[:2] == [
        "Your post, for which you asked for help, was looked at.",
        words,
    ]
    with app.app_context():
        after = rows(select(Thread.last_number, Thread.last_posted_at, Post.created_at).join(Post))
    assert after == before


def test_only_moderators_take_and_decide_cases(
    app: Flask, factories: Factories, mo: Person
) -> None:
    case = ask_for_help(app, factories.thread())
    actor, moderator = factories.actor(factories.member()), factories.actor(mo)
    before = everything(app)
    with app.test_request_context():
        finish = partial(finish_help, words="Done.")
        for act, refusal in ((claim_case, "Only moderators"), (finish, "Only those who help")):
            with pytest.raises(NotAllowed, match=refusal), transaction():
                act(actor, case)
            with pytest.raises(NotFound, match="no such case"), transaction():
                act(moderator, case + 1)
    assert everything(app) == before


def test_moderator_finds_only_cases_of_threads_they_may_see(
    app: Flask, factories: Factories, mo: Person
) -> None:
    board, glazes = factories.category("Board"), factories.category("Glazes")
    shut = ask_for_help(app, factories.thread(category=board, title="Salaries"))
    open_ = ask_for_help(app, factories.thread(category=glazes, title="Crackle"))
    with app.test_request_context(), transaction():
        db.session.add(
            Grant(permission="thread.see", effect="deny", role="moderator", category_id=board.id)
        )
    moderator = factories.signed_in(mo)
    before = everything(app)
    assert words_of(moderator.get("/moderation"), ".case h2") == ["Crackle"]
    page = moderator.get(f"/moderation/{open_}")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    sent = {"csrf_token": token, "decision": "done"}
    assert moderator.get(f"/moderation/{shut}").status_code == 404
    assert [
        moderator.post(f"/moderation/{shut}{verb}", data=sent).status_code
        for verb in ("", "/claim", "/release")
    ] == [404] * 3
    assert everything(app) == before


def test_case_that_somebody_has_is_not_decided_by_another_until_it_lapses(
    app: Flask, factories: Factories, mo: Person
) -> None:
    case = f"/moderation/{ask_for_help(app, factories.thread())}"
    mia = factories.member("Mia", role="moderator")
    first, second = factories.signed_in(mo), factories.signed_in(mia)
    early = second.get(case)
    assert submit(first, case, form=".claim form").location == case
    assert words_of(first.get(case), ".claim p")[0].startswith("You have this case until")
    assert words_of(second.get(case), ".claim p")[0].startswith("Mo has this case until")
    assert "Mo has it until" in words_of(second.get("/moderation"), ".case .about")[-1]
    assert (early.text.count("<form"), second.get(case).text.count("<form")) == (3, 1)
    sent = fields_of(form_of(early, "form.decide")) | {"decision": "done", "words": "Mended."}
    refused = [second.post(case, data=sent), second.post(f"{case}/claim", data=sent)]
    assert [answer.status_code for answer in refused] == [409, 409]
    assert words_of(refused[0], "#error-summary li") == [
        "Mo has this case at present. Wait until it is given back, or talk to them."
    ]
    assert words_of(refused[0], "textarea#unsaid") == ["Mended."]
    let_claims_lapse(app)
    assert words_of(second.get(case), ".claim p")[0].startswith("Nobody has this case.")
    assert second.post(case, data=sent).status_code == 303
    assert [row[3] for row in cases(app)] == [mia.id]


def test_claim_is_given_back_only_by_who_has_it(
    app: Flask, factories: Factories, mo: Person
) -> None:
    case = f"/moderation/{ask_for_help(app, factories.thread())}"
    first = factories.signed_in(mo)
    second = factories.signed_in(factories.member("Mia", role="moderator"))
    submit(first, case, form=".claim form")
    token = first.get(case).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    # Mia's own token, from a page of hers that has a form.
    hers = second.get("/new").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    second.post(f"{case}/release", data={"csrf_token": hers})
    assert words_of(first.get(case), ".claim p")[0].startswith("You have this case until")
    assert first.post(f"{case}/claim", data={"csrf_token": token}).status_code == 303
    assert submit(first, case, form=".claim form", button="Give it back").status_code == 303
    assert words_of(second.get(case), ".claim p")[0].startswith("Nobody has this case.")


def test_second_of_two_moderators_reads_who_was_faster_and_keeps_their_words(
    app: Flask, factories: Factories, mo: Person
) -> None:
    case = f"/moderation/{ask_for_help(app, factories.thread())}"
    first = factories.signed_in(mo)
    second = factories.signed_in(factories.member("Mia", role="moderator"))
    token = second.get(case).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    submit(first, case, form="form.decide", button="Done", words="I did.")
    before = everything(app)
    sent = {"csrf_token": token, "decision": "done", "words": "I would have."}
    answer = second.post(case, data=sent)
    assert (answer.status_code, everything(app)) == (409, before)
    assert words_of(answer, "#error-summary li") == ["Mo has decided this case meanwhile."]
    assert words_of(answer, ".decided blockquote, #unsaid") == ["I did.", "I would have."]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_decides_holds_no_post_while_waiting_for_its_thread(
    app: Flask, factories: Factories, mo: Person
) -> None:
    case, actor = ask_for_help(app, factories.thread()), factories.actor(mo)

    def decide() -> None:
        with app.test_request_context(), transaction():
            finish_help(actor, case, words="Done.")

    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with ThreadPoolExecutor(1) as pool:
        with app.app_context(), db.engine.connect() as curating:
            curating.execute(text("SELECT id FROM threads FOR UPDATE"))
            deciding = pool.submit(decide)
            for _ in range(500):
                if curating.execute(waits).scalar_one():
                    break
                sleep(0.02)
            assert curating.execute(waits).scalar_one() == 1
            # Refused at once if whoever decides has it.
            found = curating.execute(text("SELECT id FROM posts FOR UPDATE NOWAIT")).all()
        deciding.result()
    assert len(found) == 1


def test_list_is_cut_by_key_and_takes_as_many_statements_for_many_cases(
    app: Flask, factories: Factories, mo: Person
) -> None:
    thread = factories.thread()
    ask_for_help(app, thread)
    moderator = factories.signed_in(mo)
    with count_statements(app) as for_one:
        moderator.get("/moderation")
    ada = factories.member("Ada")
    for number in range(CASES_A_PAGE + 1):
        ask_for_help(app, factories.reply(thread, ada, source=f"Mine took {number} hours."))
    with count_statements(app) as for_many:
        first = moderator.get("/moderation")
    [further] = links_of(first, "a[rel=next]")
    second = moderator.get(further)
    assert len(for_many) == len(for_one)
    assert [len(words_of(page, ".case")) for page in (first, second)] == [CASES_A_PAGE, 2]
    assert links_of(second, "a[rel=next]") == []
    assert links_of(second, "a[rel=prev]") == ["/moderation"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({"decision": "remove"}, 422, "This cannot be decided about this case. Reload the page."),
        ({"decision": "burn"}, 422, "Press one of the buttons below the form."),
        ({}, 422, "Press one of the buttons below the form."),
        (
            {"decision": "done", "words": "x" * 1001},
            422,
            "Shorten this to 1000 characters; it has 1001.",
        ),
        ({"decision": "done", "words": "a\x07b"}, 422, "Leave invisible characters out."),
        ({"decision": "done", "words": "a\u202eb"}, 422, "Leave invisible characters out."),
        (
            {"decision": "done", "words": "kept", "csrf_token": "wrong"},
            400,
            "You were away for long, or signed in anew. Nothing is lost: send the form again.",
        ),
    ],
)
def test_decision_that_cannot_be_taken_gives_the_words_back(
    app: Flask, factories: Factories, mo: Person, sent: dict[str, str], status: int, message: str
) -> None:
    case = f"/moderation/{ask_for_help(app, factories.thread())}"
    moderator = factories.signed_in(mo)
    fields = fields_of(form_of(moderator.get(case), "form.decide"))
    before = everything(app)
    answer = moderator.post(case, data={**fields, **sent})
    assert answer.status_code == status
    assert message in " ".join(words_of(answer, "#error-summary li"))
    assert words_of(answer, "textarea#words") == [sent.get("words", "")]
    assert everything(app) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("after", ["0", "-1", "abc", "", "1" * 30])
def test_place_that_cannot_be_in_the_list_is_a_404(
    factories: Factories, mo: Person, after: str
) -> None:
    moderator = factories.signed_in(mo)
    assert moderator.get("/moderation", query_string={"after": after}).status_code == 404
    assert moderator.get("/moderation/999999999999999999").status_code == 404
