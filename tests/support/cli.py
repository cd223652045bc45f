"""The command line, called in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

from statusbot.cli.boundary import run_command
from statusbot.cli.verbs import statusbot

# What of the environment of whoever runs the tests must not change what they do.
_OURS = ("STATUSBOT_", "KUBE", "GITHUB_", "INPUT_")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


def cli(*arguments: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran:
    """Run a command as a shell would."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with (
        _environment(env or {}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")),
    ):
        code = run_command(statusbot, list(arguments))
    out.flush()
    out.seek(0)
    return Ran(code, out.read(), err.getvalue())


def run_json(*arguments: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`statusbot run -o json`, whose report must be there."""
    ran = cli("run", "-o", "json", *arguments, env=env)
    assert ran.out, ran.err
    report: dict[str, Any] = json.loads(ran.out)
    return report | {"exit_code": ran.code}


@contextlib.contextmanager
def _environment(extra: Mapping[str, str]) -> Iterator[None]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    with mock.patch.dict(os.environ, {**kept, **extra}, clear=True):
        yield
