from __future__ import annotations

from statusbot.results.source import Source, SourceRef, source_of
from tests.support.objects import (
    C1,
    C2,
    DIGEST,
    EARLIER,
    URL,
    git,
    git_repository,
    source_object,
    stamp,
)

ORIGIN = "org.opencontainers.image.revision"


def test_a_git_repository_holds_a_revision_since_a_moment() -> None:
    expected = Source("GitRepository", URL, git(C1), "", EARLIER)
    assert source_of(git_repository(C1)) == expected


def test_the_origin_is_in_the_metadata_of_the_artifact() -> None:
    artifact = {
        "revision": f"latest@sha256:{DIGEST}",
        "metadata": {ORIGIN: git(C1)},
        "lastUpdateTime": stamp(EARLIER),
    }
    source = source_of(source_object("OCIRepository", artifact))
    assert source.origin == git(C1)
    assert source.commit() == C1


def test_the_origin_counts_for_any_kind_of_source() -> None:
    artifact = {"revision": git(C1), "metadata": {ORIGIN: git(C2)}}
    assert source_of(source_object("GitRepository", artifact)).commit() == C2


def test_the_origin_may_be_a_bare_commit() -> None:
    assert Source("OCIRepository", "", "x", C1).commit() == C1


def test_the_origin_may_be_a_sha256_commit() -> None:
    assert Source("OCIRepository", "", "x", f"main@sha256:{DIGEST}").commit() == DIGEST


def test_an_origin_that_is_no_commit_is_not_replaced_by_the_revision() -> None:
    assert Source("OCIRepository", "", git(C1), "v1.2.3").commit() is None


def test_a_git_repository_may_hold_a_sha256_commit() -> None:
    assert Source("GitRepository", "", f"main@sha256:{DIGEST}").commit() == DIGEST


def test_the_digest_of_an_artifact_is_no_commit() -> None:
    for kind in ("OCIRepository", "Bucket", "ExternalArtifact"):
        assert Source(kind, "", f"latest@sha256:{DIGEST}").commit() is None


def test_a_source_without_an_artifact_has_no_commit() -> None:
    source = source_of(source_object("GitRepository", None, url=URL))
    assert (source.revision, source.url, source.updated) == ("", URL, 0.0)
    assert source.commit() is None


def test_what_is_malformed_is_not_there() -> None:
    assert source_of({"kind": 5, "spec": None, "status": {"artifact": "x"}}) == Source("", "")


def test_a_reference_is_written_as_flux_writes_it() -> None:
    assert str(SourceRef("GitRepository", "a", "b")) == "GitRepository a/b"
