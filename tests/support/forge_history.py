"""One history on any forge: three commits on main, one beside them, one of another root.

root -- middle -- head     main
    \\-- beside             side
stranger                   other
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass

from statusbot.demo.forge import EmbeddedForge
from tests.real.gitea import OWNER, Gitea, login
from tests.real.gitea_commits import push_stream

UNKNOWN = "de" * 20
_NUMBERS = itertools.count(1)
_COMMIT = """\
commit refs/heads/{branch}
mark :{mark}
committer Acme <acme@example.com> {time} +0000
data <<END
{mark} of {number}
END
{after}
"""
# mark, branch, the mark before it; in the order of their dates
_PLAN = ((1, "main", 0), (2, "side", 1), (3, "other", 0), (4, "main", 1), (5, "main", 4))


@dataclass(frozen=True)
class History:
    """The full SHAs in a repository ``owner/name``."""

    repository: str
    root: str
    beside: str
    stranger: str
    middle: str
    head: str

    def sha(self, name: str) -> str:
        """By name, or of a commit that is nowhere."""
        return UNKNOWN if name == "unknown" else str(getattr(self, name))


def pushed_to_embedded(forge: EmbeddedForge, owner: str = "acme") -> History:
    """In a new repository."""
    number = next(_NUMBERS)
    name = f"{owner}/history-{number}"
    forge.add_repository(name, ())
    shas = [hashlib.sha1(f"{number} {mark}".encode()).hexdigest() for mark, _, _ in _PLAN]
    of_mark = {mark: sha for (mark, _, _), sha in zip(_PLAN, shas, strict=True)}
    for mark, branch, before in _PLAN:
        after = [of_mark[before]] if before else []
        forge.push(name, of_mark[mark], after=after, branch=branch)
    return History(name, *shas)


def pushed_to_gitea(gitea: Gitea) -> History:
    """In a new repository."""
    number = next(_NUMBERS)
    # It has a commit: of an empty one Gitea learns only later that something was pushed.
    name, _ = gitea.new_repository(f"history-{number}")
    words = "".join(
        _COMMIT.format(
            branch=branch,
            mark=mark,
            number=number,
            time=1_700_000_000 + mark,
            after=f"from :{before}\n" if before else "",
        )
        for mark, branch, before in _PLAN
    )
    branches = dict.fromkeys(f"+{branch}" for _, branch, _ in _PLAN)
    shas = push_stream(f"{gitea.url}/{name}.git", login(OWNER), words, *branches)
    return History(name, *shas)
