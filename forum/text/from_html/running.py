"""The running text of one paragraph: a row of atoms, and the Markdown that reads back as it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple
from urllib.parse import quote

from forum.text.allowed import is_link


class Link:
    """One link of the text; two links to one address are still two."""

    def __init__(self, href: str) -> None:
        self.href = href


class Style(NamedTuple):
    """What a piece of text stands in: marks (``strong``, ``em``, ``strike``), a link, code."""

    marks: frozenset[str] = frozenset()
    link: Link | None = None
    code: bool = False

    def marked(self, mark: str) -> Style:
        """Inside this mark, too."""
        return self._replace(marks=self.marks | {mark})

    def linked(self, href: str) -> Style:
        """Inside a link to ``href``, if a post may link there."""
        return self._replace(link=Link(href)) if is_link(href) else self


PLAIN = Style()


@dataclass(slots=True)
class Atom:
    """A piece of text in one style; a link's empty text is a link that says nothing."""

    kind: Literal["text", "code", "break", "space"]
    text: str
    style: Style = PLAIN


def escape(text: str) -> str:
    """``text`` as Markdown that shows exactly this text, on one line (runs of space are one)."""
    return written([Atom("text", text)])


def written(atoms: Sequence[Atom]) -> str:
    """The Markdown of one paragraph's text, empty when nothing is to be seen."""
    tokens = _spelled(_nested(_settled(list(_pieces(atoms))), frozenset()))
    return _LINE_START.sub(lambda start: start[0][:-1] + "\\" + start[0][-1], "".join(tokens))


_LINE_START = re.compile(
    r"^(?:#(?=#{0,5}(?:\s|$))|>|[-+](?=\s|$)|=(?==*\s*$)|[|:-](?=[|: -]*$)"
    r"|[0-9]{1,9}[.)](?=\s|$))",
    re.MULTILINE,
)
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def without_controls(text: str) -> str:
    """``text`` without the C0 controls, which a post may not hold; tabs and lines stay."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def _pieces(atoms: Sequence[Atom]) -> Iterator[Atom]:
    """The atoms, their space folded as a browser folds it, and space at their ends split off."""
    for code, group in groupby(_normal(atoms), key=lambda a: a.style if a.kind == "code" else None):
        if code is not None:
            yield Atom("code", "".join(atom.text for atom in group), code)
        else:
            for atom in group:
                yield from _split(atom)


def _normal(atoms: Sequence[Atom]) -> Iterator[Atom]:
    for atom in atoms:
        text = re.sub(r"[\t\n\f\r]", " ", atom.text)
        text = text.translate(_CONTROLS)
        if atom.kind == "text" and (text or atom.style.link):
            yield Atom("text", re.sub(" +", " ", text), atom.style)
        elif atom.kind == "break":
            yield atom
        elif atom.kind == "code" and text:
            yield Atom("code", text, atom.style)


def _split(atom: Atom) -> Iterator[Atom]:
    """A text as the space before it, its words, the space after it."""
    words = atom.text.strip()
    if atom.kind != "text" or not atom.text or words == atom.text:
        yield atom
        return
    start = len(atom.text) - len(atom.text.lstrip())
    yield Atom("space", atom.text[:start], atom.style)
    if words:
        yield Atom("text", words, atom.style)
        yield Atom("space", atom.text[start + len(words) :], atom.style)


def _settled(pieces: Sequence[Atom]) -> list[Atom]:
    """The pieces without needless space; space is emphasised only where both its sides are.

    CommonMark wants emphasis to begin and end at a word, so space at its ends moves out of it.
    """
    settled: list[Atom] = []
    gap: list[Atom] = []
    for piece in pieces:
        if piece.kind in _GAPS:
            gap.append(piece)
        else:
            settled.extend(_gap(gap, settled[-1].style, piece.style) if settled else ())
            settled.append(piece)
            gap = []
    return settled


def _gap(gap: Sequence[Atom], before: Style, after: Style) -> list[Atom]:
    link = before.link if before.link is after.link else None
    style = Style(before.marks & after.marks, link)
    if breaks := sum(atom.kind == "break" for atom in gap):
        return [Atom("break", "", style)] * breaks
    space = re.sub(" +", " ", "".join(atom.text for atom in gap))
    return [Atom("space", space, style)] if space else []


_GAPS = ("space", "break")
"""Atoms at which no mark begins or ends."""


class _Token(NamedTuple):
    """A piece of Markdown: words (``text``), or where a mark or link opens or closes."""

    kind: Literal["text", "raw", "open", "close"]
    text: str


def _nested(atoms: Sequence[Atom], done: frozenset[str | Link]) -> list[_Token]:
    """The row of atoms as nested marks and links; what reaches furthest stands outside."""
    tokens: list[_Token] = []
    at = 0
    while at < len(atoms):
        todo = [wrapper for wrapper in _wrappers(atoms[at]) if wrapper not in done]
        if not todo or atoms[at].kind in _GAPS:
            _append(tokens, atoms[at])
            at += 1
            continue
        end, wrapper = _outermost(atoms, at, todo, done)
        inside = _nested(atoms[at:end], done | {wrapper})
        tokens.extend(_wrapped(wrapper, inside))
        at = end
    return tokens


def _wrappers(atom: Atom) -> list[str | Link]:
    link = [atom.style.link] if atom.style.link else []
    return [*sorted(atom.style.marks, reverse=True), *link]


def _append(tokens: list[_Token], atom: Atom) -> None:
    """Adds an atom; text joins the text before it, so that both are escaped as one."""
    if atom.kind == "code":
        tokens.append(_Token("raw", _code(atom.text)))
    elif atom.kind == "break":
        tokens.append(_Token("raw", "\\\n"))
    elif tokens and tokens[-1].kind == "text":
        tokens[-1] = _Token("text", tokens[-1].text + atom.text)
    else:
        tokens.append(_Token("text", atom.text))


def _outermost(
    atoms: Sequence[Atom], at: int, todo: list[str | Link], done: frozenset[str | Link]
) -> tuple[int, str | Link]:
    """The wrapper of ``atoms[at]`` that reaches furthest, and where it ends."""
    ends = [_end(atoms, at, wrapper, done) for wrapper in todo]
    furthest = max(ends)
    return furthest, todo[ends.index(furthest)]


def _end(atoms: Sequence[Atom], at: int, wrapper: str | Link, done: frozenset[str | Link]) -> int:
    """Where ``wrapper`` ends; a mark that ends inside a link ends before that link."""
    end = at + 1
    while end < len(atoms) and wrapper in _wrappers(atoms[end]):
        end += 1
    while end < len(atoms) and end > at and _is_inside_link(atoms, end, done):
        end -= 1
    while end > at and atoms[end - 1].kind in _GAPS:
        end -= 1
    return end


def _is_inside_link(atoms: Sequence[Atom], at: int, done: frozenset[str | Link]) -> bool:
    link = atoms[at].style.link
    return link is not None and link not in done and atoms[at - 1].style.link is link


def _wrapped(wrapper: str | Link, inside: list[_Token]) -> list[_Token]:
    if isinstance(wrapper, str):
        return [_Token("open", wrapper), *inside, _Token("close", wrapper)]
    if inside == [_Token("text", wrapper.href)] and _AUTOLINK.fullmatch(wrapper.href):
        return [_Token("raw", f"<{wrapper.href}>")]
    return [_Token("open", "["), *inside, _Token("close", f"]({destination(wrapper.href)})")]


_AUTOLINK = re.compile(r"https?://[a-z0-9.-]+(?:[:/][A-Za-z0-9./_~?=&#:+,;@!$()-]*)?")
"""Addresses that the parser shows letter by letter when they stand in pointed brackets."""


def destination(href: str) -> str:
    """An address as it stands in the round brackets of a link, where it reads back as itself."""
    safe = re.sub(r"[\0-\x20<>`\\\x7f]", lambda c: quote(c[0], safe=""), href)
    if not re.fullmatch(r"[^()]*(?:\([^()]*\)[^()]*)*", safe):
        safe = re.sub(r"([()])", r"\\\1", safe)
    return _ENTITY.sub(r"\\&", safe) or "<>"


_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|\Z)|[`*\[\]]|(?<![^\W_]{2})_|_(?![^\W_]{2})"
    r"|~(?=~|\Z)|(?<=~)~|\A~|\A\{|<(?=[A-Za-z/!?])|(?:(?<=http)|(?<=https)):(?=//)|"
    + _ENTITY.pattern,
    re.IGNORECASE,
)
"""What CommonMark, strikethrough, footnotes, attributes or bare addresses could take for markup.

An underscore between letters cannot be; a backslash before anything but punctuation neither
(so that formulas stay readable); a brace only right behind a mark, a link or code.
"""


def _code(text: str) -> str:
    longest = {len(run) for run in re.findall("`+", text)}
    fence = "`" * next(n for n in range(1, len(longest) + 2) if n not in longest)
    edges = text[0] + text[-1]
    padded = f" {text} " if "`" in edges or (edges == "  " and text.strip(" ")) else text
    return fence + padded + fence


def _spelled(tokens: Sequence[_Token]) -> list[str]:
    """The tokens as Markdown that reads back as these tokens."""
    spelled = [_SPECIAL.sub(r"\\\g<0>", t.text) if t.kind == "text" else t.text for t in tokens]
    for at, delimiter in _delimiters(tokens).items():
        spelled[at] = delimiter
    for at, token in enumerate(tokens):
        if token == _Token("open", "[") and at and spelled[at - 1].endswith(("!", "^")):
            spelled[at - 1] = f"{spelled[at - 1][:-1]}\\{spelled[at - 1][-1]}"
    _clear_ends(tokens, spelled)
    return spelled


def _clear_ends(tokens: Sequence[_Token], spelled: list[str]) -> None:
    """Lets every sign open or close where it stands.

    What is done for one sign may put punctuation inside the next one out, so opening signs are
    looked at from the last to the first, closing ones from the first to the last.
    """
    for at in range(len(tokens) - 1, 0, -1):
        if tokens[at].kind == "open" and tokens[at].text in _SIGNS:
            spelled[at - 1] = _last_cleared(spelled[at - 1], spelled[at], spelled[at + 1][:1])
    for at in range(len(tokens) - 1):
        if tokens[at].kind == "close" and tokens[at].text in _SIGNS:
            spelled[at + 1] = _first_cleared(spelled[at + 1], spelled[at], spelled[at - 1][-1:])


_SIGNS = {"strong": "**", "em": "*", "strike": "~~"}


def _delimiters(tokens: Sequence[_Token]) -> dict[int, str]:
    """The sign for each mark's ends; an underscore where emphasis touches strong's stars."""
    signs: dict[int, str] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(at)
        elif token.kind == "close":
            start = opened.pop()
            if token.text in _SIGNS:
                sign = _SIGNS[token.text]
                sign = "_" if sign == "*" and _touches_strong(tokens, start, at) else sign
                signs[start] = signs[at] = sign
    return signs


def _touches_strong(tokens: Sequence[_Token], start: int, end: int) -> bool:
    near = [*tokens[max(0, start - 1) : start + 2], *tokens[end - 1 : end + 2]]
    return any(token.text == "strong" and token.kind in ("open", "close") for token in near)


def _last_cleared(before: str, sign: str, inside: str) -> str:
    """``before`` such that ``sign`` opens behind it.

    A sign between a letter and punctuation opens nothing (CommonMark's flanking rules); the same
    letter as a character reference ends in punctuation, so the sign opens.
    """
    if not before or _may_stand_outside(before[-1], sign, inside):
        return before
    kept = before[:-1]
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept += "\\"
    return f"{kept}&#{ord(before[-1])};"


def _first_cleared(after: str, sign: str, inside: str) -> str:
    """``after`` such that ``sign`` closes before it; see ``_last_cleared``."""
    if not after or _may_stand_outside(after[0], sign, inside):
        return after
    return f"&#{ord(after[0])};{after[1:]}"


def _may_stand_outside(outside: str, sign: str, inside: str) -> bool:
    if outside.isspace() or unicodedata.category(outside)[0] == "P" or outside in "$+<=>^`|~":
        return True
    return sign != "_" and inside.isalnum()
