"""What of a message is the same at each try."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from statusbot.results.sameness import settled_text

# Whole parts of what varies, and parts of parts: what is taken out must not join its neighbours.
_WHOLE = (
    "/tmp/kustomization-12345",
    " after 1s",
    " in 1.5s",
    "2026-11-20T12:00:00Z",
    "attempt 3",
    "[b, a]",
)
_PARTS = (
    "/ /kustomization -12345 2026-11-20 T 12:00:00 Z 1s 1.5 5s attempt retry [ ] , ; 1 x".split()
)
_PIECES = st.sampled_from((*_WHOLE, *_PARTS, " after", " in", " took", " 2s", " 12:00:00", " "))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "stat /data/kustomization-1640670956/deploy: no such file",
            "stat /data/kustomization-19781/deploy: no such file",
        ),
        ("open /tmp/kustomization-12345/x.yaml", "open /var/tmp/kustomization-54321/x.yaml"),
        (
            "health check failed after 30.026775899s: timeout waiting for: [Deployment/a/web]",
            "health check failed after 30.011845815s: timeout waiting for: [Deployment/a/web]",
        ),
        ("timeout waiting for: [b, a]", "timeout waiting for: [a, b]"),
        ("timeout waiting for: [b; a]", "timeout waiting for: [a; b]"),
        ("took 1m30.5s", "took 95.1s"),
        ("done in 5ms", "done in 7ms"),
        ("request at 2026-11-20T12:00:00Z failed", "request at 2026-11-20T12:00:05.123Z failed"),
        ("at 2026-11-20 12:00:00 UTC", "at 2026-11-20 12:00:01 UTC"),
        ("attempt 3 failed", "attempt 4 failed"),
        ("Retry=3", "Retry=17"),
        ("waited 1.5s for it", "waited 2.25s for it"),
    ],
)
def test_a_new_try_is_the_same(one: str, other: str) -> None:
    assert settled_text(one) == settled_text(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stat /tmp/kustomization-12345/a", "stat /tmp/kustomization-12345/b"),
        ("timeout waiting for: [a]", "timeout waiting for: [a, b]"),
        ("the timeout of 30s is too short", "the timeout of 60s is too short"),
        ("cpu 100m exceeds the limit", "cpu 200m exceeds the limit"),
        ("port 80 is taken", "port 8080 is taken"),
        ("version v1.2.3", "version v1.2.4"),
        ("main@sha1:" + "1" * 40, "main@sha1:" + "2" * 40),
    ],
)
def test_another_fault_is_another(one: str, other: str) -> None:
    assert settled_text(one) != settled_text(other)


@pytest.mark.parametrize(
    "message",
    [
        "Applied revision: main@sha1:1111111111111111111111111111111111111111",
        'Deployment.apps "web" is invalid: spec.selector: Invalid value: field is immutable',
        "kustomize build failed: accumulating resources: no such file",
        "",
    ],
)
def test_an_ordinary_message_stays_as_it_is(message: str) -> None:
    assert settled_text(message) == message


def test_the_path_below_a_temporary_folder_stays() -> None:
    message = "stat /data/kustomization-1640670956/deploy/x.yaml: no such file"
    assert settled_text(message) == "stat /deploy/x.yaml: no such file"


@given(st.lists(_PIECES, max_size=6).map("".join))
@settings(max_examples=500, deadline=None)
@example("x after in 1s 2s")
@example("at 2026-11-20 in 5s 12:00:00")
def test_what_is_settled_stays_so(message: str) -> None:
    settled = settled_text(message)
    assert settled_text(settled) == settled
