"""What an implementation may answer. Whatever a plugin returns, the core only meets sound values:
a rule's name too long for its column or half a character would break every publication."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from forum.hookspecs import Hold, LetterText, NavigationEntry, PersonalData
from forum.plugin_host.fragments import fault_in
from forum.review import Draft, Finding, Repair, Severity, Span

# The width of the column that keeps it; enough for a family and four words.
LONGEST_RULE = 60
LONGEST_SENTENCE = 2_000
LONGEST_REASON = 1_000
_RULE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class WrongAnswer(Exception):
    """An implementation returned what its hook does not take. The message quotes nothing of it."""


def sound(hook: str, answer: Any, given: Mapping[str, Any]) -> Any:
    """The answer to a hook that was given these options, if it is one.

    Raises:
        WrongAnswer: it is of another kind, or has a part that could not be stored or shown.
    """
    judge = _JUDGES.get(hook)
    return answer if judge is None else judge(answer, given)


def _findings(answer: Any, given: Mapping[str, Any]) -> list[Finding]:
    draft: Draft = given["draft"]
    if not isinstance(answer, list):
        raise WrongAnswer(f"returned {type(answer).__name__} instead of a list of findings")
    for index, finding in enumerate(answer):
        if not isinstance(finding, Finding):
            raise WrongAnswer(f"item {index} is {type(finding).__name__} instead of a finding")
        if not _is_sound(finding, len(draft.source)):
            raise WrongAnswer(f"finding {index} has a part of the wrong kind, length or place")
    return answer


def _is_sound(finding: Finding, length: int) -> bool:
    return (
        isinstance(finding.severity, Severity)
        and _is_text(finding.rule, LONGEST_RULE)
        and _RULE.fullmatch(finding.rule) is not None
        and (finding.span is None or _is_inside(finding.span, length))
        and _is_text(finding.text, LONGEST_SENTENCE + length)
        and all(_is_text(words, LONGEST_SENTENCE) for words in (finding.message, finding.help))
        and _is_text(finding.wcag, LONGEST_RULE)
        and isinstance(finding.act, tuple)
        and all(_is_text(name, LONGEST_RULE) for name in finding.act)
        and (finding.repair is None or _is_possible(finding.repair, length))
    )


def _is_possible(repair: Repair, length: int) -> bool:
    return (
        isinstance(repair, Repair)
        and _is_inside(repair.span, length)
        # A repair may add to what it replaces, such as a header row, but not flood the draft.
        and _is_text(repair.replacement, LONGEST_SENTENCE + 2 * length)
        and _is_text(repair.label, LONGEST_SENTENCE)
    )


def _is_inside(span: Span, length: int) -> bool:
    return (
        isinstance(span, Span)
        and type(span.start) is int
        and type(span.end) is int
        and 0 <= span.start <= span.end <= length
    )


def _is_text(words: Any, longest: int) -> bool:
    # Half of a surrogate pair can be neither stored nor sent.
    return isinstance(words, str) and len(words) <= longest and not _SURROGATE.search(words)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _hold_or_none(answer: Any, _given: Mapping[str, Any]) -> Hold | None:
    if answer is None:
        return None
    if not isinstance(answer, Hold):
        raise WrongAnswer(f"returned {type(answer).__name__} instead of None or a Hold")
    reason = answer.reason
    if not _is_text(reason, LONGEST_REASON) or not reason.strip() or "\0" in reason:
        raise WrongAnswer(f"the hold's reason is no text of 1 to {LONGEST_REASON} characters")
    return answer


def is_line(words: Any, longest: int) -> bool:
    """Whether it is one line of text that can be stored and shown."""
    return _is_text(words, longest) and bool(words.strip()) and words.isprintable()


def is_address(url: Any) -> bool:
    """Whether it leads to a place in this forum, and nowhere else."""
    # Browsers read a second slash, or a backslash, as the beginning of another host.
    return is_line(url, LONGEST_ADDRESS) and _ADDRESS.fullmatch(url) is not None


LONGEST_ADDRESS = 500
_ADDRESS = re.compile(r"/(?![/\\])[^\s\\]*")


def _navigation(answer: Any, _given: Mapping[str, Any]) -> tuple[NavigationEntry, ...]:
    if not isinstance(answer, list | tuple) or len(answer) > MOST_ENTRIES:
        raise WrongAnswer(f"returned no list of {MOST_ENTRIES} entries at most")
    for index, entry in enumerate(answer):
        if not isinstance(entry, NavigationEntry):
            raise WrongAnswer(f"item {index} is {type(entry).__name__} instead of an entry")
        if not is_line(entry.label, LONGEST_LABEL) or not is_address(entry.url):
            raise WrongAnswer(f"entry {index} has no label of one line, or no address of ours")
    return tuple(answer)


MOST_ENTRIES = 30
LONGEST_LABEL = 40


def _letter(answer: Any, given: Mapping[str, Any]) -> LetterText:
    if not isinstance(answer, LetterText):
        raise WrongAnswer(f"returned {type(answer).__name__} instead of a letter")
    if (answer.kind, answer.language) != (given["letter"].kind, given["letter"].language):
        raise WrongAnswer("changed the kind or the language of the letter")
    if not is_line(answer.subject, LONGEST_SUBJECT) or not _is_text(answer.body, LONGEST_BODY):
        raise WrongAnswer("returned a subject or a body that cannot be sent")
    return answer


LONGEST_SUBJECT = 400
LONGEST_BODY = 64 * 1024


def _markup(answer: Any, _given: Mapping[str, Any]) -> Markup:
    if answer is None:
        return Markup("")
    if not isinstance(answer, str):
        raise WrongAnswer(f"returned {type(answer).__name__} instead of Markup")
    if not _is_text(answer, LONGEST_SLOT):
        raise WrongAnswer(f"returned more than {LONGEST_SLOT} characters, or half of one")
    # What is not marked as HTML is text.
    html = escape(answer)
    if fault := fault_in(str(html)):
        raise WrongAnswer(fault)
    return html


LONGEST_SLOT = 32 * 1024

MOST_PARTS = 50
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_PATH = re.compile(r"[\w-][\w.-]{0,99}(?:/[\w-][\w.-]{0,99}){0,3}")
_PLAIN = (str, int, float, bool, datetime, type(None))


def _personal_data(answer: Any, _given: Mapping[str, Any]) -> list[PersonalData]:
    if not isinstance(answer, list) or len(answer) > MOST_PARTS:
        raise WrongAnswer(f"returned no list of {MOST_PARTS} parts at most")
    for index, data in enumerate(answer):
        if not isinstance(data, PersonalData) or not _is_part(data):
            raise WrongAnswer(
                f"part {index} has a name, a sentence, a row or a file that none can be"
            )
    names = [data.name for data in answer]
    if len(set(names)) != len(names):
        raise WrongAnswer("gave two parts of one name")
    return answer


def _is_part(data: PersonalData) -> bool:
    return (
        isinstance(data.name, str)
        and _FILE_NAME.fullmatch(data.name) is not None
        and is_line(data.about, LONGEST_SENTENCE)
        and all(isinstance(row, Mapping) and _is_row(row) for row in data.rows)
        and all(isinstance(path, str) and _PATH.fullmatch(path) for path in data.texts)
        and all(isinstance(words, str) for words in data.texts.values())
        and all(isinstance(path, str) and _PATH.fullmatch(path) for path in data.files)
        and all(isinstance(path, Path) for path in data.files.values())
    )


def _is_row(row: Mapping[str, Any]) -> bool:
    values = [item for v in row.values() for item in (v if isinstance(v, list | tuple) else [v])]
    return all(isinstance(name, str) for name in row) and all(isinstance(v, _PLAIN) for v in values)


_JUDGES: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "review_draft": _findings,
    "check_post": _hold_or_none,
    "filter_navigation": _navigation,
    "filter_letter": _letter,
    "export_personal_data": _personal_data,
    "slot_front_aside": _markup,
    "slot_thread_aside": _markup,
    "slot_compose_aside": _markup,
}
