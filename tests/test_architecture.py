"""The floors of the house: who may import whom, who may commit, and how long a file may be.

A module imports from its own floor or a lower one. Features stand in an order; what a feature
needs from a later one reaches it through hooks.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 500

FEATURES = (
    "community|accounts|categories|files|record|discussion|reading|moderation|notifications|search"
    "|admin"
)

# First match wins. A new module that none of these matches has no floor yet, and a test says so.
FLOORS = [
    (0, r"forum"),
    (0, rf"forum\.(?:{FEATURES}|jobs|web|backups)"),
    (0, r"forum\.(?:errors|clock|review|phrases|places|seen|traces|zones)"),
    (0, r"forum\.(?:text|accessibility)(?:\..+)?"),
    (1, r"forum\.(?:hookspecs|brought|events|setting_kinds)"),
    (2, r"forum\.(?:db|config(?:\..+)?|logs|metrics|moments)"),
    (3, r"forum\.(?:plugin_host(?:\..+)?|permissions|spoken)"),
    (4, rf"forum\.(?:(?:{FEATURES}|jobs)\.models|tables)"),
    (
        5,
        rf"forum\.(?:{FEATURES})\.(?:settings|(?:\w+_)?(?:rules|queries)|checks|languages|limits|mailboxes|passwords|sentences|tokens)|forum\.jobs\.(?:queue|heartbeat)",
    ),
    (5, r"forum\.files\.(?:pictures|storage)"),
    (5, r"forum\.admin\.archive_(?:values|fields|desk_files|format|container|records|numbers)"),
    (5, r"forum\.admin\.excerpt_(?:extent|container|checking|links)"),
    (5, r"forum\.admin\.(?:listing|export_shelf)"),
    (5, r"forum\.backups\.(?:container|shapes|shelf|tables|values)"),
    (6, r"forum\.backups\.making"),
    (7, r"forum\.backups\.nightly"),
    (6, rf"forum\.(?:{FEATURES})\.(?:\w+_)?actions"),
    (7, rf"forum\.(?:{FEATURES}|jobs|web)\..+|forum\.plugin_api"),
    (
        8,
        r"forum\.(?:app|cli(?:_\w+)?|migrate(?:_\w+)?|renewing|serving|doctor(?:\.\w+)?|backups\.(?:restoring|upgrading))",
    ),
    (9, r"forum\.testing(?:\..+)?"),
]

# Those of one rank do not know each other.
RANKS = {
    "jobs": 0,
    "community": 0,
    "accounts": 1,
    "categories": 2,
    "files": 2,
    "record": 2,
    "discussion": 3,
    "reading": 4,
    "moderation": 4,
    "notifications": 4,
    "search": 4,
    "admin": 5,
}

# What parts of the house do not know of the outside world.
FORBIDDEN_OUTSIDE = [
    (
        r"forum\.(?:errors|clock|review|phrases|text|accessibility)(?:\..+)?",
        r"flask.*|sqlalchemy|werkzeug",
    ),
    (rf"forum\.(?:{FEATURES}|jobs)\.models", r"flask.*|werkzeug"),
    (rf"forum\.(?:{FEATURES})\.rules", r"sqlalchemy"),
]


def floor_of(module: str) -> int | None:
    """The module's floor, or ``None`` when the table above does not know it."""
    return next((floor for floor, pattern in FLOORS if re.fullmatch(pattern, module)), None)


def feature_of(module: str) -> str | None:
    """The ranked room a module lies in, or ``None`` outside of them."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in RANKS else None


def imports_of(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Everything a module imports, inside functions too, as absolute names.

    ``from a import b`` gives ``a.b``, because ``b`` may be a module.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(module, node, is_package=is_package)
            found += [f"{base}.{alias.name}" for alias in node.names]
    return found


def _base_of(module: str, node: ast.ImportFrom, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    up = node.level - 1 if is_package else node.level
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def faults_of(module: str, imports: list[str], modules: set[str]) -> list[str]:
    """Why a module may not import what it imports, one line for each."""
    inside = {found for name in imports if (found := _module_named(name, modules))}
    outside = {name.split(".")[0] for name in imports} - {"forum"}
    return sorted(
        [f for target in inside for f in _faults_inside(module, target)]
        + [f"{module} may not know {name}" for name in outside if _is_forbidden(module, name)]
    )


def _module_named(name: str, modules: set[str]) -> str | None:
    # ``forum.db.transaction`` is a name inside ``forum.db``.
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def _faults_inside(module: str, target: str) -> Iterator[str]:
    own, other = floor_of(module), floor_of(target)
    if own is not None and other is not None and other > own:
        yield f"{module} (floor {own}) imports {target} (floor {other})"
    mine, theirs = feature_of(module), feature_of(target)
    if mine and theirs and mine != theirs and RANKS[theirs] >= RANKS[mine]:
        yield f"{module} imports {target}, but {mine} stands before or beside {theirs}"


def _is_forbidden(module: str, package: str) -> bool:
    return any(
        re.fullmatch(inside, module) and re.fullmatch(outside, package)
        for inside, outside in FORBIDDEN_OUTSIDE
    )


def commits_in(source: str) -> list[int]:
    """The lines of a module that call ``commit``."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]


def _modules() -> dict[str, Path]:
    paths = (ROOT / "forum").rglob("*.py")
    return {_module_name(path): path for path in paths}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_module_has_a_floor() -> None:
    assert [name for name in sorted(_modules()) if floor_of(name) is None] == []


def test_modules_import_from_their_own_floor_or_a_lower_one() -> None:
    modules = _modules()
    faults = []
    for name, path in modules.items():
        imports = imports_of(name, path.read_text("utf-8"), is_package=path.name == "__init__.py")
        faults += faults_of(name, imports, set(modules))
    assert faults == []


def test_planted_imports_are_named() -> None:
    planted = """
from forum.errors import Invalid
from forum import db
from ..admin import actions

def late():
    import forum.app
    from forum.moderation.models import Case
"""
    modules = {"forum", *(f"forum.{name}" for name in ("errors", "db", "app"))}
    modules |= {"forum.discussion.rules", "forum.admin.actions", "forum.moderation.models"}
    imports = imports_of("forum.discussion.rules", planted)
    assert faults_of("forum.discussion.rules", imports, modules) == [
        "forum.discussion.rules (floor 5) imports forum.admin.actions (floor 6)",
        "forum.discussion.rules (floor 5) imports forum.app (floor 8)",
        "forum.discussion.rules imports forum.admin.actions, "
        "but discussion stands before or beside admin",
        "forum.discussion.rules imports forum.moderation.models, "
        "but discussion stands before or beside moderation",
    ]


def test_planted_framework_in_a_pure_room_is_named() -> None:
    imports = imports_of("forum.text.markdown", "def f():\n    from flask_babel import gettext\n")
    assert faults_of("forum.text.markdown", imports, {"forum"}) == [
        "forum.text.markdown may not know flask_babel"
    ]


def test_only_the_database_room_commits() -> None:
    commits = {name: commits_in(path.read_text("utf-8")) for name, path in _modules().items()}
    assert [name for name, lines in sorted(commits.items()) if lines] == ["forum.db"]


def test_planted_commit_is_found() -> None:
    assert commits_in("def f(db):\n    db.session.add(1)\n    db.session.commit()\n") == [3]


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    # Not migrations: each is written once and only ever read as a whole.
    folders = ("forum", "tests", "plugins", "benchmarks")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lengths = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in paths}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_importing_the_package_imports_nothing_else() -> None:
    code = (
        "import json, sys; before = set(sys.modules); import forum;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(json.dumps(sorted(new - set(sys.stdlib_module_names))))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT
    )
    assert json.loads(printed.stdout) == ["forum"]
