"""What the tests of the accessibility check have in common."""

from __future__ import annotations

import pytest

from forum.accessibility.languages import can_detect
from forum.accessibility.registry import Rule
from forum.testing.capabilities import missing


@pytest.fixture
def detector(request: pytest.FixtureRequest) -> None:
    """Skips, or where everything is required fails, a test that needs languages to be told."""
    if not can_detect():
        missing(request.config, "telling languages", "pycld2 is not installed")


@pytest.fixture(autouse=True)
def detector_for_its_rule(request: pytest.FixtureRequest) -> None:
    """Asks for the detector in tests of each rule where the rule is the one that needs it."""
    callspec = getattr(request.node, "callspec", None)
    rule = callspec.params.get("rule") if callspec else None
    if isinstance(rule, Rule) and rule.id == "language-other":
        request.getfixturevalue("detector")
