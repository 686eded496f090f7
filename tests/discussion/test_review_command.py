"""``forum review --jsonl``: a line in, a line out, whatever the line is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.app import create_app
from forum.cli import main
from forum.cli_review import answers_to
from forum.discussion.reviewing import Occasion, review_given_html, review_markdown
from forum.errors import NotAllowed
from forum.plugin_api import Draft, Finding, Hold, PostToCheck, Severity, Span, hookimpl
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import fields_of
from tests.evidence import form_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Review = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def review(app: Flask, factories: Factories) -> Review:
    """Runs the command on lines, gives its exit status and what it wrote."""
    factories.community()

    def run(*lines: object, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
        given = "".join(f"{x if isinstance(x, str) else json.dumps(x)}\n" for x in lines)
        database = app.config["SQLALCHEMY_DATABASE_URI"]
        environment = {"FORUM_INSTANCE": app.instance_path, "FORUM_DATABASE": database}
        done = CliRunner().invoke(
            main, ["review", "--jsonl", *options], input=given, env=environment
        )
        return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]

    return run


@ONE_DATABASE
def test_texts_are_reviewed_in_order(review: Review) -> None:
    status, answers = review(
        {"id": "a", "markdown": "See [here](https://example.org/x)."},
        {"id": 2, "html": '<p role="lisst">See <a href="/x">here</a></p>'},
        {"id": "c", "markdown": ""},
    )
    assert status == 0
    assert [list(answer) for answer in answers] == 3 * [
        ["id", "html", "findings", "removed", "hold"]
    ]
    assert [answer["id"] for answer in answers] == ["a", 2, "c"]
    markdown, html, empty = answers
    assert markdown["findings"] == [
        {
            "rule": "link-vague",
            "severity": "warn",
            "wcag": "2.4.9",
            "act": ["aizyf1", "5effbb"],
            "message": markdown["findings"][0]["message"],
            "help": markdown["findings"][0]["help"],
            "span": [4, 33],
            "text": "here",
            "repair": None,
        }
    ]
    assert html["html"] == '<p>See <a href="/x" rel="nofollow ugc noopener">here</a></p>'
    assert [(f["rule"], f["span"]) for f in html["findings"]] == [("link-vague", [20, 33])]
    assert html["removed"] == [
        {"rule": "role-unknown", "wcag": "4.1.2", "act": ["674b10"], "what": '<p role="lisst">'}
    ]
    assert (empty["html"], empty["findings"], empty["hold"]) == ("", [], False)


@ONE_DATABASE
def test_repair_is_told_as_an_edit(review: Review) -> None:
    _status, [answer] = review({"id": 1, "markdown": "## A\n\n#### B"})
    assert [finding["repair"] for finding in answer["findings"]] == [
        {"span": [6, 10], "replacement": "###", "label": "Use the next heading level"}
    ]


BAD = {
    "no JSON": "{",
    "no object": "[1]",
    "no id": {"markdown": "x"},
    "id of another kind": {"id": [1], "markdown": "x"},
    "both": {"id": "bad", "markdown": "x", "html": "x"},
    "neither": {"id": "bad"},
    "no text": {"id": "bad", "html": 5},
    "over a cap": {"id": "bad", "markdown": "x" * 40_000},
    "HTML over a cap": {"id": "bad", "html": "<b>" * 20_000},
    "half a character": {"id": "bad", "markdown": "\ud800"},
    "deep JSON": "[" * 100_000,
    "too long": '{"id": "bad", "html": "' + "x" * (2 * 1024 * 1024) + '"}',
}


@ONE_DATABASE
def test_bad_lines_are_named_and_the_rest_goes_on(review: Review) -> None:
    status, answers = review(*BAD.values(), {"id": "good", "markdown": "Words"})
    assert status == 1
    *errors, good = answers
    named = dict(zip(BAD, errors, strict=True))
    assert {kind for kind, answer in named.items() if list(answer) != ["id", "error"]} == set()
    unknown = ("no JSON", "no object", "no id", "id of another kind", "deep JSON", "too long")
    assert {kind for kind, answer in named.items() if answer["id"] is None} == set(unknown)
    assert (good["id"], good["html"]) == ("good", "<p>Words</p>\n")


@ONE_DATABASE
def test_unknown_language_is_refused(review: Review) -> None:
    assert review({"id": 1, "markdown": "x"}, options=("--language", "englisch!"))[0] == 2


@ONE_DATABASE
def test_no_line_is_read_before_the_one_before_is_answered(app: Flask) -> None:
    line = b'{"id": 1, "markdown": "Words"}\n'
    lines = io.BytesIO(3 * line)
    with app.test_request_context():
        answers = answers_to(lines, Occasion("en", "en"))
        for number in range(1, 4):
            assert list(next(answers)) == ["id", "html", "findings", "removed", "hold"]
            assert lines.tell() == number * len(line)


@pytest.mark.full
@ONE_DATABASE
def test_each_answer_comes_before_the_next_line_is_needed(app: Flask, factories: Factories) -> None:
    factories.community()
    command = [sys.executable, "-m", "forum.cli", "--instance", app.instance_path]
    with subprocess.Popen(
        [*command, "review", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"FORUM_DATABASE": app.config["SQLALCHEMY_DATABASE_URI"]},
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "html": "<h3></h3>"}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert (answer["id"], [f["rule"] for f in answer["findings"]]) == (
                number,
                ["heading-empty"],
            )
        process.stdin.close()
        assert process.wait(30) == 0


class Watching:
    """A plugin that finds something, notes what it is asked to check, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[PostToCheck] = []
        self.answer: Hold | NotAllowed | None = None

    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        place = draft.source.find("pitch")
        span = Span(place, place + 5)
        found = Finding("watch-pitch", Severity.WARN, span, "pitch", "Is this a pitch?")
        return [found] if place >= 0 else []

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        self.asked.append(post)
        if isinstance(self.answer, NotAllowed):
            raise self.answer
        return self.answer


class TestWithPlugin:
    """What plugins say and decide is in both answers."""

    @pytest.fixture
    def watching(self) -> Watching:
        return Watching()

    @pytest.fixture
    def app(self, instance: Path, database: str, watching: Watching) -> Iterator[Flask]:
        app = create_app(instance, database=database, plugins=[("watching", watching)])
        yield app
        close(app)

    @ONE_DATABASE
    def test_plugin_is_heard_about_markdown_and_html(self, app: Flask) -> None:
        with app.test_request_context():
            occasion = Occasion("en", "en")
            markdown = review_markdown("A *pitch*.", occasion)
            html = review_given_html("<p>A <em>pitch</em>.</p>", occasion)
        [found], [without_place] = markdown.findings, html.findings
        assert (found.rule, found.span) == ("watch-pitch", Span(3, 8))
        assert without_place == replace(found, span=None)

    @ONE_DATABASE
    @pytest.mark.parametrize("answer", [Hold("A pitch."), NotAllowed("No."), None])
    def test_check_decides_about_hold(
        self, app: Flask, watching: Watching, answer: Hold | NotAllowed | None
    ) -> None:
        watching.answer = answer
        with app.test_request_context():
            assert review_markdown("Words", Occasion("en", "en")).hold is (answer is not None)
            assert review_given_html("<p>Words", Occasion("en", "en")).hold is (answer is not None)
        assert [post.source for post in watching.asked] == ["Words", "Words"]

    @ONE_DATABASE
    def test_composer_hears_whether_the_text_would_wait(
        self, factories: Factories, watching: Watching
    ) -> None:
        factories.community()
        ada = factories.member("Ada")
        post = factories.thread(ada)
        watching.asked.clear()
        watching.answer = Hold("A pitch.")
        browser = factories.signed_in(ada)
        form = fields_of(form_of(browser.get(f"/t/{post.thread_id}/reply")))
        answer = browser.post("/review", data=form | {"source": "Words"}).get_json()
        assert (answer["hold"], answer["removed"]) == (True, [])
        assert [(p.thread_id, p.category_id, p.member_id, p.source) for p in watching.asked] == [
            (post.thread_id, 1, ada.id, "Words")
        ]
