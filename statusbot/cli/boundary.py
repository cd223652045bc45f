"""From what went wrong to one sentence on stderr and an exit code.

0 done; 1 the verb's own no; 2 usage or configuration; 3 a bug; 124 timed out; 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback

import click

from statusbot.cli.ending import INTERRUPTED
from statusbot.cli.stdout import TAKES_NOTHING, give_up, on_stderr
from statusbot.errors import StatusbotError, Stopped
from statusbot.report.github import annotation, is_github
from statusbot.text import loggable, redact

BUG = 3

log = logging.getLogger("statusbot")


def run_command(command: click.Command, arguments: list[str] | None) -> int:
    """Run a command and say what stopped it, in one sentence."""
    try:
        code = command.main(arguments, prog_name="statusbot", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        on_stderr(error.format_message())
        return 2
    except click.ClickException as error:
        hint = ""
        if isinstance(error, click.UsageError):
            # Options without their argument are told by click's parser, which knows no command.
            hint = f": try {error.ctx.command_path if error.ctx else 'statusbot'} --help"
        return say(error.format_message().rstrip(".") + hint, error.exit_code)
    except (click.Abort, KeyboardInterrupt, Stopped):
        return say("interrupted", INTERRUPTED)
    except StatusbotError as error:
        return say(str(error), error.exit_code)
    except (BrokenPipeError, SystemExit):
        give_up()  # whoever read has read enough; click makes an exit of it, with 1
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno in TAKES_NOTHING:
            return say(f"{error.filename or 'stdout'}: cannot be written: {error.strerror}", 1)
        return _bug(error)
    return code if isinstance(code, int) else 0


def say(sentence: str, code: int) -> int:
    """Why it ends, on stderr, and on GitHub as an annotation too; gives the code."""
    label = "statusbot" if code == 0 else "statusbot: error"
    on_stderr(f"{label}: {loggable(redact(sentence))}")
    if code not in {0, INTERRUPTED} and is_github(os.environ):
        on_stderr(annotation("error", redact(sentence), title="statusbot"))
    return code


def _bug(error: Exception) -> int:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(last.filename)}:{last.lineno}"
    log.debug("%s", redact("".join(traceback.format_exception(error))))
    sentence = f"a bug, at {place}: {type(error).__name__}: {error}"
    return say(f"{sentence}: please report it, with the output of --log-level debug", BUG)
