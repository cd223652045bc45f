"""`-o json`: exactly the keys, types and nulls that were promised, for every outcome."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from statusbot.demo.forge import faults
from statusbot.posting.outcome import Did
from statusbot.report.as_json import as_json
from statusbot.report.report import Line, Report
from statusbot.results.result import ObjectRef
from tests.support.objects import C1, C2, Object, alert, git, green, kustomization, not_ready
from tests.support.world import World, named, outcome

COUNT: Object = {"type": "integer", "minimum": 0}
TEXT: Object = {"type": "string", "minLength": 1}
PATH: Object = {"type": "string", "pattern": "^[^/]+/[^/]+$"}


def exactly(**properties: Object) -> Object:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def nullable(schema: Object) -> Object:
    return {"anyOf": [schema, {"type": "null"}]}


STATUS = exactly(
    object=nullable(exactly(kind={"const": "Kustomization"}, namespace=TEXT, name=TEXT)),
    alert=nullable(PATH),
    provider=nullable(PATH),
    repository=nullable(TEXT),
    commit=nullable({"type": "string", "pattern": "^[0-9a-f]{40}$"}),
    context=nullable(TEXT),
    state=nullable({"enum": ["pending", "success", "failure", "error"]}),
    description=nullable(TEXT),
    url=nullable({"type": "string", "pattern": "^https?://"}),
    outcome={"enum": ["posted", "would-post", "already", "skipped", "deferred", "error"]},
    why=nullable(TEXT),
)
DOCUMENT = exactly(
    version={"const": 1},
    cluster=TEXT,
    started={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    seconds={"type": "number", "minimum": 0},
    counts=exactly(
        objects=COUNT,
        results=COUNT,
        posted=COUNT,
        already=COUNT,
        skipped=COUNT,
        deferred=COUNT,
        errors=COUNT,
    ),
    forge_calls=exactly(read=COUNT, write=COUNT),
    statuses={"type": "array", "items": STATUS},
)


def check(text: str) -> dict[str, Any]:
    """The document, which must be as promised."""
    document: dict[str, Any] = json.loads(text)
    Draft202012Validator(DOCUMENT).validate(document)
    return document


def failed(message: str) -> Object:
    conditions = [not_ready("BuildFailed", message)]
    return {"conditions": conditions, "lastAttemptedRevision": git(C2), "observedGeneration": 1}


def made(**fields: Any) -> str:
    """The document of a report that has one line."""
    report = Report("https://cluster.example", 1795176000.0, listed_all=True)
    report.add(Line(**{"did": Did.ERROR, "why": "it is so", **fields}))
    return b"".join(as_json(report)).decode()


def run(here: World, *arguments: str) -> dict[str, Any]:
    ran = here.run("-o", "json", *arguments)
    assert "Traceback" not in ran.err
    return check(ran.out)


class TestShape:
    def test_of_a_post(self, here: World) -> None:
        document = run(here)
        assert outcome(document, "healthy")["outcome"] == "posted"

    def test_of_what_is_there_already(self, here: World) -> None:
        here.run()
        assert outcome(run(here, "--all"), "healthy")["outcome"] == "already"

    def test_of_a_dry_run(self, here: World) -> None:
        assert outcome(run(here, "--dry-run"), "healthy")["outcome"] == "would-post"

    def test_of_what_is_deferred(self, here: World) -> None:
        here.forge.faults.always(fault=faults.too_many(3600))
        assert outcome(run(here), "healthy")["outcome"] == "deferred"

    def test_of_an_error(self, here: World) -> None:
        here.forge.faults.always(fault=faults.answer(401, "{}"))
        assert outcome(run(here), "healthy")["outcome"] == "error"

    def test_of_what_is_skipped(self, here: World) -> None:
        here.add(kustomization({}, name="new"), kustomization(green("x"), name="odd"))
        document = run(here, "--all")
        assert {outcome(document, name)["outcome"] for name in ("new", "odd")} == {"skipped"}

    def test_of_alerts_and_providers_that_cannot_be_used(self, here: World) -> None:
        here.add(
            named("ill", address="nowhere"),
            alert("to-ill", providerRef={"name": "ill"}),
            alert("loud", eventSeverity="loud"),
        )
        document = run(here, "--all")
        assert document["counts"]["errors"] == 2

    def test_of_one_repository_without_alerts(self, here: World) -> None:
        ran = here.run(
            *("--provider-type", "gitea", "--address", here.url, "-o", "json"),
            env={"STATUSBOT_TOKEN": "forge-token-of-the-tests"},
        )
        entry = outcome(check(ran.out), "healthy")
        assert (entry["alert"], entry["provider"], entry["outcome"]) == (None, None, "posted")

    def test_of_files(self, here: World) -> None:
        from tests.support.cli import cli

        ran = cli("run", "--from", here.dump(*here.objects()), "-o", "json")
        assert check(ran.out)["cluster"] == "files"

    def test_of_nothing(self, here: World) -> None:
        assert run(here, "-n", "other")["statuses"] == []

    def test_with_warnings(self, here: World) -> None:
        here.add(kustomization(name="healthy", namespace="other"))
        run(here)


class TestValues:
    def test_of_a_post_are_those_of_the_forge(self, here: World) -> None:
        entry = outcome(run(here), "healthy")
        (row,) = here.forge.rows("acme/fleet", C1)
        shown = {key: entry[key] for key in ("context", "state", "description", "commit")}
        assert shown == {
            "context": row.context,
            "state": "success",
            "description": row.description,
            "commit": C1,
        }

    def test_name_who_sent_it_where(self, here: World) -> None:
        entry = outcome(run(here), "healthy")
        assert entry["object"] == {
            "kind": "Kustomization",
            "namespace": "flux-system",
            "name": "healthy",
        }
        assert (entry["alert"], entry["provider"]) == ("flux-system/all", "flux-system/forge")
        assert entry["repository"] == here.url.removeprefix("http://")
        assert entry["url"] == f"{here.url}/commit/{C1}"

    def test_a_post_needs_no_reason(self, here: World) -> None:
        assert outcome(run(here), "healthy")["why"] is None

    def test_an_entry_of_a_provider_is_about_no_object(self, here: World) -> None:
        here.add(named("ill", address="nowhere"), alert("to-ill", providerRef={"name": "ill"}))
        entry = outcome(run(here), "ill")
        assert {key for key, value in entry.items() if value is not None} == {
            "provider",
            "outcome",
            "why",
        }

    def test_the_state_is_ours_whatever_the_forge_calls_it(self, here: World) -> None:
        here.add(kustomization(failed("x"), name="ill"))
        assert outcome(run(here), "ill")["state"] == "failure"

    def test_what_is_quiet_is_counted_and_not_listed(self, here: World) -> None:
        here.run()
        document = run(here)
        assert (document["counts"]["already"], document["statuses"]) == (1, [])

    def test_the_counts_are_of_what_happened(self, here: World) -> None:
        here.add(kustomization({}, name="new"))
        assert run(here)["counts"] == {
            **{"objects": 2, "results": 1, "posted": 1, "already": 0},
            **{"skipped": 1, "deferred": 0, "errors": 0},
        }

    def test_the_calls_are_those_that_the_forge_saw(self, here: World) -> None:
        calls = run(here)["forge_calls"]
        assert calls == {"read": here.forge.reads, "write": here.forge.writes}

    def test_the_cluster_is_its_address(self, here: World) -> None:
        assert run(here)["cluster"] == here.kube.url

    def test_the_start_is_by_the_clock_of_the_cluster(self, here: World) -> None:
        started = datetime.fromisoformat(run(here)["started"])
        assert abs((datetime.now(UTC) - started).total_seconds()) < 60

    def test_entries_come_in_the_order_of_the_cluster(self, here: World) -> None:
        here.add(*(kustomization(name=f"k{number:02}") for number in range(12)))
        found = [entry["object"]["name"] for entry in run(here)["statuses"]]
        assert found == sorted(found)


class TestText:
    """Nothing that came from elsewhere is more than text."""

    @pytest.mark.parametrize("command", ["##[add-mask]x", "##vso[x]", "###[x]"])
    def test_no_command_for_ci_is_in_the_document(self, command: str) -> None:
        text = made(why=f"it says {command}")
        assert "##" not in text
        assert check(text)["statuses"][0]["why"] == f"it says {command}"

    def test_no_line_begins_like_a_command(self) -> None:
        text = made(why="a\n::add-mask::x", description="\n::error::x")
        assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []

    def test_a_reason_is_one_printable_line(self) -> None:
        (entry,) = check(made(why="a\x1b[2J\nb\u202e"))["statuses"]
        assert entry["why"].isprintable()

    def test_half_a_surrogate_does_not_break_it(self) -> None:
        assert check(made(why="a \ud800 b"))["statuses"][0]["why"] == "a   b"

    def test_an_entry_is_a_line(self, here: World) -> None:
        here.add(kustomization(name="another"))
        lines = here.run("-o", "json").out.splitlines()
        assert len(lines) == 3
        assert re.match(r',?\{"object":', lines[1])

    def test_an_object_without_a_commit_has_nulls(self) -> None:
        object_ = ObjectRef("Kustomization", "a", "b", "1")
        (entry,) = check(made(did=Did.SKIPPED, object=object_))["statuses"]
        assert entry["url"] is None
