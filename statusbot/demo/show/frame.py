"""What the show shows at one instant: plain values, for whichever view draws them."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.demo.show.scenes import Scene


@dataclass(frozen=True, slots=True)
class Shown:
    """One commit in one Kustomization.

    ``state`` is "" where the forge shows nothing; ``description`` then says why, if a poll did.
    ``at`` is the recorded second at which the status was written, ``right`` whether all that was
    written is as the recording's truth table has it (None before the end).
    """

    label: str
    commit: str
    object: str
    flux: str
    state: str = ""
    description: str = ""
    at: int | None = None
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """A scene at ``second`` of ``seconds``; ``news`` are the lines that are new since the last.

    ``polls`` have been made, or are about to be; ``trouble`` is what is wrong with the forge.
    """

    scene: Scene
    second: int
    seconds: int
    commits: tuple[Shown, ...]
    news: tuple[str, ...] = ()
    polls: int = 0
    trouble: str = ""

    @property
    def over(self) -> bool:
        """Whether it is the last one, in which the commits are judged."""
        return any(shown.right is not None for shown in self.commits)
