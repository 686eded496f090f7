"""Where an error happened, without what it says: its words may quote what somebody wrote."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb, format_tb

# A recursion without end has a thousand frames; the innermost ones tell enough.
FRAMES_SHOWN = 30
CAUSES_SHOWN = 5
LONGEST_LINE = 500


def trace_of(error: BaseException, *, outspoken: tuple[type[BaseException], ...] = ()) -> str:
    """Kinds and places of an exception and its causes, for logs.

    Args:
        outspoken: kinds whose words are no member's; they are shown, too.
    """
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(CAUSES_SHOWN):
        if cause is None:
            break
        says = f": {cause}" if isinstance(cause, outspoken) else ""
        lines += [_kind(cause) + says, *format_tb(cause.__traceback__, -FRAMES_SHOWN)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(line.rstrip() for line in lines)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def in_a_line(error: BaseException) -> str:
    """What was raised, and where, with its words: only for what no member can have written."""
    frames = extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    words = " ".join(f"{type(error).__name__}: {error}".removesuffix(": ").split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in words)
    return printable[:LONGEST_LINE] + ("" if isinstance(error, SyntaxError) else place)
