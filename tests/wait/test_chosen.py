"""Which Kustomizations are waited for."""

from __future__ import annotations

import pytest

from statusbot.cluster.selector import Selector
from statusbot.results.observation import Observation, observe
from statusbot.results.source import Source
from statusbot.wait.chosen import Chosen, same_repository
from tests.support.objects import NOW, kustomization

HTTPS = "https://github.com/acme/fleet"
FLEET = Source("GitRepository", "ssh://git@github.com/acme/fleet.git")


def seen(name: str = "apps", namespace: str = "flux-system", **labels: str) -> Observation:
    return observe(kustomization(name=name, namespace=namespace, labels=labels), NOW)


@pytest.mark.parametrize(
    "other",
    [
        HTTPS,
        "https://github.com/Acme/Fleet.git",
        "git@github.com:acme/fleet.git",
        "ssh://git@ssh.github.com:443/acme/fleet",
        "https://user:password@github.com/acme/fleet/",
    ],
)
def test_one_repository_has_many_addresses(other: str) -> None:
    assert same_repository(HTTPS, other)
    assert same_repository(other, HTTPS)


@pytest.mark.parametrize(
    "other",
    [
        "https://github.com/acme/fleet2",
        "https://github.com/acme/other",
        "https://git.example.com/acme/fleet",
        "https://github.com:8443/acme/fleet",
        "git@gitlab.com:acme/fleet.git",
        "oci://ghcr.io/acme/fleet",
        "",
        "/srv/git/fleet",
        "https://github.com",
    ],
)
def test_others_are_others(other: str) -> None:
    assert not same_repository(HTTPS, other)
    assert not same_repository(other, HTTPS)


def test_ssh_names_neither_the_port_nor_the_sub_path() -> None:
    web = "https://git.example.com:8443/forge/acme/fleet"
    assert same_repository(web, "git@git.example.com:acme/fleet.git")
    assert same_repository("git@git.example.com:acme/fleet.git", web)
    assert not same_repository(web, "git@git.example.com:cme/fleet.git")


@pytest.mark.parametrize("host", ["gitlab.com", "altssh.gitlab.com", "codeberg.org"])
def test_a_group_of_a_well_known_host_is_no_sub_path(host: str) -> None:
    web = f"https://{host.removeprefix('altssh.')}/a/acme/fleet"
    assert not same_repository(web, f"git@{host}:acme/fleet.git")
    assert not same_repository(f"git@{host}:acme/fleet.git", web)
    assert same_repository(web, f"git@{host}:a/acme/fleet.git")


def test_azure_has_another_path_by_ssh() -> None:
    web = "https://dev.azure.com/acme/infra/_git/fleet"
    assert same_repository(web, "git@ssh.dev.azure.com:v3/acme/infra/fleet")


def test_all_whose_source_is_the_repository_are_taken() -> None:
    chosen = Chosen(address=HTTPS)
    assert chosen.takes(seen(), FLEET)
    assert chosen.takes(seen(), Source("GitRepository", HTTPS + "2")) is False


def test_other_kinds_of_sources_name_no_repository() -> None:
    assert Chosen(address=HTTPS).takes(seen(), Source("Bucket", HTTPS)) is False


def test_without_its_source_nobody_can_tell() -> None:
    assert Chosen(address=HTTPS).takes(seen(), None) is None
    assert Chosen(address=HTTPS).may_take(seen())


def test_named_ones_are_taken_whatever_their_source() -> None:
    chosen = Chosen(frozenset({"flux-system/apps"}), address=HTTPS)
    assert chosen.takes(seen("apps"), None)
    assert chosen.takes(seen("infra"), FLEET) is False


def test_labels_are_taken_whatever_the_source() -> None:
    chosen = Chosen(selector=Selector.parse("tier=web"), address=HTTPS)
    assert chosen.takes(seen(tier="web"), None)
    assert chosen.takes(seen(tier="db"), FLEET) is False


def test_names_and_labels_together_are_both_taken() -> None:
    chosen = Chosen(frozenset({"flux-system/apps"}), Selector.parse("tier=web"))
    taken = [
        one for one in (seen("apps"), seen("x", tier="web"), seen("y")) if chosen.may_take(one)
    ]
    assert [one.object.name for one in taken] == ["apps", "x"]


def test_labels_are_taken_in_the_namespaces_that_were_given() -> None:
    named = frozenset({"b/y"})
    chosen = Chosen(named, Selector.parse("tier=web"), namespaces=frozenset({"a"}))
    ones = [seen(name, namespace, tier="web") for namespace in "abc" for name in "xy"]
    assert [one.object.path for one in ones if chosen.may_take(one)] == ["a/x", "a/y", "b/y"]
