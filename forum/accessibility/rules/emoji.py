"""Emoji: each is read out by its name, so a few say more than many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from forum.accessibility import emoji
from forum.accessibility.blocks import Group, Line
from forum.accessibility.document import Document, Passage
from forum.accessibility.lettering import plain
from forum.accessibility.registry import Fault, rule
from forum.accessibility.repair import is_as_written, place_of, replaced, would_be_a_block
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span

_WORD = re.compile(r"[^\W_]+")
_CLOSING = frozenset(".,;:!?)…")
_MOST_QUOTED = 100
_MOST_MOVED = 20
_LONGEST_ITEM = 150
_MOST_GATHERED = 100


@rule(
    "emoji-flood",
    wcag="",
    severity=Severity.WARN,
    message=_("These are more emoji than one can listen to: please keep one or two at the end."),
    help=_(
        "A screen reader says the name of each: “party popper, party popper, party popper”. Write "
        "“We made it 🎉” instead of “🎉🎉🎉🎉🎉 We made it”, and say in words what matters."
    ),
    bad="🎉🎉🎉🎉🎉 We made it",
    good="We made it 🎉",
)
def emoji_flood(document: Document) -> Iterator[Fault]:
    """More than three side by side, and more in all than a text of this length can bear."""
    own = [passage for passage in document.passages if not passage.nested]
    having = [passage for passage in own if emoji.has_emoji(passage.text)]
    for passage in having:
        if rows := emoji.rows_of_emoji(passage.text):
            prose = _Prose.of(document.source, passage)
            yield from (_row(prose, row, index) for index, row in enumerate(rows))
    if having:
        yield from _too_many(document, own, [p for p in having if _WORD.search(p.text)])


@dataclass(frozen=True, slots=True)
class _Prose:
    """A passage with what is asked about it again and again.

    Attributes:
        offsets: where in ``source`` each character of ``text`` is written.
        last: the emoji that it ends with.
        alone: the runs of its text, without spaces around them.
        end: behind its last word and the marks that close its emphasis; ``None`` where its last
            words are not written as they are read.
    """

    source: str
    text: str
    offsets: list[int]
    last: Span
    alone: frozenset[str]
    end: Span | None

    @classmethod
    def of(cls, source: str, passage: Passage) -> _Prose:
        text, end = passage.text, passage.runs[-1].span.end
        while source[end : end + 1] in ("*", "_", "~"):
            end += 1
        return cls(
            source,
            text,
            passage.offsets(source),
            emoji.emoji_at_end(text),
            frozenset(run.text.strip() for run in passage.runs if run.prose),
            Span(end, end) if passage.runs[-1].prose else None,
        )

    def is_as_written(self, place: Span) -> bool:
        return is_as_written(self.source, self.text, self.offsets, place)


def _row(prose: _Prose, row: Span, index: int) -> Fault:
    words, repair = row.of(prose.text), None
    if prose.is_as_written(row):
        moved = _to_the_end(prose, row) if index < _MOST_MOVED else None
        repair = moved or _once(prose, row)
    return Fault(place_of(prose.offsets, row), words[:_MOST_QUOTED], repair)


def _once(prose: _Prose, row: Span) -> Repair | None:
    """Each stands once where it is; not where one of several that say something would go, or where
    it says something how many there are."""
    found = emoji.emoji_in(row.of(prose.text))
    kept = emoji.each_once(found)
    loses_one = any(map(emoji.is_sign, found)) and len(kept) < len(set(found))
    if loses_one or any(map(emoji.is_counted, found)):
        return None
    return Repair(place_of(prose.offsets, row), "".join(kept), _("Keep each emoji once"))


def _to_the_end(prose: _Prose, row: Span) -> Repair | None:
    """The row moves behind the passage's last word, where it stands not yet and can stand."""
    last, end = prose.last, prose.end
    taken = _taken_out(prose, row)
    if row.end > last.start or taken is None or end is None or not prose.is_as_written(last):
        return None
    if last.start < last.end:
        end = place_of(prose.offsets, last)
    found = emoji.emoji_in(last.of(prose.text)) + emoji.emoji_in(row.of(prose.text))
    if not emoji.can_go(found):
        return None
    return _moved([taken], end, found, prose.source)


def _moved(taken: list[tuple[Span, str]], end: Span, found: list[str], source: str) -> Repair:
    """What was ``taken`` out stands, each once, at ``end``."""
    span = Span(taken[0][0].start, end.end)
    end = Span(max(end.start, taken[-1][0].end), end.end)
    edits = [*taken, (end, f" {''.join(emoji.each_once(found))}")]
    return Repair(span, replaced(source, span, edits), _("Move the emoji to the end"))


def _taken_out(prose: _Prose, row: Span) -> tuple[Span, str] | None:
    """The edit that takes emoji out from between words; ``None`` where they cannot just go: what is
    left would be read as markup, or a link or emphasis would have nothing in it."""
    text = prose.text
    before, after = text[: row.start].rstrip(" \t"), text[row.end :].lstrip(" \t")
    place = Span(len(before), len(text) - len(after))
    if row.of(text) in prose.alone or not prose.is_as_written(place):
        return None
    at_start = not before or before.endswith("\n")
    if at_start and would_be_a_block(after):
        return None
    apart = not at_start and after and after[0] not in _CLOSING and after[0] != "\n"
    return place_of(prose.offsets, place), " " if apart else ""


def _too_many(document: Document, own: Iterable[Passage], having: list[Passage]) -> Iterator[Fault]:
    counted = sum(emoji.count_of(passage.text) for passage in having)
    words = sum(len(_WORD.findall(passage.text)) for passage in own)
    if emoji.are_too_many(counted, words):
        first, last = having[0].runs[0].span, having[-1].runs[-1].span
        found = [one for passage in having for one in emoji.emoji_in(passage.text)]
        quoted = "".join(found)[:_MOST_QUOTED]
        yield Fault(Span(first.start, last.end), quoted, _all_to_the_end(document, having, found))


def _all_to_the_end(document: Document, having: list[Passage], found: list[str]) -> Repair | None:
    """All go, and the first three stand behind the last words; not where one says “done”, or how
    good something is, and not where they are so many that the author had better look."""
    if len(found) > _MOST_GATHERED:
        return None
    texts = [_Prose.of(document.source, passage) for passage in having]
    rows = [(prose, row) for prose in texts for row in emoji.groups_of_emoji(prose.text)]
    end = texts[-1].end
    if not emoji.can_go(found) or end is None:
        return None
    taken = [edit for prose, row in rows if (edit := _taken_out(prose, row))]
    return _moved(taken, end, found, document.source) if len(taken) == len(rows) else None


@dataclass(frozen=True, slots=True)
class _Bullet:
    """A line that begins with emoji: its place to the end of the line, its words, and whether it
    can be taken out from the lines around it."""

    span: Span
    text: str
    emoji: str
    body: str
    apart: bool


@rule(
    "emoji-bullets",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_("Emoji do not make a list: please begin each line with a hyphen."),
    help=_(
        "A screen reader announces a list and how many things are in it, but here it only says the "
        "emoji's name before each line. Write “- Bring a mug” instead of “👉 Bring a mug”."
    ),
    bad="👉 Bring a mug\n👉 Bring a friend",
    good="- Bring a mug\n- Bring a friend",
)
def emoji_bullets(document: Document) -> Iterator[Fault]:
    """Lines or paragraphs, one below the other, that each begin with an emoji."""
    for group in document.groups:
        for found in () if group.nested else _lists(document.source, group):
            if emoji.are_bullets([bullet.emoji for bullet in found]):
                span = Span(found[0].span.start, found[-1].span.end)
                text = " ".join(bullet.text for bullet in found)[:_MOST_QUOTED]
                yield Fault(span, text, _as_list(document.source, found, span))


def _lists(source: str, group: Group) -> Iterator[list[_Bullet]]:
    """Lines that begin so, as long as nothing else stands between them."""
    found: list[_Bullet] = []
    for bullet in _bullets(source, group):
        if found and (bullet is None or not _is_next(source, found[-1], bullet)):
            yield found
            found = []
        if bullet is not None:
            found.append(bullet)
    if found:
        yield found


def _is_next(source: str, above: _Bullet, below: _Bullet) -> bool:
    """Whether nothing but white space parts two lines; paragraphs parted by an empty line are items
    only if they are short and begin alike, for prose may begin with an emoji, too."""
    between = source[above.span.end : below.span.start]
    short = max(len(above.text), len(below.text)) <= _LONGEST_ITEM
    alike = above.emoji == below.emoji
    return not between.strip() and (between.count("\n") == 1 or (short and alike))


def _bullets(source: str, group: Group) -> Iterator[_Bullet | None]:
    for block in group.blocks:
        lines = block.lines if block.kind == "paragraph" else ()
        for line, below in zip_longest(lines, lines[1:]):
            yield _bullet(source, line, below)
        if not lines:
            yield None


def _bullet(source: str, line: Line, below: Line | None) -> _Bullet | None:
    start, begins = line.span.start, emoji.bullet_of(line.text)
    if begins is None or not source.startswith(line.text[: begins[1]], start):
        return None
    before = source[source.rfind("\n", 0, start) + 1 : start]
    end = source.find("\n", start)
    return _Bullet(
        Span(start, len(source) if end < 0 else end),
        line.text,
        begins[0],
        source[start + begins[1] : line.span.end].strip(" \t"),
        not before.strip(" \t") and line.whole and (below is None or below.whole),
    )


def _as_list(source: str, found: list[_Bullet], span: Span) -> Repair | None:
    """Each line as an item; a line that goes on below them needs an empty line before it."""
    silent = emoji.say_nothing([bullet.emoji for bullet in found])
    if not all(bullet.apart and not would_be_a_block(bullet.body) for bullet in found):
        return None
    edits = [
        (bullet.span, f"- {bullet.body if silent else _with_end(bullet.body, bullet.emoji)}")
        for bullet in found
    ]
    below = source[span.end + 1 :].split("\n", 1)[0]
    words = replaced(source, span, edits) + ("\n" if below.strip() else "")
    return Repair(span, words, _("Make it a list"))


def _with_end(body: str, bullet: str) -> str:
    last = emoji.emoji_at_end(body)
    kept = emoji.each_once(emoji.emoji_in(last.of(body)) + emoji.emoji_in(bullet))
    return f"{body[: last.start]} {''.join(kept)}"


@rule(
    "emoji-in-word",
    wcag="",
    severity=Severity.WARN,
    message=_("An emoji stands inside this word: please write the word out and put it behind."),
    help=_(
        "A screen reader says the emoji's name in the middle of the word, and search does not find "
        "it. Write “coffee ☕” instead of “c☕ffee”, and “please read this 👏” instead of "
        "“please👏read👏this”."
    ),
    bad="Please👏read👏this",
    good="Please read this 👏",
)
def emoji_in_word(document: Document) -> Iterator[Fault]:
    """Emoji between letters of scripts that put spaces between their words."""
    for passage in document.passages:
        text = passage.text
        if not passage.nested and emoji.has_emoji(text):
            found = emoji.emoji_in_words(plain(text))
            offsets = passage.offsets(document.source) if found else []
            for word in found:
                place = place_of(offsets, word)
                yield Fault(
                    place, word.of(text)[:_MOST_QUOTED], _apart(document, text, word, offsets)
                )


def _apart(document: Document, text: str, word: Span, offsets: list[int]) -> Repair | None:
    words = emoji.taken_apart(word.of(text))
    if words is None or not is_as_written(document.source, text, offsets, word):
        return None
    return Repair(place_of(offsets, word), words, _("Put the emoji beside the words"))


RULES = (emoji_flood, emoji_bullets, emoji_in_word)
