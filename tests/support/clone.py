"""Git repositories in temporary folders, made without anybody's configuration."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Acme",
    "GIT_AUTHOR_EMAIL": "acme@example.com",
    "GIT_COMMITTER_NAME": "Acme",
    "GIT_COMMITTER_EMAIL": "acme@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True)
class Clone:
    """A repository; its commits are empty."""

    folder: Path

    def git(self, *arguments: str, words: str = "") -> str:
        """What git says; CalledProcessError where it refuses."""
        command = ["git", "-C", str(self.folder), *arguments]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), **_IDENTITY}
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, input=words
        ).stdout.strip()

    def commit(self, message: str) -> str:
        """The SHA of one more commit on the branch that is checked out."""
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def cloned(self, folder: Path, *options: str) -> Clone:
        """A clone of it as by the network."""
        self.git("clone", "--quiet", *options, f"file://{self.folder}", str(folder))
        return Clone(folder)


def new(folder: Path, *options: str) -> Clone:
    """A repository without commits."""
    folder.mkdir()
    clone = Clone(folder)
    clone.git("init", "--quiet", "--initial-branch=main", *options)
    return clone
