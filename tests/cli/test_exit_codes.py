"""0, 1, 2, 3, 124 and 130: each by what leads to it, and what is on stdout and stderr then."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from statusbot.demo.forge import faults
from statusbot.errors import Stopped
from statusbot.forges.gitea import Gitea
from statusbot.routing.router import AlertRouter
from tests.support.cli import cli
from tests.support.objects import C2, Object, alert, git, kustomization, not_ready
from tests.support.world import World

MARK = "ghp_" + "m4rk" * 8


def failed(message: str) -> Object:
    conditions = [not_ready("BuildFailed", message)]
    return {"conditions": conditions, "lastAttemptedRevision": git(C2), "observedGeneration": 1}


def test_0_when_all_is_posted(here: World) -> None:
    assert here.run().code == 0


def test_0_when_all_is_there_already(here: World) -> None:
    here.run()
    ran = here.run()
    assert (ran.code, here.forge.writes) == (0, 1)


def test_0_when_a_limit_defers_it(here: World) -> None:
    here.forge.faults.always(fault=faults.too_many(3600))
    assert here.run("--timeout", "20s").code == 0


def test_0_for_help_and_version() -> None:
    assert [cli(*words).code for words in (["--help"], ["--version"], ["run", "-h"])] == [0, 0, 0]


def test_0_when_another_run_holds_the_ledger(here: World) -> None:
    import fcntl

    path = here.folder / "ledger"
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = here.run("--ledger", f"file:{path}")
    assert (ran.code, ran.out, here.forge.calls) == (0, "", [])
    assert ran.err == f"statusbot: {path}: another run holds the ledger: nothing to do\n"


def test_1_when_something_cannot_be_posted(here: World) -> None:
    here.add(alert("dangling", providerRef={"name": "nobody"}))
    ran = here.run()
    assert (ran.code, ran.err) == (1, "")


def test_2_for_usage() -> None:
    ran = cli("run", "--nothing")
    assert (ran.code, ran.out) == (2, "")


def test_2_without_a_verb_and_then_the_help_is_on_stderr() -> None:
    ran = cli()
    assert (ran.code, ran.out) == (2, "")
    assert re.search(r"\brun +One poll: post what is new, and exit\.\n", ran.err)


def test_2_for_a_verb_that_there_is_not() -> None:
    ran = cli("rum")
    assert (ran.code, ran.out) == (2, "")
    assert "No such command 'rum'" in ran.err


class TestBug:
    """A line of ours that is broken on purpose."""

    def test_3_in_one_sentence_that_tells_where(self, here: World) -> None:
        with mock.patch.object(AlertRouter, "ways", side_effect=RuntimeError("planted")):
            ran = here.run()
        assert (ran.code, ran.out) == (3, "")
        (line,) = ran.err.splitlines()
        assert "a bug, at " in line
        assert "RuntimeError: planted" in line
        assert "please report it" in line

    def test_nothing_is_posted_after_it(self, here: World) -> None:
        with mock.patch.object(AlertRouter, "ways", side_effect=RuntimeError("planted")):
            here.run()
        assert here.forge.calls == []

    def test_3_when_it_is_where_forges_are_written_to(self, here: World) -> None:
        with mock.patch.object(Gitea, "write", side_effect=RuntimeError("planted")):
            ran = here.run()
        assert ran.code == 3
        assert "Traceback" not in ran.err

    def test_its_traceback_is_in_the_log_when_asked_for(self, here: World) -> None:
        with mock.patch.object(AlertRouter, "ways", side_effect=RuntimeError("planted")):
            ran = here.run("--log-level", "debug")
        assert "statusbot: debug: Traceback (most recent call last):" in ran.err

    @pytest.mark.parametrize("level", ["warning", "debug"])
    def test_a_token_in_it_is_not_shown(self, here: World, level: str) -> None:
        with mock.patch.object(AlertRouter, "ways", side_effect=RuntimeError(f"a {MARK}")):
            ran = here.run("--log-level", level)
        assert ran.code == 3
        assert MARK not in ran.err

    def test_a_command_for_ci_in_it_is_none_any_more(self, here: World) -> None:
        error = RuntimeError("a\n::add-mask::x ##[add-mask]y")
        with mock.patch.object(AlertRouter, "ways", side_effect=error):
            ran = here.run("--log-level", "debug")
        assert "##[" not in ran.err
        assert [line for line in ran.err.splitlines() if not line.startswith("statusbot: ")] == []


def test_124_when_the_cluster_takes_too_long(here: World) -> None:
    ran = here.run("--timeout", "0s")
    assert (ran.code, ran.out) == (124, "")
    assert "raise --timeout" in ran.err


@pytest.mark.parametrize("error", [Stopped, KeyboardInterrupt])
def test_130_when_it_is_interrupted(here: World, error: type[BaseException]) -> None:
    with mock.patch.object(AlertRouter, "ways", side_effect=error):
        ran = here.run()
    assert (ran.code, ran.out) == (130, "")
    assert ran.err.strip() == "statusbot: error: interrupted"


class TestProcess:
    """What only a process of its own can show."""

    def start(
        self, here: World, stdout: int = subprocess.PIPE, redirect: str = "", **env: str
    ) -> subprocess.CompletedProcess[bytes]:
        kubeconfig = str(here.kube.kubeconfig(here.folder / "kubeconfig"))
        python = [sys.executable, "-m", "statusbot", "run", "--kubeconfig", kubeconfig]
        return subprocess.run(
            ["sh", "-c", f'exec "$@" {redirect}', "sh", *python],
            env={"PATH": os.environ["PATH"], "HOME": str(here.folder), **env},
            cwd=Path(__file__).parents[2],
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )

    def test_a_reader_that_has_gone_is_no_error(self, here: World) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        try:
            ended = self.start(here, writer)
        finally:
            os.close(writer)
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert here.shown("healthy") == ["success"]

    def test_a_full_disk_is_told_and_is_no_bug(self, here: World) -> None:
        with open("/dev/full", "wb") as full:
            ended = self.start(here, full.fileno())
        assert ended.returncode == 1
        assert b"the report cannot be written: No space left on device" in ended.stderr
        assert here.shown("healthy") == ["success"]

    @pytest.mark.parametrize("words", [["--version"], ["--help"], ["completion", "bash"]])
    def test_a_disk_is_told_as_full_to_who_asks_for_words_only(self, words: list[str]) -> None:
        with open("/dev/full", "wb") as full:
            python = [sys.executable, "-m", "statusbot", *words]
            ended = subprocess.run(python, stdout=full, stderr=subprocess.PIPE, check=False)
        assert ended.returncode == 1
        told = b"statusbot: error: stdout: cannot be written: No space left on device\n"
        assert ended.stderr == told

    @pytest.mark.parametrize("words", [["--version"], ["run", "--help"], ["completion", "bash"]])
    def test_who_has_read_enough_words_is_no_error(self, words: list[str]) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb", 0) as gone:
            python = [sys.executable, "-m", "statusbot", *words]
            ended = subprocess.run(python, stdout=gone, stderr=subprocess.PIPE, check=False)
        assert (ended.returncode, ended.stderr) == (0, b"")

    @pytest.mark.parametrize("who", ["a full disk", "a reader that has gone"])
    def test_what_takes_no_word_on_stderr_changes_no_exit_code(self, who: str) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb", 0) as gone, open("/dev/full", "wb", 0) as full:
            python = [sys.executable, "-m", "statusbot", "wait", "no-commit"]
            stderr = full if who == "a full disk" else gone
            ended = subprocess.run(python, stdout=subprocess.PIPE, stderr=stderr, check=False)
        assert (ended.returncode, ended.stdout) == (2, b"")

    @pytest.mark.parametrize("stream", ["<&-", ">&-", "2>&-"])
    def test_a_stream_that_is_closed_does_not_hinder(self, here: World, stream: str) -> None:
        ended = self.start(here, redirect=stream)
        assert (ended.returncode, here.shown("healthy")) == (0, ["success"])

    def test_a_terminal_that_does_not_know_every_letter_does_not_hinder(self, here: World) -> None:
        here.add(kustomization(name="cut", status=failed("\u00e4 " * 300)))
        ended = self.start(here, PYTHONIOENCODING="iso-8859-1")
        assert (ended.returncode, ended.stderr) == (0, b"")
        assert b"build failed: \xe4 \xe4" in ended.stdout
        assert b"\xe4\\u2026" in ended.stdout
