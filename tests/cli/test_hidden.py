"""Nothing that is secret is ever on stdout, on stderr, or in the ledger."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from statusbot.cli.logs import SafeLines
from statusbot.demo.forge import EmbeddedForge, faults
from statusbot.demo.forge.calls import Call
from statusbot.demo.kube import EmbeddedKubernetes
from tests.support.cli import Ran, cli
from tests.support.objects import (
    C1,
    Object,
    alert,
    git,
    git_repository,
    kustomization,
    not_ready,
    provider,
)
from tests.support.world import REPOSITORY, World, secret

KUBE, FORGE, OTHER = "m4rk-of-the-cluster", "m4rk-of-the-forge", "m4rk-that-is-wrong"
ADDRESS = "m4rk-in-an-address"
MARK = "m4rk"


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[World]:
    """Every credential holds the mark, and so do an address and a source."""
    with EmbeddedKubernetes(token=KUBE) as kube, EmbeddedForge(token=FORGE) as forge:
        forge.add_repository(REPOSITORY, {C1})
        made = World(kube, forge, tmp_path)
        there = made.url.replace("://", f"://me:{ADDRESS}@")
        made.add(
            git_repository(url=there),
            kustomization(name="healthy"),
            kustomization(failed(f"cannot clone {there}"), name="ill"),
            alert(),
            provider(type="gitea", address=there),
            secret(token=FORGE, password=OTHER),
        )
        yield made


def failed(message: str) -> Object:
    conditions = [not_ready("BuildFailed", message)]
    return {"conditions": conditions, "lastAttemptedRevision": git(C1), "observedGeneration": 1}


def everything(here: World, ran: Ran) -> str:
    """All that was written anywhere."""
    ledger = here.folder / "ledger"
    kept = ledger.read_text() if ledger.exists() else ""
    rows = "".join(stored.row.description + stored.row.context for stored in here.forge.stored)
    return ran.out + ran.err + kept + rows


def echo(call: Call) -> bool:
    """Every call: for a forge that repeats the login in its answers."""
    return True


SPOILED: dict[str, Callable[[World], object]] = {
    "nothing": lambda here: None,
    "the login is wrong": lambda here: here.add(secret(token=OTHER)),
    "the login is no header": lambda here: here.add(secret(token=f"{OTHER}\n{OTHER}")),
    "the login is no text": lambda here: here.add(secret(token=OTHER.encode() + b"\xff")),
    "the login is no base64": lambda here: here.add(secret() | {"data": {"token": f"!{OTHER}"}}),
    "the forge repeats the login": lambda here: here.forge.faults.when(
        echo, fault=faults.answer(400, f'{{"message": "who is {FORGE}?"}}')
    ),
    "the forge fails": lambda here: here.forge.faults.when(echo, fault=faults.reset(stored=False)),
    "the forge redirects": lambda here: here.forge.faults.when(
        echo, fault=faults.redirect(f"https://me:{OTHER}@other.example/?token={OTHER}")
    ),
    "the Provider is broken": lambda here: here.add(
        provider(type="gitea", address=f"ftp://me:{ADDRESS}@x/y", proxy=f"http://me:{ADDRESS}@x")
    ),
    "the Provider breaks the schema": lambda here: here.add(
        provider(type="gitea", address=f"https://me:{ADDRESS}@x/" + "y" * 3000)
    ),
}


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize("name", SPOILED)
def test_whatever_goes_wrong(marked: World, name: str, output: str) -> None:
    SPOILED[name](marked)
    ran = marked.run(
        *("--all", "-o", output, "--log-level", "debug"),
        *("--ledger", f"file:{marked.folder / 'ledger'}", "--timeout", "20s"),
    )
    assert ran.out
    assert MARK not in everything(marked, ran)


@pytest.mark.parametrize("token", [FORGE, OTHER, f"{OTHER} {OTHER}"])
def test_of_the_variable_that_holds_a_token(marked: World, token: str) -> None:
    ran = marked.run(
        *("--provider-type", "gitea", "--address", marked.url, "--log-level", "debug", "--all"),
        env={"STATUSBOT_TOKEN": token},
    )
    assert MARK not in everything(marked, ran)


def test_of_an_address_on_the_command_line(marked: World) -> None:
    there = marked.url.replace("://", f"://me:{ADDRESS}@")
    ran = marked.run(
        *("--provider-type", "gitea", "--address", there, "--log-level", "debug", "--all"),
        env={"STATUSBOT_TOKEN": FORGE},
    )
    assert (ran.code, MARK in everything(marked, ran)) == (0, False)


def test_of_a_kubeconfig(marked: World) -> None:
    path = marked.kube.kubeconfig(marked.folder / "wrong", token=OTHER)
    ran = cli("run", "--kubeconfig", str(path), "--log-level", "debug")
    assert (ran.code, MARK in everything(marked, ran)) == (2, False)


def test_of_a_kubeconfig_that_is_broken(marked: World) -> None:
    path = marked.folder / "broken"
    path.write_text(f"users: [{{name: me, user: {{token: {OTHER}\n")
    ran = cli("run", "--kubeconfig", str(path), "--log-level", "debug")
    assert (ran.code, MARK in everything(marked, ran)) == (2, False)


def test_of_a_dump(marked: World) -> None:
    objects = [obj for kind in ("Secret", "Alert", "Provider") for obj in marked.kube.objects(kind)]
    ran = cli("run", "--from", marked.dump(*objects), "--all", "--log-level", "debug")
    text = everything(marked, ran)
    assert MARK not in text
    assert base64.b64encode(FORGE.encode()).decode() not in text


def test_of_a_dump_that_is_broken(marked: World) -> None:
    path = marked.folder / "broken.yaml"
    path.write_text(f"kind: Secret\nstringData: {{token: {OTHER}\n---\n!!{OTHER} {OTHER}\n")
    ran = cli("run", "--from", str(path), "--all", "--log-level", "debug")
    assert (ran.code, MARK in everything(marked, ran)) == (1, False)


@pytest.mark.parametrize("text", ["fetch https://me:m4rk@forge.example", "Bearer m4rk-m4rk-m4rk"])
def test_of_the_log_of_any_package(text: str) -> None:
    record = logging.LogRecord("urllib3", logging.DEBUG, "x.py", 1, "it did %s", (text,), None)
    assert MARK not in SafeLines().format(record)
