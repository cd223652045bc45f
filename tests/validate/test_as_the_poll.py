"""What validate finds and what a poll finds is the same, where both look at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from statusbot.cluster.files import Files
from statusbot.cluster.kinds import PROVIDER
from statusbot.errors import StatusbotError
from statusbot.manifests.invalid import Invalid
from statusbot.manifests.provider import parse
from statusbot.notifications import read_router
from statusbot.posting.access import Accesses
from statusbot.routing.destinations import destination
from statusbot.secret import Secrets
from tests.support.cli import cli

EXAMPLES = Path(__file__).parent / "examples"
ALSO = Path(__file__).parents[1] / "examples"
# What a poll says of Alerts and Providers before there is any result.
OF_THE_ROUTER = {
    "yaml",
    "schema",
    "address",
    "pattern",
    "status-expr",
    "event-metadata",
    "provider-ref",
}


def files() -> list[Any]:
    found = [*EXAMPLES.glob("*/*.yaml"), *ALSO.glob("*/*.yaml")]
    return [
        pytest.param(file, id=f"{file.parent.name}-{file.stem}")
        for file in sorted(found)
        # Providers alone, to which no Alert leads, are of no interest to a poll.
        if "kind: Alert" in file.read_text()
    ]


def errors(file: Path) -> set[str]:
    ran = cli("validate", "-o", "json", "--complete", str(file))
    found = json.loads(ran.out)["findings"]
    return {one["rule"] for one in found if one["severity"] == "error"}


@pytest.mark.parametrize("file", files())
def test_who_finds_an_error_finds_it_in_both(file: Path) -> None:
    cluster = Files.read([str(file)], "flux-system")
    _, problems = read_router(cluster, (), "", None)
    told: list[object] = [problem for problem in problems if problem.error]
    told += [problem for problem in cluster.problems if "twice" not in problem.message]
    assert bool(told) == bool(errors(file) & OF_THE_ROUTER), (told, errors(file))


def with_a_secret() -> list[Any]:
    found = sorted(EXAMPLES.glob("*/*.yaml"))
    return [
        pytest.param(file, id=f"{file.parent.name}-{file.stem}")
        for file in found
        if "kind: Secret" in file.read_text()
    ]


@pytest.mark.parametrize("file", with_a_secret())
def test_a_login_is_an_error_in_both_or_in_none(file: Path) -> None:
    cluster = Files.read([str(file)], "flux-system")
    accesses, told = Accesses(Secrets(cluster)), []
    for obj in cluster.list(PROVIDER):
        provider = parse(obj)
        assert not isinstance(provider, Invalid)
        try:
            accesses(destination(provider, "id"))
        except StatusbotError as error:
            told.append(error)
    assert bool(told) == bool(errors(file) & {"secret", "secret-ref"})
