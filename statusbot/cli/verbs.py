"""The group of verbs; a verb's module is imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from statusbot import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VERBS = {
    "run": "One poll: post what is new, and exit.",
    "wait": "Wait until a commit is live: a gate for CI.",
    "validate": "Check Providers and Alerts before they are applied.",
    "explain": "Why a Kustomization has its status, or none.",
    "demo": "The whole job on this machine, with nothing set up.",
    "completion": "A script that completes verbs and options in bash, zsh or fish.",
}


class Verbs(click.Group):
    """Lists its verbs without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in their order."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, from its module."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"statusbot.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their one-line helps, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The verbs that begin so, without importing them, and else the options."""
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(name, help=VERBS[name]) for name in VERBS]
        return [
            *(verb for verb in verbs if verb.value.startswith(incomplete)),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]


@click.command(
    cls=Verbs,
    context_settings={
        "auto_envvar_prefix": "STATUSBOT",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="statusbot COMMAND --help tells its options, with examples, exit codes and variables.",
)
@click.version_option(__version__, prog_name="statusbot")
def statusbot() -> None:
    """Shows on every Git commit, on its forge, whether Flux really reconciled it."""
