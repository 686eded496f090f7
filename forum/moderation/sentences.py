"""Which sentences of the forum's own a moderator can choose instead of writing why."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import gettext

from forum.moderation.rules import (
    FIRST,
    FLAG,
    HELP_NEEDED,
    HOLD,
    UNREVIEWED,
    WELCOME,
    is_brought,
    is_of_waiting,
)
from forum.record.sentences import (
    BY_MISTAKE,
    FINE,
    FITS_THERE,
    HARMLESS_WORD,
    HELPFUL_LINKS,
    LINE_ABOVE,
    MENDED,
    NOTHING_LEFT,
    READS_WELL,
    SEEN_OTHERWISE,
    TO_THE_POINT,
    WELCOME_HERE,
    WILL_APPEAR,
    reason_in_words,
)

# Of each kind of case, by decision; the usual one first. Other decisions ask for words: what to change,
# or why something goes, no sentence says for all. Of a first post that stands, nothing need be said.
_HELD = {
    "publish": (READS_WELL, HARMLESS_WORD, HELPFUL_LINKS, BY_MISTAKE),
    "label": (LINE_ABOVE,),
    "move": (FITS_THERE,),
}
_OF_KIND: dict[str, dict[str, tuple[str, ...]]] = {
    HOLD: _HELD,
    FIRST: _HELD | {"publish": (WELCOME_HERE, *_HELD["publish"])},
    WELCOME: {"reviewed": ("", WELCOME_HERE, READS_WELL)},
    UNREVIEWED: {"reviewed": (FINE, READS_WELL)},
    FLAG: {"nothing": (FINE, TO_THE_POINT, SEEN_OTHERWISE)},
    HELP_NEEDED: {"done": (NOTHING_LEFT, MENDED)},
}
# With so much to fill in, what is decided says why.
_ASIDE = ("label", "move")
_BROUGHT: dict[str, tuple[str, ...]] = {
    "done": (NOTHING_LEFT, MENDED),
    "nothing": (NOTHING_LEFT, FINE),
}
_WAITING: dict[str, tuple[str, ...]] = {"done": (WILL_APPEAR,)}


def sentences_for(kind: str, decision: str) -> tuple[str, ...]:
    """Those that can say why this is decided about a case of this kind, the usual one first; none where
    a moderator has to write. An empty one is for saying nothing."""
    found = _BROUGHT if is_brought(kind) else _OF_KIND.get(kind, {})
    if is_of_waiting(kind):
        found = _WAITING
    return found.get(decision, ())


def chosen_sentence(kind: str, decision: str, sentence: str) -> str:
    """What is said where nothing was written: the sentence that was chosen, or where that is for
    another decision, the usual one; empty where there is none."""
    open_to = sentences_for(kind, decision)
    return sentence if sentence in open_to else next(iter(open_to), "")


def sentence_choices(kinds: Collection[str], decisions: Collection[str]) -> list[tuple[str, str]]:
    """All that can be chosen for cases of these kinds and these decisions, as choices of a form. What
    says itself by a decision is not among them."""
    found = dict.fromkeys(
        sentence
        for kind in kinds
        for decision in decisions
        if decision not in _ASIDE
        for sentence in sentences_for(kind, decision)
    )
    return [
        (sentence, reason_in_words(sentence) or gettext("Say nothing: the author is not told"))
        for sentence in found
    ]


def sentence_hint(kind: str, decisions: Collection[str]) -> str:
    """When a sentence is sent, and what instead of it where that is said by the decision itself."""
    aside = {
        name: reason_in_words(chosen_sentence(kind, name, ""))
        for name in _ASIDE
        if name in decisions and sentences_for(kind, name)
    }
    said = [gettext("Sent if you write nothing below.")]
    if "label" in aside:
        said.append(gettext("With a label: “%(sentence)s”", sentence=aside["label"]))
    if "move" in aside:
        said.append(gettext("In another category: “%(sentence)s”", sentence=aside["move"]))
    return " ".join(said)
