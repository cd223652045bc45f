"""``statusbot explain``: why a Kustomization has its status, or none."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click

from statusbot.cli.logs import log_to_stderr
from statusbot.cli.manual import TIMED_OUT, Verb, manual
from statusbot.cli.options import CONTEXT, look_options
from statusbot.cli.params import Name
from statusbot.cli.settings import check, ledger_of, settings_of, where_of
from statusbot.cli.stdout import written
from statusbot.cluster.base import api_servers
from statusbot.cluster.clock import Deadline
from statusbot.cluster.setup import FLUX_NAMESPACE, open_cluster
from statusbot.explain.as_json import as_json
from statusbot.explain.as_text import as_text
from statusbot.explain.as_tree import print_tree
from statusbot.explain.explanation import Explanation
from statusbot.explain.forge import Reading
from statusbot.explain.look import Explain
from statusbot.explain.question import question
from statusbot.interrupt import Interrupt, signals
from statusbot.ledger.memory import Ledger
from statusbot.ledger.store import peek

log = logging.getLogger(__name__)


MANUAL = manual(
    {
        0: "the status is posted",
        1: "it is not",
        2: "usage or configuration: no such Kustomization, say",
        **TIMED_OUT,
    },
    {"STATUSBOT_TOKEN": "The token for --provider-type; Providers have theirs in Secrets."},
)


@click.command("explain", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@click.argument("kustomization", type=Name())
@click.option(
    "-n",
    "--namespace",
    type=Name(),
    allow_from_autoenv=False,  # STATUSBOT_NAMESPACE is which ones a poll reads
    help="The namespace of KUSTOMIZATION.  [default: the kubeconfig context's (which `wait -k` does "
    "not ask for), else flux-system]",
)
@click.option(
    "--commit",
    metavar="SHA",
    help="This commit only, or its first 7 digits or more.  [default: all that the object speaks "
    "of now]",
)
@look_options
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="The answer on stdout: for people (a tree on a terminal), or for programs.",
)
def command(**options: Any) -> int:
    """Why a Kustomization has its status, or none.

    Goes the way of a poll, from the object to the forge, and prints each rule with its verdict and
    the value that decided it. The last line is the answer. Reads only: nothing is written to any
    forge, and a run that holds the ledger is not in the way.

    \b
    Examples:
      statusbot explain apps
      statusbot explain apps -n team-a --commit 1a2b3c4d -o json
      statusbot explain team-a/apps --ledger configmap:statusbot/statusbot
    """
    log_to_stderr(options["log_level"], options["log_format"])
    with signals() as interrupt:
        found = explain(options, os.environ.get("STATUSBOT_TOKEN", ""), interrupt)
    _print(found, options["output"])
    return 0 if found.ending.posted else 1


def explain(options: dict[str, Any], token: str, interrupt: Interrupt) -> Explanation:
    """The answer to what the options ask."""
    options = options | {"ledger": ledger_of(options)}
    check(options)
    asked = question(options["kustomization"], _namespace(options), options["commit"])
    settings = settings_of(options, token)
    deadline = Deadline(options["timeout"])
    with open_cluster(where_of(options, (asked.namespace,)), deadline) as cluster:
        ledger = peek(options["ledger"], cluster)
        if ledger is None:
            log.warning("ledger %s: no run has made it yet", options["ledger"])
            ledger = Ledger()
        with Reading(api_servers=api_servers(cluster)) as transport:
            return Explain(cluster, ledger, settings, transport, deadline, interrupt)(asked)


def _namespace(options: dict[str, Any]) -> str:
    if options["namespace"] or "/" in options["kustomization"]:
        return options["namespace"] or ""
    if options["from_"]:
        return FLUX_NAMESPACE
    # Imported here, as in open_cluster: the package behind it costs time.
    from statusbot.cluster.context import namespace_of

    return namespace_of(options["kubeconfig"], options["kube_context"]) or FLUX_NAMESPACE


def _print(found: Explanation, output: str) -> None:
    """The answer on stdout. Raises StatusbotError where that takes nothing."""
    with written("answer"):
        if output == "json":
            sys.stdout.buffer.write(as_json(found))
        elif sys.stdout.isatty():
            print_tree(found, sys.stdout)
        else:
            for line in as_text(found):
                click.echo(line)
