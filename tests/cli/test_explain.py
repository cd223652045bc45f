"""`statusbot explain`: the answer, the exit code, and that nothing is touched."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from statusbot.cli.explain import command
from statusbot.cli.run import command as run_command
from statusbot.demo.forge.calls import Kind
from statusbot.demo.forge.faults import calling
from statusbot.ledger.file import FileLedger
from tests.support.cli import Ran, cli
from tests.support.objects import (
    C1,
    C2,
    Object,
    alert,
    entry,
    git,
    git_repository,
    green,
    kustomization,
)
from tests.support.situations import SITUATIONS, base, failed, in_the_ledger, ledger, posted
from tests.support.world import FORGE_TOKEN, KUBE_TOKEN, World, world

TOKEN = {"STATUSBOT_TOKEN": FORGE_TOKEN}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    """Two servers that hold nothing but the forge's repository."""
    with world(tmp_path, empty=True) as made:
        yield made


def ask(here: World, *arguments: str, name: str = "apps", namespace: str = "flux-system") -> Ran:
    """`statusbot explain` on this cluster."""
    kubeconfig = str(here.kube.kubeconfig(here.folder / "kubeconfig"))
    where = ("-n", namespace) if namespace else ()
    return cli("explain", name, *where, "--kubeconfig", kubeconfig, *arguments, env=TOKEN)


def answer(ran: Ran) -> str:
    assert ran.out, ran.err
    return ran.out.splitlines()[-1]


def asked(here: World, *arguments: str) -> dict[str, Any]:
    ran = ask(here, "-o", "json", *arguments)
    assert ran.out, ran.err
    document: dict[str, Any] = json.loads(ran.out)
    return document


# -- the situations


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_last_line_says_what_is_so_and_what_to_do(empty: World, name: str) -> None:
    situation = SITUATIONS[name]
    ran = ask(empty, *(situation.setup(empty) or ()))
    wanted = re.escape(situation.sentence(empty)).replace("<any>", ".+")
    assert re.fullmatch(wanted, answer(ran)), answer(ran)
    assert ran.code == situation.code


def test_a_refused_token_of_the_environment_is_to_be_put_there(empty: World) -> None:
    base(empty)
    dump = empty.dump(git_repository(url=empty.url), kustomization())
    to = ("--provider-type", "gitea", "--address", empty.url)
    ran = cli("explain", "apps", "--from", dump, *to, env={"STATUSBOT_TOKEN": "another"})
    assert answer(ran).endswith(
        "to change that: put a login that the forge accepts into STATUSBOT_TOKEN"
    )


def test_files_without_alerts_are_not_those_of_a_cluster_without(empty: World) -> None:
    ran = cli("explain", "apps", "--from", empty.dump(git_repository(), kustomization()))
    assert answer(ran) == (
        "nothing is posted because no Alert asks for it; to change that: give the Alerts and "
        "Providers too (--alerts-from), or --provider-type and --address"
    )


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_document_says_the_same(empty: World, name: str) -> None:
    situation = SITUATIONS[name]
    document = asked(empty, *(situation.setup(empty) or ()))
    assert list(DOCUMENT.iter_errors(document)) == []
    assert document["posted"] == (situation.code == 0)
    wanted = re.escape(situation.sentence(empty)).replace("<any>", ".+")
    assert re.fullmatch(wanted, document["sentence"])


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_forge_is_written_to_and_no_ledger_touched(empty: World, name: str) -> None:
    options = SITUATIONS[name].setup(empty) or ()
    before = (snapshot(empty.folder), len(empty.forge.stored), len(empty.forge.calls))
    with FileLedger(empty.folder / "held"):
        ask(empty, *options)
    assert {call.method for call in empty.forge.calls[before[2] :]} <= {"GET"}
    assert (snapshot(empty.folder), len(empty.forge.stored)) == before[:2]


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_secret_is_shown(empty: World, name: str) -> None:
    options = SITUATIONS[name].setup(empty) or ()
    for output in ("text", "json"):
        ran = ask(empty, "-o", output, "--log-level", "debug", *options)
        for secret in (FORGE_TOKEN, KUBE_TOKEN, "not-the-token"):
            assert secret not in ran.out + ran.err


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All files but the kubeconfig, which the tests write, and the lock of this test."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
        if path.name not in {"kubeconfig", "held.lock"}
    }


def test_a_run_that_holds_the_ledger_is_not_in_the_way(empty: World) -> None:
    options = in_the_ledger(empty)
    with FileLedger(empty.folder / "ledger"):
        ran = ask(empty, *options)
    assert (ran.code, ran.err) == (0, "")


def test_a_ledger_that_no_run_has_made_is_told_and_not_made(empty: World) -> None:
    posted(empty)
    ran = ask(empty, "--ledger", ledger(empty))
    assert ran.code == 0
    assert "no run has made it yet" in ran.err
    assert not (empty.folder / "ledger").exists()


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("posted", "now"),
        ("an older commit of the history", "history"),
        ("owed since an earlier poll", "owed"),
        ("known to the ledger alone", "ledger"),
    ],
)
def test_who_knows_of_a_commit_is_told(empty: World, name: str, origin: str) -> None:
    (status,) = asked(empty, *(SITUATIONS[name].setup(empty) or ()))["statuses"]
    assert (status["commit"], status["origin"]) == (C1, origin)


def test_what_flux_does_at_every_interval_is_no_finding(empty: World) -> None:
    SITUATIONS["posted, and Flux at work again"].setup(empty)
    (status,) = asked(empty)["statuses"]
    assert status["posted"]


def test_what_is_owed_is_owed_to_one_alert(empty: World) -> None:
    options = SITUATIONS["owed since an earlier poll"].setup(empty) or ()
    empty.add_way("second")
    (status,) = asked(empty, *options)["statuses"]
    assert status["alert"] == "flux-system/all"


# -- what is printed


@pytest.mark.parametrize(
    ("name", "where"),
    [("posted", "Secret flux-system/token"), ("without Alerts and Providers", "STATUSBOT_TOKEN")],
)
def test_the_place_of_the_login_is_told(empty: World, name: str, where: str) -> None:
    options = SITUATIONS[name].setup(empty) or ()
    assert f"yes login: {where}, which is of the form" in ask(empty, *options).out


def test_every_rule_up_to_the_one_that_decides_shows_what_it_saw(empty: World) -> None:
    base(empty, kustomization(failed(message="no such file")))
    out = ask(empty).out
    assert "no  being deleted: metadata.deletionTimestamp is not set\n" in out
    assert "yes failed at the attempted revision: Ready=False BuildFailed, " in out
    assert "-   not asked any more: path not found, stalled" in out


def test_an_alert_that_does_not_take_it_shows_what_it_takes(empty: World) -> None:
    source = {"kind": "Kustomization", "name": "other", "namespace": "team-a"}
    base(empty)
    empty.add(alert("picky", eventSources=[source]))
    out = ask(empty).out
    assert "yes Alert flux-system/all: eventSources has Kustomization *\n" in out
    assert "no  Alert flux-system/picky: no entry of its eventSources takes the object\n" in out
    assert "eventSources: Kustomization team-a/other\n" in out


def test_hostile_words_do_no_harm(empty: World) -> None:
    evil = "\x1b[31mred\x1b[0m \u202eback ##[error]x ::set-output:: https://me:pass1@host/"
    base(empty, kustomization(failed(message=evil)))
    for output in ("text", "json"):
        out = ask(empty, "-o", output).out
        assert "pass1" not in out
        assert "##[" not in out
        assert not {"\x1b", "\u202e"} & set(out)


def test_of_several_commits_the_first_that_is_amiss_is_named(empty: World) -> None:
    posted(empty)
    history = [entry(git(C2)), entry(git(C1))]
    empty.add(git_repository(C2, url=empty.url), kustomization(green(git(C2), history=history)))
    ran = ask(empty, "--since", "10000h")
    assert ran.code == 1
    assert answer(ran).startswith("1 of 2 statuses is posted, but not the one of 22222222 because ")


def test_two_ways_are_two_findings(empty: World) -> None:
    base(empty)
    empty.add_way("second")
    empty.run()
    assert answer(ask(empty)) == "the 2 statuses are posted"


def process(here: World, stdout: int) -> subprocess.CompletedProcess[str]:
    """The program as a shell starts it, with its standard output there."""
    kubeconfig = str(here.kube.kubeconfig(here.folder / "kubeconfig"))
    return subprocess.run(
        [sys.executable, "-m", "statusbot", "explain", "flux-system/apps", *TIMED],
        env={"PATH": os.environ["PATH"], "KUBECONFIG": kubeconfig, "LANG": "C.UTF-8"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


TIMED = ("--timeout", "30s")


def test_on_a_terminal_it_is_a_tree(empty: World) -> None:
    posted(empty)
    terminal, theirs = pty.openpty()
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(_read, terminal)  # it holds a few thousand characters only
        try:
            ran = process(empty, theirs)
        finally:
            os.close(theirs)
            told = reading.result()
            os.close(terminal)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "├── " in told
    assert "✓ " in told
    assert "the status is posted" in told


def _read(terminal: int) -> str:
    told = b""
    with contextlib.suppress(OSError):  # how Linux says that the other end is closed
        while chunk := os.read(terminal, 65536):
            told += chunk
    return told.decode()


def test_an_answer_that_cannot_be_written_is_a_sentence(empty: World) -> None:
    posted(empty)
    with open("/dev/full", "wb") as full:
        ran = process(empty, full.fileno())
    assert ran.returncode == 1
    assert ran.stderr == (
        "statusbot: error: stdout: the answer cannot be written: No space left on device\n"
    )


def test_a_signal_while_the_forge_is_asked_is_no_answer(empty: World) -> None:
    base(empty)
    stop = calling(lambda: os.kill(os.getpid(), signal.SIGTERM), stored=True)
    empty.forge.faults.always(fault=stop, on=Kind.READ)
    ran = ask(empty)
    assert (ran.code, ran.out) == (130, "")


def test_no_time_left_is_no_answer(empty: World) -> None:
    posted(empty)
    assert ask(empty, "--timeout", "0s").code == 124


# -- usage


@pytest.mark.parametrize(
    ("name", "namespace", "words"),
    [
        ("appz", "flux-system", "did you mean flux-system/apps?"),
        ("apps", "team-a", "one of that name is flux-system/apps"),
        ("team-a/apps", "", "one of that name is flux-system/apps"),
        ("qqqqqqqqqqqqqqq", "flux-system", "`flux get kustomizations -A` lists them"),
    ],
)
def test_a_name_that_is_not_there_tells_which_are(
    empty: World, name: str, namespace: str, words: str
) -> None:
    base(empty)
    ran = ask(empty, name=name, namespace=namespace)
    assert (ran.code, ran.out) == (2, "")
    path = name if "/" in name else f"{namespace}/{name}"
    assert ran.err == f"statusbot: error: there is no Kustomization {path}: {words}\n"


def test_an_empty_cluster_may_be_the_wrong_one(empty: World) -> None:
    assert "there is none at all: is this the right cluster?" in ask(empty).err


@pytest.mark.parametrize("commit", ["", "abc", "main", "g" * 40, "1" * 65, "1234567 "[:6]])
def test_what_is_no_commit_is_refused(empty: World, commit: str) -> None:
    base(empty)
    ran = ask(empty, "--commit", commit)
    assert (ran.code, ran.out) == (2, "")
    assert "is no commit: give 7 to 40 of its hexadecimal digits" in ran.err


@pytest.mark.parametrize("name", ["a/b/c", "/apps", "team/", "/"])
def test_what_is_no_name_is_refused(empty: World, name: str) -> None:
    ran = ask(empty, name=name)
    assert (ran.code, ran.out) == (2, "")
    assert "is no Kustomization: write its name, or namespace/name" in ran.err


def test_the_name_may_hold_the_namespace(empty: World) -> None:
    posted(empty)
    assert ask(empty, name="flux-system/apps", namespace="").code == 0


def test_the_namespace_is_that_of_the_context(empty: World) -> None:
    kubeconfig = empty.kube.kubeconfig(empty.folder / "kubeconfig")
    config = json.loads(kubeconfig.read_text())
    for namespace, words in (("team-b", "no Kustomization team-b/apps"), ("", "flux-system/apps")):
        config["contexts"][0]["context"]["namespace"] = namespace
        (empty.folder / "other").write_text(json.dumps(config))
        ran = cli("explain", "apps", "--kubeconfig", str(empty.folder / "other"))
        assert ran.code == 2
        assert words in ran.err


def test_which_namespaces_a_poll_reads_is_no_namespace_of_an_object(empty: World) -> None:
    posted(empty)
    kubeconfig = str(empty.kube.kubeconfig(empty.folder / "kubeconfig"))
    env = {"STATUSBOT_NAMESPACE": "one two"}
    ran = cli("explain", "flux-system/apps", "--kubeconfig", kubeconfig, env=env)
    assert ran.code == 0


def test_it_reads_files_as_well(empty: World) -> None:
    base(empty)
    dump = empty.dump(*_objects(empty))
    ran = cli("explain", "apps", "--from", dump, env=TOKEN)
    assert ran.code == 1
    assert "no poll has come to it yet" in answer(ran)


def _objects(here: World) -> list[Object]:
    made = here.objects()
    return [kustomization(), *(obj for obj in made if obj["kind"] != "Kustomization")]


def test_what_may_be_read_in_one_namespace_only_is_told(tmp_path: Path) -> None:
    def only_in_namespaces(user: str, verb: str, plural: str, namespace: str) -> bool:
        return bool(namespace)

    with world(tmp_path, empty=True, authorize=only_in_namespaces) as here:
        base(here)
        ran = ask(here)
    assert ran.code == 1
    assert "!   what can be read: only the namespace flux-system can, so namesakes" in ran.out
    assert "no poll has come to it yet" in answer(ran)


def test_each_option_of_a_poll_means_the_same_here() -> None:
    ours = {p.name: p for p in command.params if isinstance(p, click.Option)}
    theirs = {p.name: p for p in run_command.params if isinstance(p, click.Option)}
    for name in ours.keys() & theirs.keys() - {"namespace", "output", "help"}:
        assert vars(ours[name].type) == vars(theirs[name].type)
        assert (ours[name].opts, ours[name].help) == (theirs[name].opts, theirs[name].help)


# -- the document

TEXT: Object = {"type": "string", "minLength": 1}
PATH: Object = {"type": "string", "pattern": "^[^/]+/[^/]+$"}
INSTANT: Object = {"type": "string", "pattern": r"^(never|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$"}
COMMIT: Object = {"type": "string", "pattern": "^[0-9a-f]{7,64}$"}
STATE: Object = {"enum": ["pending", "success", "failure", "error"]}


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
    commit=nullable(COMMIT),
    origin=nullable({"enum": ["now", "history", "owed", "ledger"]}),
    state=nullable(STATE),
    reason=nullable(TEXT),
    alert=nullable(PATH),
    provider=nullable(PATH),
    repository=nullable(TEXT),
    context=nullable(TEXT),
    description=nullable({"type": "string"}),
    url=nullable({"type": "string", "pattern": "^https?://"}),
    posted={"type": "boolean"},
    outcome=nullable({"enum": ["already", "would-post", "skipped", "deferred", "error"]}),
    why=nullable(TEXT),
    todo=nullable(TEXT),
    ledger=nullable(
        exactly(
            state=STATE,
            reason=nullable(TEXT),
            written=INSTANT,
            checked=INSTANT,
            refused=nullable(TEXT),
        )
    ),
    forge=nullable(
        exactly(state=nullable(STATE), description={"type": "string"}, created=nullable(INSTANT))
    ),
)
DOCUMENT = Draft202012Validator(
    {
        "$defs": {
            "step": exactly(
                name=TEXT,
                verdict={"enum": ["yes", "no", "fault", "fact", "unasked"]},
                value=nullable(TEXT),
                children={"type": "array", "items": {"$ref": "#/$defs/step"}},
            )
        },
        **exactly(
            version={"const": 1},
            cluster=TEXT,
            started=INSTANT,
            object=exactly(kind={"const": "Kustomization"}, namespace=TEXT, name=TEXT),
            commit=nullable(COMMIT),
            posted={"type": "boolean"},
            sentence=TEXT,
            why=nullable(TEXT),
            todo=nullable(TEXT),
            statuses={"type": "array", "items": STATUS},
            steps={"type": "array", "items": {"$ref": "#/$defs/step"}},
        ),
    }
)
