"""What is claimed of an object: one test for each thing that Flux may show, and for each trap."""

from __future__ import annotations

from typing import Any

import pytest

from statusbot.results.observation import observe
from statusbot.results.result import Claim, Result, Skipped, Waiting
from statusbot.results.rules import RULES, claim
from statusbot.results.source import Source, source_of
from statusbot.results.state import State
from tests.support.objects import (
    C1,
    C2,
    C3,
    DIGEST,
    EARLIER,
    NOW,
    Look,
    Object,
    applied,
    condition,
    entry,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
    progressing,
    reconciling,
    source_object,
    stamp,
)

AT_C1, AT_C2 = source_of(git_repository(C1)), source_of(git_repository(C2))
OCI = {"kind": "OCIRepository", "name": "fleet"}
OTHER_DIGEST = "b" * 64


def say(obj: Object, source: Source | None = AT_C2, again: Source | None = None) -> Claim:
    """The claim of an object whose source is at ``source``, and at ``again`` when read again."""
    return claim(observe(obj, NOW), Look(source, again or source))


def after(ready: Object, *others: Object, attempted: str = git(C1), **status: Any) -> Object:
    """A Kustomization that was green at C1, and whose Ready condition is ``ready`` now."""
    conditions = [ready, *others]
    return kustomization(green(conditions=conditions, lastAttemptedRevision=attempted, **status))


def result(claimed: Claim) -> tuple[str, State]:
    assert isinstance(claimed, Result), claimed
    return claimed.commit, claimed.state


def skipped(claimed: Claim) -> str:
    assert isinstance(claimed, Skipped), claimed
    return claimed.why


def waiting(claimed: Claim) -> str:
    assert isinstance(claimed, Waiting), claimed
    return claimed.commit


def oci(revision: str, origin: str = "") -> Source:
    metadata = {"org.opencontainers.image.revision": origin} if origin else {}
    return source_of(source_object("OCIRepository", {"revision": revision, "metadata": metadata}))


class TestWhatFluxWrites:
    """The situations of kustomize-controller, in the order in which it meets them."""

    def test_a_new_object_that_flux_only_gave_a_finalizer_waits_for_what_the_source_holds(
        self,
    ) -> None:
        assert waiting(say(kustomization({"observedGeneration": -1}))) == C2

    def test_suspending_a_green_object_leaves_it_green(self) -> None:
        assert result(say(kustomization(suspend=True), AT_C2)) == (C1, State.SUCCESS)

    def test_an_invalid_health_check_expression_is_an_error_of_what_the_source_holds(self) -> None:
        obj = after(not_ready("InvalidCELExpression"), condition("Stalled", "True", "x"))
        assert result(say(obj)) == (C2, State.ERROR)

    def test_a_feature_gate_that_is_off_is_an_error_of_what_the_source_holds(self) -> None:
        obj = after(not_ready("FeatureGateDisabled"), condition("Stalled", "True", "x"))
        assert result(say(obj)) == (C2, State.ERROR)

    def test_what_stalled_before_it_was_suspended_is_still_an_error(self) -> None:
        obj = after(not_ready("InvalidCELExpression"))
        obj["spec"]["suspend"] = True
        assert result(say(obj)) == (C2, State.ERROR)

    def test_a_commit_that_came_after_it_was_suspended_was_never_tried(self) -> None:
        obj = after(not_ready("InvalidCELExpression"))
        obj["spec"]["suspend"] = True
        artifact = {"revision": git(C2), "lastUpdateTime": stamp(NOW + 60)}
        later = source_of(source_object("GitRepository", artifact))
        assert "Flux did not try it" in skipped(say(obj, later))

    def test_a_source_that_is_not_there_says_nothing(self) -> None:
        obj = after(not_ready("ArtifactFailed", "Source 'GitRepository/x' not found"))
        assert "GitRepository flux-system/fleet is not there" in skipped(say(obj, None))

    def test_a_source_in_a_forbidden_namespace_says_nothing(self) -> None:
        obj = after(not_ready("AccessDenied"), condition("Stalled", "True", "AccessDenied"))
        assert "AccessDenied" in skipped(say(obj))

    def test_a_source_that_flux_could_not_read_just_now_waits(self) -> None:
        obj = after(not_ready("ArtifactFailed", "failed to get source: timeout"))
        assert waiting(say(obj)) == C2

    def test_a_source_without_an_artifact_says_nothing(self) -> None:
        obj = after(not_ready("ArtifactFailed", "Source artifact not found, retrying in 5s"))
        nothing = source_of(source_object("GitRepository", None))
        assert "has no artifact yet" in skipped(say(obj, nothing))

    def test_an_invalid_ready_expression_is_an_error_of_what_the_source_holds(self) -> None:
        obj = after(not_ready("InvalidCELExpression"), condition("Stalled", "True", "x"))
        assert result(say(obj, AT_C1, again=AT_C2)) == (C2, State.ERROR)

    def test_a_dependency_that_is_not_ready_keeps_what_the_source_holds_waiting(self) -> None:
        obj = after(not_ready("DependencyNotReady", "dependency 'a/infra' is not ready"))
        assert waiting(say(obj)) == C2

    def test_the_start_of_a_reconciliation_is_of_the_revision_that_it_names(self) -> None:
        obj = after(progressing(), reconciling(f"Fetching manifests for revision {git(C2)}"))
        assert waiting(say(obj, AT_C1)) == C2

    def test_an_artifact_that_is_gone_waits_for_what_the_source_holds(self) -> None:
        obj = after(
            not_ready("ArtifactFailed", "failed to download archive: 404"),
            reconciling(f"Fetching manifests for revision {git(C1)}"),
        )
        assert waiting(say(obj)) == C2

    def test_a_missing_path_is_a_failure_of_the_revision_that_was_being_fetched(self) -> None:
        obj = after(
            not_ready("ArtifactFailed", "kustomization path not found: stat /tmp/x: no such file"),
            reconciling(f"Fetching manifests for revision {git(C2)} with a timeout of 30s"),
        )
        assert result(say(obj, AT_C1)) == (C2, State.FAILURE)

    def test_what_is_being_built_waits(self) -> None:
        message = f"Building manifests for revision {git(C2)} with a timeout of 30s"
        obj = after(progressing(), reconciling(message), attempted=git(C2))
        assert waiting(say(obj, AT_C1)) == C2

    @pytest.mark.parametrize(
        "reason", ["BuildFailed", "ReconciliationFailed", "PruneFailed", "HealthCheckFailed"]
    )
    def test_what_fails_after_the_artifact_was_read_fails_at_the_attempted_revision(
        self, reason: str
    ) -> None:
        obj = after(not_ready(reason), attempted=git(C2))
        assert result(say(obj, source_of(git_repository(C3)))) == (C2, State.FAILURE)

    def test_what_is_being_checked_for_health_waits(self) -> None:
        obj = after(
            progressing(),
            condition("Healthy", "Unknown", "Progressing"),
            reconciling(f"Running health checks for revision {git(C2)} with a timeout of 30s"),
            attempted=git(C2),
        )
        assert waiting(say(obj, AT_C1)) == C2

    def test_a_health_check_that_a_newer_commit_cancelled_is_no_failure_of_the_older(self) -> None:
        obj = after(not_ready("HealthCheckCanceled"), attempted=git(C2))
        assert waiting(say(obj, source_of(git_repository(C3)))) == C3

    def test_success_is_of_the_applied_revision(self) -> None:
        assert result(say(kustomization(green(git(C2))))) == (C2, State.SUCCESS)

    def test_success_counts_whatever_the_source_holds_by_now(self) -> None:
        assert result(say(kustomization(green(git(C1))), AT_C2)) == (C1, State.SUCCESS)

    def test_success_counts_when_the_source_is_gone(self) -> None:
        assert result(say(kustomization(green(git(C1))), None)) == (C1, State.SUCCESS)

    @pytest.mark.parametrize("ready", [applied(git(C1)), not_ready("PruneFailed"), progressing()])
    def test_an_object_that_is_being_deleted_says_nothing(self, ready: Object) -> None:
        obj = after(ready)
        obj["metadata"]["deletionTimestamp"] = "2026-11-20T12:00:00Z"
        assert "deleted" in skipped(say(obj))

    @pytest.mark.parametrize("reason", ["DirCreationFailed", "SomethingThatANewerFluxBrings"])
    def test_every_other_reason_waits_for_what_the_source_holds(self, reason: str) -> None:
        assert waiting(say(after(not_ready(reason)))) == C2


class TestTraps:
    """What real Flux did when it ran."""

    def test_the_first_of_the_two_writes_of_a_success_claims_nothing(self) -> None:
        obj = after(applied(git(C2)), attempted=git(C2))
        assert "about to write" in skipped(say(obj))

    def test_the_first_write_of_the_very_first_success_claims_nothing(self) -> None:
        status = {
            "conditions": [applied(git(C1))],
            "lastAttemptedRevision": git(C1),
            "observedGeneration": -1,
        }
        assert "about to write" in skipped(say(kustomization(status), AT_C1))

    def test_ready_without_any_revision_claims_nothing(self) -> None:
        status = {"conditions": [applied(git(C1))], "observedGeneration": 1}
        assert "about to write" in skipped(say(kustomization(status), AT_C1))

    def test_a_success_of_an_older_generation_claims_nothing(self) -> None:
        obj = kustomization(metadata={"generation": 2})
        assert "about to write" in skipped(say(obj, AT_C1))

    def test_suspending_does_not_make_the_next_commit_green(self) -> None:
        """Flux sets observedGeneration without reconciling: only lastApplied can be believed."""
        obj = after(applied(git(C1)), attempted=git(C2))
        obj["spec"]["suspend"] = True
        assert not isinstance(say(obj), Result)

    def test_a_new_object_does_not_blink_red(self) -> None:
        status = {
            "conditions": [
                not_ready("ArtifactFailed", "Source artifact not found, retrying in 5s")
            ],
            "observedGeneration": -1,
        }
        nothing = source_of(source_object("GitRepository", None))
        assert isinstance(say(kustomization(status), nothing), Skipped)

    def test_a_dependant_does_not_turn_the_commit_before_red(self) -> None:
        message = "dependency 'flux-system/infra' revision is not up to date"
        assert waiting(say(after(not_ready("DependencyNotReady", message)))) == C2

    @pytest.mark.parametrize(
        "stage",
        [
            "Fetching manifests for revision {} with a timeout of 30s",
            "Detecting drift for revision {} with a timeout of 30s",
            "Running health checks for revision {}",
        ],
    )
    def test_the_revision_is_found_at_every_stage(self, stage: str) -> None:
        obj = after(
            not_ready("ArtifactFailed", "kustomization path not found: stat /x"),
            reconciling(stage.format(git(C2))),
        )
        assert result(say(obj, AT_C1)) == (C2, State.FAILURE)

    def test_a_missing_path_names_the_sources_commit_where_flux_does_not_say_which(self) -> None:
        obj = after(not_ready("ArtifactFailed", "kustomization path not found: stat /x"))
        assert result(say(obj, AT_C1, again=AT_C2)) == (C2, State.FAILURE)

    def test_a_missing_path_names_the_sources_commit_where_flux_is_at_something_else(self) -> None:
        obj = after(
            not_ready("ArtifactFailed", "kustomization path not found: stat /x"),
            reconciling("processing object: new generation 1 -> 2"),
        )
        assert result(say(obj)) == (C2, State.FAILURE)

    def test_a_missing_path_without_a_source_says_nothing(self) -> None:
        obj = after(not_ready("ArtifactFailed", "kustomization path not found: stat /x"))
        assert "is not there" in skipped(say(obj, None))

    def test_only_an_artifact_can_miss_a_path(self) -> None:
        obj = after(progressing() | {"message": "kustomization path not found"})
        assert "at work" in skipped(say(obj))

    def test_ready_is_at_unknown_in_each_interval_and_says_nothing(self) -> None:
        message = f"Fetching manifests for revision {git(C1)}"
        assert isinstance(say(after(progressing(), reconciling(message)), AT_C1), Skipped)

    def test_a_stalled_reason_says_nothing_while_flux_is_at_work_again(self) -> None:
        obj = after(condition("Ready", "Unknown", "InvalidCELExpression"))
        assert "at work" in skipped(say(obj))

    def test_a_failure_reason_is_no_failure_while_flux_is_at_work_again(self) -> None:
        obj = after(condition("Ready", "Unknown", "BuildFailed"), attempted=git(C2))
        assert waiting(say(obj)) == C2

    @pytest.mark.parametrize("reason", ["AccessDenied", "DependencyNotReady"])
    def test_a_reason_to_wait_says_nothing_while_flux_is_at_work_again(self, reason: str) -> None:
        assert "at work" in skipped(say(after(condition("Ready", "Unknown", reason))))


class TestSuspended:
    @pytest.mark.parametrize("reason", ["BuildFailed", "HealthCheckFailed"])
    def test_a_failure_still_counts(self, reason: str) -> None:
        obj = after(not_ready(reason), attempted=git(C2))
        obj["spec"]["suspend"] = True
        assert result(say(obj)) == (C2, State.FAILURE)

    def test_a_missing_path_still_counts(self) -> None:
        obj = after(not_ready("ArtifactFailed", "kustomization path not found: x"))
        obj["spec"]["suspend"] = True
        assert result(say(obj)) == (C2, State.FAILURE)

    def test_an_error_still_counts(self) -> None:
        obj = after(not_ready("InvalidCELExpression"))
        obj["spec"]["suspend"] = True
        assert result(say(obj)) == (C2, State.ERROR)

    def test_what_would_wait_does_not_wait(self) -> None:
        obj = after(not_ready("ArtifactFailed", "failed to download archive"))
        obj["spec"]["suspend"] = True
        assert "suspended" in skipped(say(obj))

    def test_what_waits_for_a_dependency_does_not_wait(self) -> None:
        obj = after(not_ready("DependencyNotReady"))
        obj["spec"]["suspend"] = True
        assert "suspended" in skipped(say(obj))


class TestGreenStaysGreen:
    """A commit that was applied turns red only by a failure of its own."""

    def test_a_vanished_artifact_does_not_wait_for_the_applied_commit(self) -> None:
        obj = after(not_ready("ArtifactFailed", "failed to download archive: 404"))
        claimed = say(obj, AT_C1)
        assert "applied before" in skipped(claimed)
        assert isinstance(claimed, Skipped)
        assert claimed.commit == C1

    def test_nor_for_one_that_only_the_history_knows_as_applied(self) -> None:
        obj = after(not_ready("DirCreationFailed"), history=[entry(git(C2))])
        assert "applied before" in skipped(say(obj, AT_C2))

    def test_it_waits_for_one_that_the_history_knows_as_failed(self) -> None:
        obj = after(not_ready("DirCreationFailed"), history=[entry(git(C2), "HealthCheckFailed")])
        assert waiting(say(obj, AT_C2)) == C2

    def test_the_history_may_know_no_revision(self) -> None:
        obj = after(not_ready("DirCreationFailed"), history=[entry("")])
        assert waiting(say(obj, AT_C2)) == C2

    def test_nothing_was_ever_applied(self) -> None:
        status = {"conditions": [not_ready("DirCreationFailed")], "observedGeneration": -1}
        assert waiting(say(kustomization(status), AT_C2)) == C2

    def test_a_health_check_that_fails_later_turns_its_own_commit_red(self) -> None:
        obj = after(not_ready("HealthCheckFailed"), attempted=git(C1))
        assert result(say(obj, AT_C1)) == (C1, State.FAILURE)


class TestCommits:
    """From a revision of the source to the commit that it was made of."""

    def test_a_digest_alone_is_no_commit(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        obj = kustomization(green(revision), source=OCI)
        why = skipped(say(obj, oci(revision)))
        assert "flux push artifact --revision" in why

    def test_a_sha256_commit_of_a_git_repository_is_one(self) -> None:
        obj = kustomization(green(f"main@sha256:{DIGEST}"))
        assert result(say(obj)) == (DIGEST, State.SUCCESS)

    def test_a_revision_of_a_git_repository_that_is_no_commit_says_so(self) -> None:
        obj = kustomization(green("main"))
        assert "not what a GitRepository writes" in skipped(say(obj))

    def test_the_origin_of_what_was_applied_is_in_the_object(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        status = green(revision, lastAppliedOriginRevision=git(C1))
        obj = kustomization(status, source=OCI)
        assert result(say(obj, oci(f"latest@sha256:{OTHER_DIGEST}", git(C2)))) == (
            C1,
            State.SUCCESS,
        )

    def test_an_origin_of_64_digits_is_a_commit(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        status = green(revision, lastAppliedOriginRevision=f"main@sha256:{OTHER_DIGEST}")
        assert result(say(kustomization(status, source=OCI))) == (OTHER_DIGEST, State.SUCCESS)

    def test_the_origin_of_what_failed_is_in_the_source(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        obj = kustomization(
            green(
                f"latest@sha256:{OTHER_DIGEST}",
                conditions=[not_ready("BuildFailed")],
                lastAttemptedRevision=revision,
                lastAppliedOriginRevision=git(C1),
            ),
            source=OCI,
        )
        assert result(say(obj, oci(revision, git(C2)))) == (C2, State.FAILURE)

    def test_the_source_is_read_again_where_it_had_not_moved_yet(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        status = green(lastAttemptedRevision=revision, conditions=[not_ready("BuildFailed")])
        obj = kustomization(status, source=OCI)
        before = oci(f"latest@sha256:{OTHER_DIGEST}", git(C1))
        assert result(say(obj, before, again=oci(revision, git(C2)))) == (C2, State.FAILURE)

    def test_the_origin_of_another_revision_of_the_source_is_not_taken(self) -> None:
        status = green(
            lastAttemptedRevision=f"latest@sha256:{DIGEST}", conditions=[not_ready("BuildFailed")]
        )
        moved_on = oci(f"latest@sha256:{OTHER_DIGEST}", git(C3))
        assert "no commit" in skipped(say(kustomization(status, source=OCI), moved_on))

    def test_the_origin_of_what_failed_may_be_in_the_history(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        status = green(
            lastAttemptedRevision=revision,
            conditions=[not_ready("HealthCheckFailed")],
            history=[entry(revision, "HealthCheckFailed", origin=git(C2))],
        )
        assert result(say(kustomization(status, source=OCI), None)) == (C2, State.FAILURE)

    def test_an_artifact_without_origin_may_be_named_by_a_commit(self) -> None:
        obj = kustomization(green(f"main@sha1:{C1}"), source=OCI)
        assert result(say(obj, oci(f"main@sha1:{C1}"))) == (C1, State.SUCCESS)

    def test_what_waits_on_an_artifact_waits_for_its_origin(self) -> None:
        obj = kustomization(
            {"conditions": [not_ready("ArtifactFailed")], "observedGeneration": -1}, source=OCI
        )
        assert waiting(say(obj, oci(f"latest@sha256:{DIGEST}", git(C2)))) == C2

    def test_what_waits_on_a_digest_alone_says_so(self) -> None:
        obj = kustomization(
            {"conditions": [not_ready("ArtifactFailed")], "observedGeneration": -1}, source=OCI
        )
        assert "flux push artifact" in skipped(say(obj, oci(f"latest@sha256:{DIGEST}")))

    @pytest.mark.parametrize(
        ("reason", "message"),
        [("FeatureGateDisabled", "off"), ("ArtifactFailed", "kustomization path not found: x")],
    )
    def test_what_fails_on_a_digest_alone_says_so(self, reason: str, message: str) -> None:
        status = {"conditions": [not_ready(reason, message)], "observedGeneration": -1}
        obj = kustomization(status, source=OCI)
        why = skipped(say(obj, oci(f"latest@sha256:{DIGEST}")))
        assert why.startswith(f"{reason}, and revision latest@sha256:")

    def test_a_digest_whose_source_is_gone_is_no_commit(self) -> None:
        obj = kustomization(green(f"latest@sha256:{DIGEST}"), source=OCI)
        assert "names no commit" in skipped(say(obj, None))

    def test_a_failure_without_an_attempted_revision_says_so(self) -> None:
        obj = after(not_ready("BuildFailed"), attempted="")
        assert "lastAttemptedRevision" in skipped(say(obj))

    def test_the_source_of_a_git_repository_is_not_read_again_for_a_result(self) -> None:
        look = Look(AT_C1, None)
        claim(observe(kustomization(), NOW), look)
        assert True not in look.asked

    def test_an_artifact_without_origin_is_not_read_again_either(self) -> None:
        """It will have none the next time: one call for each object of each poll."""
        revision = f"latest@sha256:{DIGEST}"
        look = Look(oci(revision), None)
        claim(observe(kustomization(green(revision), source=OCI), NOW), look)
        assert True not in look.asked

    def test_nor_is_what_only_waits(self) -> None:
        look = Look(AT_C2, AT_C2)
        claim(observe(after(not_ready("DirCreationFailed")), NOW), look)
        assert True not in look.asked

    def test_what_the_source_holds_is_read_after_the_object(self) -> None:
        look = Look(AT_C1, AT_C2)
        claim(observe(after(not_ready("FeatureGateDisabled")), NOW), look)
        assert look.asked == [True]


class TestWhatAClaimCarries:
    def test_a_result_holds_fluxs_own_reason_and_message(self) -> None:
        claimed = say(after(not_ready("BuildFailed", "no such file"), attempted=git(C2)))
        assert isinstance(claimed, Result)
        assert (claimed.reason, claimed.message) == ("BuildFailed", "no such file")

    def test_a_result_is_as_old_as_the_observation(self) -> None:
        claimed = say(kustomization())
        assert isinstance(claimed, Result)
        assert claimed.when == NOW
        assert claimed.current

    def test_its_commit_came_with_the_artifact(self) -> None:
        claimed = say(kustomization(), AT_C1)
        assert isinstance(claimed, Result)
        assert claimed.arrived == EARLIER

    def test_its_commit_came_no_later_than_the_newest_entry_of_the_history(self) -> None:
        history = [
            entry(git(C1), first=NOW - 50),
            entry(git(C1), "HealthCheckFailed", first=NOW - 70),
            entry(git(C2), first=NOW - 10),
        ]
        claimed = say(kustomization(green(history=history)), AT_C2)
        assert isinstance(claimed, Result)
        assert claimed.arrived == NOW - 50

    def test_nobody_knows_when_its_commit_came(self) -> None:
        claimed = say(kustomization(), None)
        assert isinstance(claimed, Result)
        assert claimed.arrived == 0

    def test_an_error_of_what_the_source_holds_came_with_that(self) -> None:
        claimed = say(after(not_ready("FeatureGateDisabled", "off")))
        assert isinstance(claimed, Result)
        assert (claimed.reason, claimed.message) == ("FeatureGateDisabled", "off")
        assert (claimed.arrived, claimed.when, claimed.current) == (EARLIER, NOW, True)

    def test_a_wait_holds_what_the_failure_will_say(self) -> None:
        claimed = say(after(not_ready("ArtifactFailed", "404")))
        assert isinstance(claimed, Waiting)
        assert (claimed.reason, claimed.message, claimed.arrived) == (
            "ArtifactFailed",
            "404",
            EARLIER,
        )


def test_every_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_the_last_rule_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a table which lost it is noticed, and not taken for an object without a claim."""
    monkeypatch.setattr("statusbot.results.rules.RULES", ())
    with pytest.raises(AssertionError):
        say(kustomization())


def wait_of(claimed: Claim) -> Waiting:
    assert isinstance(claimed, Waiting), claimed
    return claimed


class TestPending:
    """What a wait is about, and when there is none."""

    def test_what_flux_tries_again_becomes_a_failure_when_it_lasts(self) -> None:
        claimed = wait_of(say(after(not_ready("DirCreationFailed", "disk full"))))
        assert (claimed.ages, claimed.dependencies, claimed.shown) == (True, (), True)
        assert (claimed.reason, claimed.message) == ("DirCreationFailed", "disk full")
        assert claimed.revision == git(C2)

    def test_what_flux_is_at_never_does(self) -> None:
        obj = after(progressing(), reconciling(f"Building manifests for revision {git(C2)}"))
        claimed = wait_of(say(obj))
        assert (claimed.ages, claimed.reason, claimed.revision) == (False, "Progressing", git(C2))

    def test_nor_does_what_it_has_not_begun_with(self) -> None:
        claimed = wait_of(say(kustomization({})))
        assert (claimed.ages, claimed.reason) == (False, "Progressing")

    def test_a_dependant_becomes_a_failure_only_by_its_dependencies(self) -> None:
        obj = after(not_ready("DependencyNotReady"))
        obj["spec"]["dependsOn"] = [{"name": "infra"}, {"name": "base", "namespace": "other"}]
        claimed = wait_of(say(obj))
        assert claimed.ages
        assert [str(one) for one in claimed.dependencies] == ["flux-system/infra", "other/base"]

    def test_without_any_in_its_spec_it_never_does(self) -> None:
        assert not wait_of(say(after(not_ready("DependencyNotReady")))).ages

    def test_a_dependency_of_an_applied_commit_keeps_nothing_waiting(self) -> None:
        obj = after(not_ready("DependencyNotReady", "dependency 'a/infra' is not ready"))
        assert "dependency 'a/infra' is not ready" in skipped(say(obj, AT_C1))

    def test_a_new_object_without_an_artifact_says_nothing(self) -> None:
        nothing = source_of(source_object("GitRepository", None))
        assert "has no artifact yet" in skipped(say(kustomization({}), nothing))

    def test_a_new_object_without_a_source_says_nothing(self) -> None:
        assert "is not there" in skipped(say(kustomization({}), None))

    def test_a_new_object_that_is_suspended_says_nothing(self) -> None:
        assert "Ready" in skipped(say(kustomization({}, suspend=True)))

    def test_a_new_object_with_another_namespaces_source_says_nothing(self) -> None:
        """Whether it may read that, Flux has yet to say: its commit may be another tenant's."""
        source = {"kind": "GitRepository", "name": "fleet", "namespace": "other"}
        assert "Ready" in skipped(say(kustomization({}, source=source)))

    def test_a_new_object_that_was_applied_before_says_nothing(self) -> None:
        obj = kustomization({"lastAppliedRevision": git(C2)})
        assert "applied before" in skipped(say(obj))

    @pytest.mark.parametrize("stage", ["Fetching", "Building", "Detecting drift", "Running health"])
    def test_an_interval_without_a_new_commit_says_nothing(self, stage: str) -> None:
        obj = after(progressing(), reconciling(f"{stage} for revision {git(C1)} with a timeout"))
        assert "at work" in skipped(say(obj))

    def test_nor_does_the_same_commit_of_another_branch(self) -> None:
        obj = after(progressing(), reconciling(f"Building for revision {git(C1, 'dev')}"))
        assert "at work" in skipped(say(obj))

    @pytest.mark.parametrize("status", ["HealthCheckFailed", "ReconciliationSucceeded"])
    def test_another_try_of_what_the_history_knows_says_nothing(self, status: str) -> None:
        message = f"Building manifests for revision {git(C2)}"
        obj = after(
            progressing(),
            reconciling(message),
            attempted=git(C2),
            history=[entry(git(C2), status)],
        )
        assert "at work" in skipped(say(obj))

    def test_another_try_says_nothing_while_it_fetches(self) -> None:
        """A build that failed is not in the history; to be fetched again it was tried before."""
        message = f"Fetching manifests for revision {git(C2)} with a timeout of 30s"
        obj = after(progressing(), reconciling(message), attempted=git(C2))
        assert "at work" in skipped(say(obj))

    def test_what_flux_names_nothing_of_is_what_it_attempted(self) -> None:
        obj = after(progressing(), reconciling("processing object: new generation"), attempted="")
        assert "at work" in skipped(say(obj))

    def test_what_is_no_commit_does_not_wait(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        obj = after(progressing(), reconciling(f"Building manifests for revision {revision}"))
        obj["spec"]["sourceRef"] = OCI
        assert "at work" in skipped(say(obj, oci(revision)))

    def test_what_an_artifact_was_made_of_waits(self) -> None:
        revision = f"latest@sha256:{DIGEST}"
        obj = after(progressing(), reconciling(f"Building manifests for revision {revision}"))
        obj["spec"]["sourceRef"] = OCI
        assert waiting(say(obj, oci(revision, git(C3)))) == C3

    def test_what_the_history_knows_as_failed_is_not_shown_as_waiting(self) -> None:
        obj = after(not_ready("DirCreationFailed"), history=[entry(git(C2), "HealthCheckFailed")])
        assert not wait_of(say(obj)).shown

    def test_a_cancelled_check_waits_for_the_newer_commit_though_it_is_read_late(self) -> None:
        obj = after(not_ready("HealthCheckCanceled"), attempted=git(C2))
        assert waiting(say(obj, AT_C2, again=source_of(git_repository(C3)))) == C3

    @pytest.mark.parametrize("ready", [progressing(), not_ready("HealthCheckCanceled")])
    def test_what_is_suspended_does_not_wait(self, ready: Object) -> None:
        obj = after(ready, reconciling(f"Building manifests for revision {git(C2)}"))
        obj["spec"]["suspend"] = True
        assert "suspended" in skipped(say(obj))
