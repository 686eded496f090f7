"""Posts as people write them, put together at random: the same for the same seed.

Lengths follow a log-normal distribution, as those of posts in forums do: half have fewer than about
450 characters, the mean is near 650, a few have thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

LOG_MEAN, LOG_SPREAD = 6.1, 0.85
LONGEST = 8000

WHO = (
    "the kiln", "my teacher", "a thin glaze", "this clay", "the wheel", "our group", "the slip",
    "a second firing", "the cone", "an old recipe", "the bowl", "the rim", "everybody here",
    "the studio", "a slow cooling", "the ash", "porcelain", "stoneware", "the test tile",
)  # fmt: skip
DOES = (
    "cracks", "holds", "needs more time than", "depends on", "covers", "changes", "reacts with",
    "looks better beside", "is close to", "runs over", "came out like", "tells us much about",
    "works well with", "dries faster than", "is heavier than", "can ruin", "brought back",
)  # fmt: skip
HOW = (
    "most of the time", "at cone six", "in a cold room", "after two days", "as far as I know",
    "when the humidity is high", "without any warning", "if you wait", "in my experience",
    "at least in our kiln", "with a soft brush", "before the bisque firing", "to my surprise",
)  # fmt: skip
OPENINGS = ("I think", "We found that", "Perhaps", "Last week", "In the end", "Yes,", "Still,", "")
TITLES = (
    "How do you keep {0} from what {1}?", "Why {0} {2} {1}", "Notes on {0} and {1}",
    "{0} or {1}: what do you use?", "A question about {0}", "When {0} {2} {1}",
)  # fmt: skip


def title(random: Random) -> str:
    """The title of a thread."""
    first, second = random.sample(WHO, 2)
    words = random.choice(TITLES).format(first, second, random.choice(DOES))
    return words[0].upper() + words[1:]


def post(random: Random) -> str:
    """The Markdown of a post: paragraphs, and now and then a list, a link, a quotation, code."""
    length = min(LONGEST, random.lognormvariate(LOG_MEAN, LOG_SPREAD))
    blocks = [_paragraph(random)]
    while sum(map(len, blocks)) < length:
        blocks.append(_block(random)(random))
    return "\n\n".join(blocks)


def plain_post(random: Random) -> str:
    """The Markdown of a short reply about which no reviewer has anything to say."""
    return "\n\n".join(_paragraph(random) for _ in range(random.randint(1, 3)))


def _block(random: Random) -> Callable[[Random], str]:
    return random.choices(
        (_paragraph, _list, _quotation, _linked, _code, _heading, _table),
        (60, 12, 10, 10, 3, 3, 2),
    )[0]


def _sentence(random: Random) -> str:
    words = f"{random.choice(OPENINGS)} {random.choice(WHO)} {random.choice(DOES)} "
    words += f"{random.choice(WHO)} {random.choice(HOW)}"
    words = words.strip()
    return words[0].upper() + words[1:] + random.choice("...?!")


def _paragraph(random: Random) -> str:
    sentences = [_sentence(random) for _ in range(random.randint(1, 5))]
    if random.random() < 0.3:
        sentences[0] = f"**{sentences[0]}**" if random.random() < 0.5 else f"*{sentences[0]}*"
    return " ".join(sentences)


def _list(random: Random) -> str:
    mark = random.choice(("-", "1."))
    return "\n".join(f"{mark} {_sentence(random)}" for _ in range(random.randint(2, 6)))


def _quotation(random: Random) -> str:
    return f"> {_sentence(random)} {_sentence(random)}\n\n{_sentence(random)}"


def _linked(random: Random) -> str:
    subject, number = random.choice(WHO), random.randint(1, 9999)
    return f"{_sentence(random)} See [the notes on {subject}](https://example.org/notes/{number})."


def _code(random: Random) -> str:
    parts = [f"{random.choice(('silica', 'feldspar', 'ash', 'kaolin'))} {n}" for n in (40, 30, 20)]
    return "```\n" + "\n".join(parts) + "\n```"


def _heading(random: Random) -> str:
    return f"## About {random.choice(WHO)}\n\n{_sentence(random)}"


def _table(random: Random) -> str:
    rows = [f"| {who} | {random.randint(900, 1300)} |" for who in random.sample(WHO, 3)]
    return "\n".join(("| what | degrees |", "| --- | --- |", *rows))
