"""The options that change what statuses say, and where they go."""

from __future__ import annotations

import click

from statusbot.cli.params import HowLong, Name, Seconds, WriteLimits, files

API_URL = click.option(
    "--api-url",
    type=Name(),
    metavar="URL",
    help="The API's root, where it cannot be told from the address.",
)
NO_CROSS_NAMESPACE_REFS = click.option(
    "--no-cross-namespace-refs",
    is_flag=True,
    help="Alerts get results of their own namespace only, as with Flux's flag of that name.",
)

ROUTES = (
    click.option(
        "--alerts-from",
        type=Name(),
        metavar="PATH",
        shell_complete=files,
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
    API_URL,
    NO_CROSS_NAMESPACE_REFS,
    click.option(
        "--forge-hosts",
        type=Name(),
        metavar="GLOB",
        multiple=True,
        help="Which hosts Providers may name, with their port if they have one: "
        "git.example.com:8443, *.example.com. Repeatable.  [default: all]",
    ),
)

FAILURE_AGE = click.option(
    "--failure-age",
    type=Seconds(),
    default="5m",
    metavar="DURATION",
    help="How long Flux may try a transient failure again before it is shown.",
)

WHAT = (
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
    FAILURE_AGE,
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

WRITES = (
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
