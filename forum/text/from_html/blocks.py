"""The blocks of a body: paragraphs, quotes, lists, code, tables, each as finished Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import urljoin

from forum.errors import Invalid
from forum.phrases import Phrase as _
from forum.text import caps
from forum.text.from_html.running import Atom, Style, without_controls, written
from forum.text.from_html.tree import BLOCKS, CODE, HEADINGS, MARKS, STRUCTURE, Node, text_of

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that became a link: what stood for it in words, and where it lies."""

    alternative: str
    address: str


class Block(NamedTuple):
    """Finished Markdown of one block.

    ``marker`` is the list's own (``-``, ``*``, ``.``, ``)``), empty for other blocks; ``joins``
    says that it may follow a line of text without an empty line between them.
    """

    kind: Literal["bare", "paragraph", "list", "other"]
    text: str
    marker: str = ""
    joins: bool = False


class Walk:
    """Turns nodes into blocks; remembers the pictures met on the way."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.pictures: list[Picture] = []

    def flow(self, nodes: Sequence[Node | str], style: Style, nesting: int) -> list[Block]:
        """The blocks of ``nodes``; text that stands in no paragraph makes ``bare`` ones."""
        if nesting > caps.MAX_DEPTH:
            message = _(
                "There may be %(limit)s quotes, lists and tables inside each other; this text has "
                "more. Flatten some.",
                limit=caps.MAX_DEPTH,
            )
            raise Invalid("body", message)
        flow = Flow(self, nesting)
        for node in nodes:
            flow.visit(node, style)
        flow.end_paragraph("bare")
        return flow.blocks

    def address(self, raw: str | None) -> str | None:
        """``raw`` seen from the page it stood on; ``None`` where it is no address."""
        if raw is None:
            return None
        try:
            return urljoin(self.base, raw.strip()) if self.base else raw.strip()
        except ValueError:
            return None


class Flow:
    """The blocks of one container, and the paragraph that is being gathered."""

    def __init__(self, walk: Walk, nesting: int) -> None:
        self.walk = walk
        self.nesting = nesting
        self.blocks: list[Block] = []
        self.atoms: list[Atom] = []

    def visit(self, node: Node | str, style: Style) -> None:
        """Takes ``node`` into the paragraph, or ends the paragraph and takes it as a block."""
        if isinstance(node, str):
            self.atoms.append(Atom("code" if style.code else "text", node, style))
        elif node.tag in STRUCTURE:
            self.end_paragraph("bare")
            self.structure(node, style)
        elif node.tag in BLOCKS:
            self.end_paragraph("bare")
            self.children(node, style.marked("strong") if node.tag == "dt" else style)
            self.end_paragraph("paragraph")
        else:
            self.inline(node, style)

    def children(self, node: Node, style: Style) -> None:
        for child in node.children:
            self.visit(child, style)

    def end_paragraph(self, kind: Literal["bare", "paragraph"]) -> None:
        """Makes a block of the text gathered, if there is any to be seen."""
        source = written(self.atoms)
        self.atoms = []
        if source:
            self.blocks.append(Block(kind, source))

    def inline(self, node: Node, style: Style) -> None:
        match node.tag:
            case "br":
                self.atoms.append(Atom("break", "", style))
            case "img":
                self.picture(node, style)
            case "a":
                self.link(node, style)
            case "q":
                self.children(Node("", {}, ["“", *node.children, "”"]), style)
            case "sup":
                self.raised(node, style)
            case tag if tag in CODE:
                self.children(node, style._replace(code=True))
            case tag if tag in MARKS:
                self.children(node, style.marked(MARKS[tag]))
            case _:
                self.children(node, style)

    def link(self, node: Node, style: Style) -> None:
        href = self.walk.address(node.attributes.get("href"))
        inside = style.linked(href) if href else style
        if inside.link and not text_of(node).strip() and not any(_descendants(node, {"img"})):
            self.atoms.append(Atom("text", "", Style(link=inside.link)))
        self.children(node, inside)
        if href and not inside.link:
            self.atoms.append(Atom("text", f" ({href})", style))

    def picture(self, node: Node, style: Style) -> None:
        """A link in the picture's place; where a link is around it already, its words only."""
        words = " ".join(node.attributes.get("alt", "").split())
        address = self.walk.address(node.attributes.get("src"))
        self.walk.pictures.append(Picture(words, address or ""))
        if address and style.link is None:
            style = style.linked(address)
        self.atoms.append(Atom("text", words or "picture", style._replace(code=False)))

    def raised(self, node: Node, style: Style) -> None:
        """A power keeps its meaning: 10 to the 6th must not be read as 106."""
        number, before = text_of(node), self.atoms[-1].text if self.atoms else ""
        if number.isascii() and number.isdecimal() and before[-1:].isdecimal():
            self.visit(number.translate(_RAISED), style)
        else:
            self.children(node, style)

    def structure(self, node: Node, style: Style) -> None:
        match node.tag:
            case "pre":
                self.add(_fence(node))
            case "hr":
                self.add("___")
            case "blockquote":
                self.quote(node, style)
            case "ul" | "ol":
                self.list(node, style)
            case "table":
                self.table(node, style)
            case _:
                self.heading(node, style)

    def add(self, source: str) -> None:
        if source:
            self.blocks.append(Block("other", source))

    def quote(self, node: Node, style: Style) -> None:
        inside = stacked(self.walk.flow(node.children, style, self.nesting + 1))
        if inside:
            self.add(re.sub("^> $", ">", re.sub("^", "> ", inside, flags=re.M), flags=re.M))

    def heading(self, node: Node, style: Style) -> None:
        """One heading, or, where it holds blocks, the blocks alone."""
        blocks = self.walk.flow(node.children, style, self.nesting)
        if any(block.kind in ("list", "other") for block in blocks):
            self.blocks.extend(blocks)
        elif blocks:
            words = " ".join(_one_line(block.text) for block in blocks)
            self.add("#" * HEADINGS[node.tag] + " " + re.sub(r"(?<= )#(?=#*$)", r"\\#", words))

    def list(self, node: Node, style: Style) -> None:
        items = [self.walk.flow(item, style, self.nesting + 1) for item in _items(node)]
        if not items:
            return
        start = _start(node, len(items))
        marker = self.free_marker("-*" if node.tag == "ul" else ".)")
        labels = [marker if node.tag == "ul" else f"{start + i}{marker}" for i in range(len(items))]
        tight = all(_is_tight(item) for item in items)
        rows = [_item(label, item, tight) for label, item in zip(labels, items, strict=True)]
        joins = bool(items[0]) and (node.tag == "ul" or start == 1)
        self.blocks.append(Block("list", ("\n" if tight else "\n\n").join(rows), marker, joins))

    def free_marker(self, markers: str) -> str:
        """A marker other than that of the list just before, which would swallow this one."""
        used = self.blocks[-1].marker if self.blocks else ""
        return markers[1] if used == markers[0] else markers[0]

    def table(self, node: Node, style: Style) -> None:
        """A Markdown table; one whose cells hold blocks becomes these blocks, row by row."""
        for caption in _descendants(node, {"caption"}):
            self.visit(caption, style)
        rows = [list(_descendants(row, {"td", "th"})) for row in _descendants(node, {"tr"})]
        inner = self.nesting + 1
        cells = [[self.walk.flow(cell.children, style, inner) for cell in row] for row in rows]
        blocks = [block for row in cells for cell in row for block in cell]
        if any(block.kind in ("list", "other") for block in blocks):
            self.blocks.extend(blocks)
        elif blocks:
            self.add(_table(rows, [[_cell(cell) for cell in row] for row in cells]))


def stacked(blocks: Sequence[Block]) -> str:
    """The Markdown of blocks that follow each other."""
    return "\n\n".join(block.text for block in blocks)


def _one_line(source: str) -> str:
    return source.replace("\\\n", " ")


def _fence(node: Node) -> str:
    code = without_controls(text_of(node)).removesuffix("\n")
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{_language(node)}\n{code}\n{fence}"


def _language(node: Node) -> str:
    """The language that a class such as ``lang-py`` or ``language-c++`` names, else nothing."""
    code = [child for child in node.children if isinstance(child, Node)][:1]
    classes = " ".join(element.attributes.get("class", "") for element in [node, *code])
    named = re.search(r"(?:^|\s)lang(?:uage)?-([\w+#.-]+)", classes)
    return named[1] if named and named[1] != "none" else ""


def _items(node: Node) -> list[list[Node | str]]:
    """What each item of a list holds; what stands between items belongs to the one before."""
    items: list[list[Node | str]] = []
    for child in node.children:
        if isinstance(child, Node) and child.tag == "li":
            items.append(list(child.children))
        elif not (isinstance(child, str) and child.isspace()):
            items = items or [[]]
            items[-1].append(Node("div", {}, [child]))
    return items


def _start(node: Node, items: int) -> int:
    """The first number of a list; CommonMark knows numbers of one to nine digits."""
    given = node.attributes.get("start", "")
    number = int(given) if re.fullmatch("[0-9]{1,9}", given) else 1
    return number if number + items < 10**9 else 1


def _is_tight(item: list[Block]) -> bool:
    return all(b.kind == "bare" for b in item[:1]) and all(b.joins for b in item[1:])


def _item(label: str, blocks: list[Block], tight: bool) -> str:
    source = ("\n" if tight else "\n\n").join(block.text for block in blocks)
    indent = " " * (len(label) + 1)
    lines = [indent + line if line else "" for line in source.split("\n")]
    return (label + " " + "\n".join(lines)[len(indent) :]).rstrip(" ")


def _descendants(node: Node, tags: set[str]) -> Iterator[Node]:
    """Elements of these names below ``node``, not those inside one of them or inside a table."""
    for child in node.children:
        if isinstance(child, Node) and child.tag in tags:
            yield child
        elif isinstance(child, Node) and child.tag != "table":
            yield from _descendants(child, tags)


def _cell(blocks: list[Block]) -> str:
    return _one_line(" ".join(block.text for block in blocks)).replace("|", "\\|")


def _table(rows: list[list[Node]], cells: list[list[str]]) -> str:
    """A table's lines; without header cells its head stays empty, for the author to fill in."""
    if not all(cell.tag == "th" for cell in rows[0]):
        cells = [[], *cells]
    width = max(len(row) for row in cells)
    aligned = [_alignment(cell) for cell in rows[0]] + ["---"] * width
    lines = [cells[0], aligned[:width], *cells[1:]]
    return "\n".join(f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in lines)


def _alignment(cell: Node) -> str:
    said = cell.attributes.get("align", "") + cell.attributes.get("style", "").replace(" ", "")
    side = re.search(r"(?:text-align:|^)(left|center|right)", said.lower())
    return {"left": ":--", "center": ":-:", "right": "--:"}[side[1]] if side else "---"
