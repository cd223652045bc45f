"""``statusbot wait``, from its options to its exit code."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest import mock

import pytest
import yaml

from statusbot.cli.wait import command
from statusbot.cli.waiting import resolved, via_of
from statusbot.cluster import kubeconfig as kubeconfig_module
from statusbot.demo.kube import EmbeddedKubernetes, Fault
from statusbot.errors import UsageError
from tests.support.cli import Ran, cli
from tests.support.lineage import Line
from tests.support.objects import (
    C1,
    C2,
    URL,
    Object,
    git,
    git_repository,
    green,
    kustomization,
    not_ready,
)

ROOT = Path(__file__).parents[2]
Wait = Callable[..., Ran]
# A guard for a process that hangs, not a measurement.
AT_ONCE = 20.0


@pytest.fixture
def wait(kubeconfig: Path) -> Wait:
    """Calls it for a commit of the cluster's repository."""

    def call(sha: str, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        where = ("--kubeconfig", str(kubeconfig), "--address", URL)
        return cli("wait", sha, *where, *arguments, env=env)

    return call


def refused(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    *_, line = ran.err.splitlines()
    assert line.startswith("statusbot: error: ")
    return line


# -- how it ends


def test_green_is_0(wait: Wait) -> None:
    ran = wait(C1)
    assert ran.code == 0
    first, last = ran.out.splitlines()
    said = first.partition(": ")[2]
    assert said == f"green flux-system/apps at 11111111: Applied revision: {git(C1)}"
    assert last.startswith("1 of 1 green at 11111111 after ")
    assert ran.err == ""


def test_red_is_1_and_says_who_and_why(wait: Wait, kube: EmbeddedKubernetes) -> None:
    status = green(conditions=[not_ready("BuildFailed", "no such file")])
    kube.apply(kustomization(status, name="web"))
    ran = wait(C1)
    assert ran.code == 1
    *_, reason, last = ran.out.splitlines()
    assert reason == "red flux-system/web at 11111111: BuildFailed: no such file"
    assert last.startswith("1 of 2 green at 11111111 after ")
    assert last.endswith(": 1 failed")


def test_a_time_out_is_124_and_says_what_is_missing(wait: Wait) -> None:
    ran = wait(C2, "-k", "apps", "-k", "late", "--timeout", "3s", "--exact")
    assert ran.code == 124
    *_, one, two, last = ran.out.splitlines()
    assert one == "missing: waiting flux-system/apps at 11111111: it succeeded at another commit"
    assert two == "missing: waiting flux-system/late: Missing: there is no such Kustomization"
    assert last.endswith(": timed out")


@pytest.mark.parametrize(("status", "code"), [(green(git(C2)), 0), (green(git(C1)), 124)])
def test_no_time_at_all_looks_once(
    wait: Wait, kube: EmbeddedKubernetes, status: Object, code: int
) -> None:
    kube.apply(kustomization(status))
    assert wait(C2, "-k", "apps", "--timeout", "0s").code == code


def test_a_cluster_that_hangs_is_124(wait: Wait, kube: EmbeddedKubernetes) -> None:
    kube.faults.fail = lambda request: Fault(hang=60.0)
    ran = wait(C1, "--timeout", "200ms")
    assert ran.code == 124
    assert "nothing to wait for yet" in ran.out
    assert f"{kube.url} does not answer in time" in ran.err


def test_the_time_that_git_took_counts(
    wait: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    ran = wait(C1, "-o", "json", "--timeout", "50ms")
    assert ran.code == 124
    assert json.loads(ran.out)["seconds"] >= 0.05


def test_a_git_that_hangs_over_the_repository_is_124(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 600\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    ran = cli("wait", C1, "--kubeconfig", str(kubeconfig), "--timeout", "50ms")
    assert ran.code == 124
    assert "git did not tell the repository of this folder in time" in ran.err


@pytest.fixture
def late(tmp_path: Path, kube: EmbeddedKubernetes) -> Path:
    """A kubeconfig whose command for credentials never ends."""
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sleep",
        "args": ["600"],
        "interactiveMode": "Never",
    }
    path = kube.kubeconfig(tmp_path / "late")
    config = yaml.safe_load(path.read_text())
    config["users"][0]["user"] = {"exec": plugin}
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.mark.parametrize("sha", [C1, C1[:8]])
def test_what_ends_before_anybody_could_look_is_a_document_too(late: Path, sha: str) -> None:
    where = ("--kubeconfig", str(late), "--address", URL)
    ran = cli("wait", sha, *where, "-o", "json", "--timeout", "50ms")
    document = json.loads(ran.out)
    assert (ran.code, document["result"], document["sha"]) == (124, "timeout", sha)
    assert document["kustomizations"] == []
    assert "the credentials were not there in time" in ran.err


def test_the_document_goes_to_stdout_alone(wait: Wait) -> None:
    ran = wait(C1, "-o", "json")
    document = json.loads(ran.out)
    assert (ran.code, document["result"], document["sha"]) == (0, "green", C1)
    assert ran.err.partition(" s: ")[2].startswith("green flux-system/apps")


def test_a_red_document_is_1(wait: Wait, kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization(green(conditions=[not_ready("BuildFailed")])))
    ran = wait(C1, "-o", "json")
    assert (ran.code, json.loads(ran.out)["result"]) == (1, "red")


def test_upper_case_is_the_same_commit(wait: Wait, kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization(green(git("a" * 40))))
    assert wait("A" * 40).code == 0


# -- which ones


def test_a_name_alone_is_in_flux_s_namespace(wait: Wait) -> None:
    assert wait(C1, "-k", "apps").code == 0


def test_a_name_alone_is_in_the_namespace_of_n(wait: Wait, kube: EmbeddedKubernetes) -> None:
    there = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}
    kube.apply(kustomization(namespace="team-a", name="web", source=there))
    ran = wait(C1, "-k", "web", "-n", "team-a")
    assert (ran.code, ran.out.split()[3]) == (0, "team-a/web")


def test_of_several_namespaces_a_name_alone_says_too_little(wait: Wait) -> None:
    said = refused(wait(C1, "-k", "web", "-n", "team-a", "-n", "team-b"))
    assert "write NAMESPACE/NAME" in said


@pytest.mark.parametrize("name", ["/web", "team-a/", "a/b/c"])
def test_what_is_no_name_is_refused(wait: Wait, name: str) -> None:
    assert "is no Kustomization" in refused(wait(C1, "-k", name))


def test_only_the_namespaces_of_named_ones_are_read(tmp_path: Path) -> None:
    def only_there(user: str, verb: str, resource: str, namespace: str) -> bool:
        return namespace == "flux-system"

    with EmbeddedKubernetes(token="admin", authorize=only_there) as kube:
        kube.apply_all([git_repository(), kustomization()])
        config = kube.kubeconfig(tmp_path / "config")
        ran = cli("wait", C1, "--kubeconfig", str(config), "-k", "flux-system/apps")
    assert ran.code == 0, ran.err


def test_labels_choose(wait: Wait, kube: EmbeddedKubernetes) -> None:
    kube.apply(kustomization(name="web", labels={"tier": "web"}))
    assert "flux-system/web" in wait(C1, "-l", "tier=web").out
    assert "no Kustomization has the labels tier=db" in refused(wait(C1, "-l", "tier=db"))


def test_labels_choose_in_the_namespaces_of_n_alone(wait: Wait, kube: EmbeddedKubernetes) -> None:
    there = {"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"}
    for path in ("a/x", "b/y", "b/other"):
        namespace, _, name = path.partition("/")
        made = kustomization(name=name, namespace=namespace, labels={"tier": "web"}, source=there)
        kube.apply(made)
    ran = wait(C1, "-n", "a", "-l", "tier=web", "-k", "b/y", "-o", "json")
    shown = json.loads(ran.out)["kustomizations"]
    assert [f"{one['namespace']}/{one['name']}" for one in shown] == ["a/x", "b/y"]


def test_none_at_all_is_2(wait: Wait) -> None:
    said = refused(wait(C1, "--address", "https://github.com/acme/other"))
    assert "no Kustomization's source is the repository" in said


def test_the_repository_is_that_of_the_folder(
    kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    monkeypatch.chdir(clone)
    where = ("--kubeconfig", str(kubeconfig))
    assert "nobody says which Kustomizations" in refused(cli("wait", C1, *where))
    for call in (["init", "-q"], ["remote", "add", "origin", "git@github.com:acme/fleet.git"]):
        subprocess.run(["git", *call], check=True)
    assert cli("wait", C1, *where).code == 0


# -- which commit


@pytest.mark.parametrize("sha", ["main", "HEAD", "abc", "g" * 40, "1" * 65, "", "v1.0.0"])
def test_what_is_no_sha_is_2(wait: Wait, sha: str) -> None:
    assert "is no commit: give its SHA (`git rev-parse HEAD` prints one)" in refused(wait(sha))


def test_a_short_sha_needs_somebody_who_knows_it() -> None:
    assert resolved(C2[:7], Line((C1, C2))) == C2
    with pytest.raises(UsageError, match="nobody here knows how 2222222 goes on"):
        resolved(C2[:7], None)
    with pytest.raises(UsageError, match="nobody here knows"):
        resolved(C2[:7], Line((C1, C2), {C2}))


def test_a_full_sha_is_taken_as_it_is_where_nobody_can_tell() -> None:
    assert resolved(C2, None) == C2
    assert resolved(C2, Line((C1, C2), {C2})) == C2


def test_a_sha_that_the_repository_does_not_know_is_refused() -> None:
    with pytest.raises(UsageError, match="knows no commit"):
        resolved(C2, Line((C1,)))


# -- where


NOTHING = {"via": None, "kubeconfig": None, "kube_context": None}


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        ({"kubeconfig": "x"}, {}),
        ({"kube_context": "x"}, {}),
        ({}, {"KUBECONFIG": "/not/there"}),
        ({"via": "cluster"}, {}),
    ],
)
def test_who_names_a_cluster_means_it(options: dict[str, str], environ: dict[str, str]) -> None:
    assert via_of(NOTHING | options, environ) == "cluster"


def test_a_kubeconfig_in_its_place_means_a_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "config"
    monkeypatch.setattr(kubeconfig_module, "DEFAULT", str(place))
    assert via_of(NOTHING, {}) == "forge"
    place.write_text("{}")
    assert via_of(NOTHING, {}) == "cluster"
    assert via_of(NOTHING | {"via": "forge"}, {}) == "forge"


def test_without_a_cluster_and_an_address_there_is_nowhere_to_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kubeconfig_module, "DEFAULT", "/not/there")
    said = refused(cli("wait", C1))
    assert "no credentials for a cluster" in said
    assert "--kubeconfig" in said


def test_via_forge_needs_an_address() -> None:
    assert "--via forge needs --address" in refused(cli("wait", C1, "--via", "forge"))


def test_a_host_that_nobody_knows_needs_a_type() -> None:
    said = refused(cli("wait", C1, "--via", "forge", "--address", "https://git.example.com/a/b"))
    assert "--provider-type" in said


# -- the command itself


def test_every_option_is_a_variable_too(kubeconfig: Path) -> None:
    env = {
        "STATUSBOT_KUBECONFIG": str(kubeconfig),
        "STATUSBOT_ADDRESS": URL,
        "STATUSBOT_KUSTOMIZATION": "apps",
        "STATUSBOT_OUTPUT": "json",
        "STATUSBOT_EXACT": "true",
    }
    ran = cli("wait", C1, env=env)
    assert (ran.code, json.loads(ran.out)["result"]) == (0, "green")


def test_empty_variables_are_none(wait: Wait) -> None:
    names = [p.name for p in command.params if p.name not in ("sha", "help")]
    env = {f"STATUSBOT_{str(name).upper()}": "" for name in names}
    assert wait(C1, env=env).code == 0


def test_help_has_examples_and_exit_codes() -> None:
    said = cli("wait", "--help").out
    assert "Examples:" in said and "the time is over" in said
    assert "wait" in cli("--help").out


def start(config: Path, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    ours = ("STATUSBOT_", "KUBE", "COVERAGE_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    where = ("--kubeconfig", str(config), "--address", URL)
    return subprocess.Popen(
        [sys.executable, "-m", "statusbot", "wait", *arguments, *where],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_wait_at_once(kubeconfig: Path, sig: signal.Signals) -> None:
    with start(kubeconfig, C2) as process:
        assert process.stdout is not None
        assert " s: waiting flux-system/apps" in process.stdout.readline()
        process.send_signal(sig)
        out, err = process.communicate(timeout=AT_ONCE)
    assert process.returncode == 130
    assert (out, err.splitlines()[-1]) == ("", "statusbot: error: interrupted")


def test_a_signal_ends_a_wait_for_a_cluster_that_hangs(
    kube: EmbeddedKubernetes, kubeconfig: Path
) -> None:
    seen = threading.Event()

    def fail(request: object) -> Fault:
        seen.set()
        return Fault(hang=60.0)

    kube.faults.fail = fail
    with start(kubeconfig, C2) as process:
        assert seen.wait(60)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=AT_ONCE)
    assert process.returncode == 130


def test_a_reader_that_leaves_opens_no_gate(kube: EmbeddedKubernetes, kubeconfig: Path) -> None:
    with start(kubeconfig, C2, "--timeout", "60s") as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        for number in range(5):  # lines that nobody takes
            kube.apply(kustomization(name=f"late-{number}"))
        kube.apply(kustomization(green(conditions=[not_ready("BuildFailed")], **at(C2))))
        process.stdout = None
        process.communicate(timeout=60)
    assert process.returncode == 1


def test_progress_that_nobody_takes_is_no_red(kubeconfig: Path) -> None:
    with open("/dev/full", "wb", 0) as full:
        with start(kubeconfig, C1, "-o", "json", stderr=full.fileno()) as process:
            out, _ = process.communicate(timeout=AT_ONCE)
    assert (process.returncode, json.loads(out)["result"]) == (0, "green")


@pytest.mark.parametrize("number", [errno.EIO, errno.EPIPE])
def test_a_terminal_that_is_gone_is_neither_red_nor_green(wait: Wait, number: int) -> None:
    gone = OSError(number, os.strerror(number))
    with mock.patch("statusbot.cli.wait.AsLines.progress", side_effect=gone):
        assert "stdout: the progress cannot be written" in refused(wait(C1))


def at(commit: str) -> dict[str, str]:
    return {"lastAttemptedRevision": git(commit)}
