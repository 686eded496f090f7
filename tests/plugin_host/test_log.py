"""Each call is measured; each failure is named, with its place and without anybody's words."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

import pytest
from flask import Flask

from forum.db import transaction
from forum.errors import NotAllowed
from forum.plugin_api import Draft, Finding, Hold, PostPublished, PostToCheck, hookimpl
from forum.plugin_host import HookFailed, PluginHost

MakeHost = Callable[..., PluginHost]
SECRET = "nobody may read this"
DRAFT = Draft(SECRET)
CHECK = PostToCheck(7, 2, None, SECRET, 5, False, ())

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """Level and first line of what was logged, with the times left out."""
    caplog.set_level(logging.DEBUG, "forum.plugins")

    def read() -> list[tuple[str, str]]:
        records = [r for r in caplog.records if r.name == "forum.plugins"]
        first = [(r.levelname, r.getMessage().splitlines()[0]) for r in records]
        return [(level, re.sub(r"\d+\.\d ms", "N ms", line)) for level, line in first]

    return read


Lines = Callable[[], list[tuple[str, str]]]


class Quoting:
    """Fails in ways whose messages quote the draft."""

    @hookimpl
    def review_draft(self, draft: Draft) -> list[Finding]:
        try:
            raise KeyError(draft.source)
        except KeyError as error:
            raise ValueError(f"cannot read {draft.source}") from error

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return post.source.nothing  # type: ignore[attr-defined,no-any-return]

    @hookimpl
    def on_post_published(self, event: PostPublished) -> None:
        raise ValueError(SECRET)


class Wrong:
    @hookimpl
    def review_draft(self, draft: Draft) -> object:
        return draft.source


class Slow:
    @hookimpl
    def review_draft(self) -> list[Finding]:
        time.sleep(0.2)
        return []


class SlowAndBroken:
    @hookimpl
    def check_post(self) -> None:
        time.sleep(0.2)
        raise ValueError


class Refusing:
    @hookimpl
    def check_post(self) -> None:
        raise NotAllowed("Sales are not for here.")


def test_failure_is_logged_with_its_causes_and_places_but_not_with_the_draft(
    inside: Flask, host_of: MakeHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    host_of(Quoting()).review(DRAFT)
    assert lines() == [
        ("ERROR", "first: review_draft failed after N ms: ValueError"),
        ("DEBUG", "first: review_draft took N ms"),
    ]
    assert re.findall(r"^\w+Error|in review_draft$", caplog.text, re.MULTILINE) == [
        "in review_draft",
        "KeyError",
        "in review_draft",
    ]
    assert SECRET not in caplog.text


def test_attribute_error_of_a_plugin_is_its_own(
    inside: Flask, host_of: MakeHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction():
        host_of(Quoting()).check_post(CHECK)
    assert lines()[0] == ("ERROR", "first: check_post failed after N ms: AttributeError")
    assert "return post.source.nothing" in caplog.text
    assert SECRET not in caplog.text


def test_failing_event_says_nothing_of_its_message_to_the_worker(
    inside: Flask, host_of: MakeHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    [implementation] = host_of(Quoting()).implementations("on_post_published")
    try:
        implementation.call(event=PostPublished(11, 7))
    except HookFailed:
        logging.getLogger("forum.jobs").exception("job failed")
    assert lines()[0] == ("ERROR", "first: on_post_published failed after N ms: ValueError")
    assert "job failed" in caplog.text
    assert SECRET not in caplog.text


def test_wrong_answer_is_described_without_quoting_it(
    inside: Flask, host_of: MakeHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    host_of(Wrong()).review(DRAFT)
    assert lines()[0] == (
        "ERROR",
        "first: review_draft failed after N ms: forum.plugin_host.answers.WrongAnswer: "
        "returned str instead of a list of findings",
    )
    assert SECRET not in caplog.text


def test_slow_implementation_is_named(inside: Flask, host_of: MakeHost, lines: Lines) -> None:
    assert host_of(Slow(), slow_seconds=0.1).review(DRAFT).failed == ()
    assert host_of(Slow(), slow_seconds=60).review(DRAFT).failed == ()
    with transaction():
        host_of(SlowAndBroken(), slow_seconds=0.1).check_post(CHECK)
    assert lines() == [
        ("WARNING", "first: review_draft is slow: N ms"),
        ("DEBUG", "first: review_draft took N ms"),
        ("ERROR", "first: check_post failed after N ms: ValueError"),
        ("WARNING", "first: check_post is slow: N ms"),
    ]


def test_logged_time_is_what_the_call_took(
    inside: Flask, host_of: MakeHost, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    host_of(Slow(), slow_seconds=0.1).review(DRAFT)
    [milliseconds] = re.findall(r"is slow: (\d+\.\d) ms", caplog.text)
    assert 200 <= float(milliseconds) < 2_000


def test_refusal_is_no_failure(inside: Flask, host_of: MakeHost, lines: Lines) -> None:
    with pytest.raises(NotAllowed), transaction():
        host_of(Refusing()).check_post(CHECK)
    assert lines() == [("DEBUG", "first: check_post took N ms")]
