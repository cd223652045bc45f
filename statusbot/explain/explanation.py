"""The noun that explaining hands on: the steps, the findings, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.explain.ending import Ending
from statusbot.explain.findings import Finding
from statusbot.explain.question import Question
from statusbot.explain.step import Step


@dataclass(frozen=True, slots=True)
class Explanation:
    """``started`` is seconds since the epoch by the cluster's clock."""

    cluster: str
    started: float
    asked: Question
    steps: list[Step]
    findings: list[Finding]
    ending: Ending

    @property
    def root(self) -> Step:
        """All steps under the object's name."""
        return Step(f"Kustomization {self.asked.path}", children=self.steps)
