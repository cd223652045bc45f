"""The GitHub Action: from the inputs of a step to a command and its options.

``action.yml`` hands every input on as the variable of its option, so that none is an argument. What
is done here is what no variable can say: the verb and what it is about, defaults that come from the
job, and inputs that do not fit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping
from importlib import import_module
from urllib.parse import urlsplit

import click

from statusbot import masks
from statusbot.cli.boundary import run_command, say
from statusbot.cli.step import write_outputs
from statusbot.cli.verbs import statusbot
from statusbot.errors import UsageError
from statusbot.report.github import mask

VERBS = ("run", "wait", "validate")
# Inputs that are no options. The second one has a default, so it is always given.
COMMAND, GITHUB_TOKEN, TOKEN = "command", "github-token", "token"
# What a verb is about, by the input that names it; it follows ``--`` and so is never an option.
ABOUT = {"wait": "sha", "validate": "paths"}
NONE = "none"


def run_step() -> int:
    """Run what the inputs say, and tell later steps whether it failed; the exit code."""
    environ = os.environ
    write_outputs(environ, failed=True)  # until it is known better; the last one counts
    with masks.told_to(lambda secret: click.echo(mask(secret), err=True)):
        masks.hide(*(environ.get(name, "") for name in ("STATUSBOT_TOKEN", "GITHUB_TOKEN")))
        try:
            arguments = arguments_of(environ)
        except UsageError as error:
            code = say(str(error), error.exit_code)
        else:
            code = run_command(statusbot, arguments)
    write_outputs(environ, failed=code != 0)
    return code


def arguments_of(environ: MutableMapping[str, str]) -> list[str]:
    """The command line that the inputs mean; what options are missing is put into ``environ``.

    Raises UsageError for an input that there is not, or that the command has no use for.
    """
    given = _given(environ)
    verb = given.pop(COMMAND, "") or "run"
    if verb not in VERBS:
        todo = f"use {', '.join(VERBS[:-1])} or {VERBS[-1]}"
        raise UsageError(f"there is no command {verb!r}", where="input command", todo=todo)
    _check_inputs(verb, given)
    _fill_in(verb, environ)
    about = _about(verb, given, environ)
    return [verb, *(["--", *about] if about else [])]


def options_of(verb: str) -> dict[str, str]:
    """The variable of each option of a verb, by the option's long name."""
    command: click.Command = import_module(f"statusbot.cli.{verb}").command
    found = {}
    for param in command.params:
        if isinstance(param, click.Option) and param.allow_from_autoenv:
            name = next(flag for flag in param.opts if flag.startswith("--"))[2:]
            own = [param.envvar] if isinstance(param.envvar, str) else [*(param.envvar or ())]
            found[name] = own[0] if own else f"STATUSBOT_{param.name}".upper()
    return found


def inputs_of(verb: str) -> set[str]:
    """Every input that a verb has a use for."""
    about = {ABOUT[verb]} if verb in ABOUT else set()
    return {COMMAND, TOKEN, GITHUB_TOKEN} | about | set(options_of(verb))


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """The inputs that are not empty: one that was left out is."""
    named = (
        (name.removeprefix("INPUT_").lower(), text)
        for name, text in environ.items()
        if name.startswith("INPUT_")
    )
    return {name: text.strip() for name, text in named if text.strip()}


def _check_inputs(verb: str, given: Mapping[str, str]) -> None:
    foreign = sorted(set(given) - inputs_of(verb))
    if not foreign:
        return
    name = foreign[0]
    takers = [other for other in VERBS if name in inputs_of(other)]
    if not takers:
        every = sorted(set().union(*map(inputs_of, VERBS)))
        raise UsageError(
            f"there is no input {name!r}", where="with", todo=f"the inputs are {', '.join(every)}"
        )
    raise UsageError(
        f"the command {verb} takes no input {name}",
        where="with",
        todo=f"leave it out, or use command: {' or '.join(takers)}",
    )


def _fill_in(verb: str, environ: MutableMapping[str, str]) -> None:
    """This repository on this server with the job's token, where nothing else is said."""
    options = options_of(verb)
    type_ = environ.get("STATUSBOT_PROVIDER_TYPE", "").strip()
    if type_ == NONE or environ.get("STATUSBOT_ALERTS_FROM", "").strip():
        if type_ == NONE:
            environ["STATUSBOT_PROVIDER_TYPE"] = ""
        return
    address = environ.get("STATUSBOT_ADDRESS", "").strip()
    here = _here(environ)
    if "address" in options and not address and here and type_ in {"", _type(environ)}:
        address = environ["STATUSBOT_ADDRESS"] = here
    ours = bool(address) and _host(address) == _host(here)
    if "provider-type" in options and not type_ and ours:
        environ["STATUSBOT_PROVIDER_TYPE"] = _type(environ)
    # The job's token is for this server, whatever the step's address is.
    if ours and not environ.get("STATUSBOT_TOKEN", "").strip():
        environ["STATUSBOT_TOKEN"] = environ.get("GITHUB_TOKEN", "")


def _here(environ: Mapping[str, str]) -> str:
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    return f"{server}/{repository}" if server and repository else ""


def _type(environ: Mapping[str, str]) -> str:
    """Gitea's and Forgejo's runners say that they are GitHub's, and then who they are."""
    gitea = "true" in {environ.get("GITEA_ACTIONS"), environ.get("FORGEJO_ACTIONS")}
    return "gitea" if gitea else "github"


def _host(address: str) -> str:
    """Scheme, host and port: a token for https is not sent by http."""
    try:
        parts = urlsplit(address.lower())
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}"
    except ValueError:
        return address


_DEFAULTS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "wait": lambda environ: environ.get("GITHUB_SHA", ""),
    "validate": lambda environ: ".",
}


def _about(verb: str, given: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    if verb not in ABOUT:
        return []
    text = given.get(ABOUT[verb]) or _DEFAULTS[verb](environ)
    return text.split()
