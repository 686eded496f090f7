"""How a rule is written: a function over a document, registered with all that is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from forum.accessibility.document import Document
from forum.review import Finding, Repair, Severity, Span


class Mends(Enum):
    """What the repairs of a rule may do.

    NOTHING: only the author knows what belongs there. ON_REQUEST: the repair guesses, or what it
    makes should be read by the author. SAFELY: it keeps every word and what the author meant,
    whatever that was, so it may be made together with others and unseen.
    """

    NOTHING = auto()
    ON_REQUEST = auto()
    SAFELY = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule is not kept: where, the words there, and how to mend it."""

    span: Span
    text: str
    repair: Repair | None = None


Check = Callable[[Document], Iterable[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the checker looks for.

    Attributes:
        id: ``family-name``, stable, for it is stored with what an author chose to keep.
        wcag: the WCAG 2.2 success criterion it serves.
        act: ids of the ACT rules (W3C Accessibility Conformance Testing) it corresponds to.
        message: what is wrong and what to do, one plain sentence.
        help: why it matters and how to mend it.
        bad, good: the same thing in Markdown, wrong and right.
        mends: what its repairs may do.
        check: finds the faults of a document; never raises, takes time linear in its length.
    """

    id: str
    wcag: str
    act: tuple[str, ...]
    severity: Severity
    message: str
    help: str
    bad: str
    good: str
    mends: Mends
    check: Check

    def findings(self, document: Document) -> list[Finding]:
        """All faults of this rule in ``document``, as the author is told of them."""
        return [self._finding(fault) for fault in self.check(document)]

    def _finding(self, fault: Fault) -> Finding:
        return Finding(
            rule=self.id,
            severity=self.severity,
            span=fault.span,
            text=fault.text,
            message=self.message,
            help=self.help,
            wcag=self.wcag,
            act=self.act,
            repair=fault.repair,
        )


def rule(
    identifier: str,
    *,
    wcag: str,
    act: tuple[str, ...] = (),
    severity: Severity,
    message: str,
    help: str,  # noqa: A002 - the word a finding uses
    bad: str,
    good: str,
    mends: Mends = Mends.ON_REQUEST,
) -> Callable[[Check], Rule]:
    """Turn the function below into a :class:`Rule`; its family lists it in ``RULES``."""

    def registered(check: Check) -> Rule:
        return Rule(identifier, wcag, act, severity, message, help, bad, good, mends, check)

    return registered
