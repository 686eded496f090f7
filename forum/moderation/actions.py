"""What moderators do with cases: take one, give it back, decide. And authors: take a post back."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.models import Member
from forum.accounts.queries import actor_by_id
from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import db
from forum.discussion.actions import ASKS_FOR_HELP, Prepared, revise_post
from forum.discussion.curating_queries import tags_of
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.finding_queries import kept_findings, shuts_out
from forum.discussion.models import Draft, Post, Revision, Thread
from forum.discussion.numbering_actions import announce, number_post
from forum.discussion.rules import is_locked
from forum.errors import Conflict, Invalid, NotFound
from forum.hookspecs import CaseDecided, CaseNeeded
from forum.jobs.queue import emit
from forum.moderation import deed_actions as deeds
from forum.moderation.deed_actions import noted
from forum.moderation.desk_actions import Desk, desk, locked_post
from forum.moderation.models import Case
from forum.moderation.rules import (
    CLAIM,
    WORDS_LENGTH,
    PlaceOfPost,
    can_decide,
    is_claimed_by,
    obstacle_to_publishing,
    require_mendable,
    require_some_cases,
    writer,
)
from forum.permissions import Actor, require, require_member
from forum.text.lines import is_readable_line
from forum.text.markdown import normalize


def open_case(needed: CaseNeeded) -> None:
    """Have a person look at a post; one case of a kind for each post. Help that was given is asked
    for anew in the same case."""
    already = select(Case).where(Case.post_id == needed.post_id, Case.kind == needed.kind)
    case = db.session.scalar(already.with_for_update())
    if case is None:
        db.session.add(Case(post_id=needed.post_id, kind=needed.kind, reason=needed.reason))
    elif case.kind == "help" and case.closed_at is not None:
        case.opened_at, case.reason = utcnow(), needed.reason
        case.closed_at = case.closed_by = case.decision = None
        case.decision_reason = ""


def claim_case(actor: Actor, case_id: int) -> None:
    """Take a case for half an hour, or for half an hour more.

    Raises:
        NotAllowed: no cases are for the actor.
        NotFound: there is no such case, or they may not see its thread.
        Conflict: somebody else has it, or it is decided.
    """
    require_some_cases(actor)
    case = desk(actor, case_id).case
    _require_open(case)
    _require_free(actor, case)
    case.claimed_by, case.claimed_until = actor.id, utcnow() + CLAIM


def release_case(actor: Actor, case_id: int) -> None:
    """Give a case back before its time is over; one that the actor does not have stays as it is.

    Raises:
        NotAllowed: no cases are for the actor.
        NotFound: there is no such case, or they may not see its thread.
    """
    require_some_cases(actor)
    case = desk(actor, case_id).case
    if is_claimed_by(actor, case, utcnow()):
        case.claimed_by = case.claimed_until = None


def publish_held(actor: Actor, case_id: int, *, words: str = "") -> Post:
    """Publish what a case held, with the next number and the present time, and tell its author.

    Doing it again changes nothing.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: the words are too long, or the case holds nothing.
        Conflict: somebody else has the case or has decided it, or the thread does not take the post.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if _was_decided_by(actor, found.case, "published"):
        return found.post
    _require_decidable(actor, found.case, "hold")
    if obstacle := _obstacle_to_publishing(found):
        raise Conflict(obstacle)
    words, post = _checked_words(words), found.post
    with noted(actor, deeds.PUBLISH, found, words):
        _decide(actor, found.case, "published", words)
        post.created_at = utcnow()
        number_post(found.thread, post, at=post.created_at)
        db.session.flush()
    announce(found.thread, post)
    if shuts_out(post.id, post.version):
        # Its author asked for help, or it could not have been posted; now it can be given.
        open_case(CaseNeeded(post_id=post.id, kind="help", reason=ASKS_FOR_HELP))
    return post


def remove_held(actor: Actor, case_id: int, *, reason: str) -> Post:
    """Do not publish what a case held, and tell its author why. It never gets a number; they can
    still read it. Doing it again changes nothing.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: there is no reason, it is too long, or the case holds nothing.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "case.decide")
    found = desk(actor, case_id)
    if _was_decided_by(actor, found.case, "removed"):
        return found.post
    _require_decidable(actor, found.case, "hold")
    reason = _checked_words(reason)
    if not reason:
        raise Invalid("words", gettext("Say why; the author reads it."))
    post = found.post
    with noted(actor, deeds.REMOVE, found, reason):
        _decide(actor, found.case, "removed", reason)
        post.removed_at, post.removed_by = found.case.closed_at, actor.id
        post.removal, post.removal_reason = "moderator", reason
    return post


def finish_help(actor: Actor, case_id: int, *, words: str = "") -> Post:
    """Note that an author who asked for help was helped, and tell them. Doing it again changes
    nothing.

    Raises:
        NotAllowed: the actor does not help with accessibility.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: the words are too long, or the case holds a post.
        Conflict: somebody else has the case or has decided it.
    """
    require(actor, "accessibility.help")
    found = desk(actor, case_id)
    if not _was_decided_by(actor, found.case, "done"):
        _require_decidable(actor, found.case, "help")
        words = _checked_words(words)
        with noted(actor, deeds.FINISH, found, words):
            _decide(actor, found.case, "done", words)
    return found.post


def mend_post(
    actor: Actor,
    case_id: int,
    *,
    text: Prepared,
    based_on: int,
    draft: str = "",
    kept: Collection[str] | None = None,
) -> Post:
    """Give a post for which help was asked a new version. The case stays open: whoever helped ends it
    with a word to the author.

    Args:
        based_on, draft, kept: as in ``edit_post``.

    Raises:
        NotAllowed: the actor does not help with accessibility, or a check refuses.
        NotFound: there is no such case, or they may not see its thread.
        Invalid: the case holds a post.
        Conflict: somebody else has the case or has decided it; the post was changed or removed.
    """
    require(actor, "accessibility.help")
    found = desk(actor, case_id)
    _require_decidable(actor, found.case, "help")
    require_mendable(found.thread, found.post)
    revise_post(
        actor,
        found.thread,
        found.post,
        text=text,
        based_on=based_on,
        draft=draft,
        kept=kept,
        kind=deeds.MEND,
    )
    return found.post


def withdraw_held(actor: Actor, post_id: int) -> None:
    """Take back one's own post that waits for a moderator. Doing it again changes nothing.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is no such post of theirs.
        Conflict: a moderator has decided already.
    """
    require_member(actor)
    case, post = _own_held(actor, post_id)
    if case.decision == "withdrawn":
        return
    if case.closed_at is not None:
        raise Conflict(gettext("A moderator has decided about this post meanwhile."))
    _close(actor, case, "withdrawn")
    post.removed_at, post.removed_by, post.removal = case.closed_at, actor.id, "author"


def draft_anew(actor: Actor, post_id: int) -> str:
    """Make a draft of one's own post that was held and will not appear: the place of the draft.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: there is no such post of theirs.
        Conflict: it still waits, was published, or there is another draft at that place.
    """
    require_member(actor)
    case, post = _own_held(actor, post_id)
    if case.decision not in ("removed", "withdrawn"):
        raise Conflict(gettext("Take the post back first, then write it anew."))
    thread = db.session.get_one(Thread, post.thread_id)
    revision = db.session.get_one(Revision, (post.id, post.version))
    source, language = revision.source, revision.language
    kept = " ".join(kept_findings(post.id, post.version))
    place = f"reply:{thread.id}" if thread.last_number else "new"
    _require_room(actor, place, source)
    if place == "new":
        text = DraftText(
            source,
            title=thread.title,
            tags=", ".join(tags_of(thread.id)),
            category_id=thread.category_id,
            language=language,
            kept=kept,
        )
    else:
        text = DraftText(source, in_reply_to=post.in_reply_to, language=language, kept=kept)
    save_draft(actor, place, text)
    return place


def _require_room(actor: Actor, place: str, source: str) -> None:
    kept = db.session.scalar(
        select(Draft.source).where(Draft.member_id == actor.id, Draft.place == place)
    )
    if kept is not None and kept != source and kept.strip():
        raise Conflict(
            gettext("You have begun another text there. Publish or discard that draft first.")
        )


def _own_held(actor: Actor, post_id: int) -> tuple[Case, Post]:
    case = db.session.scalar(
        select(Case)
        .join(Post, Post.id == Case.post_id)
        .where(Case.post_id == post_id, Case.kind == "hold", Post.author_id == actor.id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(gettext("There is no such post of yours."))
    return case, locked_post(post_id)


def _was_decided_by(actor: Actor, case: Case, decision: str) -> bool:
    # The same button pressed twice; somebody else's decision is news to this moderator.
    return case.closed_by == actor.id and case.decision == decision


def _require_decidable(actor: Actor, case: Case, kind: str) -> None:
    _require_open(case)
    _require_free(actor, case)
    if case.kind != kind:
        raise Invalid("words", gettext("This cannot be decided about this case. Reload the page."))


def _require_open(case: Case) -> None:
    if case.closed_at is None:
        return
    if case.decision == "withdrawn":
        raise Conflict(gettext("The author has taken this post back meanwhile."))
    raise Conflict(
        gettext("%(name)s has decided this case meanwhile.", name=_name_of(case.closed_by))
    )


def _require_free(actor: Actor, case: Case) -> None:
    if can_decide(actor, case, utcnow()):
        return
    raise Conflict(
        gettext(
            "%(name)s has this case at present. Wait until it is given back, or talk to them.",
            name=_name_of(case.claimed_by),
        )
    )


def _name_of(member_id: int | None) -> str:
    name = db.session.scalar(select(Member.name).where(Member.id == member_id))
    return name or gettext("Somebody")


def _checked_words(words: str) -> str:
    words = normalize(words).replace("\t", " ").strip()
    if len(words) > WORDS_LENGTH:
        message = gettext(
            "Shorten this to %(most)d characters; it has %(n)d.", most=WORDS_LENGTH, n=len(words)
        )
        raise Invalid("words", message)
    if not all(is_readable_line(line) for line in words.split("\n")):
        raise Invalid("words", gettext("Leave invisible characters out."))
    return words


def _obstacle_to_publishing(found: Desk) -> str:
    author = db.session.get_one(Member, found.post.author_id)
    place = PlaceOfPost(
        category_id=found.thread.category_id,
        category=db.session.get_one(Category, found.thread.category_id).title,
        is_started=found.thread.last_number > 0,
        is_removed=found.thread.removed_at is not None,
        is_locked=is_locked(found.thread),
        author=None if author.closed_at is not None else writer(actor_by_id(author.id)),
    )
    return obstacle_to_publishing(place)


def _decide(actor: Actor, case: Case, decision: str, words: str) -> None:
    _close(actor, case, decision)
    case.decision_reason = words
    emit(CaseDecided(post_id=case.post_id, kind=case.kind, decision=decision, words=words))


def _close(actor: Actor, case: Case, decision: str) -> None:
    case.closed_at, case.closed_by, case.decision = utcnow(), actor.id, decision
    case.claimed_by = case.claimed_until = None
