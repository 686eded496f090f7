"""Pictures: each says in words what it shows, or that it shows nothing that matters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.accessibility.document import Document, Picture
from forum.accessibility.registry import Fault, Mends, rule
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.allowed import is_own_picture
from forum.text.lines import is_visible

DECORATIVE = "{decorative}"
_MARK = re.compile(r"\{([^{}]*)\}")
_EXAMPLE = "/files/" + "0" * 64 + ".png"


@rule(
    "picture-undecided",
    wcag="1.1.1",
    act=("23a2a8",),
    severity=Severity.BLOCK,
    message=_("This picture has no words: please say what it shows, or mark it as decoration."),
    help=_(
        "Who cannot see it learns nothing from it, and not even whether something is missing. "
        "Write between the square brackets what you would say of it on the phone: "
        "![Bowl with a fine crackle all over](…) instead of ![](…). If the text says the same "
        "already, or the picture is only there to look nice, mark it as decoration; screen "
        "readers then pass it over."
    ),
    bad=f"![]({_EXAMPLE})",
    good=f"![Bowl with a fine crackle all over]({_EXAMPLE})",
)
def picture_undecided(document: Document) -> Iterator[Fault]:
    """Our own pictures without alternative and without mark; others become links anyway. One that
    is all a link has is found by ``link-empty``: it can be no decoration (WCAG technique H30)."""
    for picture in document.pictures:
        undecided = not picture.decorative and not is_visible(picture.text)
        if undecided and not picture.names_link and is_own_picture(picture.address):
            repair = Repair(picture.marks, _marked(document, picture), _("Mark it as decoration"))
            yield Fault(picture.span, picture.span.of(document.source), repair)


def _marked(document: Document, picture: Picture) -> str:
    return DECORATIVE + picture.marks.of(document.source)


@rule(
    "picture-both",
    wcag="1.1.1",
    severity=Severity.HINT,
    message=_("This picture has words and is marked as decoration: the words are read out."),
    help=_(
        "A picture either says something or is decoration. The words count, so that nobody "
        "misses them; if it is decoration, write ![](…){decorative} instead of "
        "![words](…){decorative}."
    ),
    bad=f"![Bowl with a fine crackle]({_EXAMPLE}){{decorative}}",
    good=f"![Bowl with a fine crackle]({_EXAMPLE})",
    mends=Mends.SAFELY,
)
def picture_both(document: Document) -> Iterator[Fault]:
    """Our own pictures with an alternative and the mark."""
    for picture in document.pictures:
        if picture.decorative and is_visible(picture.text) and is_own_picture(picture.address):
            text = picture.text
            yield Fault(
                Span(picture.span.start, picture.marks.end), text, _unmarked(document, picture)
            )


def _unmarked(document: Document, picture: Picture) -> Repair:
    """Only the one word goes: ``{decorative lang=fr}`` keeps the language."""
    kept = _MARK.sub(_without_decorative, picture.marks.of(document.source))
    return Repair(picture.marks, kept, _("Keep the words, take the mark away"))


def _without_decorative(mark: re.Match[str]) -> str:
    kept = " ".join(word for word in mark[1].split() if word != "decorative")
    return f"{{{kept}}}" if kept else ""


RULES = (picture_undecided, picture_both)
