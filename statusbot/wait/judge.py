"""Whether one Kustomization is green or red for a commit, by what the rules of a run say of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from statusbot.decide import Decision, World, decide
from statusbot.results.commits import at_work_on
from statusbot.results.history import earlier
from statusbot.results.observation import Observation
from statusbot.results.result import Result
from statusbot.results.state import State
from statusbot.wait.once import Once
from statusbot.wait.verdict import Lineage, Standing, Verdict

log = logging.getLogger(__name__)
FUTURE = float("inf")


@dataclass(slots=True)
class Asked:
    """The commit that is waited for; without ``lineage`` (or with ``--exact``) only itself."""

    sha: str
    lineage: Lineage | None = None
    exact: bool = False
    _once: Once = field(default_factory=lambda: Once(log), repr=False)

    def contained_in(self, commit: str) -> bool | None:
        """Whether ``commit`` contains it; None where nobody can tell now."""
        if commit == self.sha:
            return True
        if self.exact:
            return False
        found = self.lineage.contains(commit, self.sha) if self.lineage else None
        if found is None:
            self._once.warn(
                f"nobody can tell whether {commit[:8]} contains {self.sha[:8]}, so it does not "
                "count: wait in a clone of the repository that has both, or give --address and "
                "STATUSBOT_TOKEN",
                about="lineage",
            )
        return found


def judge(
    seen: Observation,
    world: World,
    asked: Asked,
    words_for: Callable[[Result], str] = lambda result: "",
) -> Verdict:
    """How far a Kustomization has come with the commit. Raises ClusterError.

    ``words_for`` finds the message of a failure that only the history tells of.
    """
    decision = decide(seen, world)
    results = [*decision.results, *_applied(seen, decision, world)]
    end = _end(results, asked)
    if end is not None and _spec_is_new(seen):
        # Where a success is taken away, no older failure is an answer instead.
        found = _end([one for one in results if not _is_outdated(seen, one)], asked)
        was_green = end.state is State.SUCCESS
        end = None if was_green and found and found.state is not State.SUCCESS else found
    if end is not None:
        standing = Standing.GREEN if end.state is State.SUCCESS else Standing.RED
        message = end.message or words_for(end)
        return Verdict(seen.object.path, standing, end.commit, end.reason, message)
    return _waiting(seen, decision, asked)


def _applied(seen: Observation, decision: Decision, world: World) -> Iterator[Result]:
    """What an older Flux, which keeps no history, tells of what it applied before."""
    if seen.source in world.sources.unreadable:
        return  # its commits are somebody else's
    told = {result.commit for result in decision.results}
    for result in earlier(
        seen, world.sources, since=FUTURE, claimed=None, awaited={seen.applied} - {""}
    ):
        if result.commit not in told:
            yield result


def _spec_is_new(seen: Observation) -> bool:
    """Whether Flux will apply the same revision once more, by a spec that it did not know then.

    Often it is the commit itself that changed the spec: its new path, say, was never applied. Where
    Flux went on to another revision, that one meets the new spec; one without the path is never
    noted as attempted. Flux notes the generation of whatever it suspends, and of whatever it made
    ready.
    """
    is_new = seen.observed_generation != seen.generation
    return is_new and not seen.suspended and at_work_on(seen) == seen.applied


def _is_outdated(seen: Observation, result: Result) -> bool:
    """Whether it is a success by the spec before, as far as one can tell.

    As long as Flux has not failed by the new one, all of them may be: the commits before the one
    that was applied last went with the old spec, too.
    """
    ready = seen.conditions.get("Ready")
    failed = ready is not None and ready.status == "False"
    old = result.event.revision == seen.applied or not failed
    return result.state is State.SUCCESS and old


def _end(results: list[Result], asked: Asked) -> Result | None:
    """Green where it was once live; red where it, or what contains it, failed and nothing since.

    What fails after a success of the commit itself is another commit's failure.
    """
    own = next((result for result in results if result.commit == asked.sha), None)
    if own is not None and own.state is State.SUCCESS:
        return own
    others = [r for r in results if r.commit != asked.sha and asked.contained_in(r.commit)]
    since = own.when if own is not None else 0.0
    green = [r for r in others if r.state is State.SUCCESS and r.when >= since]
    red = [r for r in others if r.state is not State.SUCCESS]
    ends = green or red + ([own] if own is not None else [])
    return max(ends, key=lambda result: result.when, default=None)


def _waiting(seen: Observation, decision: Decision, asked: Asked) -> Verdict:
    """What it is at, and why that is no answer yet."""
    ready = seen.conditions.get("Ready")
    reason = ready.reason if ready is not None and ready.status != "True" else ""
    commit, why = "", "Flux has not come to it yet"
    if decision.skipped:
        skipped = decision.skipped[0]
        commit, why = skipped.commit or "", skipped.why
    elif current := next((result for result in decision.results if result.current), None):
        commit, why = current.commit, _another(current, asked)
    return Verdict(seen.object.path, Standing.WAITING, commit, reason, why)


def _another(current: Result, asked: Asked) -> str:
    end = "it succeeded" if current.state is State.SUCCESS else "it failed"
    if asked.exact:
        return f"{end} at another commit"
    if asked.contained_in(current.commit) is None:
        return f"{end} at a commit of which nobody can tell whether it contains the one asked for"
    return f"{end} at a commit that does not contain the one asked for"
