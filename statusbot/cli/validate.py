"""``statusbot validate``: manifests before anybody applies them."""

from __future__ import annotations

import sys
from typing import Any

import click

from statusbot.cli.manual import CI, Verb, manual
from statusbot.cli.options import CONTEXT, validate_options
from statusbot.cli.params import Name, check_api_url, files
from statusbot.cli.stdout import written
from statusbot.cli.step import Step
from statusbot.cli.step_of_validate import tell
from statusbot.cluster.setup import FLUX_NAMESPACE
from statusbot.validate.as_json import as_json
from statusbot.validate.as_sarif import as_sarif
from statusbot.validate.as_text import as_text
from statusbot.validate.finding import Severity
from statusbot.validate.given import Settings
from statusbot.validate.validate import RULES, Validation
from statusbot.validate.validate import validate as findings_of

MANUAL = manual(
    {
        0: "clean",
        1: "errors found, or warnings with --fail-on warning",
        2: "usage or configuration: a path that cannot be read, say",
    },
    {"STATUSBOT_PATHS": "The paths where none is given, with spaces between them.", **CI},
    servers=False,
)


@click.command("validate", cls=Verb, manual=MANUAL, context_settings=CONTEXT)
@click.argument(
    "paths",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=Name(),
    envvar="STATUSBOT_PATHS",
    shell_complete=files,
)
@click.option(
    "-n",
    "--namespace",
    type=Name(),
    default=FLUX_NAMESPACE,
    allow_from_autoenv=False,  # STATUSBOT_NAMESPACE is which ones a poll reads
    metavar="NAME",
    help="Where objects live that name no namespace.",
)
@click.option(
    "--complete",
    is_flag=True,
    help="The files have all that there is: what they refer to and do not have is an error.",
)
@validate_options
@click.option(
    "--ignore",
    type=click.Choice(list(RULES)),
    multiple=True,
    metavar="RULE",
    help="Leave out the findings of this rule. Repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="error",
    help="The least that makes exit code 1.",
)
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="The findings on stdout: as compilers write them, or for programs.",
)
@click.option(
    "--all",
    "list_all",
    envvar="STATUSBOT_ALL",
    is_flag=True,
    help="List what was not checked, and what is only good to know, too.",
)
def command(**options: Any) -> int:
    """Check Providers and Alerts, and what they refer to, before they are applied.

    Reads files, folders (all YAML and JSON files below them) and - for stdin, as --from of the
    other verbs. First Flux's schemas, then rules about what would only show when Flux or statusbot
    runs. Documents of other kinds, templates and patches are left alone. No cluster is needed.

    \b
    Examples:
      statusbot validate clusters/production
      kustomize build clusters/production | statusbot validate --complete -
      statusbot validate --fail-on warning --ignore no-health -o sarif deploy.yaml
    """
    step = Step(options["summary"])
    found = validate(options)
    _print(found, options["output"])
    tell(step, found)
    worst = (Severity.ERROR, Severity.WARNING)[: 2 if options["fail_on"] == "warning" else 1]
    return 1 if any(found.count(severity) for severity in worst) else 0


def validate(options: dict[str, Any]) -> Validation:
    """The findings that the options ask for. Raises UsageError."""
    check_api_url(options["api_url"])
    settings = Settings(
        namespace=options["namespace"],
        api_url=options["api_url"],
        cross_namespace=not options["no_cross_namespace_refs"],
        complete=options["complete"],
    )
    return findings_of(
        options["paths"], settings, ignore=options["ignore"], every=options["list_all"]
    )


def _print(found: Validation, output: str) -> None:
    """The findings on stdout. Raises StatusbotError where that takes nothing."""
    with written("findings"):
        if output == "text":
            for line in as_text(found):
                click.echo(line)
        else:
            sys.stdout.buffer.write(as_json(found) if output == "json" else as_sarif(found))
