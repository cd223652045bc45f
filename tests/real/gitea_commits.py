"""Many commits at once: one by one through Gitea's API each would take a quarter of a second."""

from __future__ import annotations

import os
import subprocess
import tempfile

_COMMIT = """\
commit refs/heads/main
committer Acme <acme@example.com> {time} +0000
data <<END
Commit {number}
END

"""


def push(url: str, authorization: str, count: int) -> list[str]:
    """Push ``count`` empty commits to ``main`` of an empty repository; their SHAs, oldest first."""
    commits = (_COMMIT.format(time=1_700_000_000 + n, number=n) for n in range(count))
    return push_stream(url, authorization, "".join(commits), "main")


def push_stream(url: str, authorization: str, words: str, *branches: str) -> list[str]:
    """Push branches as ``git fast-import`` makes them; all SHAs, oldest first by their dates."""
    with tempfile.TemporaryDirectory(prefix="statusbot-commits-") as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "GIT_DIR": f"{folder}/repository",
            "GIT_TERMINAL_PROMPT": "0",
            # Not in the arguments, which every user of the machine can read.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: {authorization}",
        }
        _git(environment, "init", "--quiet", "--bare", "--initial-branch=main")
        _git(environment, "fast-import", "--quiet", words=words)
        _git(environment, "push", "--quiet", url, *branches)
        return _git(environment, "rev-list", "--reverse", "--all").split()


def _git(environment: dict[str, str], *arguments: str, words: str = "") -> str:
    command = ["git", *arguments]
    done = subprocess.run(
        command, env=environment, input=words, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]} failed: {done.stderr}")
    return done.stdout
