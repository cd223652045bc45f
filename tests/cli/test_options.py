"""Options that do not go together, values that are none, and each option's variable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from statusbot.cli.run import command
from statusbot.cluster.selector import Selector
from statusbot.selection import Shard
from tests.support.cli import Ran, cli
from tests.support.world import World

REPOSITORY = "https://github.com/acme/fleet"
SINGLE = ("--provider-type", "github", "--address", REPOSITORY)
# What each option may be set to, as in a shell.
VALUES = {
    "kubeconfig": "/a/b",
    "kube_context": "here",
    "from_": "a b",
    "namespace": "one two",
    "selector": "app=web",
    "shard": "1/4",
    "fail_on": "infra",
    "log_format": "json",
    "alerts_from": "a",
    "provider_type": "github",
    "address": REPOSITORY,
    "api_url": "https://ghe.example/api/v3",
    "no_cross_namespace_refs": "true",
    "forge_hosts": "git.example.com *.example.org",
    "cluster_name": "production",
    "context_template": "{cluster}/{name}",
    "description_template": "{reason}",
    "target_url_template": "https://ci.example/{name}",
    "since": "2h",
    "failure_age": "10m",
    "pending": "true",
    "superseded": "error",
    "recheck": "48h",
    "ledger": "file:/a/b",
    "aggregate": "flux",
    "for_": "45s",
    "dry_run": "true",
    "write_limits": "80/m,500/h",
    "timeout": "90s",
    "output": "json",
    "list_all": "1",
    "summary": "/a/b",
    "metrics_file": "/a/b.prom",
    "log_level": "debug",
}
PARSED: dict[str, Any] = {
    "from_": ("a", "b"),
    "namespace": ("one", "two"),
    "selector": Selector.parse("app=web"),
    "shard": Shard(1, 4),
    "alerts_from": ("a",),
    "no_cross_namespace_refs": True,
    "forge_hosts": ("git.example.com", "*.example.org"),
    "since": 7200.0,
    "failure_age": 600.0,
    "pending": True,
    "recheck": 172800.0,
    "for_": 45.0,
    "dry_run": True,
    "write_limits": ((80, 60.0), (500, 3600.0)),
    "timeout": 90.0,
    "list_all": True,
}
OPTIONS = {p.name: p for p in command.params if isinstance(p, click.Option) and p.name != "help"}


def variable(option: click.Option) -> str:
    """``--dry-run`` as ``STATUSBOT_DRY_RUN``."""
    flag = max(option.opts, key=len)
    return "STATUSBOT_" + flag.removeprefix("--").replace("-", "_").upper()


def parsed(monkeypatch: pytest.MonkeyPatch, **env: str) -> dict[str, Any]:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return command.make_context("run", []).params


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("statusbot: error: ")
    return line


def test_this_table_has_every_option() -> None:
    assert VALUES.keys() == OPTIONS.keys()


@pytest.mark.parametrize("name", VALUES)
def test_every_option_is_a_variable_too(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    found = parsed(monkeypatch, **{variable(OPTIONS[name]): VALUES[name]})
    assert found[name] == PARSED.get(name, VALUES[name])


@pytest.mark.parametrize("name", VALUES)
def test_an_empty_variable_means_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    unset = parsed(monkeypatch)[name]
    assert parsed(monkeypatch, **{variable(OPTIONS[name]): ""})[name] == unset


@pytest.mark.parametrize("name", [name for name in VALUES if not OPTIONS[name].is_flag])
def test_a_flag_is_stronger_than_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    option = OPTIONS[name]
    monkeypatch.setenv(variable(option), "error" if name == "log_level" else "text 1m")
    first = VALUES[name].split(maxsplit=1)[0]
    found = command.make_context("run", [max(option.opts, key=len), first]).params[name]
    assert found == (PARSED.get(name, first) if not option.multiple else (first,))


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_takes_a_token(name: str) -> None:
    assert not {"token", "secret", "password"} & set(name.split("_"))


def test_all_empty_variables_together_change_nothing(here: World) -> None:
    env = {variable(option): "" for option in OPTIONS.values()} | {"STATUSBOT_TOKEN": ""}
    assert here.run(env=env).code == 0
    assert here.shown("healthy") == ["success"]


@pytest.mark.parametrize("name", ["namespace", "from_", "address", "cluster_name"])
def test_an_empty_flag_is_a_slip_of_the_pen(name: str) -> None:
    flag = max(OPTIONS[name].opts, key=len)
    assert "it is empty" in refused(cli("run", flag, ""))


@pytest.mark.parametrize("option", [("--kubeconfig", "x"), ("--kube-context", "x")])
def test_files_and_a_cluster_do_not_go_together(option: tuple[str, str]) -> None:
    assert "--from reads no cluster: leave out --kube" in refused(
        cli("run", "--from", "x", *option)
    )


def test_a_kubeconfig_that_is_just_there_does_not_hinder(here: World) -> None:
    path = here.kube.kubeconfig(here.folder / "kubeconfig")
    ran = cli("run", "--from", here.dump(*here.objects()), env={"KUBECONFIG": str(path)})
    assert (ran.code, here.kube.requests) == (0, [])


@pytest.mark.parametrize("options", [SINGLE[:2], SINGLE[2:]])
def test_a_type_and_an_address_go_together(options: tuple[str, ...]) -> None:
    sentence = refused(cli("run", *options, env={"STATUSBOT_TOKEN": "t0ken"}))
    assert "--provider-type and --address go together: give both" in sentence


@pytest.mark.parametrize("env", [{}, {"STATUSBOT_TOKEN": ""}, {"STATUSBOT_TOKEN": " \n"}])
def test_one_repository_needs_a_token(env: dict[str, str]) -> None:
    assert "STATUSBOT_TOKEN is not set or empty: put" in refused(cli("run", *SINGLE, env=env))


@pytest.mark.parametrize("token", ["t0ken two", "t0ken\nX-Evil: 1", "t0k\x1ben", "t0k\u00e9n"])
def test_what_is_no_token_is_told_and_not_shown(here: World, token: str) -> None:
    options = ("--provider-type", "gitea", "--address", here.url)
    sentence = refused(here.run(*options, env={"STATUSBOT_TOKEN": token}))
    assert "STATUSBOT_TOKEN: the token holds characters that no HTTP header can carry" in sentence
    assert token[:3] not in sentence.replace("the token", "").replace("TOKEN", "")
    assert here.forge.calls == []


def test_one_repository_needs_no_alerts() -> None:
    ran = cli("run", *SINGLE, "--alerts-from", "x", env={"STATUSBOT_TOKEN": "t0ken"})
    assert "--provider-type needs no Alerts: leave out --alerts-from" in refused(ran)


@pytest.mark.parametrize(
    ("type_", "words"),
    [
        ("slack", "type slack shows no commit status"),
        ("sourcehut", "type sourcehut shows no commit status"),
    ],
)
def test_a_type_that_cannot_be_used_is_told(here: World, type_: str, words: str) -> None:
    options = ("--provider-type", type_, "--address", here.url)
    ran = here.run(*options, env={"STATUSBOT_TOKEN": "t0ken"})
    assert words in refused(ran)


def test_a_slip_in_the_type_is_told_with_the_types_that_there_are(here: World) -> None:
    ran = here.run(
        "--provider-type", "githubb", "--address", here.url, env={"STATUSBOT_TOKEN": "t"}
    )
    types = "use one of github, gitlab, gitea, bitbucket, bitbucketserver, azuredevops"
    assert types in refused(ran)


def test_an_address_that_cannot_be_used_is_told_without_its_login(here: World) -> None:
    options = ("--provider-type", "gitea", "--address", "https://me:addr3ss@forge.example")
    sentence = refused(here.run(*options, env={"STATUSBOT_TOKEN": "t0ken"}))
    assert '--address: the address "https://***@forge.example" names no owner/repo' in sentence


@pytest.mark.parametrize("options", [(), ("--provider-type", "gitea", "--address", REPOSITORY)])
def test_an_api_that_is_no_url_is_told_as_that(here: World, options: tuple[str, ...]) -> None:
    ran = here.run("--api-url", "ghe", *options, env={"STATUSBOT_TOKEN": "t0ken"})
    assert '--api-url: the API address "ghe" is no http or https URL' in refused(ran)


@pytest.mark.parametrize("option", ["--since", "--failure-age", "--recheck", "--timeout"])
@pytest.mark.parametrize("value", ["5 minutes", "-5s", "1d", "soon", "5"])
def test_what_is_no_duration_is_told_with_one_that_is(option: str, value: str) -> None:
    sentence = refused(cli("run", option, value))
    assert f"'{option}': '{value}' is not a duration: write it like 90s, 5m" in sentence


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (("--pending",), "--pending"),
        (("--superseded", "error"), "--superseded"),
        (("--superseded", "success", "--pending"), "--superseded"),
    ],
)
def test_what_has_to_be_remembered_needs_a_ledger(option: tuple[str, ...], name: str) -> None:
    sentence = refused(cli("run", *option))
    assert (
        f"{name} has to remember which commits it saw: give --ledger configmap, or file:PATH"
        in sentence
    )


def test_a_duration_of_a_variable_is_checked_too() -> None:
    sentence = refused(cli("run", env={"STATUSBOT_SINCE": "soon"}))
    assert "--since" in sentence


def test_a_switch_of_a_variable_is_checked_too() -> None:
    assert "--dry-run" in refused(cli("run", env={"STATUSBOT_DRY_RUN": "perhaps"}))


@pytest.mark.parametrize("value", ["redis", "file:", "", "configmap:x", "FILE:/x"])
def test_a_ledger_that_there_is_not_is_told_with_those_that_there_are(value: str) -> None:
    sentence = refused(cli("run", "--ledger", value))
    assert f"there is no ledger '{value}': use configmap, " in sentence


@pytest.mark.parametrize("path", ["."])
def test_a_ledger_that_cannot_be_written_is_named_and_nothing_posted(
    here: World, path: str
) -> None:
    ran = here.run("--ledger", f"file:{here.folder / path}")
    assert "the ledger cannot be used" in refused(ran)
    assert here.forge.calls == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--nmespace", "x"), "No such option '--nmespace'. Did you mean '--namespace'?"),
        (("run", "stray"), "unexpected extra argument (stray)"),
        (("run", "-o", "yaml"), "'yaml' is not one of 'text', 'json'"),
        (("run", "--log-level", "loud"), "'loud' is not one of"),
    ],
)
def test_what_cannot_be_understood_ends_with_where_to_look(
    arguments: tuple[str, ...], words: str
) -> None:
    sentence = refused(cli(*arguments))
    assert words in sentence
    assert sentence.endswith(": try statusbot run --help")


def test_an_option_without_its_value_too() -> None:
    sentence = refused(cli("run", "--timeout"))
    assert sentence.endswith("'--timeout' requires an argument: try statusbot --help")


def test_a_namespace_that_cannot_be_is_told(here: World) -> None:
    assert "no namespace can be called 'Not/Possible'" in refused(here.run("-n", "Not/Possible"))


def test_a_namespace_that_holds_nothing_is_a_warning(here: World) -> None:
    ran = here.run("-n", "flux-sytem")
    assert (ran.code, here.forge.calls) == (0, [])
    assert "warning: there is no Kustomization in the namespace flux-sytem" in ran.out


def test_in_json_warnings_go_to_the_log(here: World) -> None:
    ran = here.run("-n", "flux-sytem", "-o", "json")
    assert ran.err == "statusbot: warning: there is no Kustomization in the namespace flux-sytem\n"


def test_only_the_namespaces_asked_for_are_posted(here: World) -> None:
    ran = here.run("-n", "other", "-n", "flux-system")
    assert (ran.code, here.shown("healthy")) == (0, ["success"])


def test_of_another_namespace_nothing_is_posted(here: World) -> None:
    here.run("-n", "other")
    assert here.forge.calls == []


def test_the_help_names_every_option(tmp_path: Path) -> None:
    ran = cli("run", "--help")
    assert ran.code == 0
    assert all(max(option.opts, key=len) in ran.out for option in OPTIONS.values())
