"""Texts written where nobody is signed in: reviewed, rendered and mended as in the composer.

Nothing of them is kept here. The form brings all of it along each time: the text, what its author decided
to keep, what they were shown, and what was there before the last repair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext, ngettext
from sqlalchemy import select

from forum.accessibility.repair_all import repair_all
from forum.accounts.checks import languages_to_choose
from forum.accounts.models import Community
from forum.db import value
from forum.discussion.actions import Prepared, prepare
from forum.discussion.composer import fingerprints_in
from forum.discussion.languages import chosen_language, languages_of_posts
from forum.discussion.panel import Panel, panel_of
from forum.discussion.rules import can_keep, findings_to_show
from forum.errors import Invalid
from forum.spoken import spoken
from forum.text.pictures import hashes_in


@dataclass
class UnsignedText:
    """A text of somebody whom nobody knows.

    Attributes:
        source: the Markdown, as it stands in the form.
        language: BCP 47 tag of the language its author says it is in; empty is the community's.
        kept: fingerprints of the findings that they decided to keep.
        seen: fingerprints of those that they were shown.
        before: the text before it was mended, to be had back.
        message: what became of the button that was pressed.
        prepared: the text reviewed and rendered, once it was.
        shows_preview: whether to show how it will look.
    """

    source: str = ""
    language: str = ""
    kept: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    before: str = ""
    message: str = ""
    prepared: Prepared | None = None
    shows_preview: bool = False

    @property
    def panel(self) -> Panel:
        """What was found in the text, if it was reviewed."""
        if self.prepared is None:
            return Panel()
        return panel_of(self.prepared.source, self.prepared.review, self.kept)

    @property
    def written_in(self) -> str:
        """Its language, which pages name where the text is shown."""
        return self.language or _community_language()

    @property
    def is_ready(self) -> bool:
        """Whether nothing has to be mended, and its author was shown what could be better."""
        found = self.prepared
        return found is not None and not findings_to_show(found.review, self.seen, self.kept)

    @property
    def to_see(self) -> str:
        """What the form brings along as shown, once this page is."""
        found = self.prepared
        shown = self.seen if found is None else {f.fingerprint for f in found.review.findings}
        return " ".join(sorted(shown))

    @property
    def to_keep(self) -> str:
        """What the form brings along as kept."""
        return " ".join(sorted(self.kept))

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> UnsignedText:
        """The text as the form brought it: ``source``, ``language``, ``kept`` and ``seen``."""
        return cls(
            source=fields.get("source", ""),
            language=fields.get("language", ""),
            kept=fingerprints_in(fields.get("kept")),
            seen=fingerprints_in(fields.get("seen")),
        )

    def press(self, fields: Mapping[str, str]) -> None:
        """Have it reviewed and rendered, and do what the pressed button says: ``action`` (``preview``,
        ``repair-all``, ``undo``), ``repair``, ``keep`` or ``take-back``.

        Raises:
            Invalid: it cannot be posted at all; the text stays as it is.
        """
        action = fields.get("action")
        if action == "undo":
            _undo(self, fields.get("before", ""))
        _review(self)
        if action == "repair-all":
            _repair_all(self)
        elif "repair" in fields:
            _repair(self, fields["repair"])
        elif "keep" in fields:
            _keep(self, fields["keep"])
        elif "take-back" in fields:
            self.kept.discard(fields["take-back"])
        self.shows_preview = action == "preview"

    @staticmethod
    def languages() -> list[tuple[str, str, dict[str, str]]]:
        """The languages a text may be in, as choices of a field, the community's first. One means that
        nothing is asked."""
        return languages_to_choose(languages_of_posts(_community_language()))


def _community_language() -> str:
    return value(select(Community.language)) or "en"


def _review(text: UnsignedText) -> None:
    if "\N{REPLACEMENT CHARACTER}" in text.source or "\0" in text.source:
        raise Invalid(
            "source",
            gettext("Some characters could not be read and show as �. Replace or remove them."),
        )
    if hashes_in(text.source):
        raise Invalid(
            "source",
            gettext(
                "Take the picture out, and say in words what it shows: the forum knows who brought "
                "each of its pictures."
            ),
        )
    community = _community_language()
    text.language = chosen_language(text.language, community)
    text.prepared = prepare(text.source, language=text.language, community=community)


def _undo(text: UnsignedText, before: str) -> None:
    if not before.strip():
        text.message = gettext("There is nothing to undo.")
        return
    # What was there until now is kept in its turn: whoever wrote on meanwhile loses nothing.
    text.before, text.source = text.source, before
    text.message = gettext("The text is as it was before.")


def _repair(text: UnsignedText, which: str) -> None:
    assert text.prepared is not None
    fingerprint, _, start = which.partition("@")
    near = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 0
    finding = text.prepared.review.by_fingerprint(fingerprint, near)
    if finding is None or finding.repair is None:
        text.message = gettext("That was mended already; nothing was changed.")
        return
    _mend(text, finding.repair.apply(text.prepared.source))
    text.message = gettext("Done: %(repair)s.", repair=spoken(finding.repair.label))


def _repair_all(text: UnsignedText) -> None:
    assert text.prepared is not None
    mended = repair_all(text.prepared.reviewed, kept=text.kept)
    if not mended.applied:
        text.message = gettext("That was mended already; nothing was changed.")
        return
    _mend(text, mended.source)
    text.message = ngettext(
        "%(num)s place was mended.", "%(num)s places were mended.", len(mended.applied)
    )


def _keep(text: UnsignedText, fingerprint: str) -> None:
    assert text.prepared is not None
    finding = text.prepared.review.by_fingerprint(fingerprint)
    if finding is None or not can_keep(finding):
        text.message = gettext("That is not there any more, or has to be mended.")
    else:
        text.kept.add(fingerprint)


def _mend(text: UnsignedText, source: str) -> None:
    before, text.source = text.source, source
    try:
        _review(text)
    except Invalid as error:
        text.source = before
        said = gettext("Nothing was mended, for the mended text would be refused. %(why)s")
        raise Invalid(error.field, said % {"why": error.message}) from error
    text.before = before
