"""Alerts and Providers: which router they make, and what is wrong with them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from statusbot.cluster.errors import Forbidden, NotInstalled
from statusbot.errors import UsageError
from statusbot.notifications import Problem, Single, context_id, read_router, single_router
from statusbot.results.result import ObjectRef
from statusbot.results.source import source_of
from statusbot.routing.router import Router
from statusbot.routing.status import Way
from tests.support.objects import (
    C1,
    NAMESPACE,
    URL,
    FakeCluster,
    Object,
    alert,
    git,
    git_repository,
    provider,
)

APPS = ObjectRef("Kustomization", NAMESPACE, "apps", "1")
FLEET = source_of(git_repository())
HELM = {"kind": "HelmRelease", "name": "*"}
KUSTOMIZATION = {"kind": "Kustomization", "name": "*"}


def problems(*objects: Object) -> list[Problem]:
    return read_router(FakeCluster(list(objects)), (), "", None)[1]


def way(router: Router) -> Way:
    (only,) = router.ways(APPS, {}, FLEET)
    assert isinstance(only, Way), only
    return only


def without_uid(obj: Object) -> Object:
    del obj["metadata"]["uid"]
    return obj


class TestRouter:
    def test_alerts_lead_to_providers(self) -> None:
        router, found = read_router(FakeCluster([alert(), provider()]), (), "", None)
        assert way(router).destination.repository.key == "github.com/acme/fleet"
        assert found == []

    def test_the_id_of_a_provider_comes_first(self) -> None:
        router, _ = read_router(FakeCluster([alert(), provider()]), (), "production", None)
        assert way(router).destination.id == "0c9c2e41"

    def test_a_provider_without_a_uid_goes_by_the_clusters_name(self) -> None:
        cluster = FakeCluster([alert(), without_uid(provider())])
        router, _ = read_router(cluster, (), "production", None)
        assert way(router).destination.id == "production"

    def test_or_by_the_digest_of_the_servers_address(self) -> None:
        cluster = FakeCluster([alert(), without_uid(provider())])
        router, _ = read_router(cluster, (), "", None)
        digest = hashlib.sha256(b"https://cluster.example:6443").hexdigest()
        assert way(router).destination.id == digest[:8]

    def test_the_root_of_the_api_is_for_every_provider(self) -> None:
        cluster = FakeCluster([alert(), provider()])
        router, _ = read_router(cluster, (), "", "https://ghe.example/api/v3")
        assert way(router).destination.repository.api == "https://ghe.example/api/v3"

    def test_alerts_of_all_namespaces_are_read(self) -> None:
        objects = [alert(), provider()]
        router, _ = read_router(FakeCluster(objects), ("other",), "", None)
        assert way(router).alert == f"{NAMESPACE}/all"

    def test_where_that_is_forbidden_those_of_the_wanted_namespaces(self) -> None:
        forbidden = {"Alert everywhere", "Provider everywhere"}
        cluster = FakeCluster([alert(), provider()], forbidden=forbidden)
        router, _ = read_router(cluster, (NAMESPACE,), "", None)
        assert way(router).alert == f"{NAMESPACE}/all"

    @pytest.mark.parametrize("kind", ["Alert", "Provider"])
    def test_without_the_kinds_of_the_notification_controller_there_is_another_way(
        self, kind: str
    ) -> None:
        with pytest.raises(NotInstalled, match=r"notification-controller.*or go without"):
            read_router(FakeCluster(unserved={kind}), (), "", None)

    def test_where_all_are_wanted_a_refusal_is_an_error(self) -> None:
        with pytest.raises(Forbidden):
            read_router(FakeCluster(forbidden={"Alert"}), (), "", None)

    @pytest.mark.parametrize("kind", ["Alert", "Provider"])
    def test_where_flux_is_without_its_notification_controller_it_says_so(self, kind: str) -> None:
        with pytest.raises(NotInstalled, match="notification-controller is not installed") as found:
            read_router(FakeCluster(unserved={kind}), (), "", None)
        assert "--provider-type" in found.value.todo

    def test_where_flux_is_not_at_all_it_says_that(self) -> None:
        with pytest.raises(NotInstalled, match="Flux is not installed here") as found:
            read_router(FakeCluster(unserved={"Alert", "Provider", "Kustomization"}), (), "", None)
        assert found.value.where == "https://cluster.example:6443"


class TestProblems:
    def test_an_invalid_alert_is_one(self) -> None:
        (found,) = problems(alert(eventSeverity="loud"))
        assert found.alert == f"{NAMESPACE}/all"
        assert found.why.startswith("$.spec.eventSeverity: ")

    def test_an_invalid_provider_is_one(self) -> None:
        (found,) = problems(provider(type="fax"))
        assert found.provider == f"{NAMESPACE}/forge"
        assert found.why.startswith("$.spec.type: ")

    def test_an_invalid_provider_is_one_once(self) -> None:
        assert len(problems(alert(), provider(type="fax"))) == 1

    def test_a_provider_that_an_alert_needs_and_that_is_not_there_is_one(self) -> None:
        (found,) = problems(alert())
        assert found.provider == f"{NAMESPACE}/forge"
        assert found.why.startswith("there is no such Provider")

    def test_and_names_the_alerts_that_name_it(self) -> None:
        (found,) = problems(alert("one"), alert("two"))
        assert found.why.endswith(f"{NAMESPACE}/one, {NAMESPACE}/two")

    def test_a_provider_that_is_there_and_broken_does_not(self) -> None:
        (found,) = problems(alert(), provider(address="https://github.com/acme"))
        assert f"{NAMESPACE}/all" not in found.why

    def test_it_is_one_once_for_all_its_alerts(self) -> None:
        assert len(problems(alert("one"), alert("two"))) == 1

    def test_a_provider_that_cannot_be_used_is_one(self) -> None:
        (found,) = problems(alert(), provider(address="https://github.com/acme"))
        assert "spec.address" in found.why

    def test_a_provider_that_nobody_needs_is_none(self) -> None:
        assert problems(provider(address="https://github.com/acme")) == []

    def test_a_provider_that_only_a_suspended_alert_needs_is_none(self) -> None:
        assert problems(alert(suspend=True)) == []

    def test_a_provider_that_only_other_kinds_need_is_none(self) -> None:
        found = problems(alert(eventSources=[HELM]))
        assert [problem.error for problem in found] == [False]

    def test_a_provider_that_kustomizations_need_beside_others_is_one(self) -> None:
        found = problems(alert(eventSources=[HELM, KUSTOMIZATION]))
        assert [problem.provider for problem in found if problem.error] == [f"{NAMESPACE}/forge"]

    @pytest.mark.parametrize("spec", [{"type": "slack"}, {"suspend": True}])
    def test_a_provider_that_is_no_destination_by_choice_is_none(
        self, spec: dict[str, Any]
    ) -> None:
        assert problems(alert(), provider(**spec)) == []

    def test_they_come_in_the_order_of_their_names(self) -> None:
        objects = [alert(f"{name}-alert", providerRef={"name": name}) for name in "cab"]
        assert [found.provider[-1] for found in problems(*objects)] == ["a", "b", "c"]

    def test_an_alert_that_cannot_be_honoured_is_one(self) -> None:
        (found,) = problems(alert(inclusionList=["("]), provider())
        assert found.alert == f"{NAMESPACE}/all"
        assert "spec.inclusionList" in found.why

    @pytest.mark.parametrize("commit", ["main", "main@sha1:12", "g" * 40])
    def test_one_that_names_a_commit_which_is_none_is_one(self, commit: str) -> None:
        (found,) = problems(alert(eventMetadata={"commit": commit}), provider())
        assert (found.alert, found.error) == (f"{NAMESPACE}/all", True)
        assert found.why.startswith("spec.eventMetadata.commit: ")

    @pytest.mark.parametrize(
        "metadata", [{"commit": git(C1)}, {"commit": C1}, {"commit": ""}, {"revision": "x"}]
    )
    def test_other_metadata_is_none(self, metadata: dict[str, str]) -> None:
        assert problems(alert(eventMetadata=metadata), provider()) == []

    def test_a_commit_that_is_none_is_shown_without_its_secrets(self) -> None:
        commit = "https://me:s3cret@x.example"
        (found,) = problems(alert(eventMetadata={"commit": commit}), provider())
        assert "s3cret" not in found.why

    def test_one_whose_provider_is_a_chat_is_none(self) -> None:
        assert problems(alert(inclusionList=["("]), provider(type="slack")) == []

    def test_one_that_only_other_kinds_need_is_none(self) -> None:
        found = problems(alert(inclusionList=["("], eventSources=[HELM]), provider())
        assert [problem.error for problem in found] == [False]

    def test_one_that_is_suspended_is_none(self) -> None:
        assert problems(alert(inclusionList=["("], suspend=True), provider()) == []


class TestOtherKinds:
    def test_an_alert_for_them_gives_nothing_and_says_so(self) -> None:
        (found,) = problems(alert(eventSources=[HELM]), provider())
        assert (found.alert, found.provider, found.error) == (f"{NAMESPACE}/all", "", False)
        assert (
            found.why == "statusbot posts the results of Kustomizations, not those of HelmRelease"
        )

    def test_each_is_named_once(self) -> None:
        sources = [HELM, KUSTOMIZATION, {**HELM, "name": "x"}, {"kind": "Bucket", "name": "*"}]
        (found,) = problems(alert(eventSources=sources), provider())
        assert found.why.endswith("not those of HelmRelease, Bucket")

    @pytest.mark.parametrize("spec", [{"type": "slack"}, {"suspend": True}])
    def test_what_shows_no_statuses_of_anything_says_nothing(self, spec: dict[str, Any]) -> None:
        assert problems(alert(eventSources=[HELM]), provider(**spec)) == []

    def test_nor_does_a_suspended_alert(self) -> None:
        assert problems(alert(eventSources=[HELM], suspend=True), provider()) == []


class TestSingle:
    def test_one_repository_is_the_destination(self) -> None:
        router = single_router(Single("github", URL, "t0ken"), "abc")
        assert way(router).destination.repository.key == "github.com/acme/fleet"
        assert way(router).destination.id == "abc"

    def test_without_an_id_it_goes_by_the_digest_of_the_repository(self) -> None:
        router = single_router(Single("github", URL + ".git", "t0ken"), "")
        assert way(router).destination.id == context_id("github.com/acme/fleet")

    def test_the_root_of_the_api_may_be_named(self) -> None:
        single = Single("github", URL, "t0ken", "https://ghe.example/api/v3")
        for id_ in ("abc", ""):
            there = way(single_router(single, id_)).destination
            assert there.repository.api == "https://ghe.example/api/v3"

    @pytest.mark.parametrize(
        ("type_", "address", "words"),
        [
            ("github", "https://github.com/acme", "--address"),
            ("slack", URL, "type slack shows no commit status"),
        ],
    )
    def test_what_leads_nowhere_is_for_the_user_to_mend(
        self, type_: str, address: str, words: str
    ) -> None:
        with pytest.raises(UsageError) as caught:
            single_router(Single(type_, address, ""), "x")
        assert words in str(caught.value)
        assert "spec.address" not in str(caught.value)

    @pytest.mark.parametrize("token", ["two words", "a\nb", "\x1b"])
    def test_what_cannot_be_a_token_is_for_the_user_to_mend(self, token: str) -> None:
        with pytest.raises(UsageError, match="STATUSBOT_TOKEN: ") as caught:
            single_router(Single("github", URL, token), "x")
        assert token not in str(caught.value)

    def test_a_token_that_cannot_be_sent_is_for_the_user_to_mend(self) -> None:
        with pytest.raises(UsageError) as caught:
            single_router(Single("github", URL, "t0ken with spaces"), "x")
        assert caught.value.where == "STATUSBOT_TOKEN"
        assert "t0ken" not in str(caught.value)

    def test_its_token_is_in_no_repr(self) -> None:
        assert "t0ken" not in repr(Single("github", URL, "t0ken"))


def test_an_id_is_the_first_8_digits_of_a_sha256() -> None:
    assert context_id("abc") == "ba7816bf"
