"""Which commit contains which, as a clone on this machine knows it.

Nothing is fetched and nobody is asked for a password. What the clone does not have, it cannot tell;
a shallow one cannot say no.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import time
from collections.abc import Callable

from statusbot.errors import UsageError
from statusbot.revision import FULL
from statusbot.text import cut, loggable, one_line, redact
from statusbot.wait.once import Once

log = logging.getLogger(__name__)

# Each question reads a commit graph, which may be large.
_SECONDS = 20.0
# What was not there may come with somebody's fetch.
_AGAIN = 30.0
_HEX = re.compile(r"[0-9a-f]{7,64}")
_QUIETLY = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # What stands in a commit's place (git replace, grafts) is not what the forge and Flux have.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    # A clone without all objects would fetch what is missing; older Git knows only the second.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_NO_REPOSITORY = "not a git repository"


class LocalGit:
    """The repository of ``folder``, or whichever GIT_DIR names."""

    def __init__(
        self,
        folder: str = ".",
        *,
        left: Callable[[], float] = lambda: _SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read yet. ``left`` tells how many seconds a question may take at the most."""
        self._folder = folder
        self._left = left
        self._clock = clock
        self._known: dict[tuple[str, str], bool] = {}
        self._not_before: dict[tuple[str, str], float] = {}
        self._once = Once(log)

    def resolve(self, sha: str) -> str | None:
        """The full SHA; None where the clone has no such commit, which says nothing.

        Raises UsageError where several commits begin so, and where it is a tag's: no source has it.
        """
        if not _HEX.fullmatch(sha):
            return None
        # Not by name: a branch may be called like a short SHA, and Git would take that first.
        names = [sha] if len(sha) in FULL else self._words("rev-parse", f"--disambiguate={sha}")
        found = self._words("cat-file", "--batch-check", stdin="\n".join(names) + "\n")
        pairs = zip(found[::3], found[1::3], strict=False) if len(found) % 3 == 0 else ()
        lines = list(pairs)
        commits = [name for name, kind in lines if kind == "commit"]
        if len(sha) in FULL and lines and lines[0][1] == "tag":
            raise self._is_tag(sha)
        if len(commits) > 1:
            what = f"{len(commits)} commits begin with {sha}"
            raise UsageError(what, todo="give more digits of it")
        return commits[0] if commits else None

    def _is_tag(self, sha: str) -> UsageError:
        commit = self._words("rev-parse", "--verify", "--quiet", f"{sha}^{{commit}}")
        todo = f"its commit is {commit[0]}" if commit else ""
        return UsageError(f"{sha} is a tag, not a commit", todo=todo)

    def contains(self, commit: str, ancestor: str) -> bool | None:
        """Whether ``ancestor`` is ``commit`` or among what it grew from."""
        pair = (commit, ancestor)
        if not (_HEX.fullmatch(commit) and _HEX.fullmatch(ancestor)):
            return None
        if commit == ancestor or pair in self._known:
            return self._known.get(pair, True)
        if self._clock() < self._not_before.get(pair, 0.0):
            return None
        told = self._ask(commit, ancestor)
        if told is None:
            self._not_before[pair] = self._clock() + _AGAIN
        else:
            self._known[pair] = told
        return told

    def _ask(self, commit: str, ancestor: str) -> bool | None:
        done = self._git("merge-base", "--is-ancestor", ancestor, commit)
        if done is None or done.returncode not in (0, 1):
            return None
        if done.returncode == 1 and self._words("rev-parse", "--is-shallow-repository") != [
            "false"
        ]:
            return None
        return done.returncode == 0

    def _words(self, *arguments: str, stdin: str = "") -> list[str]:
        done = self._git(*arguments, stdin=stdin)
        return done.stdout.split() if done is not None and done.returncode == 0 else []

    def _git(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str] | None:
        """What Git says; None where it cannot be asked."""
        environment = {**os.environ, **_QUIETLY}
        environment.pop("STATUSBOT_TOKEN", None)
        try:
            done = subprocess.run(
                ["git", "-C", self._folder, "--no-pager", *arguments],
                env=environment,
                input=stdin,
                capture_output=True,
                timeout=min(_SECONDS, self._left()),
                check=False,
                encoding="utf-8",
                errors="replace",
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self._say(type(error).__name__)
            return None
        if "dubious ownership" in done.stderr:
            self._say(done.stderr)
        return None if _NO_REPOSITORY in done.stderr else done

    def _say(self, why: str) -> None:
        """Why the clone is of no use, once."""
        line = loggable(cut(redact(one_line(why)), 200))
        self._once.warn(f"git cannot tell which commit contains which: {line}", about="git")
