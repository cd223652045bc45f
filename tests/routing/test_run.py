"""Routing through the whole program: `run` on the embedded servers, and what the forge shows then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from statusbot.demo.forge import EmbeddedForge, Row
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.objects import (
    C1,
    C2,
    NAMESPACE,
    Object,
    alert,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    provider,
)
from tests.support.world import (
    FORGE_TOKEN,
    KUBE_TOKEN,
    REPOSITORY,
    World,
    named,
    outcome,
    secret,
)

CONTEXT = "kustomization/healthy/0c9c2e41"
RED = green(conditions=[not_ready("BuildFailed", "no such file")])


class Clock:
    """The cluster's and the forge's."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def turn(self, hours: float) -> None:
        self._now += timedelta(hours=hours)


def shown(here: World, commit: str = C1) -> dict[str, Row]:
    """What the forge shows of a commit, by context."""
    return here.forge.latest(REPOSITORY, commit)


def states(here: World, commit: str = C1) -> dict[str, str]:
    return {context: str(row.state) for context, row in shown(here, commit).items()}


def annotated(status: Object | None = None, *, name: str = "healthy", **keys: str) -> Object:
    """A Kustomization with annotations for Flux's events."""
    annotations = {f"event.toolkit.fluxcd.io/{key}": value for key, value in keys.items()}
    return kustomization(status, name=name, metadata={"annotations": annotations})


def about(report: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    """The entries with these values."""
    return [
        entry
        for entry in report["statuses"]
        if all(entry[key] == value for key, value in wanted.items())
    ]


class TestWhatFluxPosts:
    """What becomes of each event of the kustomize-controller, as v1.9.3 posts it or not."""

    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            ("BuildFailed", "build failed"),
            ("ReconciliationFailed", "reconciliation failed"),
            ("PruneFailed", "prune failed"),
            ("HealthCheckFailed", "health check failed"),
        ],
    )
    def test_errors_are_failures_in_its_words(
        self, here: World, reason: str, expected: str
    ) -> None:
        here.add(kustomization(green(conditions=[not_ready(reason)]), name="healthy"))
        here.run("--description-template", "{reason}")
        row = shown(here)[CONTEXT]
        assert (row.state, row.description) == ("failure", expected)

    def test_a_success_is_one_in_its_words(self, here: World) -> None:
        here.run("--description-template", "{reason}")
        row = shown(here)[CONTEXT]
        assert (row.state, row.description) == ("success", "reconciliation succeeded")

    @pytest.mark.parametrize(
        "condition",
        [
            progressing(),
            not_ready("DependencyNotReady", "dependency 'flux-system/x' is not ready"),
            not_ready("HealthCheckCanceled", "new revision detected"),
            not_ready("AccessDenied", "can't access 'GitRepository/x/y'"),
        ],
        ids=lambda condition: condition["reason"],
    )
    def test_neither_progress_nor_what_only_waits_is_shown(
        self, here: World, condition: Object
    ) -> None:
        """v1.7 and older posted a success for some of these."""
        status = green(git(C2), conditions=[condition], lastAppliedRevision=git(C2))
        here.add(kustomization(status, name="healthy"))
        here.run("--failure-age", "9999h")
        assert shown(here) == {}

    def test_what_flux_gave_up_is_an_error_on_the_sources_commit_where_flux_posts_nothing(
        self, here: World
    ) -> None:
        """Its event names no revision: "missing revision metadata"."""
        stalled = green(git(C2), conditions=[not_ready("InvalidCELExpression", "bad")])
        here.add(kustomization(stalled, name="healthy"))
        here.run("--description-template", "{reason}")
        row = shown(here)[CONTEXT]
        assert (row.state, row.description) == ("error", "invalid cel expression")


class TestNamedCommits:
    def test_an_annotation_names_the_commit_that_shows_it(self, here: World) -> None:
        here.add(annotated(commit=C2))
        assert here.report()["exit_code"] == 0
        assert (states(here), states(here, C2)) == ({}, {CONTEXT: "success"})

    def test_so_does_an_alert(self, here: World) -> None:
        here.add(alert(eventMetadata={"commit": f"main@sha1:{C2}"}))
        here.run()
        assert (states(here), states(here, C2)) == ({}, {CONTEXT: "success"})

    def test_one_that_is_none_is_an_error_of_the_object_and_told(self, here: World) -> None:
        here.add(annotated(commit="main"))
        report = here.report()
        entry = outcome(report, "healthy")
        assert (entry["outcome"], report["exit_code"]) == ("error", 1)
        assert "the annotation event.toolkit.fluxcd.io/commit of the object" in entry["why"]
        assert here.forge.writes == 0

    def test_an_alerts_that_is_none_is_an_error_once_for_all_its_objects(self, here: World) -> None:
        here.add(alert(eventMetadata={"commit": "main"}), kustomization(name="web"))
        report = here.report()
        (error,) = about(report, outcome="error")
        assert (error["alert"], error["object"]) == (f"{NAMESPACE}/all", None)
        assert len(about(report, outcome="skipped", alert=f"{NAMESPACE}/all")) == 2

    def test_what_an_alerts_kept_back_is_posted_when_it_is_mended(self, here: World) -> None:
        here.add(alert(eventMetadata={"commit": "main"}))
        self.mended(here, alert())
        assert (states(here), states(here, C2)) == ({CONTEXT: "failure"}, {CONTEXT: "success"})

    def test_what_an_annotation_kept_back_was_of_no_commit(self, here: World) -> None:
        self.mended(here)
        assert (states(here), states(here, C2)) == ({}, {CONTEXT: "success"})

    def mended(self, here: World, *alerts: Object) -> None:
        """A red that is kept back, and a green after what kept it back is gone."""
        ledger = ("--ledger", f"file:{here.folder / 'ledger'}")
        here.add(kustomization(RED, name="healthy") if alerts else annotated(RED, commit="main"))
        assert here.run(*ledger).code == 1
        here.add(git_repository(C2, url=here.url), kustomization(green(git(C2)), name="healthy"))
        here.add(*alerts)
        assert here.run(*ledger).code == 0

    def test_one_of_another_repository_goes_there(self, here: World) -> None:
        """The source holds the manifests, the named commit is that of the application."""
        here.add(git_repository(url=f"{here.forge.url}/acme/manifests"), annotated(commit=C2))
        here.run()
        assert states(here, C2) == {CONTEXT: "success"}

    def test_the_sources_own_does_not(self, here: World) -> None:
        here.add(git_repository(url=f"{here.forge.url}/acme/manifests"))
        report = here.report()
        entry = outcome(report, "healthy")
        assert entry["outcome"] == "skipped"
        assert "its source is another repository than" in entry["why"]
        assert (here.forge.calls, report["exit_code"]) == ([], 0)

    def test_namesakes_are_those_that_go_there(self, here: World) -> None:
        """A Kustomization of the same name in another namespace goes to another repository."""
        sources = [
            {"kind": "Kustomization", "name": "*"},
            {"kind": "Kustomization", "name": "*", "namespace": "team"},
        ]
        other = git_repository(name="other", url=f"{here.forge.url}/acme/manifests")
        reference = {"kind": "GitRepository", "name": "other", "namespace": NAMESPACE}
        twin = kustomization(name="healthy", namespace="team", source=reference)
        here.add(alert(eventSources=sources), other, twin)
        report = here.report()
        assert states(here) == {CONTEXT: "success"}
        assert len(about(report, outcome="skipped")) == 1


class TestOtherRepositories:
    def test_a_mirror_that_has_the_commit_shows_it(self, here: World) -> None:
        here.add(git_repository(url="https://mirror.example/acme/fleet"))
        here.run()
        assert states(here) == {CONTEXT: "success"}

    def test_one_that_has_it_not_is_no_error(self, here: World) -> None:
        unknown = "9" * 40
        here.add(
            git_repository(unknown, url="https://mirror.example/acme/fleet"),
            kustomization(green(git(unknown)), name="healthy"),
        )
        report = here.report()
        assert (outcome(report, "healthy")["outcome"], report["exit_code"]) == ("skipped", 0)

    def test_in_the_repository_itself_it_is(self, here: World) -> None:
        unknown = "9" * 40
        here.add(
            git_repository(unknown, url=here.url),
            kustomization(green(git(unknown)), name="healthy"),
        )
        report = here.report()
        assert (outcome(report, "healthy")["outcome"], report["exit_code"]) == ("error", 1)


class TestExpressions:
    def expression(self, here: World, text: str) -> None:
        here.add(provider(type="gitea", address=here.url, commitStatusExpr=text))

    def test_they_name_the_context(self, here: World) -> None:
        self.expression(here, "'deploy/' + event.involvedObject.name + '/' + event.metadata.team")
        here.add(annotated(team="a"))
        here.run()
        assert states(here) == {"deploy/healthy/a": "success"}

    def test_two_objects_under_one_name_show_the_worse_with_a_warning(self, here: World) -> None:
        self.expression(here, "'deploy/' + event.involvedObject.namespace")
        here.add(kustomization(RED, name="web"))
        ran = here.run()
        assert states(here) == {f"deploy/{NAMESPACE}": "failure"}
        assert f"share the context deploy/{NAMESPACE}: it shows the worse of the two" in ran.out

    def test_one_that_fails_for_one_object_is_an_error_there_and_posts_the_others(
        self, here: World
    ) -> None:
        self.expression(here, "'deploy/' + event.metadata.team")
        here.add(annotated(name="web", team="a"))
        report = here.report()
        entry = outcome(report, "healthy")
        assert (entry["outcome"], report["exit_code"]) == ("error", 1)
        assert entry["why"].startswith("spec.commitStatusExpr: ")
        assert states(here) == {"deploy/a": "success"}

    def test_it_wins_over_the_templates_of_the_run(self, here: World) -> None:
        self.expression(here, "'by-' + 'expression'")
        here.run("--context-template", "by-template/{name}")
        assert states(here) == {"by-expression": "success"}


class TestTemplates:
    def test_a_context_is_the_users(self, here: World) -> None:
        here.run("--context-template", "{cluster}/{namespace}/{name}", "--cluster-name", "prod")
        assert states(here) == {"prod/flux-system/healthy": "success"}

    def test_namesakes_need_no_warning_where_it_tells_them_apart(self, here: World) -> None:
        sources = [{"kind": "Kustomization", "name": "*", "namespace": n} for n in ("a", "b")]
        reference = {"kind": "GitRepository", "name": "fleet", "namespace": NAMESPACE}
        here.add(
            alert(eventSources=sources),
            *(kustomization(name="x", namespace=n, source=reference) for n in ("a", "b")),
        )
        ran = here.run("--context-template", "{namespace}-{name}")
        assert states(here) == {"a-x": "success", "b-x": "success"}
        assert "warning" not in ran.out

    def test_many_objects_under_one_name_show_the_worst_with_one_warning(self, here: World) -> None:
        here.add(*(kustomization(RED if n == 3 else None, name=f"app-{n}") for n in range(6)))
        ran = here.run("--context-template", "flux")
        assert states(here) == {"flux": "failure"}
        (warning,) = [line for line in ran.out.splitlines() if line.startswith("warning: ")]
        assert "and 4 more share the context flux: it shows the worst of them" in warning

    def test_a_link_is_the_users(self, here: World) -> None:
        here.run("--target-url-template", "https://ci.example/{name}?at={revision}")
        assert shown(here)[CONTEXT].url == f"https://ci.example/healthy?at=main%40sha1%3A{C1}"

    def test_without_one_a_status_leads_nowhere_as_fluxs(self, here: World) -> None:
        here.run()
        assert shown(here)[CONTEXT].url == ""

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--context-template", "{state}"),
            ("--description-template", "{nmae}"),
            ("--target-url-template", "https://ci.example/{"),
        ],
    )
    def test_one_that_is_none_ends_the_run_before_anything_is_read(
        self, here: World, arguments: tuple[str, str]
    ) -> None:
        ran = here.run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert arguments[0] in ran.err
        assert here.forge.calls == []


class TestANewDescription:
    """A change of the template writes nothing at once that was right as it was."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(datetime.now(UTC))

    @pytest.fixture
    def here(self, tmp_path: Path, clock: Clock) -> Iterator[World]:
        kube = EmbeddedKubernetes(clock=clock, token=KUBE_TOKEN)
        with kube, EmbeddedForge(clock=clock, token=FORGE_TOKEN) as forge:
            forge.add_repository(REPOSITORY, {C1})
            made = World(kube, forge, tmp_path)
            made.add(*made.objects())
            yield made

    def run(self, here: World, template: str, *more: str) -> dict[str, Any]:
        """With a ledger; what is said of the one Kustomization."""
        ledger = f"file:{here.folder / 'ledger'}"
        report = here.report("--ledger", ledger, "--description-template", template, *more)
        return outcome(report, "healthy")

    @pytest.mark.parametrize("template", ["{name}: {message}", "{reason}", "{message}", "x"])
    def test_with_a_ledger_it_costs_no_call(self, here: World, clock: Clock, template: str) -> None:
        here.run("--ledger", f"file:{here.folder / 'ledger'}")
        calls = len(here.forge.calls)
        for hours in (0, 2):
            clock.turn(hours)
            assert self.run(here, template)["outcome"] == "already"
        assert len(here.forge.calls) == calls

    def test_it_is_written_when_the_forge_is_looked_at_a_day_later_and_that_once(
        self, here: World, clock: Clock
    ) -> None:
        found = []
        for template in ("<{message}>", "[{message}]", "[{message}]", "[{message}]"):
            found.append(self.run(here, template)["outcome"])
            clock.turn(25)
        assert found == ["posted", "posted", "already", "already"]

    def test_but_not_within_an_hour_of_the_last(self, here: World, clock: Clock) -> None:
        self.run(here, "<{message}>")
        clock.turn(0.5)
        entry = self.run(here, "[{message}]", "--recheck", "1s")
        assert "less than an hour" in entry["why"]

    def test_where_it_has_no_message_it_is_written_no_more(self, here: World, clock: Clock) -> None:
        here.run()
        clock.turn(25)
        assert self.run(here, "{reason}")["outcome"] == "already"
        assert here.forge.writes == 1

    def test_what_the_forge_was_found_to_show_is_remembered(
        self, here: World, clock: Clock
    ) -> None:
        for hours in (0, 25):
            clock.turn(hours)
            self.run(here, "<{message}>")
        calls = len(here.forge.calls)
        clock.turn(2)
        self.run(here, "<{message}>")
        assert len(here.forge.calls) == calls

    @pytest.mark.parametrize("template", ["{reason} at {name}: {message}", "{reason}"])
    def test_without_a_ledger_a_status_that_says_the_reason_stays_for_an_hour(
        self, here: World, template: str
    ) -> None:
        here.run()
        here.run("--description-template", template)
        assert here.forge.writes == 1

    @pytest.mark.parametrize("ledger", [True, False])
    def test_the_same_template_twice_writes_once(self, here: World, ledger: bool) -> None:
        for _ in range(2):
            if ledger:
                self.run(here, "<{name}>")
            else:
                here.run("--description-template", "<{name}>")
        assert here.forge.writes == 1
        assert shown(here)[CONTEXT].description == "<healthy>"

    def test_another_state_is_written_at_once(self, here: World) -> None:
        self.run(here, "<{message}>")
        here.add(kustomization(RED, name="healthy"))
        self.run(here, "<{message}>")
        assert shown(here)[CONTEXT].description == "<no such file>"


class TestForgeHosts:
    def host(self, here: World) -> str:
        return here.forge.url.partition("://")[2]

    def test_a_provider_on_one_of_them_posts(self, here: World) -> None:
        assert here.run("--forge-hosts", self.host(here)).code == 0
        assert states(here) == {CONTEXT: "success"}

    def test_one_elsewhere_is_an_error_that_names_the_option(self, here: World) -> None:
        report = here.report("--forge-hosts", "git.example.com", "--forge-hosts", "*.example.org")
        (error,) = about(report, outcome="error")
        assert (error["provider"], report["exit_code"]) == (f"{NAMESPACE}/forge", 1)
        assert f"the host {self.host(here)} is none of those that --forge-hosts" in error["why"]
        assert here.forge.calls == []

    def test_an_api_elsewhere_is_one_too(self, here: World) -> None:
        made = provider(type="gitea", address="https://git.example.com/acme/fleet")
        made["metadata"]["annotations"] = {"statusbot/api-url": f"{here.forge.url}/api/v1"}
        here.add(made)
        report = here.report("--forge-hosts", "git.example.com")
        (error,) = about(report, outcome="error")
        assert f"the host {self.host(here)} is none of those" in error["why"]
        assert here.forge.calls == []

    def test_an_address_in_the_secret_is_no_way_around_it(self, here: World) -> None:
        made = named("forge", type="gitea", address=None)
        here.add(made, secret(token="t0ken", address=here.url))
        report = here.report("--forge-hosts", "git.example.com")
        assert "--forge-hosts" in about(report, outcome="error")[0]["why"]
        assert here.forge.calls == []

    def test_it_holds_for_the_address_of_the_run(self, here: World) -> None:
        ran = here.run(
            *("--provider-type", "gitea", "--address", here.url),
            *("--forge-hosts", "git.example.com"),
            env={"STATUSBOT_TOKEN": "t0ken"},
        )
        assert ran.code == 2
        assert "--forge-hosts" in ran.err
        assert here.forge.calls == []


class TestOtherNamespaces:
    def elsewhere(self, here: World) -> None:
        reference = {"kind": "GitRepository", "name": "fleet", "namespace": NAMESPACE}
        sources = [{"kind": "Kustomization", "name": "*", "namespace": "team"}]
        here.add(
            alert(eventSources=sources),
            kustomization(name="web", namespace="team", source=reference),
        )

    def test_an_alert_may_ask_for_their_objects(self, here: World) -> None:
        self.elsewhere(here)
        here.run()
        assert here.shown("web") == ["success"]

    def test_the_option_forbids_it(self, here: World) -> None:
        self.elsewhere(here)
        entry = outcome(here.report("--no-cross-namespace-refs"), "web")
        assert entry["outcome"] == "skipped"
        assert "--no-cross-namespace-refs" in entry["why"]
        assert here.forge.calls == []

    def test_its_own_are_not_forbidden(self, here: World) -> None:
        here.run("--no-cross-namespace-refs")
        assert here.shown("healthy") == ["success"]


class TestOtherKinds:
    HELM = {"kind": "HelmRelease", "name": "*"}  # noqa: RUF012

    def test_an_alert_for_them_is_skipped_with_its_reason(self, here: World) -> None:
        here.add(alert("helm", eventSources=[self.HELM]))
        report = here.report()
        entry = outcome(report, "helm")
        assert (entry["outcome"], entry["object"], report["exit_code"]) == ("skipped", None, 0)
        assert entry["why"].endswith("not those of HelmRelease")

    def test_in_words_too(self, here: World) -> None:
        here.add(alert("helm", eventSources=[self.HELM]))
        line = f"skipped    Alert {NAMESPACE}/helm: statusbot posts the results of Kustomizations"
        assert line in here.run("--all").out

    def test_beside_kustomizations_those_are_posted(self, here: World) -> None:
        here.add(alert(eventSources=[self.HELM, {"kind": "Kustomization", "name": "*"}]))
        here.run()
        assert here.shown("healthy") == ["success"]


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2", "v1beta3"])
def test_alerts_and_providers_of_all_versions_lead_to_the_forge(here: World, version: str) -> None:
    objects = [alert(summary="prod"), provider(address=here.url)]
    for obj in objects:
        obj["apiVersion"] = f"notification.toolkit.fluxcd.io/{version}"
    here.run("--alerts-from", here.dump(*objects), "--description-template", "{summary}")
    assert shown(here)[CONTEXT].description == "prod"


def test_a_success_that_a_list_keeps_back_ends_a_red_all_the_same(here: World) -> None:
    here.add(alert(inclusionList=["no such file"]))
    report = here.report()
    assert outcome(report, "healthy")["why"] == "no pattern of inclusionList matches"
    here.add(kustomization(RED, name="healthy"))
    here.run()
    here.add(kustomization(name="healthy"))
    here.run()
    assert here.shown("healthy") == ["failure", "success"]


def test_what_a_bad_pattern_kept_back_is_posted_when_it_is_mended(here: World) -> None:
    ledger = ("--ledger", f"file:{here.folder / 'ledger'}")
    here.add(alert(inclusionList=["("]), kustomization(RED, name="healthy"))
    assert here.run(*ledger).code == 1
    here.add(git_repository(C2, url=here.url), kustomization(green(git(C2)), name="healthy"))
    here.add(alert())
    here.run(*ledger)
    assert (states(here), states(here, C2)) == ({CONTEXT: "failure"}, {CONTEXT: "success"})
