"""The helpers' list of posts with findings, and reviewing all posts again after a rule has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Grant
from forum.app import create_app
from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion import review_actions
from forum.discussion.actions import Posting, edit_post, prepare, reply
from forum.discussion.curating_actions import empty_version, remove_post
from forum.discussion.models import Post, PostFinding, Revision
from forum.discussion.queries import ROWS_A_PAGE
from forum.discussion.review_actions import REVIEW_ALL, order_review, review_some
from forum.errors import NotAllowed
from forum.jobs.models import Job
from forum.permissions import OPERATOR
from forum.plugin_api import Finding, Severity, hookimpl
from forum.review import Draft
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories, Person
from tests.accounts.test_holds import commands
from tests.evidence import everything, links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LEVELS = "# One\n\n### Two"
SHOUTED = "PLEASE DO NOT RUSH IT"
ALL = "/moderation/findings"


class Fashion:
    """A reviewer whose rule changes."""

    word = "teal"

    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        if self.word == "crash":
            raise RuntimeError("out of fashion")
        if self.word not in draft.source:
            return []
        return [Finding("words-fashion", Severity.WARN, None, self.word, "Is this in fashion?")]


@pytest.fixture
def fashion() -> Fashion:
    """The reviewer."""
    return Fashion()


@pytest.fixture
def app(instance: Path, database: str, fashion: Fashion) -> Iterator[Flask]:
    app = create_app(instance, database=database, plugins=[("fashion", fashion)])
    yield app
    close(app)


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Who has started thread 1 without a fault."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return author


@pytest.fixture
def mo(factories: Factories, ada: Person) -> FlaskClient:
    """A moderator's browser."""
    return factories.signed_in(factories.member("Mo", role="moderator"))


def write(app: Flask, factories: Factories, person: Person, source: str, *, keep: str = "") -> Post:
    """A reply in thread 1, of which findings of the rule ``keep`` are kept."""
    actor = factories.actor(person)
    with app.test_request_context():
        text = prepare(source)
        kept = frozenset(f.fingerprint for f in text.review.findings if f.rule == keep)
        with transaction():
            return reply(actor, 1, text=text, posting=Posting(kept=kept, asks_for_help=True))


def noted(app: Flask) -> list[tuple[int, int, str, bool]]:
    """All findings: (post, version, rule, whether it is kept)."""
    columns = (PostFinding.post_id, PostFinding.version, PostFinding.rule, PostFinding.kept_at)
    with app.app_context():
        found = rows(select(*columns).order_by(*columns[:3]))
        return [(row[0], row[1], row[2], row[3] is not None) for row in found]


def listed(browser: FlaskClient, query: str = "") -> list[str]:
    """Where the rows of the list lead."""
    page = browser.get(ALL + query)
    assert page.status_code == 200
    return [link.removesuffix("/findings") for link in links_of(page, ".rows h2 a")]


def test_posts_are_listed_newest_first_and_narrowed(
    app: Flask, factories: Factories, ada: Person, mo: FlaskClient
) -> None:
    write(app, factories, ada, LEVELS)
    write(app, factories, ada, f"{LEVELS}\n\n{SHOUTED}", keep="capitals-run")
    write(app, factories, ada, "See [](https://example.org/guide).")
    write(app, factories, ada, SHOUTED, keep="capitals-run")
    write(app, factories, ada, "Nothing is wrong here.")
    assert listed(mo) == ["/t/1/4", "/t/1/3", "/t/1/2"]
    assert listed(mo, "?severity=block") == ["/t/1/4"]
    assert listed(mo, "?rule=heading-skipped") == ["/t/1/3", "/t/1/2"]
    assert listed(mo, "?rule=heading-skipped&severity=block") == []
    assert listed(mo, "?state=kept") == ["/t/1/5", "/t/1/3"]
    assert listed(mo, "?rule=nothing&severity=dreadful&state=odd") == []
    said = words_of(mo.get(f"{ALL}?severity=block"), ".rows .about")
    assert "This link has no words" in said[0]
    assert said[1].startswith("Ada, ")
    assert ALL in links_of(mo.get("/moderation"), "main a")


@ONE_DATABASE
def test_only_what_everybody_reads_is_listed(
    app: Flask, factories: Factories, ada: Person, mo: FlaskClient
) -> None:
    changed, gone, shut = (write(app, factories, ada, LEVELS) for _ in range(3))
    actor = factories.actor(ada)
    with app.test_request_context():
        text = prepare("# One\n\n## Two")
        with transaction():
            edit_post(actor, changed.id, text=text, based_on=1)
            remove_post(actor, 1, 3)
    assert listed(mo) == [f"/t/1/{shut.number}"]
    assert gone.number == 3
    with app.test_request_context(), transaction():
        db.session.add(Grant(permission="thread.see", effect="deny", role="moderator"))
    assert listed(mo) == []


@ONE_DATABASE
def test_list_is_for_helpers_and_cut_by_key(
    app: Flask, factories: Factories, ada: Person, mo: FlaskClient, client: FlaskClient
) -> None:
    assert [b.get(ALL).status_code for b in (client, factories.signed_in(ada))] == [403, 403]
    write(app, factories, ada, LEVELS)
    with count_statements(app) as for_one:
        mo.get(ALL)
    for _ in range(ROWS_A_PAGE):
        write(app, factories, ada, LEVELS)
    with count_statements(app) as for_many:
        first = mo.get(f"{ALL}?rule=heading-skipped")
    [older] = links_of(first, "a[rel=next]")
    second = mo.get(older)
    assert len(for_many) == len(for_one)
    assert [len(words_of(page, ".rows > li")) for page in (first, second)] == [ROWS_A_PAGE, 1]
    assert links_of(second, "a[rel=prev]") == [f"{ALL}?rule=heading-skipped"]
    assert mo.get(f"{ALL}?after=x").status_code == 404


def test_changed_rule_is_heard_of_all_posts_and_no_text_changes(
    app: Flask,
    factories: Factories,
    ada: Person,
    fashion: Fashion,
    worker: Callable[[], int],
    instance: Path,
    database: str,
) -> None:
    write(app, factories, ada, f"A teal bowl.\n\n{LEVELS}", keep="heading-skipped")
    write(app, factories, ada, "A pink bowl.")
    worker()
    before = everything(app)
    assert noted(app) == [(2, 1, "heading-skipped", True), (2, 1, "words-fashion", False)]
    fashion.word = "pink"
    said = commands(instance, database)("review", "--all")
    assert said == "Posts to be reviewed again by the worker: 3. No text is changed.\n"
    worker()
    assert noted(app) == [(2, 1, "heading-skipped", True), (3, 1, "words-fashion", False)]
    changed = {table for table, found in everything(app).items() if found != before[table]}
    assert changed == {"post_findings", "changes", "change_values"}


@ONE_DATABASE
def test_review_goes_on_where_a_killed_worker_left_it(
    app: Flask,
    factories: Factories,
    ada: Person,
    fashion: Fashion,
    worker: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(4):
        write(app, factories, ada, "A pink bowl.")
    worker()
    fashion.word = "pink"
    monkeypatch.setattr(review_actions, "_SOME", review_actions._SOME.limit(2))
    with app.test_request_context():
        with transaction():
            order_review(OPERATOR)
            order_review(OPERATOR)
        # Killed after the batch was written, before its job was removed: the job runs again.
        assert review_some(OPERATOR, after=0) == 2
        assert [row.arguments for row in rows(select(Job.arguments))] == [
            {"after": 0},
            {"after": 2},
        ]
    worker()
    assert [row[0] for row in noted(app)] == [2, 3, 4, 5]
    with app.app_context():
        assert rows(select(Job.id).where(Job.name == REVIEW_ALL)) == []


@ONE_DATABASE
def test_acronyms_that_the_glossary_has_by_now_are_heard_of(
    app: Flask, factories: Factories, ada: Person, mo: FlaskClient
) -> None:
    write(app, factories, ada, "Ask the ABC first.")
    write(app, factories, ada, "Ask the ABC (Always Be Calm) first.")
    assert noted(app) == []
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {"glossary": "ABC = Always Be Calm"})
    with app.test_request_context():
        review_some(OPERATOR, after=0)
    assert noted(app) == [(2, 1, "acronym-unexplained", False)]
    said = words_of(mo.get("/t/1/2/findings"), "main li")
    assert "Not everybody knows this acronym" in said[0]
    assert "ABC" in said[0]


@ONE_DATABASE
def test_what_a_reviewer_that_fails_had_said_stays(
    app: Flask, factories: Factories, ada: Person, fashion: Fashion, worker: Callable[[], int]
) -> None:
    write(app, factories, ada, "A teal bowl.")
    before = noted(app)
    fashion.word = "crash"
    with app.test_request_context():
        review_some(OPERATOR, after=0)
    assert noted(app) == before != []


@ONE_DATABASE
def test_nothing_is_said_of_words_that_are_gone(
    app: Flask,
    factories: Factories,
    ada: Person,
    fashion: Fashion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post = write(app, factories, ada, "A pink bowl.")
    fashion.word = "pink"
    note = review_actions._unchanged

    def emptied_meanwhile(reviewed: list[object]) -> list[object]:
        gone = Revision.post_id == post.id
        db.session.execute(update(Revision).where(gone).values(source="Other words."))
        return note(reviewed)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(review_actions, "_unchanged", emptied_meanwhile)
    with app.test_request_context():
        review_some(OPERATOR, after=0)
    assert noted(app) == []


@ONE_DATABASE
@pytest.mark.full
def test_emptied_versions_are_passed_over(
    app: Flask, factories: Factories, ada: Person, fashion: Fashion
) -> None:
    write(app, factories, ada, "A pink bowl.")
    fashion.word = "pink"
    with app.test_request_context():
        with transaction():
            empty_version(OPERATOR, 1, 2, 1)
            assert order_review(OPERATOR) == 1
        review_some(OPERATOR, after=0)
    assert noted(app) == []


@ONE_DATABASE
def test_only_administrators_have_all_reviewed(
    app: Flask, factories: Factories, ada: Person
) -> None:
    actor = factories.actor(ada)
    with app.test_request_context():
        for act in (lambda: order_review(actor), lambda: review_some(actor, after=0)):
            with pytest.raises(NotAllowed), transaction():
                act()


@ONE_DATABASE
@pytest.mark.full
def test_review_wants_one_of_its_two_ways(instance: Path, database: str, ada: Person) -> None:
    said = [commands(instance, database)("review", *o) for o in ((), ("--all", "--jsonl"))]
    assert ["Give either --jsonl or --all." in words for words in said] == [True, True]
