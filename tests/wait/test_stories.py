"""Whatever becomes of commits, in whatever order: a gate says what the story says, or waits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from statusbot.demo.forge import EmbeddedForge
from statusbot.transport import Transport
from statusbot.wait.verdict import Standing
from tests.support.ends import APPLY, BUILD, DEPENDENCY, HEALTH, OK, PATH
from tests.support.forge import TOKEN
from tests.support.gate_story import Story
from tests.support.objects import NOW

OUTCOMES = (OK, OK, OK, BUILD, APPLY, HEALTH, PATH, DEPENDENCY)
STEPS = ("commit", "side", "merge", "force", "back", "spec", *["reconcile"] * 6)


@pytest.fixture
def forge() -> Iterator[EmbeddedForge]:
    now = [NOW]

    def clock() -> datetime:
        return datetime.fromtimestamp(now[0], UTC)

    with EmbeddedForge(clock=clock, token=TOKEN) as made:
        made.hands = now  # type: ignore[attr-defined]
        yield made


def step(story: Story, chance: random.Random) -> str:
    """One thing happens, and its words."""
    here, what = story.repository, chance.choice(STEPS)
    if what == "side":
        here.commit(here.side, branch="side")
    elif what == "spec":
        story.app.edit(path=f"./{story.app.object['metadata']['generation']}")
    elif what == "reconcile":
        outcome = chance.choice(OUTCOMES)
        story.app.reconcile(outcome)
        return outcome
    elif what == "back":
        # To a tag, say: main stays.
        story.flux.push(chance.choice([c for c in here.parents if here.contains(here.head, c)]))
    else:
        older = [c for c in here.parents if here.contains(here.head, c)]
        after = {"commit": [here.head], "merge": [here.head, here.side]}
        story.flux.push(here.commit(*after.get(what, [chance.choice(older)])))
    return what


@pytest.mark.parametrize("seed", range(6))
def test_a_gate_says_nothing_but_the_truth(forge: EmbeddedForge, seed: int) -> None:
    chance = random.Random(seed)
    with Transport() as transport:
        for number in range(3):
            story, told = Story(forge, transport, f"acme/fleet-{seed}-{number}"), []
            for _ in range(25):
                told.append(step(story, chance))
                # Longer than what one run may take for its rows, shorter than a failure's age.
                story.flux.wait(40.0)
                forge.hands[0] = story.flux.now  # type: ignore[attr-defined]
                story.poll()
            for sha in chance.choices(list(story.repository.parents), k=3):
                judge(story, sha, f"{sha[:7]} of {story.repository.parents}: {told}")


def judge(story: Story, sha: str, words: str) -> None:
    visible = story.truth(sha, story.visible())
    on_cluster = story.on_cluster(sha)
    # As long as Flux has not come to a new spec it may wait.
    assert on_cluster is visible or (not story.settled and on_cluster is Standing.WAITING), words
    assert story.via_forge(sha) is story.truth(sha, story.on_main(sha)), words
