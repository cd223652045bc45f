"""``statusbot wait``: until a commit is live, in CI."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import click

from statusbot.cli.logs import log_to_stderr
from statusbot.cli.manual import CI, Verb, manual
from statusbot.cli.options import CONTEXT, wait_options
from statusbot.cli.params import Labels, Name, Seconds
from statusbot.cli.stdout import TAKES_NOTHING, on_stderr, written
from statusbot.cli.step import Step
from statusbot.cli.step_of_wait import tell
from statusbot.cli.waiting import on_cluster, on_forge, via_of
from statusbot.cluster.clock import Deadline
from statusbot.cluster.errors import TimedOut
from statusbot.errors import StatusbotError, UsageError
from statusbot.interrupt import Interrupt, signals
from statusbot.wait.as_json import AsJson
from statusbot.wait.as_lines import AsLines
from statusbot.wait.as_table import AsTable
from statusbot.wait.wait import Ending, Outcome, Show, Wait

log = logging.getLogger(__name__)

_SHA = re.compile(r"[0-9a-f]{7,64}")
# Seconds that reading may take where nobody waits: --timeout 0s.
ONCE = 30.0


MANUAL = manual(
    {
        0: "green: all that is waited for reconciled the commit, or one that contains it",
        1: "red: at least one failed at it",
        2: "usage or configuration: nothing to wait for, say, or an unknown SHA",
        124: "the time is over",
    },
    {"STATUSBOT_TOKEN": "The token for the forge at --address.", **CI},
    files={".git": "The clone in the current folder: its history, and the remote origin."},
)


@click.command("wait", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@click.argument("sha", metavar="SHA")
@click.option(
    "-k",
    "--kustomization",
    type=Name(),
    metavar="[NAMESPACE/]NAME",
    multiple=True,
    help="Wait for this Kustomization, which must exist or appear. Repeatable.  [default: all "
    "whose source is the repository]",
)
@click.option(
    "-l",
    "--selector",
    type=Labels(),
    metavar="SELECTOR",
    help="Wait for the Kustomizations with these labels, as for kubectl: tier=web,env!=test.",
)
@click.option(
    "-n",
    "--namespace",
    type=Name(),
    multiple=True,
    help="Kustomizations of this namespace only, which is also that of a NAME alone (else "
    "flux-system, whatever the kubeconfig's context says). Repeatable.  [default: all]",
)
@click.option(
    "--exact",
    is_flag=True,
    help="Only SHA itself counts, not the later commits that contain it.",
)
@click.option(
    "--via",
    type=click.Choice(["cluster", "forge"]),
    help="Look at the cluster, or at the statuses that the forge shows.  [default: cluster where "
    "there are credentials for one, else forge]",
)
@click.option(
    "--address",
    type=Name(),
    metavar="URL",
    help="The repository.  [default: the remote `origin` of the current folder; --via forge needs "
    "it]",
)
@click.option(
    "--provider-type",
    type=Name(),
    metavar="TYPE",
    help="Its forge: github, gitlab, gitea, bitbucket, bitbucketserver or azuredevops.  [default: "
    "as the host of --address tells]",
)
@click.option(
    "--api-url",
    type=Name(),
    metavar="URL",
    help="The root of its API, where it cannot be told from the address.",
)
@click.option(
    "--context",
    type=Name(),
    metavar="GLOB",
    multiple=True,
    help="With --via forge: the contexts to wait for. One without * and ? must appear. "
    "Repeatable.  [default: kustomization/*]",
)
@click.option(
    "--branch",
    type=Name(),
    metavar="NAME",
    help="With --via forge: where later commits are looked for.  [default: the repository's "
    "default branch]",
)
@wait_options
@click.option(
    "--timeout",
    type=Seconds(),
    default="10m",
    metavar="DURATION",
    help="How long to wait. 0s looks once.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="What stdout gets: a table on a terminal, else a line for each change; or one document "
    "at the end, for programs.",
)
def command(**options: Any) -> int:
    """Wait until the commit SHA is live: a gate for CI.

    Green (exit code 0) is when every Kustomization that is waited for has reconciled SHA, or a
    commit that contains it. Red (1) is as soon as one of them failed at it: which one and why is
    the last that is said. Transient failures, which Flux tries again, count after --failure-age.

    SHA has 7 digits or more. Which commit contains which is known to a clone in the current folder,
    if it is deep enough, and to the forge at --address with the token STATUSBOT_TOKEN. Without
    either only SHA itself counts.

    \b
    Examples:
      statusbot wait "$(git rev-parse HEAD)"
      statusbot wait 1a2b3c4d -k apps -k team-a/web --timeout 5m
      statusbot wait "$GITHUB_SHA" -l tier=web --exact -o json
      STATUSBOT_TOKEN=... statusbot wait "$CI_COMMIT_SHA" --via forge \\
        --address https://gitlab.com/my-org/my-repo \\
        --context 'kustomization/apps/*'
    """
    log_to_stderr(options["log_level"], options["log_format"])
    try:
        with signals() as interrupt:
            return wait(options, os.environ.get("STATUSBOT_TOKEN", ""), interrupt)
    except StatusbotError as error:
        if error.exit_code != 1:
            raise
        # Which would mean that the commit failed.
        raise UsageError(error.what, where=error.where, todo=error.todo) from None
    except OSError as error:
        if error.errno not in {*TAKES_NOTHING, errno.EPIPE}:
            raise
        what = f"the {_WHAT} cannot be written: {error.strerror}"  # the terminal is gone
        raise UsageError(what, where=str(error.filename or "stdout")) from None


def wait(options: dict[str, Any], token: str, interrupt: Interrupt) -> int:
    """The exit code, when all is said."""
    sha = options["sha"].strip().lower()
    if not _SHA.fullmatch(sha):
        what = f"{options['sha']!r} is no commit"
        todo = "give its SHA (`git rev-parse HEAD` prints one), or the first 7 digits or more of it"
        raise UsageError(what, todo=todo)
    step = Step(options["summary"])
    once = options["timeout"] == 0
    began, deadline = time.monotonic(), Deadline(ONCE if once else options["timeout"])
    via = via_of(options, os.environ)
    way = on_cluster if via == "cluster" else on_forge
    try:
        with way(options, sha, token, deadline, interrupt) as (full, looker), closing(looker):
            with _show(options, full, via, interrupt) as show:
                outcome = Wait(full, looker, show, deadline, began=began, once=once)()
    except TimedOut as error:  # before anybody could look
        log.warning("%s", error)
        outcome = Outcome(sha, Ending.TIMEOUT, time.monotonic() - began, ())
        with _show(options, sha, via, interrupt) as show:
            show.end(outcome)
    tell(step, outcome, by_context=via == "forge")
    return outcome.ending.exit_code


@contextmanager
def _show(options: dict[str, Any], sha: str, via: str, interrupt: Interrupt) -> Iterator[Show]:
    """Who shows it, for as long as it goes on."""
    if options["output"] == "json":
        yield AsJson(_to_stderr, document=_document, by_context=via == "forge")
        return
    table = AsTable(sha, sys.stdout, errors=sys.stderr.isatty()) if sys.stdout.isatty() else None
    if table is None or not table.usable:
        yield AsLines(_to_stdout)
        return
    with interrupt.noted_only():
        table.start()
    # The log goes above the table from here on.
    log_to_stderr(options["log_level"], options["log_format"])
    try:
        yield table
    finally:
        with interrupt.noted_only():
            table.stop()
        log_to_stderr(options["log_level"], options["log_format"])


# Who reads no further is no reason to open the gate: only the exit code counts then.
_WHAT = "progress"


def _to_stdout(line: str) -> None:
    with written(_WHAT):
        click.echo(line)


def _to_stderr(line: str) -> None:
    on_stderr(f"statusbot: {line}")


def _document(data: bytes) -> None:
    with written(_WHAT):
        sys.stdout.buffer.write(data)
