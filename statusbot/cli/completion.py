"""``statusbot completion``: what a shell needs to complete verbs, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from statusbot.cli.manual import Verb, manual
from statusbot.cli.options import CONTEXT

# The variable by which the script asks us; click's own name for it.
VARIABLE = "_STATUSBOT_COMPLETE"


MANUAL = manual(
    {0: "printed"},
    {},
    servers=False,
    files={
        "~/.bashrc": "source <(statusbot completion bash)",
        "~/.zshrc, after compinit": "source <(statusbot completion zsh)",
        "~/.config/fish/completions/statusbot.fish": "What the command prints for fish.",
    },
)


@click.command("completion", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print a script that lets a shell complete verbs, options and their values.

    bash 4.4 or newer, zsh and fish will do. The script calls statusbot at each Tab, so it stays true
    when statusbot is upgraded.

    \b
    Examples:
      source <(statusbot completion bash)
      source <(statusbot completion zsh)
      statusbot completion fish > ~/.config/fish/completions/statusbot.fish
    """
    from statusbot.cli.verbs import statusbot

    found = get_completion_class(shell)
    assert found is not None
    # Not ``source()`` of bash: it asks the bash on PATH for its version, here and not where it runs.
    script = found(statusbot, {}, "statusbot", VARIABLE)
    click.echo(script.source_template % script.source_vars())
    return 0
