"""The key of a context, as Flux makes it."""

from __future__ import annotations

from statusbot.forges.keys import hashed_key


def test_a_key_is_the_sha1_that_flux_writes() -> None:
    key = hashed_key("kustomization/namespace-foo-and-service-bar")
    assert key == "12ea142172e98435e16336acbbed8919610922c3"


def test_a_context_that_differs_in_case_has_another_key() -> None:
    assert hashed_key("Kustomization/a") != hashed_key("kustomization/a")


def test_letters_beyond_ascii_are_hashed_in_utf8() -> None:
    assert hashed_key("kustomization/ä") == "d9e699544cea2ef1620bd66f79aa6bc16b96b3e3"


def test_half_a_surrogate_pair_has_a_key_as_well() -> None:
    assert len(hashed_key("\ud800")) == 40
