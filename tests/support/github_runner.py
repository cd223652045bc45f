"""A step of a job on GitHub, run as its runner runs a Docker action: by entrypoint or by image.

Read off actions/runner: Runner.Worker/ActionRunner.cs (inputs), Handlers/ContainerActionHandler.cs
(environment, folders) and action_yaml.json (which contexts may stand where).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.github_commands import ANNOTATIONS, Command, commands, masked, pairs_of_file
from tests.support.github_expressions import resolved

ROOT = Path(__file__).parents[2]
# The runner takes no summary that is larger.
SUMMARY_LIMIT = 1024 * 1024
# What names a file that the step may write to, and the beginning of that file's name.
_FILES = {
    "GITHUB_OUTPUT": "set_output_",
    "GITHUB_STEP_SUMMARY": "step_summary_",
    "GITHUB_ENV": "set_env_",
    "GITHUB_PATH": "add_path_",
    "GITHUB_STATE": "save_state_",
}
_FOLDERS = {
    "workspace": "/github/workspace",
    "temp/_github_home": "/github/home",
    "temp/_github_workflow": "/github/workflow",
    "temp/_runner_file_commands": "/github/file_commands",
    "temp": "/github/runner_temp",
}


@dataclass(frozen=True, slots=True)
class Start:
    """How a container is to be started: ``mounts`` are folders here by their path in it."""

    arguments: tuple[str, ...]
    env: Mapping[str, str]
    mounts: Mapping[str, Path]
    workspace: Path

    def inside(self) -> dict[str, str]:
        """The environment with the paths that the container has, as the runner translates them."""
        return {name: self._translated(value) for name, value in self.env.items()}

    def _translated(self, value: str) -> str:
        for path, folder in self.mounts.items():
            if value == str(folder) or value.startswith(f"{folder}/"):
                return path + value.removeprefix(str(folder))
        return value


Starter = Callable[[Start], "subprocess.CompletedProcess[str]"]


def by_entrypoint(start: Start) -> subprocess.CompletedProcess[str]:
    """``entrypoint.py`` of the checkout, with nothing of our environment but where programs are."""
    return subprocess.run(
        [sys.executable, ROOT / "entrypoint.py", *start.arguments],
        env={"PATH": os.environ["PATH"], **start.env},
        cwd=start.workspace,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@dataclass(frozen=True)
class Step:
    """What a step left behind: ``outputs`` for later steps, ``summary`` as it is shown."""

    code: int
    out: str
    err: str
    outputs: dict[str, str]
    summary: str
    commands: tuple[Command, ...]
    warnings: tuple[str, ...]

    @property
    def masks(self) -> frozenset[str]:
        """Every text that the runner was told to keep out of the log."""
        return frozenset(each.text for each in self.commands if each.name == "add-mask")

    @property
    def annotations(self) -> tuple[Command, ...]:
        """What is shown beside the files of the change."""
        return tuple(each for each in self.commands if each.name in ANNOTATIONS)

    @property
    def log(self) -> str:
        """Both streams as everybody sees them, without what was masked."""
        return masked(self.out + self.err, self.masks)


@dataclass
class Runner:
    """A job in ``folder``, where ``folder / "workspace"`` is what was checked out.

    ``env`` is that of the workflow and job, ``github`` what its context has beside the usual. Two
    steps of one runner see the same workspace and ``RUNNER_TEMP``.
    """

    folder: Path
    start: Starter = by_entrypoint
    env: Mapping[str, str] = field(default_factory=dict)
    github: Mapping[str, str] = field(default_factory=dict)
    action: Mapping[str, Any] = field(default_factory=lambda: action())

    def __post_init__(self) -> None:
        # What is made here is made again by every step, if it was taken away.
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._steps = 0

    @property
    def workspace(self) -> Path:
        """Where the step runs, and where its relative paths begin."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """``RUNNER_TEMP``: what steps of the job keep for each other."""
        return self.folder / "temp"

    def step(
        self,
        inputs: Mapping[str, str] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
    ) -> Step:
        """Run the action with ``inputs`` as its ``with``, and ``env`` as the step's own."""
        self._steps += 1
        files = {name: self._file(prefix) for name, prefix in _FILES.items()}
        contexts = {"github": self._github(), "runner": {"os": "Linux", "temp": str(self.temp)}}
        given = self._inputs(inputs or {}, contexts)
        made = {**self.env, **(env or {})}
        made |= {f"INPUT_{name.replace(' ', '_').upper()}": text for name, text in given.items()}
        # Only what neither workflow, job nor step set.
        made = {**self._runs_env(given), **made}
        made |= self._variables(contexts["github"]) | {k: str(v) for k, v in files.items()}
        mounts = {path: self.folder / name for name, path in _FOLDERS.items()}
        ran = self.start(Start(self._arguments(given) + arguments, made, mounts, self.workspace))
        return self._step(ran, files, tuple(sorted(set(given) - set(self.action["inputs"]))))

    def _step(
        self,
        ran: subprocess.CompletedProcess[str],
        files: Mapping[str, Path],
        unknown: tuple[str, ...],
    ) -> Step:
        found = tuple(commands(f"{ran.stdout}\n{ran.stderr}".split("\n")))
        warnings = tuple(f"Unexpected input(s) '{name}'" for name in unknown)
        summary = files["GITHUB_STEP_SUMMARY"].read_text()
        if len(summary.encode()) > SUMMARY_LIMIT:
            warnings += ("$GITHUB_STEP_SUMMARY supports content up to a size of 1024k",)
            summary = ""
        secrets = [each.text for each in found if each.name == "add-mask"]
        outputs = pairs_of_file(files["GITHUB_OUTPUT"].read_text())
        shown = masked(summary, secrets)
        return Step(ran.returncode, ran.stdout, ran.stderr, outputs, shown, found, warnings)

    def _inputs(
        self, given: Mapping[str, str], contexts: Mapping[str, Mapping[str, str]]
    ) -> dict[str, str]:
        """What was given, and the defaults of the rest, which may name ``github`` and ``runner``."""
        defaults = {
            name: resolved(entry.get("default", ""), contexts)
            for name, entry in self.action["inputs"].items()
            if name not in given
        }
        return {**given, **defaults}

    def _runs_env(self, inputs: Mapping[str, str]) -> dict[str, str]:
        """``runs.env``, where no context but ``inputs`` is known."""
        env = self.action["runs"].get("env", {})
        return {name: resolved(text, {"inputs": inputs}) for name, text in env.items()}

    def _arguments(self, inputs: Mapping[str, str]) -> tuple[str, ...]:
        listed = self.action["runs"].get("args", [])
        return tuple(resolved(text, {"inputs": inputs}) for text in listed)

    def _file(self, prefix: str) -> Path:
        path = self.temp / "_runner_file_commands" / f"{prefix}{self._steps}"
        path.touch()
        # The runner is 1001, as is whoever runs in the image; a test may be anybody.
        path.chmod(0o666)
        return path

    def _github(self) -> dict[str, str]:
        """The context, without what no step here has a use for."""
        return {
            "server_url": "https://github.com",
            "api_url": "https://api.github.com",
            "repository": "my-org/my-repo",
            "sha": "5f" * 20,
            "ref": "refs/heads/main",
            "ref_name": "main",
            "event_name": "push",
            "run_id": "1234567890",
            "run_attempt": "1",
            "job": "deploy",
            "actor": "octocat",
            "workflow": "Deploy",
            "workspace": str(self.workspace),
            "token": "ghs_token-of-the-job-for-tests",
            **self.github,
        }

    def _variables(self, github: Mapping[str, str]) -> dict[str, str]:
        """What every step gets: the token of the context is not among it."""
        event = self.temp / "_github_workflow" / "event.json"
        event.write_text("{}")
        variables = {f"GITHUB_{k.upper()}": v for k, v in github.items() if k != "token"}
        return variables | {
            "GITHUB_EVENT_PATH": str(event),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_TEMP": str(self.temp),
            "HOME": str(self.temp / "_github_home"),
            "GITHUB_ACTIONS": "true",
            "CI": "true",
        }


def action() -> dict[str, Any]:
    """``action.yml``, all of whose scalars the runner reads as text."""
    found: dict[str, Any] = yaml.load((ROOT / "action.yml").read_text(), Loader=yaml.BaseLoader)
    return found
