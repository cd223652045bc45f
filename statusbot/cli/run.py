"""``statusbot run``: one poll."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from statusbot.cli.ending import INTERRUPTED
from statusbot.cli.logs import log_to_stderr
from statusbot.cli.manual import CI, TIMED_OUT, Verb, manual
from statusbot.cli.options import CONTEXT, poll_options
from statusbot.cli.settings import check, ledger_of, settings_of, where_of
from statusbot.cli.stdout import on_stderr, written
from statusbot.cli.step import Step
from statusbot.cli.step_of_run import StepOfRun
from statusbot.cluster.base import Cluster, api_servers
from statusbot.cluster.clock import Deadline
from statusbot.cluster.setup import open_cluster
from statusbot.interrupt import Interrupt, signals
from statusbot.ledger.busy import Busy
from statusbot.ledger.store import Store, open_store
from statusbot.poll import Poll
from statusbot.report.as_json import as_json
from statusbot.report.metrics import Metrics
from statusbot.report.quiet import Quiet
from statusbot.report.report import Report
from statusbot.settings import Settings
from statusbot.transport import Transport

log = logging.getLogger(__name__)


MANUAL = manual(
    {0: "done", 1: "something could not be posted (see --fail-on)", **TIMED_OUT},
    {
        "STATUSBOT_TOKEN": "The token for --provider-type; Providers have theirs in Secrets.",
        "JOB_COMPLETION_INDEX, STATUSBOT_SHARDS": "The shard, in a pod of an Indexed Job.",
        **CI,
    },
)


@click.command("run", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@poll_options
def command(**options: Any) -> int:
    """One poll: post what is new, and exit.

    Reads Flux's Kustomizations, works out what happened to which commit, and posts a commit status
    where the Alerts and Providers send it, unless the forge shows it already. With --for it then
    follows what Flux writes. The report is on stdout, the log on stderr.

    \b
    Examples:
      statusbot run --dry-run --all
      statusbot run --ledger file:/var/lib/statusbot/ledger --for 45s
      statusbot run -n team-a -l tier=web --pending --ledger configmap
      kubectl get kustomizations,gitrepositories -A -o yaml |
        STATUSBOT_TOKEN=... statusbot run --from - --provider-type github \\
          --address https://github.com/my-org/my-repo
    """
    log_to_stderr(options["log_level"], options["log_format"])
    with signals() as interrupt:
        return run(options, os.environ.get("STATUSBOT_TOKEN", ""), interrupt)


def run(options: dict[str, Any], token: str, interrupt: Interrupt) -> int:
    """A poll as the options say; gives the exit code after the report is out."""
    options = options | {"ledger": ledger_of(options)}
    check(options)
    settings = _settings(options, token)
    step = _step(options)
    metrics = Metrics(options["metrics_file"]) if options["metrics_file"] else None
    deadline = Deadline(options["timeout"])
    try:
        with (
            step,
            open_cluster(where_of(options, options["namespace"]), deadline) as cluster,
            open_store(
                options["ledger"],
                cluster,
                suffix=_suffix(settings),
                on_lost=_stop,
                dry_run=settings.dry_run,
            ) as store,
        ):
            code, quiet = 0, Quiet()
            for report in _reports(cluster, store, deadline, settings, interrupt, options, metrics):
                step.add(report)
                if metrics is not None:
                    with interrupt.noted_only():
                        metrics.write(report)
                # A program gets them all.
                if not quiet(report) or options["output"] == "json":
                    _print(report, options["output"], step, interrupt)
                if report.unsaved is not None:
                    raise report.unsaved
                code = report.exit_code(options["fail_on"])
    except Busy as busy:
        # The other run does the work; its report says what became of it.
        on_stderr(f"statusbot: {busy}: nothing to do")
        return 0
    return INTERRUPTED if interrupt.came.is_set() else code


def _step(options: dict[str, Any]) -> StepOfRun:
    """What a step in CI is shown; the log of a single poll is folded there."""
    step = StepOfRun(Step(options["summary"]))
    if options["log_level"] in {"debug", "info"} and options["for_"] is None:
        step.fold_log()
    return step


def _suffix(settings: Settings) -> str:
    """Each shard has a ledger of its own: they run at the same time."""
    shard = settings.shard
    return f"-shard-{shard.index}-of-{shard.count}" if shard else ""


def _stop() -> None:
    """Another run took the ledger: this one ends as after a signal, wherever it is."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)


def _reports(
    cluster: Cluster,
    store: Store,
    deadline: Deadline,
    settings: Settings,
    interrupt: Interrupt,
    options: dict[str, Any],
    metrics: Metrics | None = None,
) -> Iterator[Report]:
    """The report of the poll, or with ``--for`` one for each of its rounds."""
    started = time.monotonic()
    with Transport(api_servers=api_servers(cluster)) as transport:
        poll = Poll(cluster, store, transport, deadline, settings, interrupt, metrics=metrics)
        if options["for_"] is None:
            yield poll()
            return
        from statusbot.follow.follow import Follow

        yield from Follow(poll, started + options["for_"], options["timeout"])()


def _settings(options: dict[str, Any], token: str) -> Settings:
    """All that the options tell a poll. Raises UsageError."""
    return replace(
        settings_of(options, token),
        namespaces=options["namespace"],
        selector=options["selector"],
        shard=options["shard"],
        aggregate=options["aggregate"] or "",
        dry_run=options["dry_run"],
        write_limits=options["write_limits"],
        list_all=options["list_all"],
    )


def _print(report: Report, output: str, step: StepOfRun, interrupt: Interrupt) -> None:
    """The report on stdout. Raises StatusbotError where that takes nothing."""
    # A document is whole; who does not take it is not waited for.
    with interrupt.noted_only(), written("report"):
        if output == "json":
            for warning in report.warnings:
                log.warning("%s", warning)
            sys.stdout.buffer.writelines(as_json(report))
        else:
            for line in step.text(report):
                click.echo(line)
