"""The review of HTML on examples of others: found, missed, false alarms; and how fast it is."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import review_sample, review_speed
from benchmarks.report import Aim, Report, table
from benchmarks.review_examples import CORPORA, NAMES, Example, examples_in, known_rules
from forum.accessibility.html.check import HtmlReview, review_html
from forum.accessibility.html.registry import Removed
from forum.accessibility.html.rules import HTML_RULES
from forum.accessibility.html.tree import Page
from forum.review import Span
from forum.text.allowed import ALLOWED

Reviewer = Callable[[str, str], HtmlReview]

LEAST_FOUND = 0.95
LEAST_SURVIVING_FOUND = 0.95
MOST_FALSE = 0.01
MOST_FALSE_REMOVED = 0.05
MOST_UNDECIDABLE = 12


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument(
        "--corpus",
        action="append",
        type=Path,
        metavar="FILE",
        help="examples to measure by, several times for several files (default: those in "
        "../shared/corpora)",
    )
    parser.add_argument(
        "--plant",
        choices=["names-everything"],
        help="measure a reviewer with a known fault instead, to see that the aims do not hold",
    )
    parser.add_argument(
        "--no-speed", action="store_true", help="leave out the real posts and the time they take"
    )
    _add_options_of_sample(parser)


def _add_options_of_sample(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("instead, draw findings in the real posts to judge them")
    group.add_argument("--sample", type=_at_least_one, metavar="N", help="so many of all findings")
    group.add_argument("--of", default="", metavar="RULE", help="of this rule alone")
    group.add_argument("--clean", action="store_true", help="posts without a finding instead")
    group.add_argument(
        "--seed", type=int, default=1, metavar="N", help="another seed, others drawn"
    )
    group.add_argument("--read", action="store_true", help="print the whole posts, too")


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("please give a number from 1 on")
    return int(text)


def measure(options: argparse.Namespace) -> Report:
    """Review all examples and, unless left out, all real posts; or draw some of what is found there.

    Raises:
        CannotMeasure: a file is not there.
    """
    if options.sample is not None:
        return review_sample.draw(
            options.sample,
            seed=options.seed,
            rule=options.of,
            clean=options.clean,
            read=options.read,
        )
    reviewer = names_everything if options.plant else review_html
    examples = [e for path in options.corpus or _corpora() for e in examples_in(path)]
    outcomes = [_outcome(example, reviewer) for example in examples]
    figures = figures_of(outcomes)
    aims = aims_of(figures)
    parts = [_by_rule(outcomes), _by_half(outcomes), _undecidable(outcomes), _aims(aims)]
    facts: dict[str, Any] = {"figures": figures, "rules": _facts_by_rule(outcomes)}
    if not options.no_speed:
        speed = review_speed.measure()
        aims |= speed.aims
        parts = [*parts[:-1], speed.text, _aims(aims)]
        facts |= speed.facts
    facts["aims"] = {name: {"figure": a.figure, "holds": a.holds} for name, a in aims.items()}
    return Report("\n\n".join(parts), facts, all(aim.holds for aim in aims.values()))


def _corpora() -> list[Path]:
    return [CORPORA / name for name in NAMES]


def names_everything(html: str, language: str) -> HtmlReview:
    """A reviewer with a fault: whatever goes is named under every rule there is."""
    review = review_html(html, language)
    gone = [
        Removed(rule.id, rule.wcag, rule.act, element.tag, element.span)
        for element in Page(html).elements
        for rule in HTML_RULES
        if element.tag not in ALLOWED
        or not element.attributes.keys() <= ALLOWED[element.tag].keys()
    ]
    return HtmlReview(review.html, review.findings, (*review.removed, *gone))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the review said of an example's own rule.

    Attributes:
        severities: of the findings about it, the heaviest first.
        removed: whether it was named as taken out.
    """

    example: Example
    severities: tuple[str, ...]
    removed: bool

    @property
    def found(self) -> bool:
        """Whether there is a finding."""
        return bool(self.severities)


def _outcome(example: Example, reviewer: Reviewer) -> Outcome:
    review = reviewer(example.html, example.language)
    severities = sorted(
        (f.severity for f in review.findings if example.concerns(f.rule, f.act, _start(f.span))),
        key=lambda severity: severity.weight,
    )
    removed = any(example.concerns(r.rule, r.act, _start(r.span)) for r in review.removed)
    return Outcome(example, tuple(severities), removed)


def _start(span: Span | None) -> int | None:
    return None if span is None else span.start


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """All figures about examples, those of rules that cannot be decided left out of the first."""
    undecidable = known_rules()["undecidable"]
    failed = [o for o in outcomes if o.example.expected == "failed"]
    decided = [o for o in failed if o.example.rule not in undecidable]
    right = [o for o in outcomes if o.example.expected != "failed"]
    heaviest = Counter(o.severities[0] for o in right if o.found)
    surviving = [o for o in decided if o.example.survives]
    return {
        "failed": len(failed),
        "decidable": len(decided),
        "found": sum(o.found for o in decided),
        "removed and named": sum(o.removed and not o.found for o in decided),
        "missed": sum(not (o.found or o.removed) for o in decided),
        "found or named share": _share([o.found or o.removed for o in decided]),
        "found or named share of all": _share([o.found or o.removed for o in failed]),
        "surviving": len(surviving),
        "surviving found share": _share([o.found for o in surviving]),
        "right": len(right),
        "false block": heaviest["block"],
        "false warn": heaviest["warn"] + heaviest["hold"],
        "false hint": heaviest["hint"],
        "false at block or warn share": _share([_is_heavy(o) for o in right]),
        "false removed": sum(o.removed for o in right),
        "false removed share": _share([o.removed for o in right]),
        "undecidable rules": len(undecidable),
    }


def _is_heavy(outcome: Outcome) -> bool:
    return any(severity != "hint" for severity in outcome.severities)


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else 0.0


def aims_of(figures: dict[str, float]) -> dict[str, Aim]:
    """What the figures about examples should be, next to what they are."""

    def least(name: str, least: float) -> Aim:
        return Aim(figures[name], f"at least {least:.0%}", figures[name] >= least)

    def most(name: str, most: float) -> Aim:
        wanted = f"at most {most:.0%}" if most < 1 else f"at most {most:.0f}"
        return Aim(figures[name], wanted, figures[name] <= most)

    return {
        "found, or removed and named": least("found or named share", LEAST_FOUND),
        "of what survives sanitising, found": least("surviving found share", LEAST_SURVIVING_FOUND),
        "false alarms at block or warn": most("false at block or warn share", MOST_FALSE),
        "false alarms at block": Aim(figures["false block"], "none", not figures["false block"]),
        "removed false alarms": most("false removed share", MOST_FALSE_REMOVED),
        "rules that cannot be decided": most("undecidable rules", MOST_UNDECIDABLE),
    }


HEADS = ("rule", "failed", "found", "named", "missed", "right", "block", "warn", "hint", "removed")


def _facts_by_rule(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    rules = sorted({outcome.example.rule for outcome in outcomes})
    return {rule: _counts([o for o in outcomes if o.example.rule == rule]) for rule in rules}


def _counts(outcomes: Sequence[Outcome]) -> dict[str, float]:
    failed = [o for o in outcomes if o.example.expected == "failed"]
    right = [o for o in outcomes if o.example.expected != "failed"]
    heaviest = Counter(o.severities[0] for o in right if o.found)
    return {
        "failed": len(failed),
        "found": sum(o.found for o in failed),
        "named": sum(o.removed and not o.found for o in failed),
        "missed": sum(not (o.found or o.removed) for o in failed),
        "right": len(right),
        "block": heaviest["block"],
        "warn": heaviest["warn"] + heaviest["hold"],
        "hint": heaviest["hint"],
        "removed": sum(o.removed for o in right),
    }


def _by_rule(outcomes: Sequence[Outcome]) -> str:
    rows = [_row(rule, counts) for rule, counts in _facts_by_rule(outcomes).items()]
    return "Examples; false alarms by severity, and those in removed:\n" + table(
        HEADS, [*rows, _row("all", _counts(outcomes))]
    )


def _row(name: str, counts: dict[str, float]) -> list[str]:
    return [name, *(str(counts[head]) for head in HEADS[1:])]


def _by_half(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for name, held_back in (("looked at while writing", False), ("held back", True)):
        half = [o for o in outcomes if o.example.is_held_back is held_back]
        figures = figures_of(half)
        rows.append(
            [
                name,
                f"{figures['found or named share']:.1%}",
                f"{figures['surviving found share']:.1%}",
                f"{figures['false at block or warn share']:.1%}",
                f"{figures['false removed share']:.1%}",
            ]
        )
    heads = ("half of the examples", "found or named", "surviving found", "false", "false removed")
    return table(heads, rows)


def _undecidable(outcomes: Sequence[Outcome]) -> str:
    rules = known_rules()["undecidable"]
    lines = [f"{rule}: {reason}" for rule, reason in rules.items()]
    share = figures_of(outcomes)["found or named share of all"]
    return "\n".join(
        [
            "Not decided without seeing or hearing it:",
            *lines,
            f"With their examples, found or named are {share:.1%}.",
        ]
    )


def _aims(aims: dict[str, Aim]) -> str:
    rows = [
        [name, _shown(aim.figure), aim.wanted, "holds" if aim.holds else "DOES NOT HOLD"]
        for name, aim in aims.items()
    ]
    return table(("aim", "figure", "wanted", ""), rows)


def _shown(figure: float) -> str:
    return f"{figure:.1%}" if isinstance(figure, float) and figure <= 1 else f"{figure:g}"
