"""Variables with our prefix that no option has."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import pytest

from statusbot.cli.variables import misspelt
from tests.support.cli import Ran, cli


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("STATUSBOT_PROVIDER_TYP", "STATUSBOT_PROVIDER_TYPE"),
        ("STATUSBOT_NAMESPACES", "STATUSBOT_NAMESPACE"),
        ("STATUSBOT_KUBECONTEXT", "STATUSBOT_KUBE_CONTEXT"),
        ("STATUSBOT_TOKENS", "STATUSBOT_TOKEN"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_what_was_meant(given: str, meant: str) -> None:
    assert list(misspelt({given: "x"}, "run")) == [
        f"{given} is the variable of no option, and is ignored: did you mean {meant}?"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "STATUSBOT_FOR",  # of run
        "STATUSBOT_EXACT",  # of wait
        "STATUSBOT_COMPLETE",  # of validate
        "STATUSBOT_COMMIT",  # of explain
        "STATUSBOT_SPEED",  # of demo
        "STATUSBOT_TOKEN",
        "STATUSBOT_SHARDS",
        "STATUSBOT_PATHS",
    ],
)
def test_what_any_verb_reads_is_known(name: str) -> None:
    assert list(misspelt({name: "x"}, "run")) == []


@pytest.mark.parametrize("service", ["STATUSBOT", "STATUSBOT_API_URL", "STATUSBOT_WEB"])
@pytest.mark.parametrize(
    "end",
    [
        "SERVICE_HOST",
        "SERVICE_PORT",
        "SERVICE_PORT_HTTP",
        "PORT",
        "PORT_8080_TCP",
        "PORT_8080_TCP_PROTO",
        "PORT_8080_TCP_PORT",
        "PORT_8080_TCP_ADDR",
    ],
)
def test_what_a_pod_gets_for_a_service_is_nobodys_slip(service: str, end: str) -> None:
    assert list(misspelt({f"{service}_{end}": "tcp://10.0.0.1:80"}, "run")) == []


@pytest.mark.parametrize(
    "name", ["STATUSBOT_VERSION", "STATUSBOT_IMAGE", "STATUSBOT_SHA", "STATUSBOTX_FORE"]
)
def test_what_is_like_no_option_is_somebody_elses(name: str) -> None:
    assert list(misspelt({name: "x"}, "run")) == []


def test_an_empty_one_is_none() -> None:
    assert list(misspelt({"STATUSBOT_PROVIDER_TYP": " "}, "run")) == []


def validated(folder: Path, *arguments: str, **env: str) -> Ran:
    (folder / "empty.yaml").touch()
    return cli("validate", *arguments, str(folder), env=env)


def test_a_verb_says_it_and_goes_on(tmp_path: Path) -> None:
    ran = validated(tmp_path, STATUSBOT_IGNORES="hunter2")
    assert ran.code == 0
    assert ran.err == (
        "statusbot: warning: STATUSBOT_IGNORES is the variable of no option, and is ignored: did"
        " you mean STATUSBOT_IGNORE?\n"
    )


def test_variables_of_the_verb_that_runs_cost_no_other_verb() -> None:
    known = {"STATUSBOT_TOKEN": "x", "STATUSBOT_DRY_RUN": "true"}
    with mock.patch("statusbot.cli.variables.VERBS", {"none-that-can-be-imported": ""}):
        assert list(misspelt(known, "run")) == []


def test_it_is_said_in_the_form_that_the_log_has() -> None:
    ran = cli("run", "--from", "/dev/null", "--log-format", "json", env={"STATUSBOT_SINCES": "1h"})
    line = json.loads(ran.err.splitlines()[0])
    assert line["level"] == "warning"
    assert "STATUSBOT_SINCE?" in line["message"]
