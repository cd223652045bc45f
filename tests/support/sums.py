"""What the status of all may not say, by what the forge shows of each of them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.chaos import Kept
from tests.support.judge import COLOUR, Judge


def wrong_sums(judge: Judge) -> Iterator[str]:
    """Green where one of them is red, and red where the source is and all are green.

    Nothing of days on which one of them went to another repository, and perhaps came back.
    """
    newest = {place: kept[-1] for place, kept in judge.rows.items() if not judge.moved}
    for (repository, commit, context), row in newest.items():
        if context != judge.extras.aggregate:
            continue
        there = {
            path: other
            for (where, what, _), other in newest.items()
            if (where, what) == (repository, commit)
            for path in _of(judge, repository, other)
        }
        states = {COLOUR[other.state] for other in there.values()}
        well = states == {"green"} and _all_are_well(judge, repository, commit)
        false_green = COLOUR[row.state] == "green" and states - {"green"}
        if false_green or (COLOUR[row.state] == "red" and well):
            told = ", ".join(f"{path} {other.state}" for path, other in there.items())
            yield f"{row.state} of all on {commit[:4]} ({row.description}), and {told}"


def _of(judge: Judge, repository: str, row: Kept) -> Iterator[str]:
    """The one object that a row is of as far as the ledger knows, if the sum counts it."""
    for view in judge.read:
        alone = judge.doubles.known.get(row.id) == frozenset([view.uid])
        if alone and _counts(judge, view.path, view.source, repository):
            yield view.path


def _all_are_well(judge: Judge, repository: str, commit: str) -> bool:
    """Whether all whose source has the commit tell now that they have applied it."""
    here = [
        view.settled and view.standing is not None and view.standing.state == "success"
        for view in judge.read
        if commit in judge.tape.revision(view.source)
        and _counts(judge, view.path, view.source, repository)
    ]
    return bool(here) and all(here)


def _counts(judge: Judge, path: str, source: str, repository: str) -> bool:
    namespace, name = path.split("/")
    spec = judge.tape.shown["Kustomization", namespace, name]["spec"]
    return not spec.get("suspend") and judge.tape.url(source) in ("", repository)
