"""``forum review --jsonl``: a line in, a line out, whatever the line is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from forum.cli import main
from forum.testing.factories import Factories

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
