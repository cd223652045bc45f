"""Texts of the user's own: what can be one, and what it gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusbot.errors import UsageError
from statusbot.manifests.provider import Provider
from statusbot.results.result import Event, ObjectRef, Result
from statusbot.results.state import State
from statusbot.routing.destinations import destination
from statusbot.routing.routed import routed
from statusbot.routing.status import CommitStatus, Routed, Way
from statusbot.routing.templates import FIELDS, LASTING, PLAIN, texts_of
from statusbot.routing.values import context_of
from tests.support.objects import C1, EARLIER, NOW, git

RED = Result(
    ObjectRef("Kustomization", "team", "apps", "1"),
    C1,
    State.FAILURE,
    "BuildFailed",
    "stat /tmp/kustomization-12345/deploy: no such file\nmore",
    NOW,
    EARLIER,
    current=True,
    event=Event(git(C1)),
)
PROVIDER = Provider("", "flux-system", "forge", "0c9c2e41-1", "github", "https://github.com/a/b")


def on_its_way(
    result: Result = RED,
    *,
    context: str | None = None,
    description: str | None = None,
    url: str | None = None,
    provider: Provider = PROVIDER,
    alert: str = "flux-system/all",
) -> Routed:
    texts = texts_of(context, description, url)
    there = destination(provider, "production", texts=texts)
    found = routed(result, Way(there, alert, alert_summary="prod down"))
    assert isinstance(found, Routed)
    return found


def described(template: str, result: Result = RED, type_: str = "github") -> str:
    provider = replace(PROVIDER, type=type_)
    return CommitStatus(
        on_its_way(result, description=template, provider=provider), "x"
    ).description


def linked(template: str, result: Result = RED) -> str:
    return CommitStatus(on_its_way(result, url=template), "x").row.url


def named(template: str, result: Result = RED) -> str:
    there = on_its_way(result, context=template)
    made = there.way.destination.texts.context
    assert made is not None
    return context_of(there, made)


SHOWN = {
    "kind": "kustomization",
    "namespace": "team",
    "name": "apps",
    "id": "0c9c2e41",
    "cluster": "production",
    "repository": "a/b",
    "provider": "flux-system/forge",
    "alert": "flux-system/all",
    "state": "failure",
    "reason": "build failed",
    "message": "stat /deploy: no such file",
    "revision": f"main@sha1:{C1}",
    "commit": C1,
    "short_commit": "11111111",
    "summary": "prod down",
}


class TestValues:
    def test_this_table_has_every_name(self) -> None:
        assert tuple(SHOWN) == FIELDS

    @pytest.mark.parametrize("name", FIELDS)
    def test_a_name_stands_for_its_value(self, name: str) -> None:
        assert described(f"<{{{name}}}>") == f"<{SHOWN[name]}>"

    @pytest.mark.parametrize("name", LASTING)
    def test_a_context_may_have_what_is_the_same_for_all_results(self, name: str) -> None:
        assert named(f"x/{{{name}}}") == f"x/{SHOWN[name]}"

    def test_braces_that_are_doubled_are_braces(self) -> None:
        assert described("{{{name}}} {{name}}") == "{apps} {name}"

    @pytest.mark.parametrize("name", ["provider", "alert"])
    def test_where_there_is_no_alert_its_names_are_empty(self, name: str) -> None:
        there = on_its_way(description=f"<{{{name}}}>", alert="")
        assert CommitStatus(there, "x").description == "<>"


class TestRefused:
    @pytest.mark.parametrize("option", ["context", "description", "url"])
    @pytest.mark.parametrize(
        "text",
        ["{", "}", "{name", "name}", "{name:>9}", "{name!r}", "{name!}", "{na{me}", "{name!r:}"],
    )
    def test_braces_that_do_not_match_are_for_the_user_to_mend(
        self, option: str, text: str
    ) -> None:
        full = f"https://x.example/{text}" if option == "url" else text
        with pytest.raises(UsageError, match=r"--[a-z-]+-template: .*\{name"):
            on_its_way(**{option: full})  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["", "0", "nmae", "name.x", "name[0]", "object", "token"])
    def test_a_name_that_there_is_not_says_which_there_are(self, name: str) -> None:
        with pytest.raises(UsageError) as caught:
            texts_of(None, f"{{{name}}}", None)
        assert caught.value.where == "--description-template"
        assert caught.value.what == f"there is no {{{name}}}"
        assert caught.value.todo == "there are " + ", ".join(f"{{{field}}}" for field in FIELDS)

    @pytest.mark.parametrize("name", sorted(set(FIELDS) - set(LASTING)))
    def test_a_context_that_would_be_another_with_each_result_is_none(self, name: str) -> None:
        with pytest.raises(UsageError, match="differs from result to result") as caught:
            texts_of(f"x/{{{name}}}", None, None)
        assert "{cluster}" in caught.value.todo
        assert "{state}" not in caught.value.todo

    @pytest.mark.parametrize("text", [" ", "a\nb", "\x1b[2J", "\u202e"])
    def test_a_template_is_one_line_of_text(self, text: str) -> None:
        with pytest.raises(UsageError, match="one line of text"):
            texts_of(text, None, None)

    @pytest.mark.parametrize(
        "url",
        [
            "ci.example.com/{name}",
            "ftp://ci.example.com/",
            "javascript:alert(1)",
            "https:///{name}",
            "https://me:s3cret@ci.example.com/",
            "{message}",
            "http://[::1/",
        ],
    )
    def test_a_link_is_an_address_without_a_login(self, url: str) -> None:
        with pytest.raises(UsageError, match="--target-url-template: ") as caught:
            texts_of(None, None, url)
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize("name", sorted(set(FIELDS) - {"cluster"}))
    def test_no_name_of_the_cluster_says_which_host_a_link_leads_to(self, name: str) -> None:
        with pytest.raises(UsageError, match="stands in the host"):
            texts_of(None, None, f"https://{{{name}}}.example/x")


class TestDescription:
    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            ("ReconciliationSucceeded", "reconciliation succeeded"),
            ("InvalidCELExpression", "invalid cel expression"),
            ("HealthCheckFailed", "health check failed"),
        ],
    )
    def test_with_the_reason_alone_it_is_fluxs_text(self, reason: str, expected: str) -> None:
        assert described("{reason}", replace(RED, reason=reason)) == expected

    @pytest.mark.parametrize("type_", ["github", "gitea"])
    def test_it_is_cut_to_what_the_forge_takes(self, type_: str) -> None:
        shown = described("{name} " * 60, type_=type_)
        assert len(shown) <= {"github": 140, "gitea": 255}[type_]
        assert shown.endswith("apps…")

    def test_what_it_shows_is_without_credentials(self) -> None:
        result = replace(RED, message="clone https://me:s3cret@git.example/x")
        assert described("{message}", result) == "clone https://***@git.example/x"

    def test_a_hostile_name_moves_no_cursor(self) -> None:
        object_ = replace(RED.object, name="\x1b[2J\u202ea\nb")
        assert described("<{name}>", replace(RED, object=object_)) == "<[2J a>"

    def test_without_a_message_nothing_leads_to_one(self) -> None:
        assert described("{name} {reason}: {message}", replace(RED, message="")) == (
            "apps build failed"
        )

    def test_where_nothing_is_left_it_is_the_reason(self) -> None:
        assert described("{message}", replace(RED, message="")) == "build failed"

    @settings(deadline=None)
    @given(st.text(), st.text(), st.sampled_from(["{message}", "{reason} {name} {message}"]))
    def test_whatever_it_shows_it_is_printable_and_fits(
        self, name: str, message: str, template: str
    ) -> None:
        object_ = replace(RED.object, name=name)
        shown = described(template, replace(RED, object=object_, message=message))
        assert shown
        assert shown.isprintable()
        assert len(shown) <= 140


class TestContext:
    def test_it_is_cut_to_what_the_forge_takes(self) -> None:
        object_ = replace(RED.object, name="a" * 300)
        assert len(named("{name}", replace(RED, object=object_))) == 255

    def test_fluxs_own_stands_where_it_would_show_nothing(self) -> None:
        there = on_its_way(context="{alert}", alert="")
        made = there.way.destination.texts.context
        assert made is not None
        assert context_of(there, made) == "kustomization/apps/0c9c2e41"

    def test_fluxs_own_can_be_written_as_one(self) -> None:
        assert named("{kind}/{name}/{id}") == "kustomization/apps/0c9c2e41"


class TestLink:
    def test_its_values_are_encoded(self) -> None:
        found = linked("https://ci.example/{repository}/x?r={revision}#{name}")
        assert found == f"https://ci.example/a%2Fb/x?r=main%40sha1%3A{C1}#apps"

    @pytest.mark.parametrize("text", ["../..", "a&b=c", "#x", "?y", "ä", "%2e", "a b", "@evil"])
    def test_no_value_can_be_more_than_a_value(self, text: str) -> None:
        shown = linked("https://ci.example/x/{message}/y", replace(RED, message=text))
        inside = shown.removeprefix("https://ci.example/x/").removesuffix("/y")
        assert not set(inside) & set("/?#&=@ ")
        assert inside.isascii()

    def test_the_cluster_may_be_part_of_the_host(self) -> None:
        assert linked("https://{cluster}.example/{name}") == "https://production.example/apps"

    def test_one_that_is_too_long_is_none(self) -> None:
        assert linked("https://x.example/{message}", replace(RED, message="ä" * 1000)) == ""

    def test_without_a_template_there_is_none(self) -> None:
        assert CommitStatus(on_its_way(), "x").row.url == ""


def test_no_template_is_no_text() -> None:
    assert texts_of(None, None, None) == PLAIN
