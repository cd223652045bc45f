"""The process of a real Gitea: its settings, its user, its start and its commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.real.processes import free_port, running, until

_APP_INI = """\
APP_NAME = Gitea
RUN_MODE = prod
WORK_PATH = {work}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {work}/static
OFFLINE_MODE = true
DISABLE_SSH = true
[database]
DB_TYPE = sqlite3
PATH = {work}/gitea.db
[repository]
ROOT = {work}/repositories
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-tests
[service]
DISABLE_REGISTRATION = true
[actions]
ENABLED = false
[cron]
ENABLED = false
[log]
ROOT_PATH = {work}/log
LEVEL = Warn
"""


@dataclass(frozen=True)
class Process:
    """A Gitea that answers at ``url``; ``work`` holds its binary, settings and data."""

    work: Path
    url: str

    def run(self, *arguments: str) -> None:
        """Run a ``gitea`` command beside the server; RuntimeError with its words when it fails."""
        done = subprocess.run(
            _command(self.work, *arguments), capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"gitea {arguments[0]} failed: {done.stdout}{done.stderr}")


@contextmanager
def process(folder: Path) -> Iterator[Process]:
    """``gitea web`` from the built ``folder`` on a free port, with an empty database."""
    # Not in pytest's own folder: that one is closed to the user that Gitea runs as.
    work = Path(tempfile.mkdtemp(prefix="statusbot-gitea-"))
    try:
        url = f"http://127.0.0.1:{_furnish(work, folder)}"
        log = work / "output"
        with running(_command(work, "web"), log) as child:
            until(lambda: _answers(url), child, log)
            yield Process(work, url)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _furnish(work: Path, folder: Path) -> int:
    port = free_port()
    shutil.copy(folder / "gitea", work)
    shutil.copytree(folder / "static", work / "static")
    (work / "app.ini").write_text(_APP_INI.format(work=work, port=port))
    if os.getuid() == 0:
        # It writes into its folder and, with secrets of its own, into its settings.
        shutil.chown(work, "nobody", "nogroup")
        shutil.chown(work / "app.ini", "nobody", "nogroup")
    return port


def _command(work: Path, *arguments: str) -> list[str]:
    # Gitea refuses to run as root. A change of the user also forgets which signal to get when the
    # parent dies, so setpriv sets it once more.
    other = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--pdeathsig=KILL"]
    environment = ["env", f"HOME={work}", f"--chdir={work}", "GITEA_CUSTOM=", "USER="]
    command = [str(work / "gitea"), *arguments, "--config", str(work / "app.ini")]
    return [*(other if os.getuid() == 0 else []), *environment, *command]


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False
