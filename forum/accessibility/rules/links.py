"""Links: one that nobody can see or hear, and one that does not say where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.accessibility.document import Document, Link
from forum.accessibility.phrases import is_vague
from forum.accessibility.registry import Fault, rule
from forum.accessibility.shouting import shouted_runs
from forum.accessibility.wordlists import NO_SUBJECT
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.lines import is_visible

_MARKUP = re.compile(r"[\\`*_~^\[\]{}<>&|]")
_TITLED = re.compile(
    r"""\]\([ \t\n]*(?P<address><[^<>\n]*>|[^\s<]\S*)[ \t\n]+("[^"]*"|'[^']*')[ \t\n]*\)""",
)
_INVITATION = re.compile(
    r"(?:click here|(?:read|learn|see|find out) more|more (?:information|info|details))", re.I
)
_SUBJECT = re.compile(
    r"(?P<words> (?:about|on|for)(?: [^\s.,;:!?()\[\]<>*_`~|\\&]+){1,8})(?=[.!?\n]|\Z)"
)


@rule(
    "link-empty",
    wcag="2.4.4",
    act=("c487ae",),
    severity=Severity.BLOCK,
    message=_("This link has no words, so nobody can see or hear it: please write where it leads."),
    help=_(
        "A screen reader only says “link”, and there is nothing to click. Write the name of the "
        "page between the square brackets: instead of [](/guide) write [Setup guide](/guide). "
        "If the link holds a picture, describe the picture there."
    ),
    bad="[](https://example.org/guide)",
    good="[Setup guide](https://example.org/guide)",
)
def link_empty(document: Document) -> Iterator[Fault]:
    """Links without a name; a picture's link may also be named by the link's title."""
    for link in document.links:
        named_by_title = link.pictures and is_visible(link.title)
        if not is_visible(link.text) and not named_by_title:
            source = link.span.of(document.source)
            yield Fault(link.span, source, _name_or_remove(document, link))


def _name_or_remove(document: Document, link: Link) -> Repair | None:
    """A picture's alternative is the author's to write; else the title, the address, or nothing."""
    if link.pictures or link.label is None:
        return None
    if _is_name(link.title, document.language):
        return _use_title(document.source, link, link.label)
    if link.leads_nowhere:
        return Repair(link.span, "", _("Remove the empty link"))
    return Repair(link.label, _escaped(link.href), _("Show the address as the link’s words"))


@rule(
    "link-vague",
    wcag="2.4.9",
    act=("aizyf1", "5effbb"),
    severity=Severity.WARN,
    message=_("The words of this link do not say where it leads: please name the page instead."),
    help=_(
        "Many people jump from link to link and hear only the words of each link. Let them name "
        "what is behind it: instead of “For the handover checklist [click here](/handover)” write "
        "“Use the [handover checklist](/handover)”."
    ),
    bad='[click here](https://example.org/handover "Handover checklist")',
    good="[Handover checklist](https://example.org/handover)",
)
def link_vague(document: Document) -> Iterator[Fault]:
    """Links whose words are all vague (WCAG failure F84), a picture's alternative included."""
    for link in document.links:
        if is_vague(link.text, document.language):
            yield Fault(link.span, link.text, _say_where(document, link))


def _say_where(document: Document, link: Link) -> Repair | None:
    if link.label is None or link.pictures:
        return None
    if _is_name(link.title, document.language):
        return _use_title(document.source, link, link.label)
    return _take_in_subject(document.source, link, link.label)


def _is_name(title: str, language: str) -> bool:
    """Whether ``title`` can stand as the words of a link without a new finding."""
    return is_visible(title) and not is_vague(title, language) and not shouted_runs(title)


def _use_title(source: str, link: Link, label: Span) -> Repair:
    """The title becomes the words; where it stands beside them it goes, not to be said twice."""
    beside = _TITLED.fullmatch(source, label.end, link.span.end)
    target = f"]({beside['address']})" if beside else _target(source, link, label)
    span = Span(label.start, link.span.end)
    return Repair(span, _escaped(link.title) + target, _("Use the link’s title as its words"))


def _target(source: str, link: Link, label: Span) -> str:
    """What follows the words; those of ``[words]`` or ``[words][]`` also name the address."""
    target = source[label.end : link.span.end]
    return f"][{label.of(source)}]" if target in ("]", "][]") else target


def _take_in_subject(source: str, link: Link, label: Span) -> Repair | None:
    """``[Read more](…) about tokens.`` becomes ``[Read more about tokens](…).``"""
    if not _INVITATION.fullmatch(link.text.strip()):
        return None
    subject = _SUBJECT.match(source, link.span.end)
    if subject is None or set(subject["words"].casefold().split()) <= NO_SUBJECT:
        return None
    span = Span(label.end, subject.end())
    target = _target(source, link, label)
    return Repair(span, subject["words"] + target, _("Take the next words into the link"))


def _escaped(text: str) -> str:
    """``text`` as words of a link, with nothing in it that Markdown reads as markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


RULES = (link_empty, link_vague)
