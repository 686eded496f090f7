"""Pages that ask before a thread or a post is removed, locked, pinned, moved, marked or emptied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, redirect
from flask_babel import gettext
from werkzeug.wrappers import Response

from forum.db import transaction
from forum.discussion import curating_actions as actions
from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.deed_actions import marks_without_room
from forum.discussion.destinations import category_choices
from forum.discussion.forms import (
    FilingForm,
    LockForm,
    MoveForm,
    ReasonForm,
    SlowForm,
    TagsForm,
)
from forum.discussion.queries import PostFacts, ThreadFacts, post_facts, thread_facts
from forum.discussion.removal_rules import require_restore_thread
from forum.discussion.rules import (
    can_retitle,
    is_starter,
    require_file,
    require_mark,
    require_remove,
    require_restore,
)
from forum.errors import Invalid, NotFound
from forum.moments import zone_named
from forum.permissions import Actor, require
from forum.web.addresses import post_place_url, post_url, thread_url
from forum.web.forms import (
    Answer,
    FormPage,
    answer_form,
)
from forum.web.questions import Question, ask, say_done
from forum.web.visit import current_actor

pages = Blueprint("curating", __name__)


@pages.route(
    "/t/<number:thread_id>/<number:number>/<any(remove, restore, answer, unanswer):what>",
    methods=["GET", "POST"],
)
def of_post(thread_id: int, number: int, what: str) -> Answer:
    """Remove or restore a post, or say whether it is the answer."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    post = post_facts(thread, number)
    place = post_place_url(thread_id, number)
    back = (gettext("Back to the post"), place)
    return ask(OF_POST[what](actor, thread, post), back, leads_to=place)


def _remove_post(actor: Actor, thread: ThreadFacts, post: PostFacts) -> Question:
    require_remove(actor, thread, post)
    number = _number(post)
    begins = gettext("It begins: “%(excerpt)s”", excerpt=post.excerpt)
    stays = gettext("Its number stays, and its place says who removed it and when.")
    if post.author_id == actor.id:
        return Question(
            gettext("Remove your post #%(number)s?", number=number),
            [begins, stays, gettext("Only you and the moderators can read and restore it.")],
            gettext("Remove"),
            lambda: actions.remove_post(actor, thread.id, number),
            gettext("Your post is removed. You can restore it where it stood."),
        )
    form = ReasonForm()
    return Question(
        gettext("Remove post #%(number)s by %(name)s?", number=number, name=post.author),
        [begins, stays, gettext("Its author and the moderators can read it in its history.")],
        gettext("Remove"),
        lambda: actions.remove_post(actor, thread.id, number, reason=form.reason.data or ""),
        gettext("The post is removed."),
        form,
    )


def _restore_post(actor: Actor, thread: ThreadFacts, post: PostFacts) -> Question:
    require_restore(actor, thread, post)
    number = _number(post)
    return Question(
        gettext("Restore post #%(number)s?", number=number),
        [gettext("Everybody who may see the thread can read it again, as it was.")],
        gettext("Restore"),
        lambda: actions.restore_post(actor, thread.id, number),
        gettext("The post is restored."),
    )


def _mark_answer(actor: Actor, thread: ThreadFacts, post: PostFacts) -> Question:
    require_mark(actor, thread, post)
    number = _number(post)
    said = [gettext("The thread will lead to it, and lists will say that it is answered.")]
    if thread.answer_number is not None:
        said.append(gettext("Until now it was #%(number)s.", number=thread.answer_number))
    return Question(
        gettext("Is post #%(number)s the answer?", number=number),
        said,
        gettext("Mark as the answer"),
        lambda: actions.mark_answer(actor, thread.id, number),
        gettext("Marked as the answer."),
    )


def _unmark_answer(actor: Actor, thread: ThreadFacts, post: PostFacts) -> Question:
    require_mark(actor, thread, post)
    number = _number(post)
    return Question(
        gettext("Is post #%(number)s not the answer after all?", number=number),
        [gettext("The thread will be open again; the post stays as it is.")],
        gettext("It is not the answer"),
        lambda: actions.unmark_answer(actor, thread.id, number),
        gettext("The thread has no answer any more."),
    )


OF_POST: dict[str, Callable[[Actor, ThreadFacts, PostFacts], Question]] = {
    "remove": _remove_post,
    "restore": _restore_post,
    "answer": _mark_answer,
    "unanswer": _unmark_answer,
}


def _number(post: PostFacts) -> int:
    assert post.number is not None
    return post.number


@pages.route(
    "/t/<number:thread_id>/<number:number>/history/<number:version>/empty",
    methods=["GET", "POST"],
)
def empty(thread_id: int, number: int, version: int) -> Answer:
    """Take the words of a version out for good."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    require(actor, "thread.curate", thread)
    post = post_facts(thread, number)
    if version > post.version:
        raise NotFound(gettext("There is no such version."))
    said = [gettext("Its words will be gone for good. Nobody can bring them back.")]
    if version == post.version:
        said.append(gettext("It is what everybody reads now: the post will be empty."))
    said.append(gettext("Its number, its time and who wrote it stay, and so do other versions."))
    question = Question(
        gettext("Empty version %(n)s of post #%(number)s?", n=version, number=number),
        said,
        gettext("Empty it for good"),
        lambda: actions.empty_version(actor, thread_id, number, version),
        gettext("The version is empty."),
    )
    history = f"{post_url(thread_id, number)}/history"
    return ask(question, (gettext("Back to the history"), history), leads_to=history)


@pages.route(
    "/t/<number:thread_id>/"
    "<any(remove, restore, lock, unlock, pin, unpin, feature, unfeature):what>",
    methods=["GET", "POST"],
)
def of_thread(thread_id: int, what: str) -> Answer:
    """Remove, lock, pin or feature a thread, or take that back."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    require(actor, "thread.curate", thread)
    back = (gettext("Back to the thread"), thread_url(thread_id))
    return ask(OF_THREAD[what](actor, thread), back, leads_to=thread_url(thread_id))


def _remove_thread(actor: Actor, thread: ThreadFacts) -> Question:
    form = ReasonForm()
    return Question(
        gettext("Remove the thread “%(title)s”?", title=thread.title),
        [
            gettext("It disappears from all lists, with all its posts."),
            gettext("Who opens its address finds your reason. Only moderators can restore it."),
        ],
        gettext("Remove the thread"),
        lambda: actions.remove_thread(actor, thread.id, reason=form.reason.data or ""),
        gettext("The thread is removed."),
        form,
    )


def _restore_thread(actor: Actor, thread: ThreadFacts) -> Question:
    require_restore_thread(actor, thread)
    said = [gettext("Everybody who may see its category can read it again.")]
    without = {
        "pinned_at": gettext(
            "It comes back unpinned: as many threads are pinned in its category as can be."
        ),
        "featured_at": gettext(
            "It does not come back to the front page: as many threads are featured as can be."
        ),
    }
    said += [without[mark] for mark in marks_without_room(thread)]
    return Question(
        gettext("Restore the thread “%(title)s”?", title=thread.title),
        said,
        gettext("Restore the thread"),
        lambda: actions.restore_thread(actor, thread.id),
        gettext("The thread is restored."),
    )


def _lock_thread(actor: Actor, thread: ThreadFacts) -> Question:
    form = LockForm()
    return Question(
        gettext("Lock the thread “%(title)s”?", title=thread.title),
        [
            gettext("Everybody can still read it, but nobody can reply."),
            gettext("Authors cannot change or remove their posts in it; moderators can."),
        ],
        gettext("Lock the thread"),
        lambda: actions.lock_thread(
            actor,
            thread.id,
            reason=form.reason.data or "",
            until=_in_zone(actor, form.until.data),
        ),
        gettext("The thread is locked."),
        form,
    )


def _in_zone(actor: Actor, typed: datetime | None) -> datetime | None:
    if typed is None:
        return None
    if not 1970 <= typed.year < 9000:
        # So far from today that a zone may lead out of what can be reckoned.
        raise Invalid("until", gettext("Choose a time that is still to come, within a year."))
    return typed.replace(tzinfo=zone_named(actor.zone)).astimezone(UTC)


def _unlock_thread(actor: Actor, thread: ThreadFacts) -> Question:
    return Question(
        gettext("Unlock the thread “%(title)s”?", title=thread.title),
        [gettext("Members can reply again.")],
        gettext("Unlock the thread"),
        lambda: actions.unlock_thread(actor, thread.id),
        gettext("The thread is unlocked."),
    )


def _pin_thread(actor: Actor, thread: ThreadFacts) -> Question:
    return Question(
        gettext("Pin the thread “%(title)s”?", title=thread.title),
        [gettext("It stands first in its category until it is unpinned.")],
        gettext("Pin the thread"),
        lambda: actions.pin_thread(actor, thread.id),
        gettext("The thread is pinned."),
    )


def _unpin_thread(actor: Actor, thread: ThreadFacts) -> Question:
    return Question(
        gettext("Unpin the thread “%(title)s”?", title=thread.title),
        [gettext("It stands in its category where its last post puts it.")],
        gettext("Unpin the thread"),
        lambda: actions.unpin_thread(actor, thread.id),
        gettext("The thread is not pinned any more."),
    )


def _feature_thread(actor: Actor, thread: ThreadFacts) -> Question:
    return Question(
        gettext("Feature the thread “%(title)s”?", title=thread.title),
        [
            gettext("It stands in a short list at the top of the front page, last featured first."),
            gettext("Who may not see its category does not find it there either."),
        ],
        gettext("Feature the thread"),
        lambda: actions.feature_thread(actor, thread.id),
        gettext("The thread is featured."),
    )


def _unfeature_thread(actor: Actor, thread: ThreadFacts) -> Question:
    return Question(
        gettext("Take the thread “%(title)s” from the front page?", title=thread.title),
        [gettext("It stands in the lists where its last post puts it.")],
        gettext("Take it from the front page"),
        lambda: actions.unfeature_thread(actor, thread.id),
        gettext("The thread is not featured any more."),
    )


OF_THREAD: dict[str, Callable[[Actor, ThreadFacts], Question]] = {
    "remove": _remove_thread,
    "restore": _restore_thread,
    "lock": _lock_thread,
    "unlock": _unlock_thread,
    "pin": _pin_thread,
    "unpin": _unpin_thread,
    "feature": _feature_thread,
    "unfeature": _unfeature_thread,
}


@pages.route("/t/<number:thread_id>/slow", methods=["GET", "POST"])
def slow(thread_id: int) -> Answer:
    """Set how often a member may post in a thread."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    require(actor, "thread.curate", thread)
    form = SlowForm(data={"minutes": str(thread.slow_minutes or "")})

    def act() -> Response:
        with transaction():
            entry_id = actions.slow_thread(actor, thread_id, _minutes_of(form.minutes.data or ""))
        say_done(gettext("The thread has its new pace."), entry_id)
        return redirect(thread_url(thread_id), 303)

    page = FormPage(
        gettext("Slow mode of the thread “%(title)s”", title=thread.title),
        gettext("Save"),
        gettext(
            "Everybody may then post once in so many minutes here. Who writes sooner keeps the text, "
            "and is told when it can be posted. Moderators of the category are not held up."
        ),
        [(gettext("Back to the thread"), thread_url(thread_id))],
    )
    return answer_form(form, page, act)


def _minutes_of(word: str) -> int | None:
    word = word.strip()
    if not word:
        return None
    return int(word) if word.isascii() and word.isdigit() and len(word) < 9 else 0


@pages.route("/t/<number:thread_id>/move", methods=["GET", "POST"])
def move(thread_id: int) -> Answer:
    """Put a thread into another category."""
    actor, thread, form = current_actor(), thread_facts(current_actor(), thread_id), MoveForm()
    require(actor, "thread.curate", thread)
    others = [c for c in categories_to_move_to(actor) if c.id != thread.category_id]
    form.category.choices = [
        ("", gettext("Choose one")),
        *category_choices(others, thread.category_id),
    ]

    def act() -> Response:
        chosen = next((c.id for c in others if str(c.id) == form.category.data), None)
        with transaction():
            entry_id = actions.move_thread(actor, thread_id, chosen)
        say_done(gettext("The thread is moved."), entry_id)
        return redirect(thread_url(thread_id), 303)

    page = FormPage(
        gettext("Move the thread “%(title)s”", title=thread.title),
        gettext("Move the thread"),
        gettext(
            "It stands in %(category)s. Who may not see the other category finds it no more. "
            "Its address stays.",
            category=thread.category,
        ),
        [(gettext("Back to the thread"), thread_url(thread_id))],
    )
    return answer_form(form, page, act)


@pages.route("/t/<number:thread_id>/title", methods=["GET", "POST"])
def filing(thread_id: int) -> Answer:
    """Give a thread another title and other tags."""
    actor, thread = current_actor(), thread_facts(current_actor(), thread_id)
    require_file(actor, thread)
    with_title = can_retitle(actor, thread)
    now = {"title": thread.title, "tags": ", ".join(thread.tags)}
    form = FilingForm(data=now) if with_title else TagsForm(data=now)
    if is_starter(actor, thread):
        # What people do with what is theirs is in no record.
        del form.reason

    def act() -> Response:
        title = form.title.data or "" if isinstance(form, FilingForm) else None
        reason = "" if form.reason is None else form.reason.data or ""
        with transaction():
            entry_id = actions.file_thread(
                actor, thread_id, title=title, tags=form.tags.data or "", reason=reason
            )
        say_done(gettext("Saved."), entry_id)
        return redirect(thread_url(thread_id), 303)

    page = FormPage(
        gettext("Title and tags") if with_title else gettext("Tags"),
        gettext("Save"),
        "" if with_title else gettext("The time to change the title is over."),
        [(gettext("Back to the thread"), thread_url(thread_id))],
    )
    return answer_form(form, page, act)
