"""How well the colours of a theme can be seen and told apart, also by those who lack a cone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from forum.accessibility.contrast import contrast_ratio
from forum.accessibility.nearest import nearest_passing
from forum.accessibility.vision import VISIONS, Vision, as_seen, difference
from forum.web.themes import MODES, Pair, Theme

# ``difference`` counts from what half of the people notice.
LEAST_DIFFERENCE = 1.0
# WCAG 2.2, technique G183: what tells a link from the text around it when no line does.
LEAST_CONTRAST_OF_BARE_LINK = 3.0


@dataclass(frozen=True, slots=True)
class Apart:
    """Two tokens that must not be taken for each other; ``by`` is ``difference`` or ``contrast``."""

    one: str
    other: str
    by: str = "difference"

    @property
    def least(self) -> float:
        """The difference, or the contrast ratio, that the two must have."""
        return LEAST_CONTRAST_OF_BARE_LINK if self.by == "contrast" else LEAST_DIFFERENCE


@dataclass(frozen=True, slots=True)
class Measured:
    """What the two colours of a pair have in one mode, for whoever sees least of it.

    Full vision comes first where it is not enough there, so that the plainest fault is named.
    """

    mode: str
    pair: Pair | Apart
    has: float
    vision: Vision
    needs: float

    @property
    def is_enough(self) -> bool:
        """Whether everybody sees what they need."""
        return self.has >= self.needs


def pairs_apart(theme: Theme, *, has_bare_links: bool = False) -> list[Apart]:
    """What must be told apart: states, links that were followed or not, what the theme adds; and
    links from text, where no line below tells them. A theme lists the text of its posts first."""
    states, links, texts = (_foregrounds(theme, use) for use in ("state", "link", "text"))
    found = [Apart(*two) for each in (states, links) for two in combinations(each, 2)]
    found += [Apart(*two) for two in theme.apart]
    if has_bare_links:
        found += [Apart(link, text, "contrast") for link in links for text in texts[:1]]
    return list(dict.fromkeys(found))


def measured_pairs(theme: Theme, apart: list[Apart]) -> Iterator[Measured]:
    """Every pair in every mode."""
    pairs: list[Pair | Apart] = [*theme.pairs, *apart]
    for mode in MODES:
        for pair in pairs:
            yield measured(mode, pair, theme.modes[mode])


def measured(mode: str, pair: Pair | Apart, tokens: Mapping[str, str]) -> Measured:
    """One pair with the colours that ``tokens`` gives it."""
    needs = pair.least(mode) if isinstance(pair, Pair) else pair.least
    seen = [(_between(pair, tokens, vision), vision) for vision in VISIONS]
    has, vision = seen[0] if seen[0][0] < needs else min(seen, key=lambda each: each[0])
    return Measured(mode, pair, has, vision, needs)


def mend_of(theme: Theme, weak: Measured, apart: list[Apart]) -> tuple[str, str] | None:
    """A token of a pair that fails, and the nearest colour with which it and all other pairs of that
    token pass in this mode; ``None`` when a change of lightness alone cannot do it."""
    for token in _tokens(weak.pair):
        if found := _nearest(theme, weak.mode, token, apart):
            return token, found
    return None


def _nearest(theme: Theme, mode: str, token: str, apart: list[Apart]) -> str | None:
    tokens = theme.modes[mode]
    pairs: list[Pair | Apart] = [*theme.pairs, *apart]
    needs = [pair for pair in pairs if token in _tokens(pair)]

    def passes(colour: str) -> bool:
        changed = {**tokens, token: colour}
        return all(measured(mode, pair, changed).is_enough for pair in needs)

    return nearest_passing(tokens[token], passes)


def _between(pair: Pair | Apart, tokens: Mapping[str, str], vision: Vision) -> float:
    one, other = (as_seen(tokens[token], vision) for token in _tokens(pair))
    is_difference = isinstance(pair, Apart) and pair.by == "difference"
    return difference(one, other) if is_difference else contrast_ratio(one, other)


def _tokens(pair: Pair | Apart) -> tuple[str, str]:
    return (pair.foreground, pair.background) if isinstance(pair, Pair) else (pair.one, pair.other)


def _foregrounds(theme: Theme, use: str) -> list[str]:
    return list(dict.fromkeys(pair.foreground for pair in theme.pairs if pair.use == use))
