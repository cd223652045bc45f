"""One run, one cluster, six Providers, each on a forge of its own kind; then one of them is dead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.demo.forge.faults import reset
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.cli import cli
from tests.support.objects import C1, alert, git_repository, kustomization
from tests.support.world import FORGE_TOKEN, KUBE_TOKEN, named, secret

# Of each type: the path of its address, and its repository on the embedded forge.
SIX = {
    "github": ("acme/fleet", "acme/fleet"),
    "gitlab": ("acme/infra/fleet.git", "acme/infra/fleet"),
    "gitea": ("acme/fleet", "acme/fleet"),
    "bitbucket": ("acme/fleet.git", "acme/fleet"),
    "bitbucketserver": ("scm/ACME/fleet.git", "ACME/fleet"),
    "azuredevops": ("org/project/_git/fleet", "org/project/fleet"),
}


class Six:
    """The cluster, and a forge of each type."""

    def __init__(self, kube: EmbeddedKubernetes, forges: dict[str, EmbeddedForge], path: Path):
        self.kube = kube
        self.forges = forges
        self.path = path
        kube.apply_all(
            [git_repository(url="https://mirror.example/acme/fleet"), kustomization(), secret()]
        )
        for type_, forge in forges.items():
            address, repository = SIX[type_]
            forge.add_repository(repository, {C1})
            provider = named(type_, type=type_, address=f"{forge.url}/{address}")
            kube.apply_all([provider, alert(f"to-{type_}", providerRef={"name": type_})])

    def report(self, *options: str) -> dict[str, Any]:
        config = str(self.kube.kubeconfig(self.path / "kubeconfig"))
        ran = cli("run", "--kubeconfig", config, "-o", "json", "--all", *options)
        assert ran.out, ran.err
        return {**json.loads(ran.out), "exit_code": ran.code}

    def rows(self, type_: str) -> list[str]:
        found = self.forges[type_].rows(SIX[type_][1], C1)
        return [row.state for row in found]


@contextmanager
def six_of(folder: Path) -> Iterator[Six]:
    with ExitStack() as stack:
        kube = stack.enter_context(EmbeddedKubernetes(token=KUBE_TOKEN))
        forges = {type_: stack.enter_context(EmbeddedForge(token=FORGE_TOKEN)) for type_ in SIX}
        yield Six(kube, forges, folder)


@pytest.fixture
def six(tmp_path: Path) -> Iterator[Six]:
    with six_of(tmp_path) as made:
        yield made


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {
        entry["provider"].removeprefix("flux-system/"): entry["outcome"]
        for entry in report["statuses"]
    }


def test_all_six_are_posted_in_one_run(six: Six) -> None:
    report = six.report()
    assert outcomes(report) == dict.fromkeys(SIX, "posted"), report
    assert report["exit_code"] == 0


def test_each_shows_success_in_its_own_word(six: Six) -> None:
    six.report()
    assert {type_: six.rows(type_) for type_ in SIX} == {
        "github": ["success"],
        "gitlab": ["success"],
        "gitea": ["success"],
        "bitbucket": ["SUCCESSFUL"],
        "bitbucketserver": ["SUCCESSFUL"],
        "azuredevops": ["succeeded"],
    }


@pytest.mark.parametrize("dead", SIX)
def test_with_one_of_them_dead_five_are_posted_and_one_is_an_error(six: Six, dead: str) -> None:
    six.forges[dead]._server.close()
    report = six.report()
    assert outcomes(report) == {**dict.fromkeys(SIX, "posted"), dead: "error"}
    assert report["exit_code"] == 1


def test_a_second_run_finds_all_there(six: Six) -> None:
    six.report()
    again = six.report()
    assert outcomes(again) == dict.fromkeys(SIX, "already")
    assert again["forge_calls"]["write"] == 0


def test_with_a_ledger_a_second_run_asks_no_forge(six: Six) -> None:
    ledger = f"file:{six.path / 'ledger'}"
    six.report("--ledger", ledger)
    assert six.report("--ledger", ledger)["forge_calls"] == {"read": 0, "write": 0}


def test_with_a_ledger_the_bitbuckets_are_never_read(six: Six) -> None:
    six.report("--ledger", f"file:{six.path / 'ledger'}")
    reads = {type_: forge.reads for type_, forge in six.forges.items()}
    assert {type_ for type_, count in reads.items() if not count} == {
        "bitbucket",
        "bitbucketserver",
    }


def test_an_answer_that_was_lost_doubles_nothing(six: Six) -> None:
    for forge in six.forges.values():
        forge.faults.first(1, fault=reset(stored=True))
    report = six.report()
    assert outcomes(report) == dict.fromkeys(SIX, "posted")
    assert {type_: len(six.rows(type_)) for type_ in SIX} == dict.fromkeys(SIX, 1)


MANY = 300


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Six, dict[str, Any]]]:
    """Three hundred Kustomizations at one commit, posted by one run; and its report."""
    with six_of(tmp_path_factory.mktemp("crowd")) as made:
        made.kube.apply_all([kustomization(name=f"app-{number}") for number in range(1, MANY)])
        yield made, made.report()


def test_three_hundred_contexts_on_one_commit_are_posted_everywhere(
    crowd: tuple[Six, dict[str, Any]],
) -> None:
    six, report = crowd
    assert report["counts"]["posted"] == MANY * len(SIX)
    assert {type_: len(six.rows(type_)) for type_ in SIX} == dict.fromkeys(SIX, MANY)


def test_three_hundred_contexts_on_one_commit_are_found_again_everywhere(
    crowd: tuple[Six, dict[str, Any]],
) -> None:
    six, _ = crowd
    again = six.report()
    assert again["counts"]["already"] == MANY * len(SIX)
    assert again["forge_calls"]["write"] == 0


def test_one_paginated_read_shows_them_all_but_where_each_has_a_read_of_its_own(
    crowd: tuple[Six, dict[str, Any]],
) -> None:
    six, _ = crowd
    before = {type_: forge.reads for type_, forge in six.forges.items()}
    six.report()
    pages = {type_: forge.reads - before[type_] for type_, forge in six.forges.items()}
    assert pages == {
        "github": 3,
        "gitlab": 3,
        "gitea": 6,
        "bitbucket": 3,
        "bitbucketserver": MANY,
        "azuredevops": 1,
    }
