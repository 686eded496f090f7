"""``python -m benchmarks NAME [--json FILE]``: one name, one subject."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import anonymity, anonymity_year, archive, backup, excerpt, pages, review
from benchmarks.report import CannotMeasure

SUBJECTS = {
    "anonymity": anonymity,
    "anonymity-year": anonymity_year,
    "archive": archive,
    "backup": backup,
    "excerpt": excerpt,
    "pages": pages,
    "review": review,
}


def main(arguments: list[str] | None = None) -> int:
    """Measure the subject that the arguments name, print a table: the exit status.

    It is 1 where what was measured is not what the subject aims at.
    """
    options = _parser().parse_args(arguments)
    try:
        report = SUBJECTS[options.subject].measure(options)
    except CannotMeasure as error:
        print(f"Nothing was measured: {error}", file=sys.stderr)
        return 2
    print(report.text)
    if options.json is not None:
        options.json.write_text(json.dumps(report.facts, indent=2) + "\n", encoding="utf-8")
    return 0 if report.holds else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure the forum on this machine."
    )
    subjects = parser.add_subparsers(
        dest="subject", required=True, metavar="NAME", title="subjects"
    )
    for name, module in SUBJECTS.items():
        about = (module.__doc__ or "").partition("\n")[0]
        subject = subjects.add_parser(name, help=about, description=about)
        subject.add_argument("--json", type=Path, metavar="FILE", help="write all figures here too")
        module.add_options(subject)
    return parser


if __name__ == "__main__":
    sys.exit(main())
