"""The scenes of the show, in their order: one recording each, told in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from statusbot.demo.recording import FOLDER, Recording, read


@dataclass(frozen=True, slots=True)
class Scene:
    """``name`` is the recording's; ``first_poll`` the second of its first poll."""

    name: str
    title: str
    story: str
    first_poll: int = 5

    @property
    def recording(self) -> Recording:
        """What is played."""
        return read(FOLDER / f"{self.name}.jsonl")


SCENES = (
    Scene(
        "success-chain",
        "Four good commits",
        "They follow each other faster than the polls do; each gets its own status.",
    ),
    Scene(
        "build-failure",
        "A failure and its fix",
        "c2 names a file that does not exist; c3 puts that right, and c2 stays red.",
    ),
    Scene(
        "health-failure",
        "Applied, but never healthy",
        "c2's Deployment does not become ready within Flux's timeout of 30 s.",
        # Flux shows the failure's message only until it tries again, soon after 36 s.
        first_poll=8,
    ),
    Scene(
        "superseded",
        "Commits that Flux never saw",
        "c2, c3 and c4 arrive at once; Flux takes c4, so c2 and c3 get no status.",
    ),
    Scene(
        "forge-down",
        "The forge is down",
        "It answers 500 while c2 is reconciled; the status arrives when it is back.",
    ),
    Scene(
        "forge-reset",
        "An answer is lost",
        "The forge stores c2's status, then the connection breaks: no second one.",
    ),
)
