"""The metrics as Prometheus's own parser reads them, and the file that they are in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_fd_to_metric_families

from statusbot import __version__
from statusbot.demo.forge import Fault, Kind, faults
from statusbot.demo.forge.calls import Reply
from statusbot.errors import UsageError
from statusbot.forges.base import Answer, Repository
from statusbot.posting.outcome import Did
from statusbot.report.metrics import MOST_HOSTS, Metrics
from statusbot.report.report import Line, Report
from tests.support.cli import cli
from tests.support.site import READS, WRITES, Site

Labels = frozenset[tuple[str, str]]
GITEA = Repository("gitea", "https://git.example/api/v1", "acme/fleet", "git.example")
NOW = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "metrics"
    folder.mkdir()
    return folder / "statusbot.prom"


@pytest.fixture
def metrics(path: Path) -> Metrics:
    return Metrics(str(path), lambda: NOW)


def samples(path: Path) -> dict[tuple[str, Labels], float]:
    with path.open() as file:
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_fd_to_metric_families(file)
            for sample in family.samples
        }


def value(path: Path, name: str, **labels: str) -> float | None:
    return samples(path).get((f"statusbot_{name}", frozenset(labels.items())))


def report(*dids: Did, **parts: Any) -> Report:
    made = Report("cluster", NOW - 5, **parts)
    for did in dids:
        made.add(Line(did, "why", repository=GITEA))
    return made


def called(metrics: Metrics, left: str | None = None, there: Repository = GITEA) -> None:
    headers = {} if left is None else {"x-ratelimit-remaining": left}
    metrics.called(there, "GET", 0.3, Answer(200, headers, b"", there.api))


# -- what is in it


def test_counts_of_the_poll_are_gauges(metrics: Metrics, path: Path) -> None:
    metrics.write(report(Did.ERROR, Did.DEFERRED, Did.DEFERRED, objects=3, results=5, seconds=1.5))
    names = ["kustomizations", "results", "errors", "deferred", "poll_seconds"]
    assert [value(path, name) for name in names] == [3, 5, 1, 2, 1.5]


def test_the_next_poll_takes_the_place_of_the_last(metrics: Metrics, path: Path) -> None:
    metrics.write(report(Did.ERROR, objects=3))
    metrics.write(report(objects=2))
    assert (value(path, "kustomizations"), value(path, "errors")) == (2, 0)


def test_statuses_add_up_over_the_life_of_the_process(metrics: Metrics, path: Path) -> None:
    for _ in range(2):
        metrics.write(report(Did.POSTED, Did.SKIPPED, note=metrics.note))
    labels = {"type": "gitea", "host": "git.example"}
    assert value(path, "statuses_total", **labels, outcome="posted") == 2
    assert value(path, "statuses_total", **labels, outcome="skipped") == 2


def test_what_goes_nowhere_has_no_host(metrics: Metrics, path: Path) -> None:
    metrics.note(Line(Did.ERROR, "why"))
    metrics.write(report())
    assert value(path, "statuses_total", type="", host="", outcome="error") == 1


def test_calls_are_counted_and_timed(metrics: Metrics, path: Path) -> None:
    called(metrics)
    metrics.called(GITEA, "POST", 7.0, None)
    metrics.write(report())
    host = {"host": "git.example"}
    assert value(path, "forge_requests_total", **host, method="GET") == 1
    assert value(path, "forge_requests_total", **host, method="POST") == 1
    assert value(path, "forge_request_duration_seconds_count", **host) == 2
    assert value(path, "forge_request_duration_seconds_sum", **host) == pytest.approx(7.3)
    assert value(path, "forge_request_duration_seconds_bucket", **host, le="0.5") == 1


def test_the_fewest_calls_that_were_left_are_told(metrics: Metrics, path: Path) -> None:
    for left in ("70", "12", "4999"):
        called(metrics, left)
    metrics.write(report())
    assert value(path, "forge_rate_limit_remaining", host="git.example") == 12


def test_in_the_next_round_the_limit_is_told_anew(metrics: Metrics, path: Path) -> None:
    called(metrics, "12")
    metrics.write(report())
    called(metrics, "4999")
    metrics.write(report())
    assert value(path, "forge_rate_limit_remaining", host="git.example") == 4999


def test_a_forge_that_tells_no_limit_has_none(metrics: Metrics, path: Path) -> None:
    called(metrics)
    metrics.write(report())
    assert value(path, "forge_rate_limit_remaining", host="git.example") is None


def test_a_port_belongs_to_the_host_and_a_path_does_not(metrics: Metrics, path: Path) -> None:
    there = Repository("gitlab", "https://x/api/v4", "a/b", "Git.Example:8443/gitlab")
    called(metrics, there=there)
    metrics.write(report())
    assert value(path, "forge_requests_total", host="git.example:8443", method="GET") == 1


def test_tenants_cannot_make_more_time_series_than_a_hundred_hosts_have(
    metrics: Metrics, path: Path
) -> None:
    for number in range(MOST_HOSTS + 5):
        called(metrics, there=Repository("gitea", "", "a/b", f"h{number}.example"))
    metrics.write(report())
    names = [name for name, _ in samples(path)]
    assert names.count("statusbot_forge_requests_total") == MOST_HOSTS + 1
    assert value(path, "forge_requests_total", host="other", method="GET") == 5


def test_a_hostile_host_stays_a_label(metrics: Metrics, path: Path) -> None:
    host = 'x"} 1\nstatusbot_errors 99\n\\'
    called(metrics, there=Repository("gitea", "", "a/b", host))
    metrics.write(report())
    assert value(path, "errors") == 0
    assert value(path, "forge_requests_total", host=host, method="GET") == 1


def test_the_build_is_told(metrics: Metrics, path: Path) -> None:
    metrics.write(report())
    assert value(path, "build_info", version=__version__) == 1


@pytest.mark.parametrize("age", [None, 42.0])
def test_the_age_of_the_ledger_is_there_where_it_is_known(
    metrics: Metrics, path: Path, age: float | None
) -> None:
    metrics.write(report(ledger_age=61.0))
    metrics.write(report(ledger_age=age))
    assert value(path, "ledger_age_seconds") == age


# -- when it went well


def test_a_poll_without_an_error_is_a_success(metrics: Metrics, path: Path) -> None:
    metrics.write(report(Did.POSTED, Did.DEFERRED))
    assert value(path, "last_success_timestamp_seconds") == NOW
    assert value(path, "last_poll_timestamp_seconds") == NOW


@pytest.mark.parametrize("bad", [report(Did.ERROR), report(stopped=True)])
def test_one_with_an_error_or_stopped_is_none(metrics: Metrics, path: Path, bad: Report) -> None:
    metrics.write(bad)
    assert value(path, "last_success_timestamp_seconds") is None
    assert value(path, "last_poll_timestamp_seconds") == NOW


def test_the_last_success_of_the_process_before_is_kept(metrics: Metrics, path: Path) -> None:
    metrics.write(report())
    Metrics(str(path), lambda: NOW + 60).write(report(Did.ERROR))
    assert value(path, "last_success_timestamp_seconds") == NOW
    assert value(path, "last_poll_timestamp_seconds") == NOW + 60


@pytest.mark.parametrize("before", [b"", b"\xff\x00 no metrics {", b"statusbot_x{ 1"])
def test_a_file_of_something_else_is_replaced(metrics: Metrics, path: Path, before: bytes) -> None:
    path.write_bytes(before)
    metrics.write(report(Did.ERROR))
    assert value(path, "errors") == 1


# -- the file


def test_nothing_else_is_left_beside_it_and_others_can_read_it(
    metrics: Metrics, path: Path
) -> None:
    metrics.write(report())
    assert os.listdir(path.parent) == [path.name]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_file_that_cannot_be_replaced_stays_whole_and_is_a_warning(
    metrics: Metrics, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    metrics.write(report(objects=1))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    metrics.write(report(objects=2))
    assert value(path, "kustomizations") == 1
    assert os.listdir(path.parent) == [path.name]
    assert "they cannot be written: No space left on device" in caplog.text


def test_what_is_no_file_is_neither_replaced_nor_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(UsageError, match="Not a regular file"):
        Metrics(str(path))
    assert os.listdir(path.parent) == [path.name]


def test_a_link_goes_on_naming_the_file(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    Metrics(str(link)).write(report(objects=1))
    assert link.is_symlink()
    assert value(path, "kustomizations") == 1


@pytest.mark.parametrize("name", ["-", "missing/statusbot.prom", ""])
def test_a_path_that_cannot_be_written_is_told_at_once(path: Path, name: str) -> None:
    where = name if name == "-" else str(path.parent / name)
    with pytest.raises(UsageError) as error:
        Metrics(where)
    assert "name a file in a folder that this user can write" in str(error.value)
    assert not path.exists()


# -- from the command line


def host_of(site: Site) -> str:
    return site.forge.url.removeprefix("http://")


def test_a_run_writes_what_it_did(tmp_path: Path, path: Path) -> None:
    with Site(tmp_path) as site:
        ran, _ = site.run("--metrics-file", str(path))
        here = {"host": host_of(site)}
    assert ran.code == 0
    assert value(path, "kustomizations") == 2
    assert value(path, "statuses_total", type="github", **here, outcome="posted") == WRITES
    assert value(path, "forge_requests_total", **here, method="GET") == READS
    assert value(path, "forge_requests_total", **here, method="POST") == WRITES
    assert value(path, "ledger_age_seconds") is None


def test_what_was_known_already_counts_and_is_not_listed(tmp_path: Path, path: Path) -> None:
    with Site(tmp_path, ledger=f"file:{tmp_path / 'ledger'}") as site:
        site.run()
        site.clock.advance(seconds=90)
        _, told = site.run("--metrics-file", str(path))
        labels = {"type": "github", "host": host_of(site), "outcome": "already"}
    assert told["statuses"] == []
    assert value(path, "statuses_total", **labels) == told["counts"]["already"] > 0
    assert value(path, "ledger_age_seconds") == pytest.approx(90, abs=5)


def test_a_limit_that_the_forge_tells_is_there(tmp_path: Path, path: Path) -> None:
    told = Reply(422, b"{}", {"X-RateLimit-Remaining": "17"})
    with Site(tmp_path) as site:
        site.forge.faults.always(fault=Fault(told, stored=False), on=Kind.WRITE)
        site.run("--metrics-file", str(path))
        assert value(path, "forge_rate_limit_remaining", host=host_of(site)) == 17


def test_a_call_without_an_answer_counts(tmp_path: Path, path: Path) -> None:
    with Site(tmp_path) as site:
        site.forge.faults.at(1, fault=faults.reset(stored=True))
        site.run("--metrics-file", str(path))
        assert (value(path, "forge_requests_total", host=host_of(site), method="POST") or 0) >= 3


def test_every_round_writes_the_file(tmp_path: Path, path: Path) -> None:
    with Site(tmp_path) as site:
        ran = cli(*site.arguments("--for", "0s", "--metrics-file", str(path)))
        labels = {"type": "github", "host": host_of(site), "outcome": "posted"}
    assert json.loads(ran.out)["counts"]["posted"] == WRITES
    assert value(path, "statuses_total", **labels) == WRITES


def test_a_path_that_cannot_be_written_is_a_sentence_before_any_call(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        ran, _ = site.run("--metrics-file", str(tmp_path / "missing" / "statusbot.prom"))
        assert ran.code == 2
        assert "the metrics cannot be written: No such file or directory" in ran.err
        assert (site.kube.requests, site.forge.calls) == ([], [])


def test_no_secret_is_in_it(tmp_path: Path, path: Path) -> None:
    with Site(tmp_path) as site:
        site.run("--metrics-file", str(path))
    words = path.read_text()
    assert "token" not in words and "acme" not in words
