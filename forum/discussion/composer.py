"""The composer: write, look at it, mend it, publish. One answer for new threads, replies and edits.

Whatever goes wrong, the text comes back: in the form, or on the page that says what went wrong.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from forum.accessibility.describing import described, picture_at
from forum.accessibility.document import Document
from forum.accessibility.repair_all import repair_all
from forum.accounts.checks import languages_to_choose
from forum.accounts.limits import (
    POSTS_BY_MEMBER,
    PREVIEWS_BY_MEMBER,
    Limit,
    count_attempt,
    note_attempt,
    require_room,
)
from forum.config import current_settings
from forum.db import transaction
from forum.discussion import actions
from forum.discussion.actions import Posting, Prepared
from forum.discussion.alternative_actions import checked_alternative
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.draft_queries import draft_at
from forum.discussion.forms import ComposerForm
from forum.discussion.languages import chosen_language, languages_of_posts
from forum.discussion.models import Draft, Post
from forum.discussion.panel import Panel, panel_of
from forum.discussion.place_rules import base_place, spare_places
from forum.discussion.queries import PostFacts, ThreadFacts
from forum.discussion.quoting import attribution_of, with_quote
from forum.discussion.rules import can_keep, findings_to_show
from forum.discussion.spam_queries import reasons_to_wait
from forum.discussion.tag_actions import checked_tags, checked_title
from forum.errors import Conflict, ForumError, Invalid, NotFound
from forum.hookspecs import PostToCheck
from forum.permissions import Actor
from forum.spoken import spoken
from forum.web.addresses import discard_url, new_picture_url, post_url, thread_url
from forum.web.errors import error_page, status_of
from forum.web.forms import is_forged, put_error, put_forgery
from forum.web.kept import DESCRIBES
from forum.web.visit import current_actor, current_visit

Answer = str | Response | tuple[str, int]
Publish = Callable[[Actor, Prepared, Posting], Post]

# As many as the findings of the longest text could be, and more than anybody decides about.
MOST_KEPT = 500
_FINGERPRINT = re.compile("[0-9a-f]{16}")


@dataclass
class Composer:
    """One open composer.

    Attributes:
        place: where its draft is kept (see ``Draft.place``).
        url: its own address; ``back`` leads to where the writer came from.
        publish: does it, inside a transaction.
        leads_to: where that leads; empty to the post.
        is_help: whether somebody who helps with accessibility changes another's post.
        quote: a quotation to begin with, after what the draft holds.
        language: what the text is in until its author says otherwise: that of the post it changes
            or answers, or what its author reads in.
        before: the text before it was mended, to be had back; the form brings it along.
        refusal: why nothing can be published here at present, if so.
        has_cost: whether a text was reviewed and rendered, which members may have so often.
    """

    place: str
    heading: str
    url: str
    back: str
    form: ComposerForm
    publish: Publish
    thread: ThreadFacts | None = None
    replied_to: PostFacts | None = None
    leads_to: str = ""
    is_help: bool = False
    quote: str = ""
    language: str = ""
    draft: Draft | None = None
    prepared: Prepared | None = None
    shows_preview: bool = False
    message: str = ""
    before: str = ""
    refusal: ForumError | None = None
    has_cost: bool = False

    @property
    def in_reply_to(self) -> int | None:
        """Number of the post replied to."""
        return None if self.replied_to is None else self.replied_to.number

    @property
    def starts_thread(self) -> bool:
        """Whether a title is asked for, too."""
        return base_place(self.place) == "new"

    @property
    def kept(self) -> set[str]:
        """Fingerprints of the findings the author decided to keep."""
        return fingerprints_in(self.form.kept.data)

    @property
    def panel(self) -> Panel:
        """What was found in the text, if it was reviewed."""
        if self.prepared is None:
            return Panel()
        return panel_of(self.prepared.source, self.prepared.review, self.kept)

    @property
    def waits_for(self) -> list[str]:
        """Why a new post with this text would wait for a moderator, by the community's settings."""
        actor = current_actor()
        if self.prepared is None or actor.id is None or base_place(self.place).startswith("edit:"):
            return []
        category = self.thread.category_id if self.thread else _number(self.form.category.data) or 0
        title = (self.form.title.data or "") if self.starts_thread else None
        post = PostToCheck(None, category, title, self.prepared.source, actor.id, False, ())
        return reasons_to_wait(post)

    @property
    def seen(self) -> set[str]:
        """Fingerprints of the findings the author was shown."""
        return set((self.form.seen.data or "").split())

    @property
    def attribution(self) -> str:
        """How a passage of the post replied to is quoted; empty when nothing is to be quoted."""
        post = self.replied_to
        is_there = post is not None and post.removed_at is None and not post.is_emptied
        return attribution_of(post) if post is not None and is_there else ""


def answer(composer: Composer, start: DraftText) -> Answer:
    """The answer to this request; ``start`` is what an untouched composer holds."""
    composer.place = chosen_place(composer.place, composer.form)
    community = current_visit().community.language
    offered = languages_of_posts(community, composer.language)
    composer.form.language.choices = languages_to_choose(offered)
    if request.method != "POST":
        return _open(composer, start)
    if is_forged():
        put_forgery(composer.form)
        return show(composer, 400)
    try:
        return _act(composer)
    except Invalid as error:
        put_error(composer.form, error)
        _save(composer)
        return show(composer, 422)
    except Conflict as error:
        composer.form.form_errors.append(error.message)
        composer.form.submission.data = secrets.token_urlsafe(16)
        _save(composer)
        return show(composer, 409)
    except ForumError as error:
        # A refusal, a limit, a thread that is gone: the text stays where it was written.
        composer.form.form_errors.append(error.message)
        _save(composer)
        return show(composer, status_of(error))


def chosen_place(base: str, form: ComposerForm) -> str:
    """Where this composer keeps its draft: the place the text goes to, or a spare one."""
    asked_for = f"{base}~{request.args.get('draft', '')}"
    wanted = form.place.data if request.method == "POST" else asked_for
    return wanted if wanted and wanted in spare_places(base) else base


def _open(composer: Composer, start: DraftText) -> Answer:
    composer.draft = draft_at(current_actor(), composer.place)
    if composer.draft is None and composer.place != base_place(composer.place):
        raise NotFound(gettext("This draft is gone: it was published or discarded."))
    form, text = composer.form, composer.draft or start
    form.source.data, form.title.data, form.tags.data = text.source, text.title, text.tags
    form.category.data = str(text.category_id or start.category_id or "")
    form.language.data = text.language or composer.language or current_visit().community.language
    form.kept.data = text.kept
    if composer.draft is not None:
        _recall(composer, composer.draft, start)
    if composer.quote:
        form.source.data = with_quote(form.source.data, composer.quote)
    form.submission.data = secrets.token_urlsafe(16)
    return show(composer)


def _recall(composer: Composer, draft: Draft, start: DraftText) -> None:
    # What was written against an older version must not silently replace a newer one.
    if draft.based_on is not None:
        composer.form.based_on.data = str(draft.based_on)
    begun, now = draft.in_reply_to, start.in_reply_to
    if begun is not None and begun != now:
        composer.message = gettext("This draft was begun as a reply to #%(number)s.", number=begun)


def _act(composer: Composer) -> Answer:
    form = composer.form
    if request.form.get("action") == "discard":
        return _ask_to_discard(composer)
    if composer.refusal is not None:
        raise composer.refusal
    if request.form.get("action") == "picture":
        _save(composer)
        return redirect(new_picture_url(composer.place, request.form.get("caret", "")), 303)
    if request.form.get("action") == "undo":
        return _undo(composer)
    require_room(PREVIEWS_BY_MEMBER, str(current_actor().id))
    composer.has_cost = True
    composer.prepared = _prepare(composer)
    described_some = _describe(composer)
    if request.form.get("action") == "describe":
        said = (
            gettext("The words are in your text."),
            gettext("Write what the picture shows first."),
        )
        composer.message = said[0] if described_some else said[1]
        return _save_and_show(composer)
    if request.form.get("action") == "repair-all":
        return _repair_all(composer)
    if "repair" in request.form:
        return _repair(composer, request.form["repair"])
    if "keep" in request.form:
        return _keep(composer, request.form["keep"])
    if "take-back" in request.form:
        form.kept.data = " ".join(sorted(composer.kept - {request.form["take-back"]}))
        return _save_and_show(composer)
    if request.form.get("action") in ("publish", "help"):
        return _publish(composer, asks_for_help=request.form["action"] == "help")
    composer.shows_preview = True
    return _save_and_show(composer)


def _ask_to_discard(composer: Composer) -> Answer:
    # What is in the form may be newer than the draft; until the answer nothing of it is lost.
    _save(composer)
    if draft_at(current_actor(), composer.place) is None:
        return redirect(composer.back, 303)
    return redirect(discard_url(composer.place), 303)


def fingerprints_in(words: str | None) -> set[str]:
    """The fingerprints among these words; what is none, and what is too many, is left out."""
    found = [word for word in (words or "").split() if _FINGERPRINT.fullmatch(word)]
    return set(found[:MOST_KEPT])


def _keep(composer: Composer, fingerprint: str) -> Answer:
    assert composer.prepared is not None
    finding = composer.prepared.review.by_fingerprint(fingerprint)
    if finding is None or not can_keep(finding):
        composer.message = gettext("That is not there any more, or has to be mended.")
    else:
        composer.form.kept.data = " ".join(sorted(composer.kept | {fingerprint}))
    return _save_and_show(composer)


def _prepare(composer: Composer) -> Prepared:
    return prepared_from(composer.form, composer.language)


def prepared_from(form: ComposerForm, place_language: str = "") -> Prepared:
    """The text in a composer, reviewed and rendered.

    Args:
        place_language: what posts at its place are in, which may be chosen besides the community's.

    Raises:
        Invalid: it cannot be published at all, whoever helps.
    """
    source, community = form.source.data or "", current_visit().community.language
    if "\N{REPLACEMENT CHARACTER}" in source or "\0" in source:
        raise Invalid(
            "source",
            gettext("Some characters could not be read and show as �. Replace or remove them."),
        )
    return actions.prepare(
        source,
        language=chosen_language(form.language.data or "", community, place_language),
        community=community,
        reader=current_actor(),
    )


def _repair(composer: Composer, which: str) -> Answer:
    assert composer.prepared is not None
    fingerprint, _, start = which.partition("@")
    finding = composer.prepared.review.by_fingerprint(fingerprint, _number(start) or 0)
    if finding is None or finding.repair is None:
        composer.message = gettext("That was mended already; nothing was changed.")
    else:
        _mend(composer, finding.repair.apply(composer.prepared.source))
        composer.message = gettext("Done: %(repair)s.", repair=spoken(finding.repair.label))
    return _save_and_show(composer)


def _repair_all(composer: Composer) -> Answer:
    prepared = composer.prepared
    assert prepared is not None
    mended = repair_all(prepared.reviewed, kept=composer.kept)
    if not mended.applied:
        composer.message = gettext("That was mended already; nothing was changed.")
    else:
        _mend(composer, mended.source)
        composer.message = ngettext(
            "%(num)s place was mended.", "%(num)s places were mended.", len(mended.applied)
        )
    return _save_and_show(composer)


def _mend(composer: Composer, source: str) -> None:
    """Put the mended text in place of what is there.

    Raises:
        Invalid: it would be over a cap; then the text stays as it is.
    """
    before = composer.form.source.data or ""
    composer.form.source.data = source
    try:
        composer.prepared = _prepare(composer)
    except Invalid as error:
        composer.form.source.data = before
        said = gettext("Nothing was mended, for the mended text would be refused. %(why)s")
        raise Invalid(error.field, said % {"why": error.message}) from error
    composer.before = before


def _undo(composer: Composer) -> Answer:
    # What was there until now is kept in its turn: whoever wrote on meanwhile loses nothing.
    before = request.form.get("before", "")
    if not before.strip():
        composer.message = gettext("There is nothing to undo.")
    else:
        composer.before, composer.form.source.data = composer.form.source.data or "", before
        composer.message = gettext("The text is as it was before.")
    require_room(PREVIEWS_BY_MEMBER, str(current_actor().id))
    composer.has_cost = True
    composer.prepared = _prepare(composer)
    return _save_and_show(composer)


def _describe(composer: Composer) -> bool:
    """Put what was written about pictures beside what was found into their places: whether there
    was something."""
    assert composer.prepared is not None
    written = {
        name.removeprefix(DESCRIBES): checked_alternative(words)
        for name, words in request.form.items()
        if name.startswith(DESCRIBES) and words.strip()
    }
    if not written:
        return False
    document = Document.parse(composer.prepared.source, composer.prepared.language)
    words = {
        picture.span: written[finding.fingerprint]
        for finding in composer.prepared.review.findings
        if finding.fingerprint in written and (picture := picture_at(document, finding.span))
    }
    if words:
        _mend(composer, described(document, words))
    return bool(words)


def _publish(composer: Composer, *, asks_for_help: bool) -> Answer:
    prepared = composer.prepared
    assert prepared is not None
    if composer.starts_thread:
        # Said together with the findings, not one after the other.
        checked_title(composer.form.title.data or "")
        checked_tags(composer.form.tags.data or "")
    stops = findings_to_show(prepared.review, composer.seen, composer.kept)
    if stops and not asks_for_help:
        return _save_and_show(composer, 422)
    posting = Posting(
        composer.form.submission.data or None,
        asks_for_help,
        draft=composer.place,
        kept=frozenset(composer.kept),
    )
    with transaction():
        count_attempt(_posts_by_member(), str(current_actor().id))
        post = composer.publish(current_actor(), prepared, posting)
    if composer.leads_to:
        return redirect(composer.leads_to, 303)
    if post.number is None:
        flash(gettext("Your post waits for a moderator. You find it below; the others do not yet."))
        return redirect(thread_url(post.thread_id), 303)
    return redirect(post_url(post.thread_id, post.number), 303)


def _posts_by_member() -> Limit:
    return replace(POSTS_BY_MEMBER, times=current_settings().posts_per_hour)


def _save_and_show(composer: Composer, status: int = 200) -> Answer:
    _save(composer)
    return show(composer, status)


def _save(composer: Composer) -> None:
    with transaction():
        if composer.has_cost:
            note_attempt(PREVIEWS_BY_MEMBER, str(current_actor().id))
        draft = save_draft(current_actor(), composer.place, text_of(composer.form))
    if draft is not None and draft.place != composer.place:
        composer.message = kept_apart()
        composer.place = draft.place
    composer.draft = draft


def kept_apart() -> str:
    """Says that a text got a place of its own."""
    said: str = gettext(
        "Another window had kept other words here. Both are kept: this text is now a draft of its "
        "own, the other one stands under “Your drafts”."
    )
    return said


def text_of(form: ComposerForm) -> DraftText:
    """What the form holds, to be kept as a draft."""
    return DraftText(
        source=form.source.data or "",
        title=form.title.data or "",
        tags=form.tags.data or "",
        category_id=_number(form.category.data),
        in_reply_to=_number(form.in_reply_to.data),
        based_on=_number(form.based_on.data),
        window=form.submission.data or "",
        seen=form.saved.data or "",
        language=form.language.data or "",
        kept=" ".join(sorted(fingerprints_in(form.kept.data))),
    )


def _number(word: str | None) -> int | None:
    # Nine digits fit into an INTEGER of every database.
    is_number = word is not None and word.isascii() and word.isdigit() and len(word) <= 9
    return int(word) if is_number and word is not None else None


def show(composer: Composer, status: int = 200) -> Answer:
    """The composer's page, with findings and preview where there are any."""
    if composer.prepared is not None:
        shown = {f.fingerprint for f in composer.prepared.review.findings}
        composer.form.seen.data = " ".join(sorted(shown))
    composer.form.place.data = composer.place
    if composer.draft is not None:
        composer.form.saved.data = composer.draft.word
    return render_template("discussion/compose.html", composer=composer, form=composer.form), status


def refusal_of(check: Callable[[], None]) -> ForumError | None:
    """What a check refuses, or ``None``."""
    try:
        check()
    except ForumError as error:
        return error
    return None


def give_back(form: ComposerForm, place: str | None, error: ForumError) -> Answer:
    """The page that says why a text has no place here any more. The text is on it, and it is kept
    as the draft for ``place``.

    Raises:
        ForumError: the same, when no text was sent.
    """
    if request.method != "POST":
        raise error
    said = error.message or gettext("This place does not exist any more, or is not open to you.")
    if place is None or is_forged():
        return error_page(status_of(error), said)
    with transaction():
        save_draft(current_actor(), chosen_place(place, form), text_of(form))
    kept = gettext("Your text is kept as a draft.")
    return error_page(status_of(error), f"{said} {kept}")


def show_sign_in(form: ComposerForm, url: str, status: int) -> Answer:
    """The text given back, with a way to sign in and go on with it at ``url``."""
    return render_template("discussion/signed_out.html", form=form, url=url), status
