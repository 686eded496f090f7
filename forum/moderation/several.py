"""One decision about several cases: what it would do to each, and doing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from forum.clock import utcnow
from forum.db import transaction
from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.models import WAITING
from forum.discussion.waiting_rules import waits_for_moderator
from forum.errors import ForumError, Invalid
from forum.moderation.deciding import as_read, decided, words_of
from forum.moderation.desk_actions import checked_label, checked_words
from forum.moderation.forms import DecisionForm
from forum.moderation.own_queries import left_to_others
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import (
    APPEAL,
    HELD,
    can_decide,
    case_kind,
    is_held,
    why_closed,
    why_taken,
)
from forum.moderation.sentences import sentence_choices, sentences_for
from forum.moderation.several_queries import obstacles_to_publishing
from forum.permissions import Actor, allowed
from forum.record.actions import at_one_moment
from forum.record.queries import newest_entry_about

# Of one decision nobody reads more than this before confirming it.
MOST_AT_ONCE = 50
# Not about appeals: whoever asks that somebody looks at their post again is looked at by themselves.
TOGETHER = ("publish", "nothing", "reviewed", "label", "changes", "move", "remove", "done")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a decision would do to a case, or why it cannot: a sentence; and what would be ``said`` of
    why, as it is kept."""

    case: CaseFacts
    words: str
    will_happen: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the numbers of the entries of the record, and of each case that was left out, why."""

    entries: tuple[int, ...]
    left_out: Mapping[int, str]


def can_be_chosen(kind: str) -> bool:
    """Whether cases of this kind can be decided about with others."""
    return kind != APPEAL and any(name in TOGETHER for name in case_kind(kind).decisions)


def _decisions_together(kind: str) -> tuple[str, ...]:
    """What can be decided about several cases of a kind; threads that wait are published elsewhere one by
    one, for each has its own place."""
    known = case_kind(kind).decisions
    return tuple(name for name in known if not (kind in HELD and name == "move"))


def decisions_about(cases: Sequence[CaseFacts]) -> list[tuple[str, str]]:
    """What can be decided about some of these cases, as choices of a form."""
    words: dict[str, str] = {
        "publish": gettext("Publish"),
        "nothing": gettext("Nothing wrong"),
        "reviewed": gettext("Nothing wrong with what nobody had reviewed"),
        "label": gettext("Put a label above it"),
        "changes": gettext("Ask for changes"),
        "move": gettext("Move the thread"),
        "remove": gettext("Remove"),
        "done": gettext("Done"),
    }
    counts = {
        name: sum(name in _decisions_together(case.kind) for case in cases if _is_choosable(case))
        for name in TOGETHER
    }
    return [
        (name, gettext("%(what)s (%(n)d of %(all)d)", what=words[name], n=n, all=len(cases)))
        for name, n in counts.items()
        if n
    ]


def _is_choosable(case: CaseFacts) -> bool:
    return case.kind != APPEAL and case.closed_at is None


def check(actor: Actor, cases: Sequence[CaseFacts], decision: str, form: DecisionForm) -> None:
    """Refuse before anything is shown what the decision could not have about any case.

    Raises:
        Invalid: no decision was chosen, or the words, the label or the category are missing or cannot be
            taken.
    """
    if decision not in TOGETHER:
        raise Invalid("decision", gettext("Choose what to decide."))
    are_needed = any(_needs_words(case, decision) for case in cases)
    checked_words(form.words.data or "", needed=are_needed)
    if decision == "label":
        checked_label(form.label.data or "")
    if decision == "move" and form.category.data not in dict(categories_open_to(actor)):
        raise Invalid("category", gettext("Choose another category to move the thread to."))


def _needs_words(case: CaseFacts, decision: str) -> bool:
    can_be = _is_choosable(case) and decision in _decisions_together(case.kind)
    return can_be and not sentences_for(case.kind, decision)


def sentences_about(cases: Sequence[CaseFacts]) -> list[tuple[str, str]]:
    """The sentences with which some of these cases can be decided, as choices of a form."""
    return sentence_choices([case.kind for case in cases if _is_choosable(case)], TOGETHER)


def categories_open_to(actor: Actor) -> list[tuple[str, str]]:
    """Where threads can be moved, as choices of a form."""
    return [(str(category.id), category.title) for category in categories_to_move_to(actor)]


def outlooks(
    actor: Actor, cases: Sequence[CaseFacts], decision: str, form: DecisionForm
) -> list[Outlook]:
    """What the decision would do to each case at this moment."""
    obstacles, left, found = obstacles_to_publishing(cases), left_to_others(actor, cases), []
    category = int(form.category.data or 0) if decision == "move" else 0
    titles = dict(categories_open_to(actor)) if decision == "move" else {}
    moving: set[int] = set()
    for case in cases:
        why = _obstacle(actor, case, decision, left, obstacles) or (
            _obstacle_to_moving(case, category, moving) if decision == "move" else ""
        )
        moving.add(case.thread_id)
        words = why or _effect(case, decision, titles.get(str(category), ""))
        said = "" if why else words_of(case.kind, decision, form)
        found.append(Outlook(case, words, not why, said))
    return found


def _obstacle(
    actor: Actor,
    case: CaseFacts,
    decision: str,
    left: Mapping[int, str],
    obstacles: Mapping[int, str],
) -> str | None:
    if case.closed_at is not None:
        return why_closed(case.kind, case.decision, case.decider or "")
    if not can_decide(actor, case, utcnow()):
        return why_taken(case.holder or "")
    if case.id in left:
        return left[case.id]
    if case.kind == APPEAL:
        return str(gettext("Appeals are decided one by one."))
    if decision not in _decisions_together(case.kind):
        return str(gettext("This cannot be decided about cases of this kind."))
    if is_held(case.kind):
        return None if decision in ("remove", "changes") else obstacles[case.id]
    return _obstacle_where_it_stands(actor, case, decision)


def _obstacle_where_it_stands(actor: Actor, case: CaseFacts, decision: str) -> str | None:
    if decision in ("label", "move", "remove") and not allowed(actor, "thread.curate", case):
        return str(gettext("You do not curate “%(category)s”.", category=case.category))
    is_there = case.post_is_there and case.removed_at is None
    if decision == "remove" and case.removal == WAITING:
        return waits_for_moderator()
    if decision in ("label", "changes", "move") and not is_there:
        return str(gettext("This post was removed meanwhile, so nobody reads it."))
    return None


def _obstacle_to_moving(case: CaseFacts, category_id: int, moving: Collection[int]) -> str:
    if case.category_id == category_id:
        return str(gettext("The thread stands there already."))
    if case.thread_id in moving:
        return str(
            gettext("Its thread is moved with another of these posts. Decide about it afterwards.")
        )
    return ""


def _effect(case: CaseFacts, decision: str, category: str) -> str:
    if is_held(case.kind):
        return _effect_on_held(decision)
    words: dict[str, str] = {
        "nothing": gettext("It stays as it is, and the author is told."),
        "reviewed": gettext("It stays, without the line that nobody has reviewed it."),
        "label": gettext("The label stands above it, and the author is told."),
        "changes": gettext("It stays for now; the author is asked to change it."),
        "move": gettext("Its thread goes to “%(category)s”.", category=category),
        "remove": gettext("Readers find your words in its place.")
        if case.post_removed_at is None
        else gettext("It is removed already; the case is closed."),
        "done": gettext("The case is closed, and the author is told."),
    }
    return words[decision]


def _effect_on_held(decision: str) -> str:
    words: dict[str, str] = {
        "publish": gettext("It is published, and the author is told."),
        "label": gettext("It is published with the label, and the author is told."),
        "changes": gettext("It is not published; the author is asked to change it."),
        "remove": gettext("It is not published; the author reads your words."),
        "done": gettext("It is approved, and published later."),
    }
    return words[decision]


def decide_each(
    actor: Actor, marks: Mapping[int, str], decision: str, form: DecisionForm
) -> Outcome:
    """Decide about each case as by itself, in a transaction of its own; what cannot be decided any more
    is left out. In the record all of it has the same moment.

    Args:
        marks: of each case by its number, as it was when the actor was asked; see ``mark_of``.
    """
    entries: list[int] = []
    left_out: dict[int, str] = {}
    with at_one_moment():
        for case_id, mark in marks.items():
            try:
                entries += _decide_one(actor, case_id, mark, decision, form)
            except ForumError as error:
                left_out[case_id] = str(error.message) or gettext("There is no such case.")
    return Outcome(tuple(entries), left_out)


def _decide_one(
    actor: Actor, case_id: int, mark: str, decision: str, form: DecisionForm
) -> list[int]:
    with transaction():
        case = as_read(actor, case_id, mark)
        if decision not in case_kind(case.kind).decisions or case.kind == APPEAL:
            raise Invalid("decision", gettext("This cannot be decided about cases of this kind."))
        decided(actor, case_id, case.kind, decision, form)
        entry = newest_entry_about(case_id)
        return [] if entry is None else [entry]
