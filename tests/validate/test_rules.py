"""Where the rules end: what is just not an error, and how bad the rest is."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

Found = list[dict[str, Any]]
Check = Callable[..., Found]
Told = Callable[..., set[str]]

URL = "https://github.com/my-org/my-repo"


def provider(name: str = "forge", *, namespace: str = "", **spec: str) -> str:
    fields = {"type": "github", "address": URL, "secretRef": "{name: token}", **spec}
    where = f", namespace: {namespace}" if namespace else ""
    lines = "".join(f"  {key}: {value}\n" for key, value in fields.items() if value)
    return (
        "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\n"
        f"metadata: {{name: {name}{where}}}\nspec:\n{lines}"
    )


def alert(name: str = "forge", *, namespace: str = "", source: str = "", **spec: str) -> str:
    where = f", namespace: {namespace}" if namespace else ""
    sources = source or "{kind: Kustomization, name: '*'}"
    fields = {"providerRef": "{name: forge}", "eventSources": f"[{sources}]", **spec}
    lines = "".join(f"  {key}: {value}\n" for key, value in fields.items())
    return (
        "---\napiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Alert\n"
        f"metadata: {{name: {name}{where}}}\nspec:\n{lines}"
    )


def kustomization(name: str = "apps", namespace: str = "flux-system", **metadata: str) -> str:
    more = "".join(f", {key}: {value}" for key, value in metadata.items())
    return (
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: {name}, namespace: {namespace}{more}}}\n"
        "spec: {interval: 10m, wait: true, sourceRef: {kind: GitRepository, name: fleet}}\n"
    )


def secret(**values: str) -> str:
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
    lines = "".join(f"  {key}: {value}\n" for key, value in encoded.items())
    return f"---\napiVersion: v1\nkind: Secret\nmetadata: {{name: token}}\ndata:\n{lines}"


def severities(found: Found, rule: str) -> list[str]:
    return [one["severity"] for one in found if one["rule"] == rule]


# References


@pytest.mark.parametrize(
    ("others", "options", "severity"),
    [
        ("", (), "info"),
        (provider("other"), (), "warning"),
        (provider("other"), ("--complete",), "error"),
        ("", ("--complete",), "error"),
    ],
)
def test_how_bad_a_missing_provider_is(
    check: Check, others: str, options: tuple[str, ...], severity: str
) -> None:
    assert severities(check(alert() + others, *options), "provider-ref") == [severity]


@pytest.mark.parametrize(("one", "other"), [("", "apps"), ("apps", "")])
def test_who_names_no_namespace_may_mean_any(told: Told, one: str, other: str) -> None:
    found = told(alert(namespace=one) + provider(namespace=other), "--complete")
    assert "provider-ref" not in found


def test_a_provider_of_another_namespace_is_another(told: Told) -> None:
    assert told(alert(namespace="apps") + provider(namespace="web")) == {"provider-ref"}


def test_the_namespace_of_the_homeless_can_be_told(check: Check) -> None:
    (found,) = check(provider(address="https://github.com/x"), "-n", "apps")
    assert found["object"]["namespace"] == "apps"


# Alerts


def test_other_kinds_beside_kustomizations_are_only_good_to_know(check: Check) -> None:
    sources = "{kind: Kustomization, name: '*'}, {kind: HelmRelease, name: '*'}"
    assert severities(check(provider() + alert(source=sources)), "other-kinds") == ["info"]


@pytest.mark.parametrize(
    "spec",
    [{"eventSeverity": "error"}, {"inclusionList": "[x]"}, {"source": "{kind: Bucket, name: x}"}],
)
def test_an_alert_to_a_chat_may_ask_for_anything(told: Told, spec: dict[str, str]) -> None:
    assert told(provider(type="slack") + alert(**spec)) == set()


@pytest.mark.parametrize(
    ("lists", "broken"),
    [
        ({"inclusionList": "['Reconciliation finished']"}, False),
        ({"inclusionList": "['failed', 'next run in 1h0m0s']"}, False),
        ({"inclusionList": "['reconciliation finished']"}, True),
        ({"exclusionList": "['finished in']"}, True),
        ({"exclusionList": "['next run in 10m0s']"}, False),
        ({"inclusionList": "['.*']", "exclusionList": "['^Reconciliation']"}, True),
    ],
)
def test_lists_are_tried_on_messages_of_successes(
    told: Told, lists: dict[str, str], broken: bool
) -> None:
    found = told(provider() + alert(**lists))
    assert found == ({"success-filtered"} if broken else set())


def test_each_pattern_that_is_none_has_its_line(check: Check) -> None:
    found = check(alert(inclusionList="['a(', ok]", exclusionList="['(?!x)']"))
    paths = [one["path"] for one in found if one["rule"] == "pattern"]
    assert sorted(paths) == ["$.spec.exclusionList[0]", "$.spec.inclusionList[0]"]


def test_a_field_that_may_be_meant_is_named(check: Check) -> None:
    (found,) = check(provider(secretref="{name: token}"))
    assert (found["rule"], found["todo"]) == ("unknown-field", "did you mean secretRef?")


def test_a_field_deep_down_is_found(check: Check) -> None:
    found = check(alert(source="{kind: Kustomization, name: '*', labels: {a: b}}"))
    unknown = [one["path"] for one in found if one["rule"] == "unknown-field"]
    assert unknown == ["$.spec.eventSources[0].labels"]


# Providers


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/a/b",
        "https://kubernetes.default.svc/a/b",
        "http://metadata.goog/a/b",
    ],
)
def test_a_host_that_is_never_a_forge_is_an_error(told: Told, address: str) -> None:
    assert "address" in told(provider(type="gitea", address=address))


def test_loopback_needs_no_https(told: Told) -> None:
    assert told(provider(type="gitea", address="http://127.0.0.1:3000/a/b")) == set()


def test_an_address_may_be_in_the_secret(check: Check, told: Told) -> None:
    assert severities(check(provider(address="")), "address") == ["info"]
    assert told(provider(address="") + secret(token="t0ken1", address=URL)) == set()
    assert told(provider(address="") + secret(token="t0ken1")) == {"address"}


def test_the_annotation_of_an_api_counts(told: Told) -> None:
    text = provider(address="https://ghe.example/git/a/b")
    annotated = text.replace(
        "{name: forge}",
        "{name: forge, annotations: {statusbot/api-url: 'https://ghe.example/git/api/v3'}}",
        1,
    )
    assert (told(text), told(annotated)) == ({"address"}, set())


@pytest.mark.parametrize(
    "values",
    [
        {
            "githubAppID": "1",
            "githubAppPrivateKey": "x",
            "githubAppInstallationID": "2",
            "githubAppInstallationOwner": "o",
        },
        {"githubAppID": "1", "githubAppPrivateKey": "x", "githubAppInstallationID": "2"},
        {"token": "t0ken1", "tls.crt": "x"},
        {"token": "t0ken1", "proxy": "proxy:3128"},
        {"token": "t0ken1", "address": "https://github.com/my-org/other"},
        {"token": "two words 1"},
        {},
    ],
)
def test_a_secret_that_cannot_work_is_an_error(told: Told, values: dict[str, str]) -> None:
    assert told(provider() + secret(**values)) == {"secret"}


def test_what_is_no_base64_is_an_error(told: Told) -> None:
    assert told(provider() + secret(token="x").replace("eA==", "'*'")) == {"secret"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"token": "t0ken1\n"}, "white space around the token"),
        ({"token": "t0ken1", "username": "me"}, "half of username and password"),
    ],
)
def test_what_only_flux_minds_is_only_good_to_know(
    check: Check, values: dict[str, str], words: str
) -> None:
    (found,) = check(provider() + secret(**values))
    assert (found["rule"], found["severity"], words in found["message"]) == (
        "flux-differs",
        "info",
        True,
    )


# Expressions


@pytest.mark.parametrize(
    "expression",
    [
        "event.involvedObject.name +",
        "event.metadata.foo",
        "1",
        # These compile, and fail for what Flux sends.
        "'x/' + event.metadata.cluster",
        "'x/' + event.metadata.commit_status",  # a failure has none
        "''",
    ],
)
def test_an_expression_that_names_no_context_is_an_error(told: Told, expression: str) -> None:
    pytest.importorskip("cel_expr_python")
    text = provider(commitStatusExpr=f'"{expression}"') + alert() + kustomization()
    assert told(text) == {"status-expr"}


@pytest.mark.parametrize(
    "expression",
    [
        "has(event.metadata.cluster) ? 'x/' + event.metadata.cluster : 'none'",
        "'x/' + provider.metadata.uid.split('-')[0] + '/' + event.involvedObject.uid",
        "'x/' + event.metadata.revision + event.severity + alert.metadata.name",
    ],
)
def test_an_expression_may_use_what_a_cluster_fills_in(told: Told, expression: str) -> None:
    pytest.importorskip("cel_expr_python")
    text = provider(commitStatusExpr=f'"{expression}"') + alert() + kustomization()
    assert told(text) == set()


def test_metadata_that_the_alert_adds_is_there(told: Told) -> None:
    pytest.importorskip("cel_expr_python")
    text = provider(commitStatusExpr="\"'x/' + event.metadata.cluster\"") + kustomization()
    assert told(text + alert(eventMetadata="{cluster: one}")) == set()


def test_without_cel_an_expression_is_not_checked(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = check(provider(commitStatusExpr="nonsense("))
    assert severities(found, "status-expr") == ["info"]


# Contexts


def of(namespace: str) -> str:
    return f"{{kind: Kustomization, name: '*', namespace: {namespace}}}"


def test_namesakes_behind_two_providers_do_not_meet(told: Told) -> None:
    text = (
        provider(namespace="a")
        + provider(namespace="b")
        + alert(namespace="a")
        + alert(namespace="b")
        + kustomization(namespace="a")
        + kustomization(namespace="b")
    )
    assert told(text) == set()


def test_an_expression_may_tell_namesakes_apart(told: Told) -> None:
    pytest.importorskip("cel_expr_python")
    named = "event.involvedObject.namespace + '/' + event.involvedObject.name"
    text = (
        provider(commitStatusExpr=f'"{named}"')
        + alert(source=f"{of('a')}, {of('b')}")
        + kustomization(namespace="a")
        + kustomization(namespace="b")
    )
    assert told(text) == set()


def test_one_object_through_two_alerts_to_one_provider_is_one_status(told: Told) -> None:
    assert told(provider() + alert() + alert("again") + kustomization()) == set()


def test_two_clusters_in_one_folder_do_not_meet(check: Check, told: Told) -> None:
    both = alert(source=f"{of('a')}, {of('b')}")
    files = {
        "one/all.yaml": provider() + both + kustomization(namespace="a"),
        "two/all.yaml": provider(username="me") + both + kustomization(namespace="b"),
    }
    assert told(files) == set()
    assert severities(check(files), "namesakes") == ["info"]


def test_the_same_file_for_two_clusters_is_no_duplicate(told: Told) -> None:
    assert told({"one/a.yaml": provider(), "two/a.yaml": provider(username="me")}) == set()


@pytest.mark.parametrize(("count", "told_of"), [(50, []), (51, ["info"])])
def test_more_statuses_than_flux_reads_are_good_to_know(
    check: Check, count: int, told_of: list[str]
) -> None:
    many = "".join(kustomization(f"k{number}") for number in range(count))
    assert severities(check(provider() + alert() + many), "flux-differs") == told_of


# Kustomizations


SOURCE = (
    "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n"
    "metadata: {{name: fleet, namespace: {namespace}}}\nspec: {{interval: 1m, url: {url}}}\n"
)
OTHER = SOURCE.format(namespace="b", url="https://github.com/my-org/other")
OURS = SOURCE.format(namespace="a", url="ssh://git@github.com/my-org/my-repo.git")


def test_some_of_another_repository_are_nothing_special(told: Told) -> None:
    objects = kustomization(namespace="a") + kustomization("web", namespace="b") + OURS + OTHER
    assert told(provider() + alert(source=f"{of('a')}, {of('b')}") + objects) == set()


def test_all_of_another_repository_are(told: Told) -> None:
    objects = kustomization(namespace="b") + OTHER
    assert told(provider() + alert(source=of("b")) + objects) == {"other-repository"}


def test_a_mirror_is_not(told: Told) -> None:
    mirror = OTHER.replace("github.com", "git.example.com")
    objects = kustomization(namespace="b") + mirror
    assert told(provider() + alert(source=of("b")) + objects) == set()


def test_what_goes_nowhere_may_be_green_when_it_is_applied(told: Told) -> None:
    text = kustomization().replace("wait: true, ", "")
    assert (told(text), told(text + provider() + alert())) == (set(), {"no-health"})


def test_health_checks_do_as_well(told: Told) -> None:
    checks = "healthChecks: [{kind: Deployment, name: web}], "
    text = kustomization().replace("wait: true, ", checks)
    assert told(text + provider() + alert()) == set()


def test_findings_come_by_file_and_line(check: Check) -> None:
    bad = provider(address="https://github.com/x", channel="general")
    found = check({"b.yaml": bad + alert(eventSeverity="error"), "a.yaml": bad})
    places = [(one["file"], one["line"]) for one in found]
    assert len(places) >= 5
    assert places == sorted(places)


def test_of_two_secrets_of_one_name_nobody_knows_which_is_meant(told: Told) -> None:
    files = {
        "one/a.yaml": provider() + secret(token="t0ken1"),
        "two/a.yaml": provider() + secret(nothing="x"),
    }
    assert told(files) == set()


def test_texts_of_findings_hold_nothing_unprintable(check: Check) -> None:
    found = check(provider(address="https://github.com/x").replace("forge}", '"f\\e[1m\\nx"}', 1))
    assert [one["object"]["name"] for one in found] == ["f [1m"]


def test_texts_of_findings_hold_no_token(check: Check) -> None:
    token = "ghp_" + "a1b2" * 9
    found = check(provider() + alert(eventMetadata=f"{{commit: {token}}}"))
    assert [one["rule"] for one in found] == ["event-metadata"]
    assert token not in str(found)


def test_a_secret_that_is_no_base64_hides_nothing_of_a_provider_whose_address_it_has(
    check: Check,
) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\ndata: {address: '%%'}\n"
    text = (
        "apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\n"
        "metadata: {name: forge}\nspec: {type: github, secretRef: {name: token}}\n"
    )
    (found,) = check(f"{secret}---\n{text}")
    assert (found["rule"], found["severity"]) == ("address", "error")
    assert found["message"] == "Secret flux-system/token: data.address is not base64"
