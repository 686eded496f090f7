"""Language: a screen reader speaks with the voice that the text asks for, if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.html.registry import Fault, html_rule
from forum.accessibility.html.tree import Element, Page, Text
from forum.accessibility.language_tags import is_language
from forum.phrases import Phrase as _


@html_rule(
    "language-unknown",
    wcag="3.1.2",
    act=("de46e4",),
    message=_("There is no such language: please use a tag such as en, fr or pt-BR."),
    bad='<p lang="english">Opening hours</p>',
    good='<p lang="en">Opening hours</p>',
)
def language_unknown(page: Page) -> Iterator[Fault]:
    """``lang`` with what is no language, on words that are in it."""
    for element in page.elements:
        if element.tag == "html" or element.space == "math":
            continue
        for name in ("lang", "xml:lang"):
            value = element.get(name)
            if value and not is_language(value) and _has_words(element):
                yield Fault(element, (name,))


def _has_words(element: Element) -> bool:
    """Whether there are words inside that take their language from here."""
    pending = [element]
    while pending:
        each = pending.pop()
        if each.hidden:
            continue
        if (each.get("alt") or each.get("aria-label") or "").strip():
            return True
        if any(isinstance(child, Text) and child.text.strip() for child in each.children):
            return True
        pending += [child for child in each.elements if not (child.get("lang") or "").strip()]
    return False


RULES = (language_unknown,)
