"""Pages and replies of the forum beside a bare Flask application under the same server.

Forum and bare application are asked in turns, and the median over the turns counts, because
machines are noisy. The ratio is the forum's answers a second over the bare application's.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine, servers
from benchmarks.databases import Place, database_place
from benchmarks.load import Measured
from benchmarks.report import CannotMeasure, Report, table
from benchmarks.seeding import Size, seed
from benchmarks.servers import free_port
from benchmarks.trial import COLD, READERS, WRITERS, Found, Trial, Versus
from forum.app import create_app
from forum.config import Settings
from forum.db import db
from forum.migrate import upgrade
from forum.places import instance_example_folder

HEADS = ("", "bytes", "forum/s", "bare/s", "ratio", "from–to", "cpu ms", "by cpu", "p50 ms", "p95 ms",
         "bare p50", "bare p95")  # fmt: skip


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this subject."""
    parser.add_argument("--threads", type=_count, default=10_000, help="default: %(default)s")
    parser.add_argument("--posts", type=_count, default=200_000, help="default: %(default)s")
    parser.add_argument("--members", type=_members, default=1_000, help="default: %(default)s")
    parser.add_argument(
        "--database",
        metavar="URL",
        help="address of an empty PostgreSQL database, or pgserver to start one just for this"
        " (default: a SQLite file)",
    )
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="of each measurement; default: %(default)s"
    )
    parser.add_argument(
        "--bare",
        type=Path,
        default=servers.BARE_APP,
        metavar="FILE",
        help="the bare application (default: ../shared/bench/bare_app.py beside the project)",
    )


def _count(word: str) -> int:
    if int(word) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(word)


def _members(word: str) -> int:
    if int(word) < READERS + WRITERS:
        raise argparse.ArgumentTypeError(f"must be {READERS + WRITERS} or more")
    return int(word)


def measure(options: argparse.Namespace) -> Report:
    """Seed a fresh forum, serve it, measure it beside the bare application.

    Raises:
        CannotMeasure: the bare application or the database is not there, or a server failed.
    """
    if not options.bare.is_file():
        raise CannotMeasure(
            f"the bare application is not at {options.bare}. Say where it is with --bare FILE."
        )
    size = Size(options.threads, max(options.posts, options.threads), options.members)
    facts = machine.machine_facts()
    with (
        tempfile.TemporaryDirectory(prefix="forum-benchmark-") as name,
        database_place(options.database, folder := Path(name)) as place,
    ):
        trial = _prepared(folder, place, size, options)
        facts |= {"database": place.kind, "sync_ms": _ms(machine.sync_seconds(folder))}
        found = trial.run()
    return _report(facts, size, found)


def _prepared(folder: Path, place: Place, size: Size, options: argparse.Namespace) -> Trial:
    settings = Settings(folder / "instance", database=place.forum, bind=f"127.0.0.1:{free_port()}")
    shutil.copytree(instance_example_folder(), settings.instance)
    app = create_app(settings.instance, database=place.forum)
    begun = time.perf_counter()
    with app.app_context():
        upgrade(db.engine)
    seeded = seed(app, size)
    taken = time.perf_counter() - begun
    return Trial(app, settings, place, seeded, options.bare.resolve(), options.seconds, taken)


def _report(facts: dict[str, Any], size: Size, found: Found) -> Report:
    ratios = {v.name: round(v.ratio, 3) for v in found.pages if v.name != COLD}
    ratios["reply_over_bare_reply"] = round(found.replies.ratio, 3)
    every = [*found.pages, found.replies]
    figures = {
        "subject": "pages",
        "machine": facts,
        "size": asdict(size) | {"seeding_s": round(found.seeding, 1)},
        "ratios": ratios,
        "measured": {v.name: _figures(v) for v in every},
        "longest_thread": {
            name: [_latencies(measured) for measured in turns]
            for name, turns in found.longest.items()
        },
        "bytes_alone": _latencies(found.ceiling)
        | {"client_s_per_request": found.ceiling.client_seconds / len(found.ceiling.latencies)},
        "start_s": {"forum": found.starts, "bare": found.bare_starts},
        "memory_mib": {"forum": _mib(found.memory), "bare": _mib(found.bare_memory)},
        "jobs_left": found.jobs_left,
    }
    return Report(_text(figures, every), figures)


def _figures(versus: Versus) -> dict[str, Any]:
    return {
        "bytes": versus.size,
        "ratio": round(versus.ratio, 3),
        "ratios": [round(ratio, 3) for ratio in versus.ratios],
        "cost_ratio": round(versus.cost_ratio, 3),
        "forum": [_latencies(measured) for measured in versus.forum],
        "bare": [_latencies(measured) for measured in versus.bare],
    }


def _latencies(measured: Measured) -> dict[str, float]:
    return {
        "answers": len(measured.latencies),
        "per_s": round(measured.rate, 1),
        "p50_ms": _ms(measured.percentile(0.5)),
        "p95_ms": _ms(measured.percentile(0.95)),
        "server_ms": _ms(measured.cost),
        "client_share": round(measured.client_seconds / measured.seconds, 3),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _mib(size: int | None) -> float | None:
    return None if size is None else round(size / 2**20, 1)


def _text(figures: dict[str, Any], every: list[Versus]) -> str:
    here, size = figures["machine"], figures["size"]
    return "\n".join(
        (
            f"{here['date']}, {here['cores']} cores, {here['memory_gib']} GiB, load before"
            f" {here['load_before']}, Python {here['python']}, {here['database']}",
            f"{size['threads']} threads, {size['posts']} posts, {size['members']} members,"
            f" seeded in {size['seeding_s']} s",
            "",
            table(HEADS, [_row(versus) for versus in every]),
            "",
            *_notes(figures),
        )
    )


def _row(versus: Versus) -> list[str]:
    def middle(side: list[Measured], share: float) -> str:
        return f"{_ms(median(measured.percentile(share) for measured in side)):.1f}"

    return [
        versus.name,
        str(versus.size or ""),
        f"{median(measured.rate for measured in versus.forum):.0f}",
        f"{median(measured.rate for measured in versus.bare):.0f}",
        f"{versus.ratio:.2f}",
        f"{min(versus.ratios):.2f}–{max(versus.ratios):.2f}",
        f"{_ms(median(measured.cost for measured in versus.forum)):.2f}",
        f"{versus.cost_ratio:.2f}",
        *(middle(versus.forum, share) for share in (0.5, 0.95)),
        *(middle(versus.bare, share) for share in (0.5, 0.95)),
    ]


def _notes(figures: dict[str, Any]) -> list[str]:
    alone, start, memory = figures["bytes_alone"], figures["start_s"], figures["memory_mib"]
    notes = [
        f"The disk's sync takes {figures['machine']['sync_ms']} ms (median).",
        f"Start until the first answer: forum {_each(start['forum'])} s, bare"
        f" {_each(start['bare'])} s.",
        f"Memory of all processes (PSS): forum {memory['forum']} MiB, bare {memory['bare']} MiB.",
        f"Constant bytes from the bare application: {alone['per_s']:.0f}/s; the client alone could"
        f" ask for {1 / alone['client_s_per_request']:.0f}/s.",
    ]
    for name, turns in figures["longest_thread"].items():
        rate = median(turn["per_s"] for turn in turns)
        cost = median(turn["server_ms"] for turn in turns)
        notes.append(f"Longest thread, {name}: {rate:.0f}/s, {cost:.2f} ms of a core each.")
    if figures["jobs_left"]:
        notes.append(f"Up to {figures['jobs_left']} jobs were still waiting during a bare turn.")
    return notes


def _each(seconds: list[float]) -> str:
    return ", ".join(f"{taken:.2f}" for taken in seconds)
