"""How the Kustomizations stand that a gate waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from statusbot.errors import UsageError
from statusbot.results.observation import Observation
from statusbot.wait.chosen import Chosen
from statusbot.wait.once import Once
from statusbot.wait.verdict import Standing, Verdict


@dataclass(slots=True)
class Standings:
    """By ``namespace/name``. One that is suspended is left out, unless it was asked for by name."""

    chosen: Chosen
    once: Once
    any: bool = False  # whether there ever was anything to wait for
    _verdicts: dict[str, Verdict] = field(default_factory=dict)
    _suspended: set[str] = field(default_factory=set)  # those that are left out

    @property
    def in_order(self) -> list[Verdict]:
        """All of them, by name."""
        return [self._verdicts[name] for name in sorted(self._verdicts)]

    @property
    def ended(self) -> set[str]:
        """Those that are green or red."""
        return {n for n, v in self._verdicts.items() if v.standing is not Standing.WAITING}

    def put(self, seen: Observation, verdict: Verdict) -> None:
        """The verdict on one that is there."""
        path = seen.object.path
        self._suspended.discard(path)
        if seen.suspended and not self.chosen.by_name(seen):
            self._verdicts.pop(path, None)
            self._suspended.add(path)
            self.once.warn(f"Kustomization {path} is suspended: it is left out")
            return
        if seen.suspended and verdict.standing is Standing.WAITING:
            resume = f"`flux resume kustomization {seen.object.name} -n {seen.object.namespace}`"
            message = f"it is suspended: {resume}, or wait without it"
            verdict = replace(verdict, standing=Standing.RED, reason="Suspended", message=message)
        self._verdicts[path] = verdict

    def miss(self, names: Iterable[str]) -> None:
        """Those that were asked for by name, and are not there."""
        for name in names:
            message = "there is no such Kustomization"
            self._verdicts[name] = Verdict(
                name, Standing.WAITING, reason="Missing", message=message
            )

    def forget(self, name: str) -> None:
        """It is gone, or it is not waited for any more."""
        self._verdicts.pop(name, None)
        self._suspended.discard(name)

    def check_that_one_may_come(self, seen: Mapping[str, Observation]) -> None:
        """Raises UsageError where there is nothing to wait for, and nothing was at any time.

        ``seen`` are those that are there, and chosen or perhaps chosen.
        """
        if self._verdicts or self.any:
            self.any = True
        elif not seen:
            raise self.chosen.nothing()
        elif seen.keys() == self._suspended:
            raise UsageError(
                f"all Kustomizations that were chosen are suspended: {', '.join(seen)}",
                todo="resume one with `flux resume kustomization`",
            )
        else:
            self.once.warn("the sources of the Kustomizations that there are are not there yet")
