"""What of curating stands in the moderators' record, and how each of it is undone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from forum import db as database
from forum.community.setting_queries import value_of
from forum.db import db
from forum.discussion.author_actions import tell_of_post_again, tell_of_thread_again
from forum.discussion.curating_queries import categories_to_move_to, tags_of
from forum.discussion.models import WAITING, WITHDRAWN, MovedNumber, Post, Thread
from forum.discussion.rules import is_answerable
from forum.discussion.settings import PINNED
from forum.discussion.tag_actions import keep_tags
from forum.errors import Conflict, NotFound
from forum.permissions import Actor, require
from forum.record.actions import Recording, recorded
from forum.record.models import LogEntry, LogStep
from forum.record.queries import steps_of
from forum.record.relation_actions import TableRelation
from forum.record.rules import (
    DeedKind,
    Dependents,
    Entry,
    Labels,
    Values,
    define_kind,
    define_relation,
)

CURATE = "thread.curate"
NAME_OF_LENGTHS = "thread_lengths"
"""The relation in which a split notes the thread that it made; see ``place_actions``."""
MOST_FEATURED = 5
"""So many threads may stand in the short list on the front page: more would hide what is new."""


class Listed(Protocol):
    """A thread, or facts about one, with what puts it first in lists."""

    @property
    def category_id(self) -> int:
        """Where it stands."""

    @property
    def pinned_at(self) -> datetime | None:
        """Since when it stands first in its category."""

    @property
    def featured_at(self) -> datetime | None:
        """Since when it stands on the front page."""


class _Tags:
    """What threads are filed under; a key is a thread's."""

    name = "thread_tags"
    is_whole = True
    labels = Labels(_("Tags"), {"tags": _("Tags")})

    def read(self, key: str, *, held: bool = False) -> Values:
        """All tags of the thread. They are held with its row, which whoever files it holds."""
        del held
        return {"tags": tags_of(int(key))}

    def read_all(self, keys: Collection[str], *, held: bool = False) -> dict[str, Values]:
        """No deed files more than one thread."""
        return {key: self.read(key, held=held) for key in keys}

    def write(self, key: str, values: Values) -> None:
        """Give the thread these tags and no others."""
        keep_tags(int(key), values["tags"])

    def dependents(self, key: str) -> list[Dependents]:
        """Nothing refers to a tag."""
        del key
        return []

    def owner(self, key: str) -> int | None:
        """Who started the thread."""
        found: int | None = db.session.scalar(_starter(int(key)))
        return found


def _starter(thread_id: int) -> Any:
    return select(Thread.author_id).where(Thread.id == thread_id)


_REMOVAL = {
    "removed_at": _("Removed since"),
    "removed_by": _("Removed by"),
    "removal_reason": _("Reason of the removal"),
}
THREAD_ROWS = define_relation(
    TableRelation(
        Thread,
        (
            *("title", "category_id", "answer_number", "pinned_at"),
            *("locked_at", "locked_by", "lock_reason", "locked_until"),
            *("slow_minutes", "featured_at"),
            *_REMOVAL,
        ),
        labels=Labels(
            _("Thread"),
            {
                "title": _("Title"),
                "category_id": _("Category"),
                "answer_number": _("Number of the answer"),
                "pinned_at": _("Pinned since"),
                "locked_at": _("Locked since"),
                "locked_by": _("Locked by"),
                "lock_reason": _("Reason of the lock"),
                "locked_until": _("Locked until"),
                "slow_minutes": _("Minutes between posts of a member"),
                "featured_at": _("Featured since"),
                **_REMOVAL,
            },
            people=frozenset({"locked_by", "removed_by"}),
            categories=frozenset({"category_id"}),
        ),
        owner=_starter,
        goes_with=frozenset({"thread_tags"}),
    )
)
POST_ROWS = define_relation(
    TableRelation(
        Post,
        ("removal", *_REMOVAL, "label"),
        labels=Labels(
            _("Post"),
            {"removal": _("Who took it away"), **_REMOVAL, "label": _("Label for readers")},
            {
                **{"author": _("its author"), "moderator": _("a moderator")},
                **{WITHDRAWN: _("its author"), WAITING: _("nobody: it waits for a moderator")},
            },
            people=frozenset({"removed_by"}),
        ),
        owner=lambda post_id: select(Post.author_id).where(Post.id == post_id),
    )
)
TAG_ROWS = define_relation(_Tags())


def _held_threads(actor: Actor, entry: Entry) -> list[Thread]:
    """The thread to which it was done, and the one in which the post stands now if that is another,
    their rows held. The actor curates both."""
    of_post = select(Post.thread_id).where(Post.id == entry.post_id)
    now = db.session.scalar(of_post)
    # In one order, as whoever moves posts holds them.
    both = select(Thread).where(Thread.id.in_({entry.thread_id, now} - {None})).order_by(Thread.id)
    held = both.with_for_update().execution_options(populate_existing=True)
    threads = sorted(db.session.scalars(held), key=lambda one: one.id != entry.thread_id)
    if not threads or threads[0].id != entry.thread_id:
        raise NotFound(gettext("This thread does not exist any more."))
    for thread in threads:
        require(actor, CURATE, thread)
    if db.session.scalar(of_post) != now:
        raise Conflict(gettext("The post was moved to another thread meanwhile. Look again."))
    return threads


def is_unmade(thread: Thread) -> bool:
    """Whether the split that made the thread was undone, and no post came there since."""
    undone = (
        select(LogEntry.id)
        .join(LogStep, LogStep.entry_id == LogEntry.id)
        .where(LogEntry.undo_of.is_not(None))
        .where(LogStep.relation == NAME_OF_LENGTHS, LogStep.row == str(thread.id))
    )
    return thread.last_number == 0 and db.session.scalar(undone.limit(1)) is not None


def _nothing_left(entry: Entry) -> str:
    """Why what was done to a thread is not undone that is none any more. Empty when it is one."""
    thread = db.session.get(Thread, entry.thread_id)
    if thread is None or not is_unmade(thread):
        return ""
    message: str = gettext(
        "The split that made this thread was undone since, so nothing is left to undo here."
    )
    return message


def _waits_again(entry: Entry) -> str:
    """Why the removal or return of a post is not undone that waits for a moderator, because its
    publication was undone since. Empty when it does not wait."""
    waiting = select(Post.id).where(Post.id == entry.post_id, Post.removal == WAITING)
    if database.value(waiting) is None:
        return ""
    message: str = gettext(
        "The post waits for a moderator again, so nothing is left to undo here. Decide its case."
    )
    return message


def _require_curator(actor: Actor, entry: Entry) -> Thread:
    thread = _held_threads(actor, entry)[0]
    if thread.last_number == 0 and not is_unmade(thread):
        message = gettext("All posts of this thread were moved to another one. Undo that first.")
        raise Conflict(message)
    return thread


def _require_there(actor: Actor, entry: Entry) -> Thread:
    thread = _require_curator(actor, entry)
    _require_not_removed(thread)
    return thread


def _require_not_removed(thread: Thread) -> None:
    if thread.removed_at is not None:
        raise Conflict(gettext("The thread is removed. Restore it first, then undo this."))


def _require_there_now(actor: Actor, entry: Entry) -> None:
    """Of a post: the thread in which it stands now is the one that must be there."""
    _require_not_removed(_held_threads(actor, entry)[-1])


def require_way_back(actor: Actor, entry: Entry) -> None:
    """As whoever moves it there: to a category that is still there and in which they curate. A thread
    that is none any more goes nowhere, so what else belongs to its move can be undone."""
    if is_unmade(_require_there(actor, entry)):
        return
    open_to = {category.id for category in categories_to_move_to(actor)}
    former = [s.before["category_id"] for s in steps_of(entry.id) if "category_id" in s.before]
    if not open_to.issuperset(former):
        message = gettext(
            "The category it stood in is gone, or you may not move threads there. Move it to another."
        )
        raise Conflict(message)


def pinned_since(entry: Entry) -> str:
    """Why the move of a thread cannot be undone as things are now: it was pinned where it stands, and a
    pin belongs to a category. Empty when it is not pinned."""
    pinned = select(Thread.id).where(Thread.id == entry.thread_id, Thread.pinned_at.is_not(None))
    if database.value(pinned) is None:
        return ""
    message: str = gettext(
        "The thread was pinned meanwhile in the category where it stands now. Unpin it first, then undo "
        "this."
    )
    return message


def settle(entry: Entry) -> None:
    """What follows from the posts as they are now, where it was done and where its post was moved since;
    refuses what could not have been done today."""
    assert entry.thread_id is not None
    of_post = select(Post.thread_id).where(Post.id == entry.post_id)
    for number in sorted({entry.thread_id, *db.session.scalars(of_post)}):
        thread = db.session.get_one(Thread, number, with_for_update=True, populate_existing=True)
        note_newest(thread)
        if is_unmade(thread):
            thread.answer_number = None
        require_answer(thread)


def require_answer(thread: Thread) -> None:
    """Refuse when what is marked as the answer is none that can be read.

    Raises:
        Conflict: so it is.
    """
    if thread.answer_number is None or _answers(thread):
        return
    left = MovedNumber.thread_id == thread.id, MovedNumber.number == thread.answer_number
    if db.session.scalar(select(MovedNumber.post_id).where(*left)) is None:
        message = gettext(
            "The post that was the answer cannot be read any more. Nothing was undone."
        )
    else:
        message = gettext(
            "The post that was the answer stands in another thread now. Nothing was undone; undo that it "
            "was moved first."
        )
    raise Conflict(message)


def _answers(thread: Thread) -> bool:
    there = Post.thread_id == thread.id, Post.number == thread.answer_number
    post = db.session.scalar(select(Post).where(*there).execution_options(populate_existing=True))
    return post is not None and is_answerable(post)


def require_room(thread: Thread) -> None:
    """Refuse a thread that readers find, pinned or featured where there is no room for one more, after
    it was put back so.

    Raises:
        Conflict: so it is.
    """
    if thread.removed_at is not None or thread.last_number == 0:
        return
    if thread.pinned_at is not None:
        require_pins(thread.category_id, value_of(PINNED) + 1)
    if thread.featured_at is not None:
        require_featured(MOST_FEATURED + 1)


def require_room_again(entry: Entry) -> None:
    """As ``require_room``, of the thread of an entry that is undone."""
    assert entry.thread_id is not None
    require_room(db.session.get_one(Thread, entry.thread_id, populate_existing=True))


def marks_without_room(thread: Listed) -> list[str]:
    """What a removed thread cannot have again when it comes back, as others took its place meanwhile:
    ``pinned_at``, ``featured_at``."""
    lost = []
    if thread.pinned_at is not None and _count_pinned(thread.category_id) >= value_of(PINNED):
        lost.append("pinned_at")
    if thread.featured_at is not None and _count_featured() >= MOST_FEATURED:
        lost.append("featured_at")
    return lost


def require_pins(category_id: int, room_for: int) -> None:
    """Refuse when ``room_for`` or more threads are pinned in the category.

    Raises:
        Conflict: so it is.
    """
    if _count_pinned(category_id) >= room_for:
        message = gettext(
            "%(n)s threads are pinned in this category, which is the most. Unpin one of them first.",
            n=value_of(PINNED),
        )
        raise Conflict(message)


def require_featured(room_for: int) -> None:
    """Refuse when ``room_for`` or more threads are featured.

    Raises:
        Conflict: so it is.
    """
    if _count_featured() >= room_for:
        message = gettext(
            "%(n)s threads are featured, which is the most. Take one of them from the front page "
            "first.",
            n=MOST_FEATURED,
        )
        raise Conflict(message)


def _count_pinned(category_id: int) -> int:
    return _count_there(Thread.category_id == category_id, Thread.pinned_at.is_not(None))


def _count_featured() -> int:
    return _count_there(Thread.featured_at.is_not(None))


def _count_there(*conditions: Any) -> int:
    """How many threads that readers find are so."""
    there = Thread.removed_at.is_(None), Thread.last_number > 0
    count = select(func.count()).select_from(Thread).where(*there, *conditions)
    return db.session.scalar(count) or 0


def note_newest(thread: Thread) -> None:
    """Lists say who wrote last and when; what cannot be read must not put a thread first."""
    db.session.flush()
    # Posts that were moved here have higher numbers than some that are newer.
    newest = db.session.execute(
        select(Post.created_at, Post.author_id)
        .where(Post.thread_id == thread.id, Post.number.is_not(None))
        .order_by(Post.removed_at.is_not(None), Post.created_at.desc(), Post.number.desc())
        .limit(1)
    ).first()
    if newest is not None:
        thread.last_posted_at, thread.last_author_id = newest


IN_HISTORY = _(
    "The words before stand in the post's history. To have them back, copy them from there and edit the "
    "post once more."
)


def _kind(name: str, words: Any, permission: str = CURATE, **how: Any) -> str:
    options = {"require_undo": _require_there, "obstacle": _nothing_left, **how}
    return define_kind(DeedKind(name, words, permission, **options)).name


LOCK = _kind("thread.lock", _("thread locked"))
UNLOCK = _kind("thread.unlock", _("thread unlocked"))
PIN = _kind("thread.pin", _("thread pinned"))
UNPIN = _kind("thread.unpin", _("thread unpinned"), after_undo=require_room_again)
SLOW = _kind("thread.slow", _("slow mode set"))
FEATURE = _kind("thread.feature", _("thread featured"))
UNFEATURE = _kind(
    "thread.unfeature", _("thread not featured any more"), after_undo=require_room_again
)
MOVE = _kind(
    "thread.move",
    _("thread moved"),
    require_undo=require_way_back,
    after_undo=require_room_again,
    obstacle=lambda entry: _nothing_left(entry) or pinned_since(entry),
)
_OF_THREAD: dict[str, Any] = {
    "require_undo": _require_curator,
    "after_undo": require_room_again,
    "tell_undone": tell_of_thread_again,
}
REMOVE_THREAD = _kind("thread.remove", _("thread removed"), is_verdict=True, **_OF_THREAD)
RESTORE_THREAD = _kind("thread.restore", _("thread restored"), **_OF_THREAD)
FILE = _kind("thread.file", _("title or tags changed"))
MARK = _kind("answer.mark", _("answer marked"), after_undo=settle)
UNMARK = _kind("answer.unmark", _("answer taken back"), after_undo=settle)
_OF_POST: dict[str, Any] = {
    "require_undo": _require_there_now,
    "after_undo": settle,
    "tell_undone": tell_of_post_again,
    "obstacle": _waits_again,
}
REMOVE_POST = _kind("post.remove", _("post removed"), is_verdict=True, **_OF_POST)
RESTORE_POST = _kind("post.restore", _("post restored"), **_OF_POST)
EDIT = _kind("post.edit", _("post edited"), "post.edit_any", final=IN_HISTORY)
EMPTY = _kind(
    "version.empty",
    _("version emptied"),
    final=_("The words of an emptied version are gone for good, so nothing can bring them back."),
)


@contextmanager
def noted(
    actor: Actor,
    kind: str,
    thread: Thread,
    post: Post | None = None,
    *,
    reason: str = "",
    is_own: bool = False,
) -> Iterator[Recording]:
    """Do something to a thread, or to a post in it, and note it in the moderators' record.

    Args:
        is_own: what everybody may do with what is theirs is no deed of a moderator, and not noted.
    """
    if is_own:
        yield Recording()
        return
    about = {"post": None if post is None else post.id, "member": (post or thread).author_id}
    with recorded(actor, kind, thread=thread.id, reason=reason, **about) as recording:
        recording.watch(THREAD_ROWS.name, thread.id)
        if post is not None:
            recording.watch(POST_ROWS.name, post.id)
        yield recording
