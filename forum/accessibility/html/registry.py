"""How a rule for HTML is written: a function over a page, with all that is known of the rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from forum.accessibility.html.names import text_of
from forum.accessibility.html.tree import Element, Page
from forum.accessibility.registry import Rule
from forum.phrases import Phrase as _
from forum.review import Finding, Severity, Span
from forum.text.allowed import ALLOWED
from forum.text.sanitize import is_allowed

LONGEST_WHAT = 120

HELP = _(
    "This stood in the page that the text comes from. Where it can, the forum takes it out; what "
    "stays is for you to change in the text."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule is not kept.

    Attributes:
        carriers: the attributes that are to blame; none when it is the element itself.
        text: the words concerned; by default those inside, or the start tag.
        act: ids of ACT rules, where not all of the rule's apply.
        by: the element that has those attributes, where it is another one.
    """

    element: Element
    carriers: tuple[str, ...] = ()
    text: str = ""
    act: tuple[str, ...] | None = None
    by: Element | None = None

    @property
    def bearer(self) -> Element:
        """The element that is to blame."""
        return self.by or self.element

    @property
    def remains(self) -> bool:
        """Whether a post may have what is to blame, so that it is still there afterwards."""
        tag = self.bearer.tag
        if not self.carriers:
            return tag in ALLOWED
        values = ((name, self.bearer.attributes.get(name, "")) for name in self.carriers)
        return all(is_allowed(tag, name, value) for name, value in values)


Check = Callable[[Page], Iterable[Fault]]


@dataclass(frozen=True, slots=True)
class Removed:
    """Something against a rule that the sanitiser took out.

    Attributes:
        what: the attribute or the element, as it was written.
        span: where, in the given HTML.
    """

    rule: str
    wcag: str
    act: tuple[str, ...]
    what: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class HtmlRule:
    """One thing that is looked for in HTML. See :class:`forum.accessibility.registry.Rule`.

    ``bad`` and ``good`` are HTML. A fault of which nothing remains is told as removed.
    """

    id: str
    wcag: str
    act: tuple[str, ...]
    severity: Severity
    message: str
    help: str
    bad: str
    good: str
    check: Check

    def finding(self, fault: Fault, source: str) -> Finding:
        """The fault as an author is told of it."""
        element = fault.element
        return Finding(
            rule=self.id,
            severity=self.severity,
            span=element.span,
            text=fault.text or text_of(element) or element.span.of(source),
            message=self.message,
            help=self.help,
            wcag=self.wcag,
            act=self.act if fault.act is None else fault.act,
        )

    def removed(self, fault: Fault, source: str) -> Removed:
        """The fault as something that is gone."""
        act = self.act if fault.act is None else fault.act
        return Removed(self.id, self.wcag, act, _what(fault, source), fault.element.span)


def _what(fault: Fault, source: str) -> str:
    element = fault.bearer
    if not fault.carriers:
        return _cut(element.span.of(source) or f"<{element.tag}>")
    written = (f'{name}="{element.attributes.get(name, "")}"' for name in fault.carriers)
    return _cut(f"<{element.tag} {' '.join(written)}>")


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_WHAT else line[: LONGEST_WHAT - 1] + "…"


def html_rule(
    identifier: str,
    *,
    wcag: str,
    act: tuple[str, ...] = (),
    severity: Severity = Severity.WARN,
    message: str,
    help: str = HELP,  # noqa: A002 - the word a finding uses
    bad: str,
    good: str,
) -> Callable[[Check], HtmlRule]:
    """Turn the function below into an :class:`HtmlRule`; its family lists it in ``RULES``."""

    def registered(check: Check) -> HtmlRule:
        return HtmlRule(identifier, wcag, act, severity, message, help, bad, good, check)

    return registered


def same_rule(
    rule: Rule,
    *,
    act: tuple[str, ...] | None = None,
    help: str | None = None,  # noqa: A002 - the word a finding uses
    bad: str,
    good: str,
) -> Callable[[Check], HtmlRule]:
    """The same for a rule that there is for Markdown, too: all that is said of it is said there."""
    return html_rule(
        rule.id,
        wcag=rule.wcag,
        act=rule.act if act is None else act,
        severity=rule.severity,
        message=rule.message,
        help=rule.help if help is None else help,
        bad=bad,
        good=good,
    )
