"""``statusbot demo``: the whole job on one machine, with nothing set up."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import click

from statusbot.cli import run
from statusbot.cli.ending import INTERRUPTED
from statusbot.cli.manual import Verb, manual
from statusbot.cli.options import CONTEXT
from statusbot.demo.show import SCENES, Show, view_of
from statusbot.errors import Stopped
from statusbot.interrupt import Interrupt, signals

# What of the environment is meant for other runs: the demo's own talk to this machine only.
_NOT_OURS = ("STATUSBOT_", "KUBE", "GITHUB_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


MANUAL = manual(
    {
        0: "all of it was right",
        1: "something was not",
        130: "interrupted, which is also how --serve ends",
    },
    {},
    servers=False,
)


@click.command("demo", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@click.option(
    "--scenario",
    type=click.Choice([scene.name for scene in SCENES]),
    multiple=True,
    help="Only this one. Repeatable.  [default: all]",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0.1),
    default=20,
    metavar="N",
    help="Recorded seconds in a second.",
)
@click.option(
    "--serve",
    is_flag=True,
    help="Keep the cluster and the forge up when the show is over, until Ctrl-C.",
)
def command(scenario: tuple[str, ...], speed: float, serve: bool) -> int:
    """The whole job on this machine, with nothing set up.

    An embedded Kubernetes API plays recordings of real Flux, an embedded forge takes statuses, both
    on loopback. Between them is the real thing: `statusbot run`, poll after poll, as a CronJob
    would call it. At the end each commit's status is compared with what is known to be true.

    \b
    Examples:
      statusbot demo
      statusbot demo --scenario forge-down --speed 5
      statusbot demo --serve
    """
    with signals() as interrupt:
        show = Show(
            run_poll=partial(poll, interrupt=interrupt),
            view=view_of(sys.stdout),
            scenes=tuple(scene for scene in SCENES if scene.name in (scenario or _ALL)),
            speed=speed,
            serve=serve,
            statusbot=_called(),
        )
        right = show()
    return INTERRUPTED if serve else 0 if right else 1


_ALL = frozenset(scene.name for scene in SCENES)


def poll(
    kubeconfig: Path, ledger: Path | None, interrupt: Interrupt | None = None
) -> dict[str, Any]:
    """``statusbot run -o json``, from its options to its report; exit code 1 is in the report."""
    arguments = ["--kubeconfig", str(kubeconfig), "--timeout", "20s", "-o", "json"]
    arguments += ["--ledger", f"file:{ledger}"] if ledger else []
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with _environment(), redirect_stdout(out):
        options = run.command.make_context("run", arguments).params
        code = run.run(options, "", interrupt or Interrupt())
    if code == INTERRUPTED:
        raise Stopped
    out.seek(0)
    report: dict[str, Any] = json.load(out)
    return report


@contextmanager
def _environment() -> Iterator[None]:
    """Without what would change a poll, or lead it away from loopback."""
    names = [name for name in os.environ if name.startswith(_NOT_OURS) or name.lower() in _PROXIES]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(kept)


def _called() -> str:
    """How a shell calls this very statusbot."""
    entry = Path(sys.argv[0]).absolute()
    if entry.name != "statusbot":
        return f"{shlex.quote(sys.executable)} -m statusbot"
    found = shutil.which("statusbot")
    return "statusbot" if found and Path(found).samefile(entry) else shlex.quote(str(entry))
