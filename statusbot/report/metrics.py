"""``--metrics-file``: what the last poll came to, in the text format of Prometheus.

The names follow https://prometheus.io/docs/practices/naming/; ``docs/metrics.md`` lists them.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from statusbot import __version__
from statusbot.errors import UsageError
from statusbot.forges.base import Answer, Repository
from statusbot.forges.limits import calls_left
from statusbot.posting.outcome import Did, Outcome
from statusbot.report.report import Line, Report

# Tenants name hosts in their Providers, and each has time series of its own. All others are one.
MOST_HOSTS = 100
OTHERS = "other"
_SUCCESS = "statusbot_last_success_timestamp_seconds"
_GAUGES = {
    "kustomizations": "Kustomizations that the last poll read.",
    "results": "Results of commits that the last poll found.",
    "deferred": "Statuses that the last poll left to the next one.",
    "errors": "Entries of the last poll's report that are in error.",
    "poll_seconds": "How long the last poll took, with --for its last round.",
    "last_poll_timestamp_seconds": "When the last poll ended, by this machine's clock.",
}

log = logging.getLogger(__name__)


class Metrics:
    """Numbers of one process; ``write`` replaces the file as a whole. Threads share it."""

    def __init__(self, path: str, now: Callable[[], float] = time.time) -> None:
        """Raises UsageError where no such file can be made: before anything is posted."""
        _check(path)
        # A link goes on naming the file that is replaced.
        self._path, self._now = Path(os.path.realpath(path)), now
        # Imported here: it costs 49 ms, which only who asks for it need pay.
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._hosts: set[str] = set()
        self._lock = threading.Lock()
        self._left: dict[str, float] = {}
        registry = self._registry = prometheus.CollectorRegistry()
        self._of_poll = {
            name: prometheus.Gauge(f"statusbot_{name}", what, registry=registry)
            for name, what in _GAUGES.items()
        }
        self._statuses = prometheus.Counter(
            "statusbot_statuses_total",
            "What became of statuses, by the forge that they are for.",
            ["type", "host", "outcome"],
            registry=registry,
        )
        self._requests = prometheus.Counter(
            "statusbot_forge_requests_total",
            "Calls of a forge.",
            ["host", "method"],
            registry=registry,
        )
        self._seconds = prometheus.Histogram(
            "statusbot_forge_request_duration_seconds",
            "How long calls of a forge took, tries and redirects included.",
            ["host"],
            registry=registry,
        )
        self._limit = prometheus.Gauge(
            "statusbot_forge_rate_limit_remaining",
            "The fewest calls that the forge said were left, for any login, since the last poll.",
            ["host"],
            registry=registry,
        )
        build = prometheus.Info("statusbot_build", "The version of statusbot.", registry=registry)
        build.info({"version": __version__})

    def called(self, there: Repository, method: str, seconds: float, answer: Answer | None) -> None:
        """One call of a forge."""
        host = self._host(there)
        self._requests.labels(host, method).inc()
        self._seconds.labels(host).observe(seconds)
        left = calls_left(answer) if answer is not None else None
        if left is not None:
            with self._lock:
                self._left[host] = min(left, self._left.get(host, left))

    def note(self, entry: Line | Outcome) -> None:
        """One entry of the report, listed or not."""
        if isinstance(entry, Outcome):
            there: Repository | None = entry.status.destination.repository
        else:
            there = entry.repository
        type_, host = (there.type, self._host(there)) if there is not None else ("", "")
        self._statuses.labels(type_, host, entry.did.value).inc()

    def write(self, report: Report) -> None:
        """Put the file in its place. Where that fails now the poll is done all the same."""
        try:
            self._set(report)
            self._replace()
        except OSError as error:
            log.warning("metrics %s: they cannot be written: %s", self._path, error.strerror)

    def _set(self, report: Report) -> None:
        now, counts = self._now(), report.counts
        for name, value in (
            ("kustomizations", report.objects),
            ("results", report.results),
            ("deferred", counts[Did.DEFERRED]),
            ("errors", counts[Did.ERROR]),
            ("poll_seconds", report.seconds),
            ("last_poll_timestamp_seconds", now),
        ):
            self._of_poll[name].set(value)
        with self._lock:
            left, self._left = self._left, {}
        for host, calls in left.items():
            self._limit.labels(host).set(calls)
        well = not (report.stopped or counts[Did.ERROR])
        self._maybe("last_success_timestamp_seconds", _LAST_SUCCESS, now if well else self._last())
        self._maybe("ledger_age_seconds", _AGE, report.ledger_age)

    def _maybe(self, name: str, what: str, value: float | None) -> None:
        """A gauge that is not there where nobody knows its value."""
        from prometheus_client import Gauge

        known = self._of_poll.pop(name, None)
        if known is not None:
            self._registry.unregister(known)
        if value is not None:
            self._of_poll[name] = Gauge(f"statusbot_{name}", what, registry=self._registry)
            self._of_poll[name].set(value)

    def _last(self) -> float | None:
        """The last success of this process or one before: each pod of a CronJob is a new one."""
        from prometheus_client.parser import text_fd_to_metric_families

        try:
            with self._path.open(encoding="utf-8") as file:
                for family in text_fd_to_metric_families(file):
                    if family.name == _SUCCESS:
                        return float(family.samples[0].value)
        except (OSError, ValueError, LookupError):
            return None  # there is none yet, or it is nothing of ours
        return None

    def _replace(self) -> None:
        from prometheus_client import generate_latest

        _written(self._path, generate_latest(self._registry))

    def _host(self, there: Repository) -> str:
        host = there.host.partition("/")[0].lower()
        with self._lock:
            if host not in self._hosts:
                if len(self._hosts) >= MOST_HOSTS:
                    return OTHERS
                self._hosts.add(host)
        return host


_LAST_SUCCESS = "When a poll last ended without an error, by this machine's clock."
_AGE = "How old the last whole poll in the ledger was when this one began."


def _check(path: str) -> None:
    todo = "name a file in a folder that this user can write"
    if path == "-":
        raise UsageError("it is no name of a file", where="--metrics-file -", todo=todo)
    try:
        if Path(path).is_dir():
            raise IsADirectoryError(0, "Is a directory")
        if Path(path).exists() and not Path(path).is_file():
            raise OSError(0, "Not a regular file")  # a device would be replaced, a pipe waited for
        beside = _beside(Path(os.path.realpath(path)))
        os.close(_open(beside))
        beside.unlink()
    except OSError as error:
        what = f"the metrics cannot be written: {error.strerror}"
        raise UsageError(what, where=f"--metrics-file {path}", todo=todo) from None


def _written(path: Path, data: bytes) -> None:
    beside = _beside(path)
    try:
        with open(_open(beside), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _open(path: Path) -> int:
    # Another user reads it, so it has the mode that the umask leaves, as tempfile's has not.
    path.unlink(missing_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)


def _beside(path: Path) -> Path:
    """Not *.prom, which node_exporter would read half-written; of this process alone."""
    return path.parent / f"{path.name}.{os.getpid()}.tmp"
