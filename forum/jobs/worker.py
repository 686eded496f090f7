"""The worker: takes due jobs with a lease, does each by itself, at least once.

What a handler writes and the job's removal are one transaction, so work on the database happens
exactly once. Work on the outside world (mail) can happen again when the worker dies in between.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import OperationalError

from forum.clock import utcnow
from forum.config import Settings, current_settings
from forum.db import db, transaction
from forum.hookspecs import JobCall
from forum.jobs.heartbeat import beat
from forum.jobs.models import Job
from forum.jobs.queue import EVENT, HANDLED, done_here, enqueue
from forum.metrics import counted_job
from forum.plugin_host import current_host, event_of
from forum.plugin_host.implementation import Interrupted
from forum.plugin_host.troubles import settle
from forum.traces import trace_of

BATCH = 20
# After a crash, jobs under way wait so long for another worker: longer than a letter may take.
LEASE_SECONDS = 30
MOST_ATTEMPTS = 8
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
IDLE_SECONDS = 0.5
TIDY_SECONDS = 3600
PLAN_SECONDS = 60
WORKER_DIED = "WorkerDied"
DELIVER = "deliver"

log = logging.getLogger("forum.jobs")


@dataclass(frozen=True, slots=True)
class Work:
    """A job as its handler sees it."""

    id: int
    name: str
    arguments: dict[str, Any]
    attempts: int
    created_at: datetime


Handler = Callable[[Work], None]
Ended = Callable[[Work, str], None]
HANDLERS: dict[str, Handler] = {}
OUTSIDE: set[str] = set()
ENDINGS: dict[str, Ended] = {}
PATIENCE: dict[str, int] = {}
# Told of every job of a plugin that has ended.
BROUGHT_ENDINGS: list[Ended] = []
Tidier = Callable[[], bool | None]
TIDIERS: list[Tidier] = []
PLANNERS: list[Tidier] = []


def handler(
    name: str,
    *,
    in_transaction: bool = True,
    ended: Ended | None = None,
    attempts: int = MOST_ATTEMPTS,
) -> Callable[[Handler], Handler]:
    """Register what does the jobs of this name.

    Args:
        in_transaction: with False it runs before the transaction that removes the job, because it
            talks to the outside world and no lock may wait for that.
        ended: called in the transaction that notes how a try ended: ``done``, ``waiting`` for
            another, or ``set aside``.
        attempts: a job that failed so often is set aside.
    """

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        HANDLED.add(name)
        PATIENCE[name] = attempts
        if not in_transaction:
            OUTSIDE.add(name)
        if ended is not None:
            ENDINGS[name] = ended
        return function

    return register


class GivenUp(Exception):
    """A job failed and would fail again, so it is set aside at once. Its cause is the reason."""


class NotYet(Exception):
    """A job was not tried: what it needs is not there for so many ``seconds``. It is no attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def tidier(function: Tidier) -> Tidier:
    """Register a tidying that the worker does now and then; each in its own transaction. While it
    says that there is more, it is called again, in another one."""
    TIDIERS.append(function)
    return function


def planner(function: Tidier) -> Tidier:
    """Register what plans work, once a minute; each in its own transaction."""
    PLANNERS.append(function)
    return function


class LeaseLost(Interrupted):
    """Another worker has taken the job over, because this one took too long."""


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Work until ``stop`` is set; the job under way is finished first."""
    # Not by the clock, which somebody may have set right since: nothing would be tidied until then.
    next_tidy = next_plan = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= next_plan:
            plan(app)
            next_plan = time.monotonic() + PLAN_SECONDS
        if time.monotonic() >= next_tidy:
            tidy(app)
            next_tidy = time.monotonic() + TIDY_SECONDS
        if not _survives(app, stop):
            stop.wait(IDLE_SECONDS)


def _survives(app: Flask, stop: threading.Event) -> int:
    try:
        _beat(app)
        return work_off(app, stop, most=BATCH)
    except Exception as error:
        # The database may be away for a moment; the worker outlives that.
        log.error("the worker could not take jobs: %s", _trace(error))
        return 0


def work_off(app: Flask, stop: threading.Event | None = None, *, most: int | None = None) -> int:
    """Do due jobs until there are none, or ``most``: how many were tried."""
    done = 0
    while (most is None or done < most) and not (stop is not None and stop.is_set()):
        with app.app_context():
            batch = _take(min(BATCH, most - done) if most is not None else BATCH)
        if not batch:
            break
        for place, work in enumerate(batch):
            with app.app_context():
                if stop is not None and stop.is_set():
                    _release(batch[place:])
                    return done
                _beat(app)
                _do(work)
                settle()
            done += 1
    return done


def _beat(app: Flask) -> None:
    settings: Settings = app.extensions["forum_settings"]
    beat(settings.running_folder)


def _release(batch: list[Work]) -> None:
    # Taken but not begun: another worker need not wait for the lease, and it was no attempt.
    with transaction():
        for work in batch:
            db.session.execute(
                update(Job)
                .where(_mine(work))
                .values(lease_until=None, attempts=Job.attempts - 1)
                .execution_options(synchronize_session=False)
            )


def _take(most: int) -> list[Work]:
    # Looking first keeps an idle worker from taking SQLite's one write lock twice a second.
    if db.session.scalar(_due().with_only_columns(Job.id).limit(1)) is None:
        return []
    with transaction():
        jobs = _chosen(most)
        until = utcnow() + timedelta(seconds=LEASE_SECONDS)
        for job in jobs:
            job.lease_until = until
            job.attempts += 1
        return [_work(job) for job in jobs]


def _work(job: Job) -> Work:
    return Work(job.id, job.name, dict(job.arguments), job.attempts, job.created_at)


def _most_attempts(name: str) -> int:
    return PATIENCE.get(name, MOST_ATTEMPTS)


def _tell_ended(work: Work, outcome: str) -> None:
    if work.name in ENDINGS:
        ENDINGS[work.name](work, outcome)
    if work.name in current_host().jobs:
        for told in BROUGHT_ENDINGS:
            told(work, outcome)


def _chosen(most: int) -> list[Job]:
    fresh = _due().where(Job.lease_until.is_(None)).limit(most)
    jobs = list(db.session.scalars(fresh.with_for_update(skip_locked=True)))
    if jobs:
        return jobs
    # Its worker died, perhaps of it: by itself, so that the next death costs no other job anything.
    one = _due().order_by(None).order_by(Job.attempts, Job.run_at, Job.id).limit(1)
    left = list(db.session.scalars(one.with_for_update(skip_locked=True)))
    for job in left:
        if job.attempts >= _most_attempts(job.name):
            log.error("job %s %s is set aside: every worker that did it died", job.id, job.name)
            job.state, job.last_error, job.lease_until = "set aside", WORKER_DIED, None
            _tell_ended(_work(job), job.state)
    return [job for job in left if job.state == "waiting"]


def _due() -> Any:
    now = utcnow()
    return (
        select(Job)
        .where(
            Job.state == "waiting",
            done_here(),
            Job.run_at <= now,
            or_(Job.lease_until.is_(None), Job.lease_until < now),
        )
        .order_by(Job.run_at, Job.id)
    )


def _do(work: Work) -> None:
    with counted_job(work.name) as outcome:
        try:
            _try(work)
        except LeaseLost:
            outcome.append("lost")
            log.warning("job %s %s was taken over by another worker", work.id, work.name)
        except NotYet as wait:
            outcome.append("postponed")
            _postpone(work, wait)
        except Exception as error:
            outcome.append("failed")
            place = _trace(error)
            log.error("job %s %s failed, attempt %s: %s", work.id, work.name, work.attempts, place)
            _put_back(work, error)


def _try(work: Work) -> None:
    brought = current_host().jobs.get(work.name)
    does = HANDLERS[work.name] if brought is None else _do_for_plugin
    is_outside = work.name in OUTSIDE or (brought is not None and not brought.in_transaction)
    if is_outside:
        renew_lease(work)
        does(work)
    with transaction():
        _remove(work)
        if not is_outside:
            does(work)
        _tell_ended(work, "done")


def _do_for_plugin(work: Work) -> None:
    # Here, because it needs this module.
    from forum.jobs.pulse import Pulse

    pulse = Pulse(work, current_settings())
    implementation = current_host().job(work.name)
    assert implementation is not None
    implementation.call(call=JobCall(work.arguments, work.attempts, pulse))


def _trace(error: Exception) -> str:
    # What the database says quotes nobody (see ``forum.db``); a mail server's words name people.
    return trace_of(error, outspoken=(OperationalError,))


def _mine(work: Work) -> Any:
    return (Job.id == work.id) & (Job.attempts == work.attempts)


def renew_lease(work: Work) -> None:
    """Keep a job under way for longer than a lease takes.

    Raises:
        LeaseLost: it took too long already, and another worker has it.
    """
    # The jobs taken with it may have used up most of the time.
    until = utcnow() + timedelta(seconds=LEASE_SECONDS)
    with transaction():
        held = db.session.execute(
            update(Job).where(_mine(work)).values(lease_until=until).returning(Job.id)
        ).first()
    if held is None:
        raise LeaseLost


def _remove(work: Work) -> None:
    removed = db.session.execute(delete(Job).where(_mine(work)).returning(Job.id)).first()
    if removed is None:
        raise LeaseLost


def _put_back(work: Work, error: Exception) -> None:
    wait = min(FIRST_WAIT_SECONDS * 2 ** (work.attempts - 1), LONGEST_WAIT_SECONDS)
    given_up = isinstance(error, GivenUp)
    reason = error.__cause__ or error if given_up else error
    state = "set aside" if given_up or work.attempts >= _most_attempts(work.name) else "waiting"
    with transaction():
        put_back = db.session.execute(
            update(Job)
            .where(_mine(work))
            # Only the kind of error: its text may quote what somebody wrote.
            .values(
                state=state,
                run_at=utcnow() + timedelta(seconds=wait),
                lease_until=None,
                last_error=type(reason).__name__,
            )
            .returning(Job.id)
        ).first()
        if put_back is not None:
            _tell_ended(work, state)


def _postpone(work: Work, wait: NotYet) -> None:
    until = utcnow() + timedelta(seconds=wait.seconds)
    with transaction():
        db.session.execute(
            update(Job)
            .where(_mine(work))
            .values(run_at=until, lease_until=None, attempts=Job.attempts - 1)
        )


def tidy(app: Flask) -> None:
    """Run every tidying once; one that fails is logged and does not keep the others."""
    _run_each(app, TIDIERS)


def plan(app: Flask) -> None:
    """Run every planning once, in the same way."""
    _run_each(app, PLANNERS)


def _run_each(app: Flask, functions: list[Tidier]) -> None:
    for function in functions:
        with app.app_context():
            try:
                while _tidied(function):
                    pass
            except Exception as error:
                log.error("tidying %s failed: %s", function.__name__, _trace(error))


def _tidied(function: Tidier) -> bool:
    with transaction():
        return bool(function())


@handler(EVENT)
def fan_out(work: Work) -> None:
    """Give every implementation of the event's hook a job of its own."""
    hook = work.arguments["hook"]
    for implementation in current_host().implementations(hook):
        enqueue(DELIVER, implementation=implementation.id, **work.arguments)


@handler(DELIVER)
def deliver(work: Work) -> None:
    """Run one implementation of an event's hook."""
    hook, wanted = work.arguments["hook"], work.arguments["implementation"]
    event = event_of(hook, work.arguments["event"])
    for implementation in current_host().implementations(hook):
        if implementation.id == wanted:
            implementation.call(event=event)
