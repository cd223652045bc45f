"""Alerts and Providers that cannot be used, each beside a pair that is healthy, all in one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.objects import Object, alert
from tests.support.world import World, named, outcome, secret, world

# By the Provider's name: how it differs from the good one, and words of what is said of it.
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no-type": ({"type": None}, "$.spec.type: is missing"),
    "number-as-type": ({"type": 5}, "$.spec.type: is a number, not a string"),
    "unknown-type": ({"type": "sourcehut"}, "$.spec.type: 'sourcehut' is not one of slack, "),
    "long-address": ({"address": "https://x/" + "y" * 2048}, "$.spec.address: is longer than"),
    "odd-timeout": ({"timeout": "5 parsecs"}, "$.spec.timeout: '5 parsecs' does not match"),
    "no-address": ({"address": None}, "spec.address: there is no address: write it like https://"),
    "words": ({"address": "my repository"}, "is not an https, http or ssh address: write it like"),
    "ftp": ({"address": "ftp://host/owner/repo"}, "is not an https, http or ssh address"),
    "host-only": ({"address": "https://github.com"}, "names no owner/repo: write it like"),
    "deep": ({"type": "github", "address": "https://github.com/a/b/c"}, "more than owner/repo"),
    "login-in-it": ({"address": "https://me:addr3ss@github.com/x"}, "https://***@github.com/x"),
    "proxy": ({"proxy": "ftp://me:pr0xy@proxy"}, "$.spec.proxy: "),
    "expression": ({"commitStatusExpr": "1 + "}, "spec.commitStatusExpr: it does not compile"),
}
# What is found out when something is to be posted: the entry is that of the status.
LOCKED: dict[str, tuple[dict[str, Any], str]] = {
    "no-secret-ref": ({"secretRef": None}, "spec.secretRef is missing: name a Secret"),
    "no-secret": ({"secretRef": {"name": "gone"}}, "Secret flux-system/gone: there is no such"),
    "no-token": ({"secretRef": {"name": "tokenless"}}, "no token: store one under the key token"),
    "two-lines": ({"secretRef": {"name": "two-lines"}}, "no HTTP header can carry"),
    "controls": ({"secretRef": {"name": "controls"}}, "no HTTP header can carry"),
    "bytes": ({"secretRef": {"name": "bytes"}}, "no UTF-8 text"),
    "not-base64": ({"secretRef": {"name": "not-base64"}}, "data.token is not base64"),
    "with-ca": ({"secretRef": {"name": "with-ca"}}, "Secret flux-system/with-ca: ca.crt holds no"),
    "no-ca": ({"certSecretRef": {"name": "gone"}}, "Secret flux-system/gone: there is no such"),
    "empty-ca": (
        {"certSecretRef": {"name": "tokenless"}},
        "neither ca.crt nor tls.crt and tls.key",
    ),
    "half-tls": ({"certSecretRef": {"name": "half-tls"}}, "needs both tls.crt and tls.key"),
    "odd-proxy": ({"proxySecretRef": {"name": "odd-proxy"}}, "is no URL of a proxy: write it"),
    "no-proxy": ({"proxySecretRef": {"name": "tokenless"}}, "it has no key address"),
    "two-addresses": ({"secretRef": {"name": "two-addresses"}}, "and spec.address another"),
    "metadata": ({"address": "http://169.254.169.254/latest/meta-data"}, "never a forge"),
}
SECRETS = (
    secret("tokenless", username="me"),
    secret("two-lines", token="t0ken\nX-Evil: 1"),
    secret("controls", token="t0ken\x00\x1b[2J"),
    secret("bytes", token=b"\xff\xfet0ken"),
    secret("not-base64") | {"data": {"token": "!t0ken!"}},
    secret("with-ca", **{"token": "t0ken", "ca.crt": "-"}),
    secret("odd-proxy", address="ftp://proxy.example", password="pr0xy"),
    secret("half-tls", **{"tls.crt": "-"}),
    secret("two-addresses", token="t0ken", address="https://github.com/acme/other"),
    secret("newline-at-end", token="forge-token-of-the-tests\n"),
)
CHATS = ("slack", "githubdispatch", "githubpullrequestcomment", "generic")


def spec_of(name: str, **spec: Any) -> Object:
    """An Alert whose spec lacks what is None."""
    made = alert(name, **spec)
    made["spec"] = {key: value for key, value in made["spec"].items() if value is not None}
    return made


ALERTS: dict[str, tuple[Object, str]] = {
    made["metadata"]["name"]: (made, words)
    for made, words in (
        (spec_of("no-provider-ref", providerRef=None), "$.spec.providerRef: is missing"),
        (spec_of("no-sources", eventSources=None), "$.spec.eventSources: is missing"),
        (spec_of("mapping", eventSources={"kind": "x"}), "$.spec.eventSources: is a mapping"),
        (spec_of("loud", eventSeverity="loud"), "'loud' is not one of info, error"),
        (
            spec_of("other-kind", eventSources=[{"kind": "Deployment", "name": "x"}]),
            "$.spec.eventSources[0].kind: 'Deployment' is not one of",
        ),
        (
            spec_of("nameless", eventSources=[{"kind": "Kustomization"}]),
            "$.spec.eventSources[0].name: is missing",
        ),
        (spec_of("including", inclusionList=["a", "("]), 'spec.inclusionList: "(" cannot be used'),
        (spec_of("excluding", exclusionList=["a", "("]), 'spec.exclusionList: "(" cannot be used'),
        (
            spec_of("commit", eventMetadata={"commit": "main"}),
            "spec.eventMetadata.commit: 'main' is no commit: write its 40 digits there",
        ),
    )
}
HARMLESS = (
    alert("suspended", suspend=True, providerRef={"name": "nobody"}),
    alert("helm", eventSources=[{"kind": "HelmRelease", "name": "*"}]),
    alert(
        "helm-dangling", providerRef={"name": "x"}, eventSources=[{"kind": "Bucket", "name": "*"}]
    ),
    alert("again"),
)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("notifications")) as made:
        made.add(*SECRETS, *HARMLESS, *(obj for obj, _ in ALERTS.values()))
        for name, (spec, _) in (BROKEN | LOCKED).items():
            made.add_way(name, **spec)
        for chat in CHATS:
            made.add_way(chat, type=chat, address="https://hooks.example/x")
        made.add(alert("chat-without", providerRef={"name": "slack"}, exclusionList=["("]))
        made.add_way("asleep", suspend=True, address="nowhere")
        made.add_way("newline", secretRef={"name": "newline-at-end"})
        made.add(named("unused", address="nowhere"))
        made.add(alert("dangling", providerRef={"name": "nobody-at-all"}))
        yield made


@pytest.fixture(scope="module")
def report(there: World) -> dict[str, Any]:
    return there.report()


def status_of(report: dict[str, Any], provider: str) -> dict[str, Any]:
    """The status that went, or did not go, through a Provider."""
    (found,) = [
        entry
        for entry in report["statuses"]
        if entry["context"] and entry["provider"] == f"flux-system/{provider}"
    ]
    entry: dict[str, Any] = found
    return entry


def test_the_healthy_pair_posts(report: dict[str, Any]) -> None:
    assert status_of(report, "forge")["outcome"] == "posted"


def test_nothing_else_is_posted_but_what_a_line_end_does_not_spoil(
    there: World, report: dict[str, Any]
) -> None:
    contexts = sorted(stored.row.context for stored in there.forge.stored)
    assert contexts == ["kustomization/healthy/0c9c2e41", "kustomization/healthy/newline"]


def test_two_alerts_to_one_place_are_one_write(there: World, report: dict[str, Any]) -> None:
    rows = [row for row in there.forge.stored if row.row.context.endswith("/0c9c2e41")]
    assert len(rows) == 1


def test_the_exit_code_says_that_something_is_wrong(report: dict[str, Any]) -> None:
    assert report["exit_code"] == 1


@pytest.mark.parametrize("name", BROKEN)
def test_a_provider_that_cannot_be_used_has_an_entry_of_its_own(
    report: dict[str, Any], name: str
) -> None:
    entry = outcome(report, name)
    assert (entry["outcome"], entry["object"]) == ("error", None)
    assert BROKEN[name][1] in entry["why"]


@pytest.mark.parametrize("name", LOCKED)
def test_a_login_that_cannot_be_used_is_told_at_its_status(
    report: dict[str, Any], name: str
) -> None:
    entry = status_of(report, name)
    assert entry["outcome"] == "error"
    assert LOCKED[name][1] in entry["why"]


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_that_cannot_be_used_has_an_entry_of_its_own(
    report: dict[str, Any], name: str
) -> None:
    entry = outcome(report, name)
    assert (entry["outcome"], entry["object"], entry["provider"]) == ("error", None, None)
    assert ALERTS[name][1] in entry["why"]


def test_a_provider_that_is_not_there_is_told_with_the_alert_that_names_it(
    report: dict[str, Any],
) -> None:
    why = outcome(report, "nobody-at-all")["why"]
    assert why == "there is no such Provider: it is named by Alert flux-system/dangling"


@pytest.mark.parametrize("name", [*CHATS, "asleep", "unused", "nobody", "x"])
def test_what_shows_no_status_by_choice_is_no_error(report: dict[str, Any], name: str) -> None:
    errors = [entry for entry in report["statuses"] if entry["outcome"] == "error"]
    assert f"flux-system/{name}" not in [entry["provider"] for entry in errors]


@pytest.mark.parametrize("name", ["suspended", "helm", "helm-dangling", "again", "chat-without"])
def test_nor_is_an_alert_that_asks_for_nothing(report: dict[str, Any], name: str) -> None:
    errors = [entry for entry in report["statuses"] if entry["outcome"] == "error"]
    assert f"flux-system/{name}" not in [entry["alert"] for entry in errors]


@pytest.mark.parametrize("chat", CHATS)
def test_a_chat_is_skipped_with_its_reason(report: dict[str, Any], chat: str) -> None:
    alert = f"flux-system/to-{chat}"
    (entry,) = [entry for entry in report["statuses"] if entry["alert"] == alert]
    assert entry["outcome"] == "skipped"
    assert entry["why"] == f"a Provider of type {chat} shows no commit status"


def test_no_part_of_a_login_is_anywhere(there: World, report: dict[str, Any]) -> None:
    ran = there.run("--all", "--log-level", "debug")
    for text in (str(report), ran.out, ran.err):
        for token in ("t0ken", "addr3ss", "pr0xy", "forge-token-of-the-tests"):
            assert token not in text


def test_the_text_names_the_provider_of_each_error(there: World, report: dict[str, Any]) -> None:
    ran = there.run()
    for name in BROKEN:
        assert f"error      Provider flux-system/{name}: " in ran.out
    for name in LOCKED:
        assert f"(Provider flux-system/{name}): " in ran.out


def test_an_alert_for_errors_posts_no_success(here: World) -> None:
    here.kube.delete("Alert", "flux-system", "all")
    here.add(alert("errors", eventSeverity="error"))
    report = here.report()
    assert outcome(report, "healthy")["why"] == "its Alert asks for errors only"
    assert (report["exit_code"], here.forge.writes) == (0, 0)


def test_without_any_alert_that_is_the_reason(here: World) -> None:
    here.kube.delete("Alert", "flux-system", "all")
    report = here.report()
    assert outcome(report, "healthy")["why"] == "no Alert asks for it"
    assert (report["exit_code"], here.forge.calls) == (0, [])
