"""What the help of a verb ends in: exit codes, the environment, files."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import click

from statusbot.cli.logs import log_to_stderr
from statusbot.cli.variables import misspelt

# The same for all of them, see ``boundary``.
_CODES = {2: "usage or configuration", 3: "a bug: please report it", 130: "interrupted"}
TIMED_OUT = {124: "timed out"}

_OPTIONS = {"STATUSBOT_<OPTION>": "Any option; --log-level is STATUSBOT_LOG_LEVEL. Empty is none."}
_COLOURS = {"NO_COLOR, COLUMNS": "No colours, and how wide a terminal is."}
CI = {
    "GITHUB_ACTIONS, GITHUB_…": "What GitHub, Gitea and Forgejo tell a step: annotations, outputs "
    "and a summary are theirs."
}
_SERVERS = {
    "KUBECONFIG": "Which cluster, without --kubeconfig.",
    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY": "The way to the cluster and the forges, where "
    "no kubeconfig and no Provider names another.",
    "SSL_CERT_FILE, REQUESTS_CA_BUNDLE": "Authorities for forges in place of the usual ones.",
}
_KUBECONFIGS = {
    "~/.kube/config": "The cluster, without --kubeconfig and KUBECONFIG.",
    "/var/run/secrets/kubernetes.io/serviceaccount/": "The cluster of a pod, before ~/.kube/config.",
}


log = logging.getLogger(__name__)


class Verb(click.Command):
    """A command whose help ends in sections, and which tells of variables that are none."""

    def __init__(self, *arguments: Any, manual: Mapping[str, Mapping[str, str]], **more: Any):
        """``manual`` is the sections: their titles, and what there is with its meaning."""
        super().__init__(*arguments, **more)
        self.manual = manual

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        given = ctx.params
        log_to_stderr(given.get("log_level") or "warning", given.get("log_format") or "text")
        for sentence in misspelt(os.environ, self.name or ""):
            log.warning("%s", sentence)
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections, after the options."""
        for title, rows in self.manual.items():
            with formatter.section(title):
                formatter.write_dl(list(rows.items()))


def manual(
    codes: Mapping[int, str],
    environment: Mapping[str, str],
    *,
    servers: bool = True,
    files: Mapping[str, str] | None = None,
) -> dict[str, dict[str, str]]:
    """The sections of a verb: what is its own, and what all have; ``servers``: it calls some."""
    shared = {**(_SERVERS if servers else {}), **_COLOURS}
    places = {**(_KUBECONFIGS if servers else {}), **(files or {})}
    sections = {
        "Exit codes": {str(code): text for code, text in sorted({**_CODES, **codes}.items())},
        "Environment": {**_OPTIONS, **environment, **shared},
    }
    return {**sections, "Files": places} if places else sections
