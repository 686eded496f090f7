"""What can be decided about a case, as its page offers it and says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask_babel import gettext

from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.destinations import category_choices
from forum.discussion.models import WAITING
from forum.errors import Conflict, Invalid
from forum.moderation import decision_actions as flagged
from forum.moderation.actions import finish_help, publish_elsewhere, publish_held, remove_held
from forum.moderation.appeal_actions import appealed_case, overturn, uphold
from forum.moderation.desk_actions import desk, hold_cases, require_free, require_open
from forum.moderation.forms import DecisionForm
from forum.moderation.queries import CaseFacts, case_facts, place_of
from forum.moderation.rules import (
    APPEAL,
    FLAG,
    HELD,
    MOST_REASONS,
    UNREVIEWED,
    case_kind,
    is_brought,
    is_held,
    mark_of,
    obstacle_to_publishing,
)
from forum.moderation.sentences import chosen_sentence
from forum.permissions import Actor, allowed
from forum.record.rules import kind_named

DECISIONS = (
    *("publish", "label", "changes", "move", "remove", "nothing"),
    *("done", "uphold", "overturn", "reviewed"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it sends, and what stands on it."""

    decision: str
    words: str


def choices_for(actor: Actor, facts: CaseFacts, *, is_left: bool = True) -> list[Choice]:
    """What the actor can decide about the case as it is now, the usual first.

    Args:
        is_left: whether what is appealed against can still be undone.
    """
    offered = case_kind(facts.kind).decisions
    if facts.kind in HELD:
        offered = tuple(name for name in offered if name != "move" or _may_stand_elsewhere(facts))
    if is_held(facts.kind) and obstacle_to_publishing(place_of(facts)):
        offered = tuple(name for name in offered if name in ("move", "remove"))
    if not is_held(facts.kind) and (not facts.post_is_there or facts.removed_at is not None):
        offered = tuple(name for name in offered if name not in ("label", "changes", "move"))
    if not is_held(facts.kind) and facts.removal == WAITING:
        offered = tuple(name for name in offered if name != "remove")
    if not is_held(facts.kind) and not allowed(actor, "thread.curate", facts):
        offered = tuple(name for name in offered if name not in ("label", "move", "remove"))
    words = _words(facts) | _words_of_plugin(facts.kind)
    if not is_left:
        words["overturn"] = gettext("It was decided wrongly")
    return [Choice(name, words[name]) for name in offered]


def _may_stand_elsewhere(facts: CaseFacts) -> bool:
    """Whether it starts a thread that nobody has read yet, by somebody who is still here."""
    return facts.last_number == 0 and facts.author_closed_at is None


def _words(facts: CaseFacts) -> dict[str, str]:
    held, gone = is_held(facts.kind), facts.post_removed_at is not None
    return {
        "publish": gettext("Publish"),
        "label": gettext("Publish with a label") if held else gettext("Put a label above it"),
        "changes": gettext("Ask for changes"),
        "move": gettext("Publish in another category") if held else gettext("Move the thread"),
        "remove": gettext("It is removed: close the case")
        if gone and not held
        else gettext("Remove"),
        "nothing": gettext("Nothing wrong"),
        "reviewed": gettext("Nothing wrong: take the line above it away")
        if facts.kind == UNREVIEWED
        else gettext("Nothing wrong"),
        "done": gettext("Done"),
        "uphold": gettext("It was decided rightly"),
        "overturn": gettext("Undo what was decided"),
    }


def _words_of_plugin(kind: str) -> dict[str, str]:
    said = case_kind(kind).done
    return {"done": said} if said else {}


def categories_for(actor: Actor, facts: CaseFacts) -> list[tuple[str, str]]:
    """Where the thread of a case can be moved, as choices of a form."""
    others = [c for c in categories_to_move_to(actor) if c.id != facts.category_id]
    return [("", gettext("Choose one")), *category_choices(others, facts.category_id)]


def checked_decision(kind: str, decision: str) -> str:
    """One that a case of this kind can have.

    Raises:
        Invalid: it is none, or is one of other cases: the page is older than the case.
    """
    if decision in case_kind(kind).decisions:
        return decision
    if decision in DECISIONS:
        raise Invalid("words", gettext("This cannot be decided about this case. Reload the page."))
    raise Invalid("words", gettext("Press one of the buttons below the form."))


def as_read(actor: Actor, case_id: int, mark: str) -> CaseFacts:
    """The case, whatever it is about held for the rest of the transaction, if it is as the actor read it.

    Args:
        mark: of the case as it was then; see ``mark_of``.

    Raises:
        NotFound: there is no such case, or it is not for the actor.
        NotAllowed: another moderator decides it.
        Conflict: it is decided, somebody else has it, something of it is not so any more, or the time to
            decide is over.
    """
    # In the order in which overturning holds them.
    hold_cases(case_id, appealed_case(case_id))
    held = desk(actor, case_id).case
    case = case_facts(actor, case_id)
    if held.closed_by == actor.id:
        # The same button pressed twice: the action knows its own decision.
        return case
    require_open(held)
    require_free(actor, held)
    if mark_of(case) != mark:
        raise Conflict(_why_flagged_again(case, mark) or _why_changed(case))
    return case


def _why_flagged_again(case: CaseFacts, mark: str) -> str:
    """What is said where there are more reasons than when it was read, and nothing else is otherwise."""
    fewer = range(min(case.reasons, MOST_REASONS))
    if not any(mark_of(replace(case, reasons=n)) == mark for n in fewer):
        return ""
    return str(gettext("Somebody flagged the post for another reason meanwhile. Look at it again."))


def _why_changed(case: CaseFacts) -> str:
    if is_held(case.kind) and (obstacle := obstacle_to_publishing(place_of(case))):
        return obstacle
    if case.first_is_undone:
        return str(gettext("What this appeal is against is undone meanwhile. Look at it again."))
    if not case.post_is_there and case.kind != APPEAL and not is_held(case.kind):
        return str(gettext("This post was removed meanwhile, so nobody reads it."))
    return str(gettext("The post was changed, moved or labelled meanwhile. Look at it again."))


def words_of(kind: str, decision: str, form: DecisionForm) -> str:
    """Why something is decided: what was written, or else the sentence that was chosen."""
    words: str = form.words.data or ""
    return words if words.strip() else chosen_sentence(kind, decision, form.sentence.data or "")


def decided(actor: Actor, case_id: int, kind: str, decision: str, form: DecisionForm) -> str:
    """Decide, in the transaction under way: what is said of it then."""
    words, label = words_of(kind, decision, form), form.label.data or ""
    category = form.category.data or ""
    category_id = int(category) if category.isascii() and category.isdigit() else None
    of_held: dict[str, tuple[Callable[[], object], str]] = {
        "publish": (
            lambda: publish_held(actor, case_id, words=words),
            gettext("Published. The author is told."),
        ),
        "label": (
            lambda: publish_held(actor, case_id, words=words, label=label),
            gettext("Published with a label. The author is told."),
        ),
        "move": (
            lambda: publish_elsewhere(actor, case_id, category_id=category_id, words=words),
            gettext("Published in the other category. The author is told."),
        ),
        "changes": (
            lambda: remove_held(actor, case_id, reason=words, asks_for_changes=True),
            gettext("The author is asked for changes."),
        ),
        "remove": (
            lambda: remove_held(actor, case_id, reason=words),
            gettext("Removed. The author is told, with your reason."),
        ),
    }
    of_others: dict[str, tuple[Callable[[], object], str]] = {
        "done": (
            lambda: finish_help(actor, case_id, words=words),
            gettext("Done. The author is told."),
        ),
        "reviewed": (lambda: flagged.find_it_right(actor, case_id, words=words), ""),
        "nothing": (
            lambda: flagged.find_nothing_wrong(actor, case_id, words=words),
            gettext("Closed. The author and whoever flagged the post are told."),
        ),
        "label": (
            lambda: flagged.label_flagged(actor, case_id, label=label, words=words),
            gettext("Labelled. The author and whoever flagged the post are told."),
        ),
        "changes": (
            lambda: flagged.ask_for_changes(actor, case_id, words=words),
            gettext("The author is asked for changes, and whoever flagged the post is told."),
        ),
        "move": (
            lambda: flagged.move_flagged(actor, case_id, category_id=category_id, words=words),
            gettext("Moved. The author and whoever flagged the post are told."),
        ),
        "remove": (
            lambda: flagged.remove_flagged(actor, case_id, words=words),
            gettext("Removed. The author and whoever flagged the post are told, with your reason."),
        ),
        "uphold": (
            lambda: uphold(actor, case_id, words=words),
            gettext("It stays as it was decided. The author is told."),
        ),
        "overturn": (
            lambda: overturn(actor, case_id, words=words),
            gettext("What was decided is undone. The author is told."),
        ),
    }
    if is_brought(kind):
        settled = lambda: flagged.settle_brought(actor, case_id, words=words)  # noqa: E731
        of_others |= {"done": (settled, "")}
        of_held |= {"done": (settled, gettext("Done. It is published later."))}
    act, said = (of_held if is_held(kind) else of_others)[decision]
    if act() is False:
        # Of an appeal: nothing was left to undo.
        return _noted(decision)
    return said if kind == FLAG or is_held(kind) else _without_flaggers(decision) or said


def _noted(decision: str) -> str:
    if decision == "uphold":
        return str(gettext("It is noted that this was decided rightly. The author is told."))
    return str(gettext("It is noted that this was decided wrongly. The author is told."))


def _without_flaggers(decision: str) -> str:
    """What is said where nobody has flagged the post."""
    said: dict[str, str] = {
        "done": gettext("Done. The author is told."),
        "nothing": gettext("Closed. The author is told."),
        "reviewed": gettext("Closed: the post is as it should be."),
        "label": gettext("Labelled. The author is told."),
        "changes": gettext("The author is asked for changes."),
        "move": gettext("Moved. The author is told."),
        "remove": gettext("Removed. The author is told, with your reason."),
    }
    return said.get(decision, "")


def decided_words(decision: str) -> str:
    """A decision in a word or two, as lists of earlier ones show it."""
    said: dict[str, str] = {
        "published": gettext("published"),
        "labelled": gettext("published with a label"),
        "changes": gettext("asked for changes"),
        "removed": gettext("removed"),
        "moved": gettext("moved"),
        "nothing": gettext("nothing wrong"),
        "unreviewed": gettext("published, not yet reviewed"),
        "reviewed": gettext("found right"),
        "done": gettext("helped"),
        "withdrawn": gettext("taken back"),
        "upheld": gettext("upheld"),
        "overturned": gettext("overturned"),
    }
    return said.get(decision, decision)


def deed_words(kind: str) -> str:
    """What a deed of the record is called."""
    known = kind_named(kind)
    return kind if known is None else str(known.words)
