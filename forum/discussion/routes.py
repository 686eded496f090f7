"""Pages of threads and posts."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext, ngettext

from forum.accounts.actions import sign_in as open_session
from forum.categories.queries import CategoryRow, categories_open_to, category_by_slug
from forum.community.setting_queries import value_of
from forum.db import transaction
from forum.discussion import actions, queries
from forum.discussion.actions import Posting, Prepared
from forum.discussion.articles import ThreadPage, page_of
from forum.discussion.composer import (
    Answer,
    Composer,
    answer,
    chosen_place,
    give_back,
    kept_apart,
    refusal_of,
    show_sign_in,
    text_of,
)
from forum.discussion.curating_queries import featured_threads, pinned_threads, post_id_at
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.draft_queries import draft_at
from forum.discussion.finding_queries import kept_findings
from forum.discussion.forms import ComposerForm
from forum.discussion.history import versions_of
from forum.discussion.history_queries import VERSIONS_A_PAGE, revisions_of
from forum.discussion.latest_queries import latest_posts
from forum.discussion.lists import list_of_posts, list_of_threads
from forum.discussion.models import Post
from forum.discussion.moved_queries import (
    first_place_now,
    highest_moved,
    is_open_place,
    lines_of_page,
    place_now,
    reply_place,
)
from forum.discussion.place_queries import draft_url
from forum.discussion.queries import (
    ROWS_A_PAGE,
    PostFacts,
    ThreadFacts,
    ThreadRow,
)
from forum.discussion.quoting import quote_of
from forum.discussion.rules import (
    POSTS_A_PAGE,
    can_edit,
    can_read_history,
    can_reply,
    require_edit,
    require_reply,
)
from forum.discussion.settings import POST_LANGUAGES
from forum.discussion.waiting_rules import require_not_waiting
from forum.errors import Conflict, ForumError, Invalid, Moved, NotAllowed, NotFound, TooMany
from forum.permissions import Actor, allowed
from forum.web.addresses import (
    category_url,
    number_from,
    place_from,
    place_word,
    post_place_url,
    post_url,
    safe_path,
    thread_url,
)
from forum.web.errors import status_of
from forum.web.forms import gives_text_back, is_forged, put_forgery
from forum.web.reading import note_posts_shown
from forum.web.visit import current_actor, current_browser, start_session

pages = Blueprint("discussion", __name__)

_COMPOSER = re.compile(
    r"/t/(?P<thread>[1-9][0-9]{0,8})(?:/(?P<number>[1-9][0-9]{0,8})/edit|/reply)"
)


@pages.get("/")
def front() -> Answer:
    """The threads last active, and the categories."""
    actor = current_actor()
    after = place_from(request.args.get("after"))
    found = queries.latest_threads(actor, after)
    featured = featured_threads(actor) if after is None else []
    return render_template(
        "discussion/front.html",
        featured=list_of_threads(featured),
        rows=list_of_threads(found[:ROWS_A_PAGE]),
        older=older_threads("/", found),
        is_first=after is None,
        categories=categories_open_to(actor),
        may_start=bool(categories_open_to_write(actor)),
    )


@pages.get("/c/<slug>")
def category(slug: str) -> Answer:
    """A category's threads: those that are pinned, then the others, last active first."""
    actor = current_actor()
    found_category = category_by_slug(actor, slug)
    after = place_from(request.args.get("after"))
    found = queries.threads_of_category(found_category.id, after)
    pinned = pinned_threads(found_category.id) if after is None else []
    return render_template(
        "discussion/category.html",
        category=found_category,
        pinned=list_of_threads(pinned, in_category=True),
        rows=list_of_threads(found[:ROWS_A_PAGE], in_category=True),
        older=older_threads(category_url(slug), found),
        is_first=after is None,
        may_start=allowed(actor, "thread.start", found_category),
        may_curate=allowed(actor, "thread.curate", found_category),
    )


def categories_open_to_write(actor: Actor) -> bool:
    """Whether there may be a category in which the actor can start a thread."""
    scope = actor.scope("thread.start")
    return actor.is_member and (scope.everywhere or bool(scope.categories))


def older_threads(url: str, found: list[ThreadRow]) -> str | None:
    """Where the list goes on, if it does."""
    if len(found) <= ROWS_A_PAGE:
        return None
    last = found[ROWS_A_PAGE - 1]
    return f"{url}?after={place_word(last.last_posted_at, last.id)}"


@pages.get("/latest")
def latest() -> Answer:
    """The newest posts of all threads."""
    after = place_from(request.args.get("after"))
    found = latest_posts(current_actor(), after)
    goes_on = len(found) > ROWS_A_PAGE
    posts = found[:ROWS_A_PAGE]
    older = f"/latest?after={place_word(posts[-1].created_at, posts[-1].id)}" if goes_on else None
    return render_template(
        "discussion/latest.html", posts=list_of_posts(posts), older=older, is_first=after is None
    )


@pages.get("/t/<number:thread_id>")
def thread(thread_id: int) -> Answer:
    """One page of a thread."""
    actor = current_actor()
    facts = queries.thread_facts(actor, thread_id)
    if facts.is_left:
        return _led_on(actor, facts)
    page = number_from(request.args.get("page"), default=1)
    if page > facts.last_page:
        message = ngettext(
            "This thread has only %(num)s page.",
            "This thread has only %(num)s pages.",
            facts.last_page,
        )
        raise NotFound(message)
    posts = queries.posts_of_page(facts, page)
    if actor.is_member:
        first = (page - 1) * POSTS_A_PAGE + 1
        note_posts_shown(actor, facts.id, first, first + POSTS_A_PAGE - 1)
    lines = lines_of_page(actor, facts, page)
    is_last = page == facts.last_page
    waiting = queries.held_posts_of(actor, facts) if actor.is_member and is_last else []
    return page_of(actor, ThreadPage(facts, page, tuple(posts), tuple(waiting), lines))


def _led_on(actor: Actor, thread: ThreadFacts) -> Answer:
    """A thread whose posts were all moved leads to where the first of them stands."""
    place = first_place_now(thread.id)
    if place is None or not is_open_place(actor, place):
        raise NotFound(gettext("A moderator moved the posts of this thread to another place."))
    return redirect(post_place_url(place.thread_id, place.number), 303)


@pages.get("/t/<number:thread_id>/<number:number>")
def post(thread_id: int, number: int) -> Answer:
    """The permanent address of a post leads to where it stands now."""
    facts = queries.thread_facts(current_actor(), thread_id)
    if facts.moved or number > facts.last_number:
        place = place_now(thread_id, number)
        if place is not None and is_open_place(current_actor(), place):
            return redirect(post_place_url(place.thread_id, place.number), 303)
        if place is not None and number > facts.last_number:
            raise NotFound(gettext("A moderator moved this post to another place."))
    if number > facts.last_number:
        message = ngettext(
            "This thread has only %(num)s post.",
            "This thread has only %(num)s posts.",
            facts.last_number,
        )
        raise NotFound(message)
    return redirect(post_place_url(thread_id, number), 303)


@pages.get("/t/<number:thread_id>/<number:number>/history")
def history(thread_id: int, number: int) -> Answer:
    """Every version of a post, newest first, with what it changed."""
    facts = queries.thread_facts(current_actor(), thread_id)
    found = queries.post_facts(facts, number)
    if not can_read_history(current_actor(), facts, found):
        require_not_waiting(found)
        raise NotFound(gettext("This post was removed, and its history with it."))
    word = request.args.get("after")
    revisions = revisions_of(found, None if word is None else number_from(word, default=1))
    shown, url = revisions[:VERSIONS_A_PAGE], f"{post_url(thread_id, number)}/history"
    return render_template(
        "discussion/history.html",
        thread=facts,
        post=found,
        versions=versions_of(revisions),
        may_empty=allowed(current_actor(), "thread.curate", facts),
        older=f"{url}?after={shown[-1].version}" if len(revisions) > len(shown) else None,
        newer=None if word is None else url,
    )


@pages.route("/new", methods=["GET", "POST"])
@gives_text_back
def new_thread() -> Answer:
    """Start a thread."""
    actor, form = current_actor(), ComposerForm()
    if _is_signed_out_post(actor):
        return show_sign_in(form, "/new", 403)
    open_to = categories_open_to(actor, "thread.start")
    form.category.choices = [("", gettext("Choose one")), *((str(c.id), c.title) for c in open_to)]
    if request.method != "POST":
        _require_writer(actor, open_to)
    chosen = next((c for c in open_to if c.slug == request.args.get("category")), None)

    def publish(actor: Actor, text: Prepared, posting: Posting) -> Post:
        category = next((c for c in open_to if str(c.id) == form.category.data), None)
        if category is None:
            raise Invalid("category", gettext("Choose the category it belongs to."))
        return actions.start_thread(
            actor,
            category,
            title=form.title.data or "",
            tags=form.tags.data or "",
            text=text,
            posting=posting,
        )

    composer = Composer(
        place="new",
        language=actor.language if actor.language in value_of(POST_LANGUAGES) else "",
        heading=gettext("Start a thread"),
        url="/new",
        back="/",
        form=form,
        publish=publish,
    )
    return answer(composer, DraftText("", category_id=chosen.id if chosen else None))


def _require_writer(actor: Actor, open_to: list[CategoryRow]) -> None:
    if not actor.is_member:
        raise NotAllowed(gettext("Sign in to start a thread."))
    if not open_to:
        raise NotAllowed(gettext("There is no category in which you may start a thread."))


@pages.route("/t/<number:thread_id>/reply", methods=["GET", "POST"])
@gives_text_back
def reply(thread_id: int) -> Answer:
    """Reply to a thread or to one of its posts."""
    actor, form = current_actor(), ComposerForm()
    if _is_signed_out_post(actor):
        return show_sign_in(form, f"/t/{thread_id}/reply", 403)
    try:
        composer = _reply_composer(actor, form, thread_id)
    except ForumError as error:
        return give_back(form, f"reply:{thread_id}", error)
    return answer(composer, DraftText("", in_reply_to=composer.in_reply_to))


def _reply_composer(actor: Actor, form: ComposerForm, thread_id: int) -> Composer:
    facts = asked = queries.thread_facts(actor, thread_id)
    if request.method != "POST":
        answered = request.args.get("to") or request.args.get("quote")
        answered = answered or _begun_reply_to(
            actor, facts, chosen_place(f"reply:{thread_id}", form)
        )
        form.in_reply_to.data = answered
    facts, replied_to = _place_of_reply(actor, facts, form.in_reply_to.data)
    if request.method != "POST":
        require_reply(actor, facts)
    number = None if replied_to is None else replied_to.number

    def publish(actor: Actor, text: Prepared, posting: Posting) -> Post:
        return actions.reply(actor, facts.id, text=text, posting=posting, in_reply_to=number)

    composer = Composer(
        place=f"reply:{thread_id}",
        language=replied_to.language if replied_to else "",
        heading=gettext("Your reply"),
        url=f"/t/{thread_id}/reply",
        back=thread_url(facts.id, facts.last_page),
        form=form,
        publish=publish,
        thread=facts,
        replied_to=replied_to,
        refusal=refusal_of(lambda: require_reply(actor, facts)),
    )
    if request.method != "POST" and "quote" in request.args:
        quoted = reply_place(actor, asked, number_from(request.args["quote"], default=1))[1]
        assert quoted is not None
        _quote(composer, quoted)
    return composer


def _quote(composer: Composer, post: PostFacts) -> None:
    try:
        composer.quote = quote_of(post)
    except Conflict as error:
        composer.message = error.message


def _is_signed_out_post(actor: Actor) -> bool:
    """Whether somebody sends a text whose session has ended. What the thread is to a guest, which
    may be nothing, must not come between them and their text."""
    return request.method == "POST" and not actor.is_member


def _begun_reply_to(actor: Actor, thread: ThreadFacts, place: str) -> str:
    draft = draft_at(actor, place)
    number = None if draft is None else draft.in_reply_to
    # A number that was never there must not keep the draft from being opened.
    known = max(thread.last_number, highest_moved(thread.id)) if number else 0
    return str(number) if number and number <= known else ""


def _place_of_reply(
    actor: Actor, asked: ThreadFacts, word: str | None
) -> tuple[ThreadFacts, PostFacts | None]:
    """A reply goes where the post stands now that it answers, whatever moderators moved since."""
    return reply_place(actor, asked, number_from(word, default=1) if word else None)


@pages.route("/t/<number:thread_id>/<number:number>/edit", methods=["GET", "POST"])
@gives_text_back
def edit(thread_id: int, number: int) -> Answer:
    """Change a post; the earlier versions are kept."""
    actor, form = current_actor(), ComposerForm()
    if _is_signed_out_post(actor):
        return show_sign_in(form, f"{post_url(thread_id, number)}/edit", 403)
    try:
        composer, start = _edit_composer(actor, form, thread_id, number)
    except Moved as moved:
        # What was written for a post that was moved meanwhile goes where it stands now.
        if request.method != "POST":
            raise
        return _edit_moved(actor, form, moved)
    except ForumError as error:
        post_id = post_id_at(thread_id, number)
        return give_back(form, f"edit:{post_id}" if post_id else None, error)
    return answer(composer, start)


def _edit_moved(actor: Actor, form: ComposerForm, moved: Moved) -> Answer:
    try:
        composer, start = _edit_composer(actor, form, moved.thread_id, moved.number)
    except ForumError as error:
        return give_back(form, f"edit:{post_id_at(moved.thread_id, moved.number)}", error)
    return answer(composer, start)


def _edit_composer(
    actor: Actor, form: ComposerForm, thread_id: int, number: int
) -> tuple[Composer, DraftText]:
    facts = queries.thread_facts(actor, thread_id)
    found = queries.post_facts(facts, number)
    if request.method != "POST":
        require_edit(actor, facts, found)
        form.based_on.data = str(found.version)
    based_on = number_from(form.based_on.data or None, default=found.version)

    def publish(actor: Actor, text: Prepared, posting: Posting) -> Post:
        form.based_on.data = str(found.version)
        return actions.edit_post(
            actor,
            found.id,
            text=text,
            based_on=based_on,
            asks_for_help=posting.asks_for_help,
            draft=posting.draft,
            kept=posting.kept,
        )

    composer = Composer(
        place=f"edit:{found.id}",
        language=found.language,
        heading=gettext("Change your post"),
        url=f"{post_url(thread_id, number)}/edit",
        back=post_url(thread_id, number),
        form=form,
        publish=publish,
        thread=facts,
        refusal=refusal_of(lambda: require_edit(actor, facts, found)),
    )
    kept = " ".join(kept_findings(found.id, found.version))
    return composer, DraftText(found.source, kept=kept)


@pages.post("/resume")
@gives_text_back
def resume() -> Answer:
    """Sign in with a text in hand: it becomes a draft at the place it was meant for."""
    form, url = ComposerForm(), safe_path(request.form.get("url", "/"))
    if is_forged():
        put_forgery(form)
        return show_sign_in(form, url, 400)
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        token = open_session(email, password, browser=current_browser())
    except (Invalid, TooMany) as error:
        form.form_errors.append(error.message)
        return show_sign_in(form, url, status_of(error))
    start_session(token)
    place = _place_at(current_actor(), url)
    with transaction():
        draft = save_draft(current_actor(), place, text_of(form))
    flash(gettext("Welcome back. Your text is kept as a draft; publish it when you are ready."))
    if draft is not None and draft.place != place:
        flash(kept_apart())
    leads_to = "/new" if place == "new" else url
    return redirect(draft_url(leads_to, draft.place if draft else place), 303)


def _place_at(actor: Actor, url: str) -> str:
    # A text whose place is gone, or not theirs, becomes the draft of a new thread rather than nothing.
    found = _COMPOSER.fullmatch(url)
    if found is None:
        return "new"
    try:
        thread = queries.thread_facts(actor, int(found["thread"]))
        if found["number"] is None:
            return f"reply:{thread.id}" if can_reply(actor, thread) else "new"
        post = queries.post_facts(thread, int(found["number"]))
        return f"edit:{post.id}" if can_edit(actor, thread, post) else "new"
    except NotFound:
        return "new"
