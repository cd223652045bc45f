"""What a step in CI leaves beside its report: a summary, annotations, outputs, a file for later steps.

Everywhere: the summary that ``--summary`` asks for. On GitHub annotations, groups in the log, and
outputs. A report in a file, ``failed`` and masks only where the Action runs: whoever calls the
command line there may keep what it prints, and a mask is a secret until the runner has read it.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from statusbot.cli.stdout import on_stderr
from statusbot.errors import UsageError
from statusbot.report.github import END_GROUP, Annotations, group, is_github
from statusbot.report.outputs import pairs

log = logging.getLogger(__name__)

# In the workspace, which is all that the container and later steps both see.
FOLDER = "statusbot-reports"
# As --ledger has it: nothing is kept.
NONE = "none"


def is_action(environ: Mapping[str, str]) -> bool:
    """Whether the Action runs us: only its steps have inputs."""
    return is_github(environ) and "INPUT_COMMAND" in environ


class Step:
    """Of one call of a verb, which says what it has to say and then calls ``close``."""

    def __init__(self, summary: str | None, environ: Mapping[str, str] | None = None) -> None:
        """``summary`` is the path of ``--summary``. Raises UsageError where it takes nothing."""
        env = os.environ if environ is None else environ
        self.on_github = is_github(env)
        self.workspace = env.get("GITHUB_WORKSPACE", "")
        self.annotations = Annotations(on_stderr if self.on_github else lambda line: None)
        self._folded = False
        self._outputs = env.get("GITHUB_OUTPUT", "") if self.on_github else ""
        self._report = _place(env) if is_action(env) else None
        self._summary = None if summary in (None, "", NONE) else summary
        # A runner that gives us a file we cannot write is no reason to fail.
        self._asked = self._summary != env.get("GITHUB_STEP_SUMMARY", "")
        if self._summary and self._asked:
            _check(self._summary)

    @property
    def wanted(self) -> bool:
        """Whether there is anybody to leave something to: a run that follows has many rounds."""
        return self.on_github or bool(self._summary)

    def fold(self, title: str) -> None:
        """What is logged from here on stands in a group of GitHub's log, up to ``unfold``."""
        if self.on_github and not self._folded:
            self._folded = True
            # Standard output is the report's, which may be JSON; the runner reads both.
            on_stderr(group(title))

    def unfold(self) -> None:
        """End the group, if there is one: what follows is to be seen."""
        if self._folded:
            self._folded = False
            on_stderr(END_GROUP)

    def keep(self, document: Iterable[bytes]) -> None:
        """Add a report to the file of the output ``report``."""
        if self._report is None:
            return
        try:
            _ignored_folder(self._report.parent)
            with open(self._report, "ab", opener=_no_link) as file:
                file.writelines(document)
        except OSError as error:
            log.warning("%s: the report cannot be kept: %s", self._report, error.strerror)
            self._report = None

    def close(self, summary: Iterable[str], outputs: Mapping[str, str | int | bool]) -> None:
        """Write the summary and the outputs."""
        self.unfold()
        if self._summary:
            _append(self._summary, "".join(f"{line}\n" for line in summary), "summary")
        if self._outputs:
            kept = {} if self._report is None else {"report": str(self._report)}
            _append(self._outputs, pairs({**outputs, **kept}), "outputs")


def write_outputs(environ: Mapping[str, str], **outputs: str | int | bool) -> None:
    """Outputs that are known without a verb; where they cannot be written nobody waits for them."""
    path = environ.get("GITHUB_OUTPUT", "")
    if path:
        _append(path, pairs(outputs), "outputs")


def _append(path: str, text: str, what: str) -> None:
    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        log.warning("%s: the %s cannot be written: %s", path, what, error.strerror)


def _place(environ: Mapping[str, str]) -> Path:
    """One file for each step: ``GITHUB_ACTION`` is its id, or tells steps apart that have none."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", environ.get("GITHUB_ACTION", "")).lstrip(".")
    path = Path(FOLDER) / f"{name or 'report'}.json"
    with suppress(OSError):
        _check_folder(path.parent)
        path.unlink(missing_ok=True)  # of an earlier job in this workspace
    return path


def _ignored_folder(folder: Path) -> None:
    _check_folder(folder)
    folder.mkdir(exist_ok=True)
    # What is there stays, a link that leads nowhere, too.
    with suppress(FileExistsError), (folder / ".gitignore").open("x") as file:
        file.write("*\n")


def _check_folder(folder: Path) -> None:
    """Raise OSError for a link: a checkout may have one, and it may lead out of the workspace."""
    if folder.is_symlink():
        raise OSError(errno.ELOOP, "its folder is a symbolic link", str(folder))


def _no_link(path: str, flags: int) -> int:
    """As ``open``, but raises OSError where the file itself is a link."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)


def _check(path: str) -> None:
    """A path that is wrong is told before anything is posted."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        what = f"the summary cannot be written: {error.strerror}"
        raise UsageError(what, where=path, todo="name a file in a folder that is there") from None
