"""The benchmark of the review counts what it should, and fails a reviewer that names everything."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import review_posts
from benchmarks.__main__ import main
from benchmarks.review_examples import NAMES

BAD = {"expected": "failed", "html": '<p aria-lable="x">One</p>'}
SURVIVES = {"rule_id": "23a2a8", "expected": "failed", "html": '<p><img src="/files/a.png"></p>'}
GOOD = {"expected": "passed", "html": '<p aria-label="x" class="y">One</p>'}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """One example that is removed and named, one that survives, and twenty that are right."""
    rows = [BAD, SURVIVES, *20 * [GOOD]]
    shared = {"rule_id": "5f99a7", "applies_to_fragment": True}
    lines = [json.dumps(shared | row | {"id": f"e{n}"}) for n, row in enumerate(rows)]
    file = tmp_path / "examples.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return file


def figures(corpus: Path, *options: str) -> tuple[int, dict[str, float]]:
    """The exit status and the figures of a run without the real posts."""
    written = corpus.with_name("figures.json")
    command = ["review", "--no-speed", "--corpus", str(corpus), "--json", str(written)]
    status = main([*command, *options])
    return status, json.loads(written.read_text("utf-8"))["figures"]


def test_examples_are_counted_and_the_aims_hold(corpus: Path) -> None:
    status, counted = figures(corpus)
    assert status == 0
    wanted = {"failed": 2, "found": 1, "removed and named": 1, "missed": 0, "surviving": 1}
    assert {name: counted[name] for name in wanted} == wanted
    assert (counted["right"], counted["false removed"], counted["false block"]) == (20, 0, 0)


def test_reviewer_that_names_everything_fails(corpus: Path) -> None:
    status, counted = figures(corpus, "--plant", "names-everything")
    assert (status, counted["false removed share"]) == (1, 1.0)


def test_missed_fault_fails(corpus: Path) -> None:
    row = {"id": "m", "rule_id": "5f99a7", "expected": "failed", "html": "<p>One</p>"}
    with corpus.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(row | {"applies_to_fragment": True}))
    status, counted = figures(corpus)
    assert (status, counted["missed"]) == (1, 1)


def test_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["review", "--no-speed", "--corpus", str(tmp_path / "none.jsonl")])
    assert status == 2
    assert "none.jsonl is not there" in capsys.readouterr().err


@pytest.mark.full
def test_aims_hold_on_the_examples_of_others(tmp_path: Path, corpora: Path) -> None:
    options = [word for name in NAMES for word in ("--corpus", str(corpora / name))]
    status = main(["review", "--no-speed", *options, "--json", str(tmp_path / "figures.json")])
    facts = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert {name for name, aim in facts["aims"].items() if not aim["holds"]} == set()
    assert (status, facts["figures"]["failed"]) == (0, 307)


@pytest.fixture
def posts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve real posts: ten have a vague link, one two and a hint, and one has nothing."""
    vague, two = (
        '<p>See <a href="/a">here</a>.</p>',
        '<a href="/b">here</a> and <a href="/c">here</a>',
    )
    bodies = [*10 * [vague], f'<p>{two}</p><p><a href="/d.pdf">Plan</a></p>', "<p>Nothing.</p>"]
    replies = [
        {"id": f"p-{n}", "body_html": body, "url": "https://example.org/"}
        for n, body in enumerate(bodies, start=1)
    ]
    file = tmp_path / "threads.jsonl.gz"
    thread = replies[0] | {"replies": replies[1:]}
    file.write_bytes(gzip.compress(json.dumps(thread).encode()))
    monkeypatch.setattr(review_posts, "THREADS", file)


def drawn(tmp_path: Path, *options: str) -> list[tuple[str, str]]:
    """The posts and rules that a draw gives, in its order."""
    written = tmp_path / "drawn.json"
    assert main(["review", "--sample", *options, "--json", str(written)]) == 0
    return [(one["id"], one["rule"]) for one in json.loads(written.read_text("utf-8"))["drawn"]]


@pytest.mark.usefixtures("posts")
def test_all_findings_can_be_drawn_each_once(tmp_path: Path) -> None:
    vague = [(f"p-{n}", "link-vague") for n in (*range(1, 12), 11)]
    assert sorted(drawn(tmp_path, "100")) == sorted([*vague, ("p-11", "link-file")])


@pytest.mark.usefixtures("posts")
def test_a_seed_draws_the_same_and_more_of_it_go_on_from_there(tmp_path: Path) -> None:
    five = drawn(tmp_path, "5")
    assert len(five) == 5
    assert five == drawn(tmp_path, "5") == drawn(tmp_path, "8")[:5]
    others = {tuple(drawn(tmp_path, "5", "--seed", str(seed))) for seed in range(2, 8)}
    assert len(others | {tuple(five)}) > 1


@pytest.mark.usefixtures("posts")
def test_one_rule_or_posts_without_findings_are_drawn(tmp_path: Path) -> None:
    assert drawn(tmp_path, "9", "--of", "link-file") == [("p-11", "link-file")]
    assert drawn(tmp_path, "9", "--clean") == [("p-12", "")]


@pytest.mark.usefixtures("posts")
def test_whoever_judges_reads_the_whole_post_with_the_place_marked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["review", "--sample", "1", "--of", "link-file", "--read"]) == 0
    said = capsys.readouterr().out
    assert "1 drawn out of 1:" in said
    assert "⟦[Plan](https://example.org/d.pdf)⟧" in said
    assert "[here](https://example.org/c)" in said
