"""The words of a status."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.results.result import ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.texts import context, description, provider_id, words
from tests.support.objects import C1, EARLIER, NOW

APPS = ObjectRef("Kustomization", "flux-system", "apps", "1")
FAILED = Result(APPS, C1, State.FAILURE, "BuildFailed", "no such file", NOW, EARLIER, current=True)
SUCCEEDED = "ReconciliationSucceeded"


class TestContext:
    def test_it_is_fluxs_own(self) -> None:
        object_ = ObjectRef("Kustomization", "x", "gitops-system", "1")
        assert context(object_, "0c9c2e41") == "kustomization/gitops-system/0c9c2e41"

    def test_namesakes_have_their_namespace_in_it(self) -> None:
        expected = "kustomization/flux-system/apps/0c9c2e41"
        assert context(APPS, "0c9c2e41", with_namespace=True) == expected

    def test_it_is_in_lower_case(self) -> None:
        assert context(APPS, "Production") == "kustomization/apps/production"


class TestProviderId:
    def test_it_is_the_uid_before_its_first_dash(self) -> None:
        assert provider_id("0c9c2e41-d2f9-4f9b-9c41-bebc1984d67a") == "0c9c2e41"

    @pytest.mark.parametrize("uid", ["", "abc"])
    def test_a_uid_without_a_dash_is_it(self, uid: str) -> None:
        assert provider_id(uid) == uid


class TestWords:
    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            ("ReconciliationSucceeded", "reconciliation succeeded"),
            ("InvalidCELExpression", "invalid cel expression"),
        ],
    )
    def test_a_reason_is_worded_as_flux_words_it(self, reason: str, expected: str) -> None:
        assert words(reason) == expected

    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            ("ReconciliationFailed", "reconciliation failed"),
            ("HealthCheckFailed", "health check failed"),
            ("BuildFailed", "build failed"),
            ("PruneFailed", "prune failed"),
            ("ArtifactFailed", "artifact failed"),
            ("FeatureGateDisabled", "feature gate disabled"),
            ("DirCreationFailed", "dir creation failed"),
        ],
    )
    def test_every_reason_that_is_shown_falls_into_words(self, reason: str, expected: str) -> None:
        assert words(reason) == expected


class TestDescription:
    def test_it_is_the_reason_and_the_message(self) -> None:
        assert description(FAILED, 140) == "build failed: no such file"

    def test_only_the_first_line_of_the_message_is_shown(self) -> None:
        result = replace(FAILED, message="\n first\nsecond")
        assert description(result, 140) == "build failed: first"

    def test_without_a_message_it_is_the_reason(self) -> None:
        assert description(replace(FAILED, message=""), 140) == "build failed"

    def test_a_message_that_begins_with_the_reason_does_not_say_it_twice(self) -> None:
        message = "Health check failed after 30.1s: timeout"
        result = replace(FAILED, reason="HealthCheckFailed", message=message)
        assert description(result, 140) == "health check failed after …: timeout"

    def test_a_message_that_begins_with_a_longer_word_is_another_text(self) -> None:
        result = replace(FAILED, message="build failedness")
        assert description(result, 140) == "build failed: build failedness"

    def test_it_is_cut_to_the_limit(self) -> None:
        assert description(replace(FAILED, message="a b " * 99), 26) == "build failed: a b a b a b…"

    def test_what_varies_from_try_to_try_is_not_in_it(self) -> None:
        result = replace(FAILED, message="stat /tmp/kustomization-12345/deploy: no such file")
        assert description(result, 140) == "build failed: stat /deploy: no such file"

    def test_credentials_in_the_message_are_hidden(self) -> None:
        result = replace(FAILED, message="clone https://user:secret@git.example/x")
        assert description(result, 140) == "build failed: clone https://***@git.example/x"

    def test_a_hostile_message_moves_no_cursor(self) -> None:
        result = replace(FAILED, message="\x1b[2Jgone \u202etxt")
        assert description(result, 140) == "build failed: [2Jgone txt"

    @settings(deadline=None)
    @given(st.text(), st.text(), st.sampled_from([40, 140, 255]))
    def test_whatever_it_is_made_of_it_is_printable_and_fits(
        self, reason: str, message: str, limit: int
    ) -> None:
        shown = description(replace(FAILED, reason=reason, message=message), limit)
        assert shown.isprintable()
        assert len(shown) <= limit
