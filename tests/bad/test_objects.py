"""Kustomizations that hold anything at all, each beside one that is healthy, all in one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cli import Ran
from tests.support.objects import (
    C2,
    DIGEST,
    Object,
    git,
    green,
    kustomization,
    not_ready,
)
from tests.support.world import World, outcome, world

HOSTILE = "\x1b[31m\u202eevil\n::add-mask::posted\r\n::set-output name=a::b\n##[add-mask]x"


def failed(message: str, **fields: Any) -> Object:
    """The status after a failure at the second commit."""
    return {
        "conditions": [not_ready("BuildFailed", message)],
        "lastAttemptedRevision": git(C2),
        "observedGeneration": 1,
        **fields,
    }


def without(name: str, *path: str) -> Object:
    """A healthy one that lacks a field."""
    made = inner = kustomization(name=name)
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return made


# No status to tell a commit by: nothing may be posted for these.
SILENT: dict[str, Object] = {
    made["metadata"]["name"]: made
    for made in (
        without("status-missing", "status"),
        kustomization(name="status-null") | {"status": None},
        kustomization(name="status-text") | {"status": "Ready"},
        kustomization({}, name="conditions-absent"),
        kustomization(green(conditions="Ready"), name="conditions-text"),
        kustomization(green(conditions={"Ready": "True"}), name="conditions-mapping"),
        kustomization(green(conditions=["Ready", 1, None, [], {}]), name="conditions-of-anything"),
        kustomization(green(conditions=[{"type": ["Ready"]}]), name="condition-type-list"),
        kustomization(green(""), name="revision-empty"),
        kustomization(green("main@sha1:123"), name="revision-short"),
        kustomization(green("main@sha1:" + "g" * 40), name="revision-not-hex"),
        kustomization(green(f"\x1b[2J{git('x')}"), name="revision-hostile"),
        kustomization(
            green(f"main@sha256:{DIGEST}"),
            name="revision-digest",
            source={"kind": "OCIRepository", "name": "oci"},
        ),
        kustomization(green(lastAppliedRevision=7), name="revision-number"),
    )
}
# Odd, but the commit and its state are plain: these are posted.
TOLD: dict[str, Object] = {
    made["metadata"]["name"]: made
    for made in (
        kustomization(green(history="none"), name="history-text"),
        kustomization(green(history=[1, {}, {"metadata": 5}]), name="history-of-anything"),
        kustomization(failed("x" * 1_000_000), name="message-of-a-megabyte"),
        kustomization(failed(HOSTILE), name="message-hostile"),
        kustomization(failed("##[add-mask]posted ##vso[task.complete]"), name="message-command"),
        kustomization(failed(""), name="message-empty"),
        kustomization(failed("\U0001f600" * 500), name="message-of-signs"),
        kustomization(name="n" * 253),
        without("uid-missing", "metadata", "uid"),
    )
}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("objects")) as made:
        made.add(*SILENT.values(), *TOLD.values())
        yield made


@pytest.fixture(scope="module")
def report(there: World) -> dict[str, Any]:
    return there.report()


@pytest.fixture(scope="module")
def text(there: World, report: dict[str, Any]) -> Ran:
    """A second run, in text: all is there already."""
    return there.run("--all", "--log-level", "debug")


def test_the_healthy_one_is_posted(there: World, report: dict[str, Any]) -> None:
    assert there.shown("healthy") == ["success"]


def test_no_object_is_a_reason_to_fail(report: dict[str, Any]) -> None:
    assert (report["exit_code"], report["counts"]["errors"]) == (0, 0)


def test_all_are_counted(report: dict[str, Any]) -> None:
    assert report["counts"]["objects"] == 1 + len(SILENT) + len(TOLD)


@pytest.mark.parametrize("name", SILENT)
def test_of_what_cannot_be_told_nothing_is_posted(
    there: World, report: dict[str, Any], name: str
) -> None:
    assert not [row for row in there.forge.stored if f"/{name}/" in row.row.context]


@pytest.mark.parametrize("name", SILENT)
def test_and_the_reason_is_in_the_report(report: dict[str, Any], name: str) -> None:
    entry = outcome(report, name)
    assert entry["outcome"] == "skipped"
    assert entry["why"].isprintable()


@pytest.mark.parametrize("name", TOLD)
def test_what_can_be_told_is_posted(there: World, report: dict[str, Any], name: str) -> None:
    assert outcome(report, name)["outcome"] == "posted"


def test_a_digest_of_an_artifact_says_how_to_tell_the_commit(report: dict[str, Any]) -> None:
    assert "flux push artifact --revision" in outcome(report, "revision-digest")["why"]


@pytest.mark.parametrize("name", TOLD)
def test_what_is_posted_is_one_printable_line_that_fits(
    there: World, report: dict[str, Any], name: str
) -> None:
    (stored,) = [row.row for row in there.forge.stored if f"/{name}/" in row.row.context]
    assert stored.description.isprintable()
    assert 0 < len(stored.description) <= 255


def test_a_long_message_is_not_in_the_report_either(report: dict[str, Any]) -> None:
    assert len(outcome(report, "message-of-a-megabyte")["description"]) <= 255


def test_the_text_is_printable(text: Ran) -> None:
    assert text.out.replace("\n", "").isprintable()


def test_every_line_of_the_text_begins_in_our_words(text: Ran) -> None:
    words = ("already ", "skipped ", "24 Kustomizations, ")
    assert [line for line in text.out.splitlines() if not line.startswith(words)] == []


def test_the_log_is_printable_and_in_our_words(text: Ran) -> None:
    lines = text.err.splitlines()
    assert lines
    assert [line for line in lines if not line.startswith("statusbot: ")] == []


@pytest.mark.parametrize("output", ["text", "json"])
def test_no_command_for_ci_is_in_a_report(
    there: World, report: dict[str, Any], output: str
) -> None:
    ran = there.run("--all", "-o", output)
    assert "[add-mask]posted" in ran.out
    assert "##" not in ran.out


def test_in_json_the_description_is_what_is_posted(there: World, report: dict[str, Any]) -> None:
    entry = outcome(report, "message-command")
    assert entry["description"] == "build failed: ##[add-mask]posted ##vso[task.complete]"
