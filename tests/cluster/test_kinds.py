from __future__ import annotations

import subprocess
import sys

import pytest

from statusbot.cluster.kinds import BUCKET, KINDS, SECRET, SOURCE_KINDS, by_name


def test_every_kind_is_found_by_its_name() -> None:
    assert [by_name(kind.kind) for kind in KINDS] == list(KINDS)


def test_a_kind_that_nobody_reads_is_none() -> None:
    assert by_name("HelmRelease") is None


def test_a_resource_is_written_as_kubectl_writes_it() -> None:
    assert BUCKET.resource == "buckets.source.toolkit.fluxcd.io"
    assert SECRET.resource == "secrets"


def test_the_kinds_of_sources_are_those_that_a_kustomization_may_name() -> None:
    assert {kind.kind for kind in SOURCE_KINDS} == {
        "GitRepository",
        "OCIRepository",
        "Bucket",
        "ExternalArtifact",
    }


@pytest.mark.parametrize("module", ["statusbot.cluster", "statusbot.cluster.files"])
def test_the_nouns_are_cheap_to_import(module: str) -> None:
    heavy = "kubernetes urllib3 requests yaml jsonschema rich click".split()
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
