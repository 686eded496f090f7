"""Task lists: ``- [ ] to do`` and ``- [x] done``, each box with its text as label."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BOX = re.compile(r"\[([ xX])\][ \t]+")


def tasks_plugin(md: MarkdownIt) -> None:
    """Teach ``md`` task lists: ``label_open``, ``task_box`` (its state in ``meta["checked"]``)."""
    md.core.ruler.after("inline", "tasks", _find_tasks)


def _find_tasks(state: StateCore) -> None:
    tokens = state.tokens
    for item, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if item.type != "list_item_open" or paragraph.type != "paragraph_open":
            continue
        children = inline.children or []
        box = BOX.match(children[0].content) if children and children[0].type == "text" else None
        if box:
            inline.children = _labelled(box, children)
            item.attrSet("class", "task")


def _labelled(box: re.Match[str], children: list[Token]) -> list[Token]:
    """``children`` with the mark of the box taken off their text, inside one label."""
    text = children[0]
    text.content = text.content[box.end() :]
    start, end = text.meta["span"]
    mark = _token("task_box", "input", 0, (start, start + box.end() - 1))
    mark.meta["checked"] = box.group(1) != " "
    text.meta["span"] = (start + box.end(), end)
    finish = children[-1].meta["span"][1]
    opening = _token("label_open", "label", 1, (start, finish))
    return [opening, mark, *children, _token("label_close", "label", -1, (finish, finish))]


def _token(kind: str, tag: str, nesting: int, span: tuple[int, int]) -> Token:
    token = Token(kind, tag, -1 if nesting < 0 else 1 if nesting else 0)
    token.meta["span"] = span
    return token
