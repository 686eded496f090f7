"""What the forum writes about itself, one record a line, without anybody's words.

Our own records hold ids, kinds and numbers only. Other libraries put into theirs what they were
given: addresses, paths, what somebody sent. Of those only the numbers are kept, and of an error its
kind and its places (``forum.traces``).
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context

from forum.traces import trace_of

FORMATS = ("text", "json")
LEFT_OUT = "…"
# Made once: ``json.dumps`` with options of its own makes one for each record.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=lambda _: LEFT_OUT)
# What they say was put together already; gunicorn quotes an address and what came from there.
WORDY = ("Invalid request from ip=",)


def start_logging(kind: str) -> None:
    """Write to standard error from now on, as lines of text or as JSON objects, one a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if kind == "json" else TextLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # No line says them, and looking them up is a third of what a line costs
    # (https://docs.python.org/3/howto/logging.html#optimization).
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("alembic").setLevel(logging.WARNING)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says: ``time`` (UTC), ``level``, ``logger``, ``message``; ``request`` while one is
    answered; ``error`` with kinds and places; and what stands in its ``facts``."""
    facts: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message_of(record),
    }
    if has_request_context() and (number := g.get("request_id")):
        facts["request"] = number
    facts.update(getattr(record, "facts", {}))
    if record.exc_info and record.exc_info[1] is not None:
        facts["error"] = trace_of(record.exc_info[1])
    return facts


def _message_of(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] == "forum":
        return record.getMessage()
    template = str(record.msg)
    if isinstance(record.msg, BaseException) or template.startswith(WORDY):
        return LEFT_OUT
    try:
        return str(template % _numbers_of(record.args))
    except (TypeError, ValueError, KeyError):
        return template


def _numbers_of(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name: _number_or_nothing(one) for name, one in given.items()}
    return tuple(_number_or_nothing(one) for one in given or ())


def _number_or_nothing(one: object) -> object:
    return one if isinstance(one, int | float) else LEFT_OUT


class JsonLines(logging.Formatter):
    """Each record as one JSON object on a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return _ENCODER.encode(facts_of(record))


class TextLines(logging.Formatter):
    """Each record as a line for people; where an error happened follows below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines."""
        facts = facts_of(record)
        error = facts.pop("error", None)
        head = [facts.pop(name) for name in ("time", "level", "logger")]
        tail = "".join(f" {name}={one}" for name, one in facts.items() if name != "message")
        first = f"{head[0]} {head[1].upper()} {head[2]}: {facts['message']}{tail}"
        return first if error is None else f"{first}\n{error}"
