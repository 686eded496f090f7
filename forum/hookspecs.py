"""Every hook, and what its implementations are given and give back.

The prefix of a hook's name tells its kind: when it runs and what happens when an implementation
crashes. ``docs/HOOKS.md`` is the page for people who write implementations; a test compares the
two. A hook may gain options later: an implementation names only those it wants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pluggy
from click import Command
from flask import Blueprint
from markupsafe import Markup

from forum.brought import (
    ArchivedTable,
    CaseKind,
    CookieOffer,
    Door,
    GivenCookie,
    JobCall,
    NavigationEntry,
    PeriodicWork,
    Permission,
    PluginJob,
    PluginSetting,
)
from forum.events import CaseDecided, FlagsAnswered, PostCurated, PostEdited, PostPublished
from forum.review import Draft, Finding

# What others take from here although it is not from here.
__all__ = [
    "ArchivedTable",
    "CaseDecided",
    "CaseKind",
    "CookieOffer",
    "Door",
    "FlagsAnswered",
    "GivenCookie",
    "JobCall",
    "NavigationEntry",
    "PeriodicWork",
    "Permission",
    "PluginJob",
    "PluginSetting",
    "PostCurated",
    "PostEdited",
    "PostPublished",
]

PROJECT = "forum"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class PostToCheck:
    """A post that is about to be published.

    Attributes:
        thread_id: the thread it goes to; ``None`` when it starts one.
        category_id: the category of that thread.
        title: of a thread being started, or of one that is given another title; ``None`` for a reply
            or an edit of words.
        source: the Markdown.
        member_id: who wrote it; of an edit, who changed it.
        is_edit: whether it replaces an earlier version of the same post.
        findings: what the reviewers said of it.
        before: the Markdown that an edit replaces, below the title where that is what changes; empty
            for a new post.
    """

    thread_id: int | None
    category_id: int
    title: str | None
    source: str
    member_id: int
    is_edit: bool
    findings: tuple[Finding, ...]
    before: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps a post for a moderator.

    Attributes:
        reason: why, as a sentence for the moderator and the author; 1 to 1,000 characters.
        harm: whether readers could come to harm by it. Then a person decides, however long that
            takes; else the clock publishes it, labelled, when nobody has decided in time.
    """

    reason: str
    harm: bool = False


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A post that is being published in the transaction under way.

    Attributes:
        post_id: the post.
        thread_id: its thread.
        category_id: the category of the thread.
        number: its number in the thread, from 1.
        is_first: whether it starts the thread.
        author_id: who wrote it.
        in_reply_to: number of the post it answers; ``None`` when it answers none in particular.
    """

    post_id: int
    thread_id: int
    category_id: int
    number: int
    is_first: bool
    author_id: int
    in_reply_to: int | None


@dataclass(frozen=True, slots=True)
class CaseNeeded:
    """A post that a person must look at.

    Attributes:
        post_id: the post.
        kind: ``hold`` when it waits for a moderator, ``help`` when its author asks for help with
            accessibility, ``first`` when it is one of the first posts of a newcomer and waits,
            ``welcome`` when it is one and was published at once.
        reason: why, as a sentence for the moderator and the author.
        needs_person: why the clock never publishes it: ``harm``, ``links`` of a newcomer, or empty.
    """

    post_id: int
    kind: str
    reason: str
    needs_person: str = ""


@dataclass(frozen=True, slots=True)
class DeedRecorded:
    """Something that a moderator did, or undid, and that stands in the record now.

    Attributes:
        entry_id: the entry.
        kind: what was done, such as ``post.remove``; of an undoing, what was undone.
        member_id: whose it was, or whom it is about; ``None`` where it is nobody.
        is_undoing: whether something that was done before was undone.
    """

    entry_id: int
    kind: str
    member_id: int | None
    is_undoing: bool


@dataclass(frozen=True, slots=True)
class AccountClosing:
    """A member whose account is closed in the transaction under way, by them or by an administrator.

    Attributes:
        member_id: who leaves; the row stays, with nothing in it about the person.
        empty_posts: whether the words of their posts go, too.
        addresses: the mailboxes that were theirs, in small letters; none of an imported author.
        handle: what others wrote after an @ to mention them; empty when they had none.
    """

    member_id: int
    empty_posts: bool
    addresses: tuple[str, ...] = ()
    handle: str = ""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Something that is stored about a member, for the file that they take away.

    Attributes:
        name: what its file is called: small letters, digits and hyphens, 40 at most.
        about: what it is, a sentence in plain words.
        rows: each a mapping of words to text, numbers, moments, ``None``, or lists of those.
        texts: whole texts by the path of their files below the part's folder, such as
            ``posts/3.md``.
        files: files in the instance folder, by such a path, too.
    """

    name: str
    about: str
    rows: tuple[Mapping[str, Any], ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page.

    Attributes:
        member_id: the member; ``None`` when nobody is signed in.
        language: BCP 47 tag of the language they read in.
        zone: their time zone.
    """

    member_id: int | None
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class ShownThread:
    """The thread that a page shows; its reader may see it.

    Attributes:
        thread_id: the thread.
        category_id: its category.
        title: its title.
    """

    thread_id: int
    category_id: int
    title: str


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter that is about to be sent.

    Attributes:
        kind: what it is about, such as ``reply`` or ``confirm``.
        language: BCP 47 tag of the language it is written in.
        subject: one line.
        body: plain text.
    """

    kind: str
    language: str
    subject: str
    body: str


@hookspec
def register_blueprints() -> list[Blueprint]:
    """Bring pages.

    Called once, at the start. A blueprint has the plugin's name, or begins with it and ``_``; all
    its addresses are ``/<plugin>`` or begin with ``/<plugin>/``. It can change nothing for the
    forum's other pages.
    """
    raise NotImplementedError


@hookspec
def register_navigation() -> list[NavigationEntry]:
    """Bring links for the main navigation.

    Called once, at the start.
    """
    raise NotImplementedError


@hookspec
def register_permissions() -> list[Permission]:
    """Bring permissions of the plugin's own.

    Called once, at the start. The roles named have them while the plugin runs.
    """
    raise NotImplementedError


@hookspec
def register_case_kinds() -> list[CaseKind]:
    """Bring kinds of cases for the moderators' queue.

    Called once, at the start. ``open_case`` opens one; ``on_case_decided`` hears what was decided.
    """
    raise NotImplementedError


@hookspec
def register_settings() -> list[PluginSetting[Any]]:
    """Bring settings that administrators change on the plugin's own page and with ``forum settings``.

    Called once, at the start.
    """
    raise NotImplementedError


@hookspec
def register_jobs() -> list[PluginJob]:
    """Bring kinds of work for the worker.

    Called once, at the start. Jobs of a plugin that does not run wait.
    """
    raise NotImplementedError


@hookspec
def register_periodic() -> list[PeriodicWork]:
    """Bring work that comes again.

    Called once, at the start.
    """
    raise NotImplementedError


@hookspec
def register_commands() -> list[Command]:
    """Bring commands: ``forum <plugin> <command>``, made with click.

    Called once, at the start.
    """
    raise NotImplementedError


@hookspec
def register_doors() -> list[Door]:
    """Bring a door of the plugin's own: pages that the forum's application never sees.

    Called once, at the start; one door, at the path that the manifest names.
    """
    raise NotImplementedError


@hookspec
def register_cookies() -> list[CookieOffer]:
    """Bring cookies for the door that signed-in members' browsers are given on the forum's pages.

    Called once, at the start.
    """
    raise NotImplementedError


@hookspec
def register_archived() -> list[ArchivedTable]:
    """Name the plugin's tables that archives of the forum have. Called once, at the start."""
    raise NotImplementedError


@hookspec
def filter_navigation(
    entries: tuple[NavigationEntry, ...], reader: Reader
) -> tuple[NavigationEntry, ...]:
    """Change the main navigation of one page: leave out, add, put in another order.

    Called for every page, with the entries that the reader may use.
    """
    raise NotImplementedError


@hookspec
def filter_letter(letter: LetterText) -> LetterText:
    """Change the subject or the text of a letter before it is sent.

    Called by the worker. Whom it goes to is not told and cannot be changed.
    """
    raise NotImplementedError


@hookspec
def slot_front_aside(reader: Reader) -> Markup:
    """Add a box beside the list of threads on the front page."""
    raise NotImplementedError


@hookspec
def slot_thread_aside(thread: ShownThread, reader: Reader) -> Markup:
    """Add a box beside a thread."""
    raise NotImplementedError


@hookspec
def slot_compose_aside(thread: ShownThread | None, reader: Reader) -> Markup:
    """Add a box below the form in which somebody writes; without a thread when they start one."""
    raise NotImplementedError


@hookspec
def review_draft(draft: Draft) -> list[Finding]:
    """Say what is to be mended in a draft before it is published.

    Called for every preview, publication, edit and import, outside of a transaction or inside one.
    May read the database, never write: whatever it changes is undone. The spans of findings are
    offsets in ``draft.source``.
    """
    raise NotImplementedError


@hookspec
def check_post(post: PostToCheck) -> Hold | None:
    """Decide whether a post may be published: ``None`` lets it pass, ``Hold`` keeps it.

    Called inside the transaction, before the post is written, for new posts and for edits. May
    read the database, never write: whatever it changes is undone.

    Raises:
        NotAllowed: the post is refused. One refusal outweighs every other answer.
    """
    raise NotImplementedError


@hookspec
def with_post_published(post: PublishedPost) -> None:
    """Write something together with a publication: both become durable, or neither.

    Called inside the transaction, after the post has its number: when a post is published at once
    and when a moderator lets a held one pass; not for edits.
    """


@hookspec
def with_case_needed(case: CaseNeeded) -> None:
    """Put a post before a person, in the transaction that needs it.

    Called inside the transaction that writes the post. The core's moderation opens a case.
    """


@hookspec
def with_deed_recorded(deed: DeedRecorded) -> None:
    """Do at once what follows from a moderator's deed: inside its transaction, once it is recorded."""


@hookspec
def with_rights_taken(member_id: int | None) -> None:
    """Do at once what follows when a member may do less than before.

    Called inside the transaction that took a role or a place in a group from them; with ``None`` where
    it may be several: of a group that is gone or may do less, or of a category whose audiences changed.
    """


@hookspec
def with_account_closed(closing: AccountClosing) -> None:
    """Forget what is kept about a member who closes their account, or is erased at their request.

    Called inside the transaction that closes it, and again by the worker a few minutes later, for
    what another window of theirs was sending at that moment: doing it twice must be doing it once.
    """


@hookspec
def export_personal_data(member_id: int) -> list[PersonalData]:
    """Give everything that is stored about a member, for the file that they take away.

    Called when they ask for it, outside of a transaction. May read the database, never write:
    whatever it changes is undone. What it gives holds nothing about others beyond what the member
    could see: who removed a post is "a moderator". Hashes and links that open something stay out.
    """
    raise NotImplementedError


@hookspec
def on_post_published(event: PostPublished) -> None:
    """Do what a publication entails and nobody waits for.

    Called by the worker after the commit, in a transaction of its own, at least once: doing it
    twice must be doing it once. The post may have changed or gone meanwhile.
    """


@hookspec
def on_post_edited(event: PostEdited) -> None:
    """Do what a new version of a published post entails and nobody waits for.

    Called by the worker after the commit, in a transaction of its own, at least once: doing it
    twice must be doing it once. The post may have changed again or gone meanwhile.
    """


@hookspec
def on_case_decided(event: CaseDecided) -> None:
    """Do what a moderator's decision entails and nobody waits for.

    Called by the worker after the commit, in a transaction of its own, at least once: doing it
    twice must be doing it once. Not called when authors take back what was held.
    """


@hookspec
def on_post_curated(event: PostCurated) -> None:
    """Do what follows for the author when a moderator did something to their post.

    Called by the worker after the commit, in a transaction of its own, at least once: doing it
    twice must be doing it once. Not called for what people do with their own posts.
    """


@hookspec
def on_flags_answered(event: FlagsAnswered) -> None:
    """Do what follows for those who flagged a post once a moderator has decided about it.

    Called by the worker after the commit, in a transaction of its own, at least once: doing it
    twice must be doing it once.
    """
