"""Pages that split posts off a thread, move them to another, or merge a whole thread; each says what
will happen before it does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from forum.db import transaction
from forum.discussion import moving_actions as actions
from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.destinations import authors_shut_out, category_choices, who_reads_there
from forum.discussion.forms import MergeForm, SplitForm, SureForm
from forum.discussion.moved_queries import excerpts_of_page, excerpts_of_posts
from forum.discussion.moving_actions import Moving
from forum.discussion.queries import ThreadFacts, thread_facts
from forum.discussion.rules import require_there
from forum.discussion.tag_actions import checked_title
from forum.errors import Invalid
from forum.permissions import Actor, InCategory, require
from forum.record.actions import checked_words
from forum.web.addresses import log_url, number_from, post_place_url, thread_url
from forum.web.forms import Answer, put_error
from forum.web.page import say_undoable
from forum.web.visit import current_actor

pages = Blueprint("moving", __name__)

_THREAD = re.compile(r"(?:\S*/t/|#)?([1-9][0-9]{0,8})(?:[/?#]\S*)?")
_RANGE = re.compile(r"([0-9]{1,9})(?:\s*[-–]\s*([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: which posts, and where to."""

    numbers: tuple[int, ...]
    title: str = ""
    category_id: int | None = None
    into: int | None = None
    reason: str = ""


@pages.route("/t/<number:thread_id>/split", methods=["GET", "POST"])
def split(thread_id: int) -> Answer:
    """Choose posts, see what will happen, and have them in another thread."""
    actor, thread = _curated(thread_id)
    form = SplitForm()
    open_to = categories_to_move_to(actor)
    form.category.choices = category_choices(open_to, thread.category_id)
    page = min(number_from(request.args.get("page"), default=1), thread.last_page)
    if not form.is_submitted():
        form.category.data = str(thread.category_id)
        return _show_choice(thread, form, page)
    try:
        if not form.validate():
            return _show_choice(thread, form, page, 400)
        plan = _plan(form)
        _require_possible(actor, thread, plan)
        if request.form.get("sure"):
            return _done(_split(actor, thread, plan), len(plan.numbers))
        return _ask(actor, thread, form, plan)
    except Invalid as error:
        put_error(form, error)
        return _show_choice(thread, form, page, 422)


def _curated(thread_id: int) -> tuple[Actor, ThreadFacts]:
    actor = current_actor()
    thread = thread_facts(actor, thread_id)
    require(actor, "thread.curate", thread)
    require_there(thread)
    return actor, thread


def _show_choice(
    thread: ThreadFacts, form: SplitForm, page: int, status: int = 200
) -> tuple[str, int]:
    url = f"/t/{thread.id}/split"
    html = render_template(
        "discussion/split.html",
        thread=thread,
        form=form,
        posts=excerpts_of_page(thread.id, page),
        chosen=_checked(),
        page_number=page,
        url_for_page=lambda number: url if number == 1 else f"{url}?page={number}",
    )
    return html, status


def _checked() -> set[int]:
    words = request.form.getlist("numbers")
    return {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 10}


def _plan(form: SplitForm) -> Plan:
    numbers = tuple(sorted(_checked() | _numbers_in(form.more.data or "")))
    actions.require_movable(numbers)
    word = (form.thread.data or "").strip()
    title = (form.title.data or "").strip()
    if word and title:
        message = gettext("Give a title for a new thread, or an existing thread, but not both.")
        raise Invalid("thread", message)
    reason = checked_words(form.reason.data or "")
    if word:
        return Plan(numbers, into=_thread_in(word), reason=reason)
    category = form.category.data or ""
    chosen = int(category) if category.isascii() and category.isdigit() else None
    return Plan(numbers, title=checked_title(title), category_id=chosen, reason=reason)


def _numbers_in(words: str) -> set[int]:
    found: set[int] = set()
    for part in filter(None, (part.strip().lstrip("#") for part in words.split(","))):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise Invalid("more", gettext("Write numbers such as: 21, 24-30."))
        first, last = int(match[1]), int(match[2] or match[1])
        if not first or last < first:
            raise Invalid("more", gettext("Write numbers such as: 21, 24-30."))
        if last - first >= actions.MOST_MOVED:
            raise Invalid("more", actions.too_many(last - first + 1))
        found |= set(range(first, last + 1))
    return found


def _thread_in(word: str) -> int | None:
    match = _THREAD.fullmatch(word.strip())
    return int(match[1]) if match else None


def _require_possible(actor: Actor, thread: ThreadFacts, plan: Plan) -> None:
    """Say on the first page what the second would refuse."""
    if plan.category_id is None:
        actions.require_target(actor, thread.id, plan.into)
    elif plan.category_id not in {c.id for c in categories_to_move_to(actor)}:
        raise Invalid("category", gettext("Choose the category of the new thread."))


def _split(actor: Actor, thread: ThreadFacts, plan: Plan) -> Moving:
    with transaction():
        if plan.category_id is None:
            return actions.move_posts(
                actor, thread.id, plan.numbers, into=plan.into, reason=plan.reason
            )
        return actions.split_thread(
            actor,
            thread.id,
            plan.numbers,
            title=plan.title,
            category_id=plan.category_id,
            reason=plan.reason,
        )


def _ask(actor: Actor, thread: ThreadFacts, form: SplitForm, plan: Plan) -> Answer:
    posts = excerpts_of_posts(thread.id, plan.numbers)
    missing = sorted(set(plan.numbers) - {post.number for post in posts})
    if missing:
        message = gettext("This thread has no post #%(number)s.", number=missing[0])
        raise Invalid("numbers", message)
    if plan.into is None:
        actions.require_beginning(thread.id, plan.numbers)
    sure = SureForm(formdata=None)
    sure.more.data = ",".join(str(number) for number in plan.numbers)
    sure.title.data, sure.category.data, sure.sure.data = plan.title, form.category.data, "1"
    sure.thread.data, sure.reason.data = str(plan.into or ""), plan.reason
    where, there = _where_to(actor, plan)
    count = len(posts)
    title = ngettext("Move %(num)s post?", "Move %(num)s posts?", count)
    said = [where, *_who_reads(thread, plan.numbers, there), *_what_stays(plan.reason)]
    return _show_question(thread, title, said, sure, posts)


@dataclass(frozen=True, slots=True)
class _Place:
    """The category of a thread that is not there yet."""

    category_id: int


def _where_to(actor: Actor, plan: Plan) -> tuple[str, InCategory]:
    if plan.category_id is not None:
        begins: str = gettext(
            "They begin a new thread, “%(title)s”, there as #1 and on.", title=plan.title
        )
        return begins, _Place(plan.category_id)
    target = thread_facts(actor, plan.into or 0)
    return gettext("They come behind the last post of “%(title)s”.", title=target.title), target


def _who_reads(thread: ThreadFacts, numbers: Sequence[int] | None, there: InCategory) -> list[str]:
    if there.category_id == thread.category_id:
        return []
    return [
        *who_reads_there(thread.category_id, there.category_id),
        *authors_shut_out(thread.id, numbers, there),
    ]


def _what_stays(reason: str) -> list[str]:
    return [
        gettext("They keep their order and their dates, and get the next free numbers there."),
        gettext("Here a line says where each went; links to its old number lead there."),
        gettext("Who may not see the other thread finds only that a moderator moved them."),
        *_who_is_told(reason),
    ]


def _who_is_told(reason: str) -> list[str]:
    return [gettext("The authors read why: %(reason)s", reason=reason)] if reason else []


def _show_question(
    thread: ThreadFacts,
    title: str,
    consequences: Sequence[str],
    form: SureForm,
    posts: Sequence[object] = (),
) -> str:
    return render_template(
        "discussion/moving.html",
        thread=thread,
        title=title,
        consequences=consequences,
        form=form,
        posts=posts,
    )


def _done(moving: Moving, count: int) -> Response:
    said = ngettext("%(num)s post is moved.", "%(num)s posts are moved.", count)
    if moving.entry_id is not None:
        say_undoable(said, log_url(moving.entry_id))
    return redirect(post_place_url(moving.thread_id, moving.first), 303)


@pages.route("/t/<number:thread_id>/merge", methods=["GET", "POST"])
def merge(thread_id: int) -> Answer:
    """Choose a thread, see what will happen, and have this one's posts there."""
    actor, thread = _curated(thread_id)
    form = MergeForm()
    if not form.is_submitted():
        return _show_merge(thread, form)
    try:
        if not form.validate():
            return _show_merge(thread, form, 400)
        into = _thread_in(form.thread.data or "")
        target = actions.require_target(actor, thread_id, into)
        reason = checked_words(form.reason.data or "")
        if request.form.get("sure"):
            with transaction():
                moving = actions.merge_thread(actor, thread_id, into=into, reason=reason)
            return _done(moving, thread.last_number - thread.moved)
        if thread.last_number - thread.moved > actions.MOST_MOVED:
            raise Invalid("thread", actions.too_many(thread.last_number - thread.moved))
        sure = SureForm(formdata=None)
        sure.thread.data, sure.reason.data, sure.sure.data = str(target.id), reason, "1"
        title = gettext(
            "Merge “%(title)s” into “%(other)s”?", title=thread.title, other=target.title
        )
        said = [
            gettext("All posts come behind the last post there, also those that wait."),
            *_who_reads(thread, None, target),
            gettext("They keep their order and their dates, and get the next free numbers there."),
            gettext("This thread is in no list any more; its address and its numbers lead there."),
            gettext("Who may not see the other thread finds only that a moderator moved them."),
            *_who_is_told(reason),
        ]
        return _show_question(thread, title, said, sure)
    except Invalid as error:
        put_error(form, error)
        return _show_merge(thread, form, 422)


def _show_merge(thread: ThreadFacts, form: MergeForm, status: int = 200) -> tuple[str, int]:
    html = render_template(
        "form_page.html",
        form=form,
        title=gettext("Merge the thread “%(title)s”", title=thread.title),
        submit=gettext("Look what would happen"),
        introduction=gettext("Choose the thread that its posts go to."),
        links=[(gettext("Back to the thread"), thread_url(thread.id))],
    )
    return html, status
