"""The report for people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from statusbot.demo.forge import faults
from statusbot.forges.base import Repository
from statusbot.posting.outcome import Did
from statusbot.report.as_text import as_text
from statusbot.report.report import Line, Report
from statusbot.results.result import ObjectRef
from tests.support.objects import C1, alert, kustomization
from tests.support.world import World, named

APPS = ObjectRef("Kustomization", "flux-system", "apps", "1")
FLEET = Repository("github", "https://api.github.com", "acme/fleet", "github.com")


def line(did: Did, **fields: Any) -> str:
    """The line of one status."""
    status = {
        "object": APPS,
        "alert": "flux-system/all",
        "provider": "flux-system/forge",
        "repository": FLEET,
        "commit": C1,
        "context": "kustomization/apps/1",
        "state": "success",
        "description": "reconciliation succeeded",
        "why": "",
    }
    report = Report("files", 0.0, listed_all=True)
    report.add(Line(did, **{**status, **fields}))
    return next(as_text(report))


def last(**fields: Any) -> str:
    """The sum of a report."""
    counts = {did: fields.pop(did.value.replace("-", "_"), 0) for did in Did}
    report = Report("files", 0.0, listed_all=True, **fields)
    report.counts.update(counts)
    return list(as_text(report))[-1]


class TestLine:
    def test_of_a_post_is_what_the_commit_shows_now(self) -> None:
        assert line(Did.POSTED) == (
            "posted     flux-system/apps 11111111 success: reconciliation succeeded"
        )

    def test_names_the_repository_where_there_are_several(self) -> None:
        report = Report("files", 0.0)
        for repository in (FLEET, replace(FLEET, path="acme/infra")):
            fields = {"object": APPS, "commit": C1, "state": "success", "description": "it works"}
            report.add(Line(Did.POSTED, "", repository=repository, **fields))  # type: ignore[arg-type]
        assert list(as_text(report))[:2] == [
            "posted     flux-system/apps 11111111 success on github.com/acme/fleet: it works",
            "posted     flux-system/apps 11111111 success on github.com/acme/infra: it works",
        ]

    @pytest.mark.parametrize("did", [Did.WOULD_POST, Did.ALREADY])
    def test_of_what_is_or_would_be_there_ends_in_the_reason(self, did: Did) -> None:
        assert line(did, why="it is so") == (
            f"{did.value:<10} flux-system/apps 11111111 success: reconciliation succeeded (it is so)"
        )

    @pytest.mark.parametrize("did", [Did.ERROR, Did.DEFERRED, Did.SKIPPED])
    def test_of_what_is_not_there_says_where_through_whom_and_why(self, did: Did) -> None:
        assert line(did, why="it is so") == (
            f"{did.value:<10} flux-system/apps 11111111 success not posted to github.com/acme/fleet"
            " (Provider flux-system/forge): it is so"
        )

    def test_without_alerts_names_no_provider(self) -> None:
        assert "Provider" not in line(Did.ERROR, provider=None, alert=None, why="it is so")

    def test_of_an_object_without_a_status_is_its_reason(self) -> None:
        assert line(Did.SKIPPED, alert=None, state=None, commit=None, why="it is so") == (
            "skipped    flux-system/apps: it is so"
        )

    def test_of_a_commit_without_a_status_names_it(self) -> None:
        assert line(Did.SKIPPED, alert=None, state=None, why="it is so") == (
            "skipped    flux-system/apps 11111111: it is so"
        )

    def test_of_a_result_that_an_alert_cannot_send_names_the_alert(self) -> None:
        assert line(Did.SKIPPED, repository=None, why="it is so") == (
            "skipped    flux-system/apps 11111111 (Alert flux-system/all): it is so"
        )

    def test_of_a_provider_says_that_it_is_one(self) -> None:
        about = {"object": None, "alert": None, "commit": None, "state": None}
        assert line(Did.ERROR, **about, why="it is so") == (
            "error      Provider flux-system/forge: it is so"
        )

    def test_of_an_alert_says_that_it_is_one(self) -> None:
        about = {"object": None, "provider": None, "commit": None, "state": None}
        assert line(Did.ERROR, **about, why="it is so") == (
            "error      Alert flux-system/all: it is so"
        )

    def test_of_a_document_without_a_name_is_its_reason(self) -> None:
        about = {"object": None, "provider": None, "alert": None, "commit": None, "state": None}
        assert line(Did.ERROR, **about, why="a.yaml:3: no") == "error      a.yaml:3: no"

    @pytest.mark.parametrize(
        "text", ["a\x1b[2Jb", "a\nb", "a\u202eb", "a##[error]b", "a\r::error::b"]
    )
    @pytest.mark.parametrize("field", ["why", "description"])
    def test_nothing_in_it_is_more_than_text(self, field: str, text: str) -> None:
        did = Did.ERROR if field == "why" else Did.POSTED
        shown = line(did, **{field: text})
        assert shown.isprintable()
        assert "##" not in shown


class TestSum:
    def test_counts_what_was_done_and_what_it_took(self) -> None:
        assert last(objects=2, results=3, posted=1, already=2, reads=1, writes=2, seconds=0.25) == (
            "2 Kustomizations, 3 results: 1 posted, 2 already there, 0 in error "
            "(1 read and 2 writes of forges, 0.2 s)"
        )

    def test_one_is_one(self) -> None:
        assert last(objects=1, results=1).startswith("1 Kustomization, 1 result: ")

    def test_names_the_rest_where_there_is_any(self) -> None:
        words = last(skipped=1, deferred=2, error=3)
        assert ", 1 skipped, 2 deferred, 3 in error (" in words

    def test_of_a_dry_run_is_what_would_be(self) -> None:
        assert ": 2 would be posted (" in last(dry_run=True, would_post=2)

    def test_of_a_dry_run_that_would_do_nothing_says_so(self) -> None:
        assert ": nothing to post (" in last(dry_run=True)


def test_warnings_come_first() -> None:
    report = Report("files", 0.0, warnings=["two of a name\x1b"])
    assert next(as_text(report)) == "warning: two of a name "


def test_what_is_not_listed_can_be(here: World) -> None:
    here.add(kustomization({}, name="new"))
    assert here.run().out.endswith("--all lists what was skipped, and why\n")


def test_what_is_listed_is_not_offered_again(here: World) -> None:
    here.add(kustomization({}, name="new"))
    ran = here.run("--all")
    assert f"skipped    flux-system/new {C1[:8]}: " in ran.out
    assert "--all" not in ran.out


def test_errors_are_listed_without_being_asked_for(here: World) -> None:
    here.add(named("ill", address="nowhere"), alert("to-ill", providerRef={"name": "ill"}))
    assert "error      Provider flux-system/ill: " in here.run().out


def test_namesakes_are_a_warning(here: World) -> None:
    here.add(kustomization(name="healthy", namespace="other"))
    here.add(
        alert("wide", eventSources=[{"kind": "Kustomization", "name": "*", "namespace": "other"}])
    )
    words = "warning: Kustomization healthy is in the namespaces flux-system, other"
    assert here.run().out.startswith(words)


def test_a_dry_run_says_what_would_be_and_does_nothing(here: World) -> None:
    ran = here.run("--dry-run")
    assert ran.out.startswith("would-post flux-system/healthy 11111111 success: ")
    assert (ran.code, here.forge.writes, here.forge.stored) == (0, 0, [])


def test_a_dry_run_keeps_no_ledger(here: World) -> None:
    here.run("--dry-run", "--ledger", f"file:{here.folder / 'ledger'}")
    assert not (here.folder / "ledger").exists()


def test_after_a_dry_run_the_run_still_posts(here: World) -> None:
    ledger = ("--ledger", f"file:{here.folder / 'ledger'}")
    here.run("--dry-run", *ledger)
    here.run(*ledger)
    assert here.shown("healthy") == ["success"]


def test_a_dry_run_says_what_cannot_be_done_too(here: World) -> None:
    here.forge.faults.always(fault=faults.answer(401, '{"message": "no"}'))
    ran = here.run("--dry-run")
    assert ran.code == 1
    assert "does not accept the login: no (401)" in ran.out
