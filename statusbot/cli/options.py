"""The options of a poll: one definition gives the flag and ``STATUSBOT_<OPTION>``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from statusbot.cli.params import HowLong, Labels, Name, Part, Seconds, WriteLimits

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
        multiple=True,
        help="Read the objects from manifests or `kubectl get -o yaml` dumps (a file, a "
        "folder, - for stdin) instead of a cluster. Repeatable.",
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

_API_URL = click.option(
    "--api-url",
    type=Name(),
    metavar="URL",
    help="The API's root, where it cannot be told from the address.",
)
_NO_CROSS_NAMESPACE_REFS = click.option(
    "--no-cross-namespace-refs",
    is_flag=True,
    help="Alerts get results of their own namespace only, as with Flux's flag of that name.",
)

_ROUTES = (
    click.option(
        "--alerts-from",
        type=Name(),
        metavar="PATH",
        multiple=True,
        help="Alerts and Providers from files instead of the cluster. Repeatable.",
    ),
    click.option(
        "--provider-type",
        type=Name(),
        metavar="TYPE",
        help="No Alerts and Providers at all: one repository on this type of forge, and "
        "every Kustomization whose source it is. The token is STATUSBOT_TOKEN.",
    ),
    click.option(
        "--address", type=Name(), metavar="URL", help="The repository of --provider-type."
    ),
    _API_URL,
    _NO_CROSS_NAMESPACE_REFS,
    click.option(
        "--forge-hosts",
        type=Name(),
        metavar="GLOB",
        multiple=True,
        help="Which hosts Providers may name, with their port if they have one: "
        "git.example.com:8443, *.example.com. Repeatable.  [default: all]",
    ),
)

_FAILURE_AGE = click.option(
    "--failure-age",
    type=Seconds(),
    default="5m",
    metavar="DURATION",
    help="How long Flux may try a transient failure again before it is shown.",
)

_WHAT = (
    click.option(
        "--cluster-name",
        type=Name(),
        metavar="NAME",
        help="The end of the contexts where no Provider's uid can be.  [default: 8 digits "
        "of the cluster's address, or of the repository with --from]",
    ),
    click.option(
        "--context-template",
        type=Name(),
        metavar="TEXT",
        help="The contexts, of {kind} {namespace} {name} {id} {cluster} {repository} {provider} "
        "{alert}.  [default: kustomization/{name}/{id}, as Flux]",
    ),
    click.option(
        "--description-template",
        type=Name(),
        metavar="TEXT",
        help="What statuses say, of these and {state} {reason} {message} {revision} {commit} "
        "{short_commit} {summary}. With {reason} alone it is Flux's text.  [default: the reason "
        "and the message]",
    ),
    click.option(
        "--target-url-template",
        type=Name(),
        metavar="URL",
        help="Where statuses lead to, of the same.  [default: none; on the Bitbuckets the commit]",
    ),
    click.option(
        "--since",
        type=Seconds(),
        default="1h",
        metavar="DURATION",
        help="How far back status.history counts where no earlier poll is remembered.",
    ),
    _FAILURE_AGE,
    click.option(
        "--pending",
        is_flag=True,
        help="Show as pending what Flux has not come to a result for. Needs a ledger.",
    ),
    click.option(
        "--superseded",
        type=click.Choice(["off", "success", "error"]),
        default="off",
        help="What a commit becomes that Flux never came to, since another took its place. "
        "Needs a ledger.",
    ),
    click.option(
        "--recheck",
        type=Seconds(),
        default="24h",
        metavar="DURATION",
        help="How often what the ledger holds of current commits is compared with the forge again.",
    ),
    click.option(
        "--ledger",
        metavar="configmap[:NS/NAME]|file:PATH|none",
        help="What is remembered between two polls: it saves calls of the forge, and keeps "
        "what could not be posted. In ConfigMaps of the pod's or the context's namespace, or a "
        "file.  [default: configmap in a pod, else none]",
    ),
)

_WRITES = (
    click.option(
        "--write-limit",
        "write_limits",
        envvar="STATUSBOT_WRITE_LIMIT",
        type=WriteLimits(),
        metavar="N/UNIT,…",
        help="Writes for each forge and login: 80/m,500/h, or none.  [default: as the forges "
        "publish: 80/m,500/h on github.com]",
    ),
    click.option(
        "--aggregate",
        type=Name(),
        metavar="NAME",
        help="One more status of this context for each repository and commit: the worst of its "
        "Kustomizations, those that are suspended left out.",
    ),
    click.option(
        "--for",
        "for_",
        envvar="STATUSBOT_FOR",
        type=HowLong(),
        metavar="DURATION|forever",
        help="After the poll keep following, and post every change at once, until so long after "
        "the start: 45s in a CronJob of every minute, forever in a Deployment.",
    ),
    click.option("--dry-run", is_flag=True, help="Read, decide, compare; post nothing."),
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
        help="How long the poll may take; what does not fit is deferred to the next.",
    ),
)

_SUMMARY = click.option(
    "--summary",
    type=Name(),
    envvar=["STATUSBOT_SUMMARY", "GITHUB_STEP_SUMMARY"],
    metavar="PATH|none",
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
    every = (_WHICH, _SELECTED, _ROUTES, _WHAT, _WRITES, _BUDGET, _VERDICT, _REPORT, _LOG)
    return _with(command, *every)


def look_options(command: Command) -> Command:
    """Those of them that matter to who looks and posts nothing."""
    return _with(command, _WHICH, _ROUTES, _WHAT, _BUDGET, _LOG)


def wait_options(command: Command) -> Command:
    """Those of them that a gate has, too."""
    return _with(command, _CLUSTER, (_FAILURE_AGE,), (_SUMMARY,), _LOG)


def validate_options(command: Command) -> Command:
    """Those of them that change what a manifest means."""
    return _with(command, (_API_URL, _NO_CROSS_NAMESPACE_REFS), (_SUMMARY,))


def _with(command: Command, *groups: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed([option for group in groups for option in group]):
        command = option(command)
    return command
