"""The options of a poll: one definition gives the flag and ``STATUSBOT_<OPTION>``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from statusbot.cli.params import Labels, Name, Part, Seconds, files
from statusbot.cli.status_options import (
    API_URL,
    FAILURE_AGE,
    NO_CROSS_NAMESPACE_REFS,
    ROUTES,
    WHAT,
    WRITES,
)

Command = Callable[..., Any]


def _completion() -> str | None:
    """The shard that is this pod's of an Indexed Job."""
    index, count = os.environ.get("JOB_COMPLETION_INDEX"), os.environ.get("STATUSBOT_SHARDS")
    return f"{index}/{count}" if index and count else None


CONTEXT = {
    "auto_envvar_prefix": "STATUSBOT",
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
    "show_default": True,
}

_CLUSTER = (
    click.option(
        "--kubeconfig",
        metavar="PATH",
        shell_complete=files,
        help="Which cluster; else KUBECONFIG, the pod's service account, ~/.kube/config.",
    ),
    click.option("--kube-context", metavar="NAME", help="Which context of the kubeconfig."),
)

_WHICH = (
    *_CLUSTER,
    click.option(
        "--from",
        "from_",
        envvar="STATUSBOT_FROM",
        type=Name(),
        metavar="PATH",
        shell_complete=files,
        multiple=True,
        help="Read the objects from manifests, `kubectl get -o yaml` dumps or support bundles "
        "(a file, a folder, a .tar.gz or .zip, - for stdin) instead of a cluster. Repeatable.",
    ),
)

_SELECTED = (
    click.option(
        "-n",
        "--namespace",
        type=Name(),
        multiple=True,
        help="Kustomizations of this namespace only. Repeatable.  [default: all]",
    ),
    click.option(
        "-l",
        "--selector",
        type=Labels(),
        metavar="SELECTOR",
        help="Kustomizations with these labels only, as for kubectl: sharding.fluxcd.io/key=shard1.",
    ),
    click.option(
        "--shard",
        type=Part(),
        metavar="I/N",
        default=_completion,
        show_default="JOB_COMPLETION_INDEX/STATUSBOT_SHARDS, in an Indexed Job",
        help="Only one of N parts of the Kustomizations, the first is 0.",
    ),
)
_VERDICT = (
    click.option(
        "--fail-on",
        type=click.Choice(["any", "infra", "none"]),
        default="any",
        help="What makes exit code 1: anything that could not be posted, only what is not one "
        "tenant's fault (for a CronJob), or nothing.",
    ),
)

_BUDGET = (
    click.option(
        "--timeout",
        type=Seconds(),
        default="5m",
        metavar="DURATION",
        help="How long it may take; a run defers what does not fit to the next.",
    ),
)

_SUMMARY = click.option(
    "--summary",
    type=Name(),
    envvar=["STATUSBOT_SUMMARY", "GITHUB_STEP_SUMMARY"],
    metavar="PATH|none",
    shell_complete=files,
    help="Add a summary in Markdown to this file.  [default: on GitHub the step's, else none]",
)

_REPORT = (
    click.option(
        "-o",
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        help="The report on stdout.",
    ),
    click.option(
        "--all",
        "list_all",
        envvar="STATUSBOT_ALL",
        is_flag=True,
        help="List what was already there or skipped, too.",
    ),
    _SUMMARY,
    click.option(
        "--metrics-file",
        type=Name(),
        metavar="PATH",
        shell_complete=files,
        help="Write what the poll came to for Prometheus, into this file.  [default: none]",
    ),
)

_LOG = (
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        default="warning",
        help="The log on stderr.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        help="The log's lines, for people or for programs.",
    ),
)


def poll_options(command: Command) -> Command:
    """All options of ``run``, in the order of its help."""
    every = (_WHICH, _SELECTED, ROUTES, WHAT, WRITES, _BUDGET, _VERDICT, _REPORT, _LOG)
    return _with(command, *every)


def look_options(command: Command) -> Command:
    """Those of them that matter to who looks and posts nothing."""
    return _with(command, _WHICH, ROUTES, WHAT, _BUDGET, _LOG)


def wait_options(command: Command) -> Command:
    """Those of them that a gate has, too."""
    return _with(command, _CLUSTER, (FAILURE_AGE,), (_SUMMARY,), _LOG)


def validate_options(command: Command) -> Command:
    """Those of them that change what a manifest means."""
    return _with(command, (API_URL, NO_CROSS_NAMESPACE_REFS), (_SUMMARY,))


def _with(command: Command, *groups: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed([option for group in groups for option in group]):
        command = option(command)
    return command
