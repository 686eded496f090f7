"""A line of the log: for programs or people, and what of others' records stands in it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from forum.logs import JsonLines, TextLines, facts_of, start_logging

SECRET = "ada@example.org"


def record(name: str, message: object, *arguments: object, **more: Any) -> logging.LogRecord:
    error = more.pop("error", None)
    made = logging.LogRecord(
        name, logging.WARNING, "there.py", 7, message, arguments, (type(error), error, None)
    )
    made.created = 1_800_000_000.25
    vars(made).update(more)
    return made


def said(name: str, message: object, *arguments: object) -> str:
    return str(facts_of(record(name, message, *arguments))["message"])


def test_json_line_is_one_object_with_time_level_logger_message_and_facts() -> None:
    line = JsonLines().format(record("forum.web", "two\nlines %s", "ü", facts={"route": "a.b"}))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2027-01-15T08:00:00.250+00:00",
        "level": "warning",
        "logger": "forum.web",
        "message": "two\nlines ü",
        "route": "a.b",
    }


def test_text_line_is_for_people_and_says_the_same() -> None:
    line = TextLines().format(record("forum.web", "answered", facts={"status": 200}))
    assert line == "2027-01-15T08:00:00.250+00:00 WARNING forum.web: answered status=200"


@pytest.mark.parametrize(
    ("message", "arguments", "kept"),
    [
        ("worker %d of %s", (3, SECRET), "worker 3 of …"),
        ("%(count)d of %(who)s", ({"count": 2, "who": SECRET},), "2 of …"),
        ("%r", (SECRET,), "'…'"),
        ("%d", (SECRET,), "%d"),
        ("nothing to fill in", (), "nothing to fill in"),
        (ValueError(SECRET), (), "…"),
        (f"Invalid request from ip=127.0.0.9: Invalid HTTP method: {SECRET!r}", (), "…"),
    ],
)
def test_of_other_libraries_only_numbers_are_kept(
    message: object, arguments: tuple[object, ...], kept: str
) -> None:
    assert said("gunicorn.error", message, *arguments) == kept


def test_our_own_records_and_only_those_are_whole() -> None:
    assert said("forum.jobs", "job %s", "mail") == "job mail"
    assert said("forum", "job %s", "mail") == "job mail"
    assert said("forums.jobs", "job %s", SECRET) == "job …"


@pytest.mark.parametrize("kind", [JsonLines, TextLines])
def test_error_is_told_by_kind_and_place_without_its_words(kind: type[logging.Formatter]) -> None:
    line = kind().format(record("forum.web", "it crashed", error=ValueError(SECRET)))
    assert "ValueError" in line
    assert SECRET not in line


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root of all loggers, as it was before in the end."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)


def test_log_goes_to_standard_error_in_the_chosen_form(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("json", "text"):
        start_logging(kind)
        logging.getLogger("forum.trial").info("hello")
    first, second = capsys.readouterr().err.splitlines()
    assert json.loads(first)["message"] == "hello"
    assert second.endswith("INFO forum.trial: hello")
    assert [getattr(handler, "stream", None) for handler in root.handlers] == [sys.stderr]
