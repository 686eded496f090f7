"""How moderators go on from one thing that waits for them to the next: the addresses, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, jsonify, redirect, request
from flask_babel import gettext

from forum.moderation.measure_appeal_queries import OpenAppeal
from forum.moderation.measure_appeal_rules import mark_of_appeal
from forum.moderation.next_queries import Next, Place, next_behind
from forum.moderation.rules import kinds_for, mark_of
from forum.permissions import Actor
from forum.web.addresses import log_url
from forum.web.forms import Answer
from forum.web.page import say_undoable


@dataclass(frozen=True, slots=True)
class Queue:
    """The cases that somebody works through: those of one kind, or all. Its addresses carry that on."""

    kind: str

    @property
    def url(self) -> str:
        """The list, from its beginning."""
        return "/moderation" + self._only

    def further(self, case_id: int) -> str:
        """The list behind a case."""
        return f"/moderation?{f'kind={self.kind}&' if self.kind else ''}after={case_id}"

    def chosen(self, after: int | None) -> str:
        """The list behind a case, or from its beginning, with all of it chosen."""
        page = self.url if after is None else self.further(after)
        return f"{page}{'&' if '?' in page else '?'}chosen=all"

    def case(self, case_id: int, verb: str = "") -> str:
        """The page of a case, or where something is done with it."""
        return f"/moderation/{case_id}{verb and f'/{verb}'}{self._only}"

    def measure(self, appeal_id: int, verb: str = "") -> str:
        """The page of an appeal about a measure, or where something is done with it."""
        return f"/moderation/measures/{appeal_id}{verb and f'/{verb}'}{self._only}"

    def page_of(self, following: Next) -> str:
        """The page of what comes next."""
        is_appeal = isinstance(following, OpenAppeal)
        return self.measure(following.id) if is_appeal else self.case(following.id)

    def beginning(self, following: Next | None) -> str:
        """Where one reads on: at the heading of what comes next, or in the list when there is nothing."""
        return self.url if following is None else self.page_of(following) + "#case"

    @property
    def _only(self) -> str:
        return f"?kind={self.kind}" if self.kind else ""


def queue_of(actor: Actor) -> Queue:
    """The queue that the address of the request names."""
    kind = request.args.get("kind", "")
    return Queue(kind if kind in kinds_for(actor) else "")


def go_on(actor: Actor, place: Place, said: str, entry_id: int | None) -> Answer:
    """The answer to a decision: what waits behind it.

    Args:
        said: what was done, for the actor.
        entry_id: what of it the actor can undo, if anything.
    """
    queue = queue_of(actor)
    following = next_behind(actor, place, kind=queue.kind)
    undo = "" if entry_id is None else log_url(entry_id)
    if following is not None and _asks_for_facts():
        return jsonify(
            words=said,
            undo=undo,
            undo_words=gettext("Undo"),
            next=queue.page_of(following),
            mark=_mark_of(following),
        )
    if undo:
        say_undoable(said, undo)
    else:
        flash(said)
    if _asks_for_facts():
        return jsonify(next=queue.url)
    return redirect(queue.beginning(following), 303)


def _mark_of(following: Next) -> str:
    if isinstance(following, OpenAppeal):
        return mark_of_appeal(following)
    return mark_of(following)


def _asks_for_facts() -> bool:
    """Whether the script of the page asks, which has fetched the next case already."""
    wanted = request.accept_mimetypes
    return wanted["application/json"] > wanted["text/html"]
