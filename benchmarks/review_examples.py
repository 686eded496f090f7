"""The examples of others by which the review is measured, and what each of them expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from justhtml import JustHTML, to_html

from benchmarks.report import CannotMeasure
from forum.text.sanitize import sanitize

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
NAMES = ("a11y_act.jsonl", "a11y_author.jsonl", "a11y_axe.jsonl")
RULES = Path(__file__).with_name("review_rules.json")


@dataclass(frozen=True, slots=True)
class Example:
    """One example: a text, or one element of a text.

    Attributes:
        rule: what it is an example of, as the figures name it.
        act: the id of the ACT rule, where it is one's own example.
        ours: our rules that are the same, by id or by how their ids begin.
        expected: ``failed``, ``passed`` or ``inapplicable``.
        places: where the element's tags and those of what is inside stand; ``None`` for all of it.
            What a reviewer says of no place in particular is then about none of them.
        survives: whether anything that could carry the fault is left by the sanitiser.
    """

    id: str
    rule: str
    act: str
    ours: tuple[str, ...]
    expected: str
    html: str
    language: str
    places: frozenset[int] | None
    survives: bool

    @property
    def is_held_back(self) -> bool:
        """Whether it belongs to the half that nobody looked at while the rules were written."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1

    def concerns(self, rule: str, act: tuple[str, ...], place: int | None) -> bool:
        """Whether what a reviewer says is about this example's own rule, and about its element."""
        is_here = self.places is None or (place is not None and place in self.places)
        if self.act:
            return is_here and self.act in act
        return is_here and any(rule == ours or _begins(rule, ours) for ours in self.ours)


def _begins(rule: str, ours: str) -> bool:
    return ours.endswith("-") and rule.startswith(ours)


@cache
def known_rules() -> dict[str, Any]:
    """What is kept about the examples' rules: see ``review_rules.json``."""
    facts: dict[str, Any] = json.loads(RULES.read_text("utf-8"))
    return facts


def examples_in(path: Path) -> Iterator[Example]:
    """The examples of a file that can be a part of a post, by what the file itself says.

    Raises:
        CannotMeasure: the file is not there.
    """
    if not path.is_file():
        raise CannotMeasure(f"{path} is not there; name the examples with --corpus.")
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["applies_to_fragment"]:
            yield from _examples(row)


def _examples(row: dict[str, Any]) -> Iterator[Example]:
    if "nodes" in row:
        yield from _of_axe(row)
    elif row.get("source") in ("sa11y", "editoria11y"):
        if row["expected"] in ("failed", "passed"):
            yield _of_author(row)
    else:
        html = row.get("fragment_html") or row["html"]
        rule, language = row["rule_id"], row.get("page_lang") or "en"
        survives = _is_left(rule, html)
        yield Example(row["id"], rule, rule, (), row["expected"], html, language, None, survives)


def _of_author(row: dict[str, Any]) -> Example:
    rule, html = row["rule_id"], row["html"]
    ours = next(families for word, families in known_rules()["families"] if word in rule)
    survives = _is_left(rule if rule in known_rules()["carriers"] else "author", html)
    return Example(row["id"], rule, "", tuple(ours), row["expected"], html, "en", None, survives)


def _of_axe(row: dict[str, Any]) -> Iterator[Example]:
    rule = f"axe:{row['rule_id']}"
    ours = tuple(known_rules()["equivalents"][rule])
    places, around = _places(row), _around(row)
    for number, node in enumerate(row["nodes"]):
        if node["expected"] in ("failed", "passed"):
            identifier = row["id"] + "".join(map(str, node["selector"]))
            survives = _is_left(rule, node.get("outer_html") or row["html"], around[number])
            where = places[number]
            yield Example(
                identifier, rule, "", ours, node["expected"], row["html"], "en", where, survives
            )


def _around(row: dict[str, Any]) -> list[str]:
    """For each node the HTML of what it stands in."""
    document = JustHTML(row["html"], sanitize=False)
    found = [document.query(node["selector"][-1]) for node in row["nodes"]]
    return [to_html(each[0].parent) if each and each[0].parent else "" for each in found]


def _places(row: dict[str, Any]) -> list[frozenset[int]]:
    """For each node where its tags stand, and those inside that are no other node's."""
    document = JustHTML(row["html"], sanitize=False, track_node_locations=True)
    found = [document.query(node["selector"][-1]) for node in row["nodes"]]
    nodes = {id(each[0]): number for number, each in enumerate(found) if each}
    places: list[set[int]] = [set() for _ in found]
    pending: list[tuple[Any, int | None]] = [(document.root, None)]
    while pending:
        node, owner = pending.pop()
        owner = nodes.get(id(node), owner)
        if owner is not None and node.origin_offset is not None:
            places[owner].add(node.origin_offset)
        pending += [(child, owner) for child in node.children or []]
    return [frozenset(each) for each in places]


def _is_left(rule: str, html: str, around: str = "") -> bool:
    """Whether something that could carry the fault is left; too often rather than too seldom.

    Where it matters what an element stands in, that is looked at, too.
    """
    selector = known_rules()["carriers"].get(rule)
    if not selector:
        return False
    looked_at = around if ">" in selector and around else html
    return bool(JustHTML(sanitize(looked_at), sanitize=False).query(selector))
