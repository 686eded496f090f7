"""Places in pages into which plugins put something."""

from __future__ import annotations

from typing import Protocol

from flask import Flask

from forum.hookspecs import ShownThread
from forum.plugin_host import current_host
from forum.plugin_host.dispatch import Part
from forum.web.page import reader_of
from forum.web.visit import current_actor


class Thread(Protocol):
    """The thread that a page is about."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def category_id(self) -> int:
        """Its category."""

    @property
    def title(self) -> str:
        """Its title."""


def init_slots(app: Flask) -> None:
    """Give templates the places they may fill; the macro ``parts`` shows what is in one."""
    app.jinja_env.globals.update(
        slot_front_aside=slot_front_aside,
        slot_thread_aside=slot_thread_aside,
        slot_compose_aside=slot_compose_aside,
    )


def slot_front_aside() -> list[Part]:
    """What stands beside the threads of the front page."""
    return _parts("slot_front_aside")


def slot_thread_aside(thread: Thread) -> list[Part]:
    """What stands beside a thread."""
    return _parts("slot_thread_aside", thread=_shown(thread))


def slot_compose_aside(thread: Thread | None) -> list[Part]:
    """What stands below the form in which somebody writes."""
    return _parts("slot_compose_aside", thread=None if thread is None else _shown(thread))


def _shown(thread: Thread) -> ShownThread:
    return ShownThread(thread.id, thread.category_id, thread.title)


def _parts(hook: str, **given: object) -> list[Part]:
    host = current_host()
    if not host.is_heard(hook):
        return []
    return host.slot(hook, reader=reader_of(current_actor()), **given)
