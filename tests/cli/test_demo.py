from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from statusbot.cli import demo, run
from statusbot.errors import Stopped
from statusbot.interrupt import Interrupt
from tests.support.cli import Ran, cli

SHORT = ("demo", "--scenario", "superseded", "--speed", "1000000")
STATUSBOT = f"{sys.executable} -m statusbot"


@pytest.fixture(scope="module")
def ran() -> Ran:
    return cli(*SHORT)


def test_the_demo_ends_with_0_when_all_of_it_was_right(ran: Ran) -> None:
    assert (ran.code, ran.err) == (0, "")


def test_its_lines_have_no_control_codes(ran: Ran) -> None:
    assert "\x1b" not in ran.out and "\r" not in ran.out


def test_only_the_chosen_scenario_is_played(ran: Ran) -> None:
    titles = [line for line in ran.out.splitlines() if line.startswith("== ")]
    assert titles == ["== Commits that Flux never saw (superseded)"]


def test_the_demo_ends_with_1_when_something_was_not_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = {"counts": {"posted": 0}, "forge_calls": {"read": 0, "write": 0}, "statuses": []}
    monkeypatch.setattr(demo, "poll", lambda kubeconfig, ledger, interrupt: report)
    ran = cli(*SHORT)
    assert (ran.code, "WRONG: c1" in ran.out) == (1, True)


def test_the_scenarios_keep_their_order_whatever_the_options_order() -> None:
    ran = cli(*SHORT, "--scenario", "success-chain")
    titles = [line for line in ran.out.splitlines() if line.startswith("== ")]
    assert [title.split("(")[1] for title in titles] == ["success-chain)", "superseded)"]


def test_a_scenario_that_there_is_none_of_is_a_usage_error() -> None:
    ran = cli("demo", "--scenario", "nothing")
    assert (ran.code, "superseded" in ran.err) == (2, True)


@pytest.mark.parametrize("speed", ["0", "-1"])
def test_time_cannot_stand_still(speed: str) -> None:
    assert cli("demo", "--speed", speed).code == 2


@pytest.mark.parametrize(
    "env",
    [
        {"STATUSBOT_DRY_RUN": "1"},
        {"STATUSBOT_NAMESPACE": "elsewhere"},
        {"STATUSBOT_FROM": "nothing.yaml"},
        {"KUBECONFIG": "/nonexistent"},
        {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
        {"ALL_PROXY": "http://127.0.0.1:9"},
    ],
    ids=lambda env: next(iter(env)),
)
def test_what_the_environment_says_to_other_runs_does_not_change_the_demo(
    env: dict[str, str],
) -> None:
    ran = cli(*SHORT, env=env)
    assert (ran.code, ran.err) == (0, "")


def test_a_polls_environment_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSBOT_NAMESPACE", "elsewhere")
    with demo._environment():
        inside = os.environ.get("STATUSBOT_NAMESPACE")
    assert (inside, os.environ["STATUSBOT_NAMESPACE"]) == (None, "elsewhere")


def test_a_poll_that_was_told_to_stop_stops_the_show(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "run", lambda options, token, interrupt: 130)
    with pytest.raises(Stopped):
        demo.poll(tmp_path / "kubeconfig", None, Interrupt())


def test_help_says_how_serve_ends() -> None:
    words = " ".join(cli("demo", "--help").out.split())
    assert "130 interrupted, which is also how --serve ends" in words


@pytest.fixture
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bin" / "statusbot"
    path.parent.mkdir()
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(path)])
    return path


def test_a_statusbot_of_the_path_is_called_by_its_name(
    entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(entry.parent))
    assert demo._called() == "statusbot"


def test_a_statusbot_elsewhere_is_called_by_its_path(
    entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert demo._called() == str(entry)


def test_a_module_is_called_as_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/statusbot/__main__.py"])
    assert demo._called() == STATUSBOT


@dataclass
class Served:
    """A demo that stays up: what it printed, and its process."""

    process: subprocess.Popen[str]
    lines: list[str]

    def line(self, part: str) -> str:
        return next(line.strip() for line in self.lines if part in line)

    @property
    def folder(self) -> Path:
        return Path(self.line("export KUBECONFIG=").partition("=")[2]).parent

    def shell(self, *lines: str) -> str:
        """Paste lines into a shell; its environment is that of a user, not of this test."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("STATUSBOT_")}
        done = subprocess.run(
            ["sh", "-e", "-c", "\n".join(lines)],
            env=env,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as process:
        yield Served(process, list(until_ready(process)))
        process.terminate()


def serving() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "statusbot", *SHORT, "--serve"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_ready(process: subprocess.Popen[str]) -> Iterator[str]:
    """Its lines up to the last one that it prints before it waits."""
    assert process.stdout is not None
    for line in process.stdout:
        yield line.rstrip("\n")
        if line.strip().startswith("curl "):
            return


def test_served_statuses_are_all_there_for_a_run_by_hand(served: Served) -> None:
    out = served.shell(served.line("export KUBECONFIG="), served.line("run --all"))
    assert "2 results: 0 posted, 2 already there" in out


def test_served_a_status_can_be_asked_about(served: Served) -> None:
    out = served.shell(served.line("export KUBECONFIG="), served.line("explain "))
    assert out.splitlines()[-1] == "the 2 statuses are posted"


def test_served_a_commit_can_be_waited_for(served: Served) -> None:
    line = served.line("wait ")
    following = served.lines[[each.strip() for each in served.lines].index(line) + 1]
    out = served.shell(served.line("export KUBECONFIG="), line, following.strip())
    assert out.splitlines()[-1].startswith("1 of 1 green")


def test_served_a_ci_step_can_be_tried_by_hand(served: Served) -> None:
    out = served.shell(
        served.line("export KUBECONFIG="),
        served.line("STATUSBOT_TOKEN="),
        served.line("--provider-type github"),
    )
    assert "2 posted" in out


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on PATH")
def test_served_the_forges_api_can_be_asked(served: Served) -> None:
    answer: dict[str, Any] = json.loads(served.shell(served.line("curl ")))
    assert answer["state"] == "success"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on PATH")
def test_served_the_forge_has_a_page(served: Served) -> None:
    page = served.lines[served.lines.index(served.line("Both servers stay up")) + 1]
    assert "rig/superseded" in served.shell(f"curl {page.strip()}")


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not on PATH")
def test_served_kubectl_reads_the_cluster(served: Served) -> None:
    out = served.shell(served.line("export KUBECONFIG="), served.line("kubectl "))
    assert "s-superseded" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_served_demo_ends_with_130_and_leaves_nothing_behind(number: signal.Signals) -> None:
    with serving() as process:
        served = Served(process, list(until_ready(process)))
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err, served.folder.exists()) == (130, "", False)


def test_an_interrupted_show_ends_with_130_and_says_so() -> None:
    command = [sys.executable, "-m", "statusbot", "demo", "--speed", "0.1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "statusbot: error: interrupted\n")
