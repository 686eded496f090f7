"""The numbers of posts in an archive: whether each thread has all of them, and each once."""

from __future__ import annotations

from forum.admin.archive_container import unfit
from forum.admin.archive_fields import File
from forum.admin.archive_format import MOVED_NUMBERS, POSTS, THREADS
from forum.admin.archive_records import Record, wrong


class Numbers:
    """The numbers of the posts in their threads: 1, 2, 3 … without a gap, each once, those of posts
    that were moved included."""

    def __init__(self, posts: int) -> None:
        self._posts = posts
        self._ends: dict[int, tuple[int, int]] = {}
        self._total = 0
        self._taken = bytearray()
        self._answered: dict[tuple[int, int], int] = {}

    def expect(self, line: int, thread: Record) -> None:
        """This thread has numbers up to its last."""
        begin, self._total = self._total, self._total + thread["last_number"]
        if self._total > self._posts:
            raise wrong(THREADS, line, "last_number is larger than there are posts")
        self._taken.extend(bytes(thread["last_number"]))
        self._ends[thread["id"]] = (begin, thread["last_number"])

    def take(self, line: int, post: Record) -> None:
        """This post has its number; one that is held has none."""
        begin, last = self._ends[post["thread"]]
        if (post["number"] or 0) > last:
            raise self._too_large(line)
        if (post["in_reply_to"] or 0) > last:
            # What it answered stands elsewhere again, or it answers nothing.
            self._answered.setdefault((post["thread"], post["in_reply_to"]), line)
        if post["number"] is None:
            return
        self._fill(POSTS, line, begin + post["number"] - 1)

    def leave(self, line: int, moved: Record) -> None:
        """The post that had this number stands elsewhere; it may be beyond the thread's last."""
        begin, last = self._ends[moved["thread"]]
        self._answered.pop((moved["thread"], moved["number"]), None)
        if moved["number"] <= last:
            self._fill(MOVED_NUMBERS, line, begin + moved["number"] - 1)

    def _fill(self, file: File, line: int, place: int) -> None:
        if self._taken[place]:
            raise wrong(file, line, "another post of the thread has this number")
        self._taken[place] = 1

    def _too_large(self, line: int) -> Exception:
        return wrong(POSTS, line, "number or in_reply_to is larger than its thread's last_number")

    def require_all(self) -> None:
        """Refuse gaps, and replies to what never was."""
        for line in self._answered.values():
            raise self._too_large(line)
        gap = self._taken.find(0)
        for thread_id, (begin, last) in self._ends.items():
            if begin <= gap < begin + last:
                number = gap - begin + 1
                raise unfit(f"posts.jsonl: thread {thread_id} has no post with number {number}.")
