from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from statusbot.cli.demo import poll
from statusbot.demo.show.frame import Frame
from statusbot.demo.show.play import INTERVAL, Play, length
from statusbot.demo.show.scenes import SCENES, Scene
from statusbot.demo.show.show import Show
from statusbot.demo.show.stage import RunPoll, Stage
from statusbot.errors import Stopped
from tests.support.recordings import START

FAST = 1e9
SUPERSEDED = next(scene for scene in SCENES if scene.name == "superseded")
NOTHING: dict[str, Any] = {
    "counts": {"posted": 0},
    "forge_calls": {"read": 0, "write": 0},
    "statuses": [],
}


class Kept:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.frames: list[Frame] = []
        self.closed = False

    def lines(self, lines: Iterable[str]) -> None:
        self.told += lines

    def frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        self.closed = True


def no_poll(kubeconfig: Path, ledger: Path | None) -> dict[str, Any]:
    return NOTHING


def show(*scenes: Scene, run_poll: RunPoll = poll) -> tuple[bool, Kept]:
    view = Kept()
    return Show(run_poll, view, scenes or (SUPERSEDED,), FAST)(), view


def frames(run_poll: RunPoll = no_poll, scene: Scene = SUPERSEDED) -> list[Frame]:
    with Stage(run_poll, START) as stage:
        return list(Play(stage, scene, scene.recording, START).frames())


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_commit_of_a_scene_ends_as_it_is_true(scene: Scene) -> None:
    right, view = show(scene)
    assert ([shown.right for shown in view.frames[-1].commits], right) == (
        [True] * len(scene.recording.truths),
        True,
    )


def test_scenes_follow_each_other_in_one_cluster() -> None:
    right, view = show(*SCENES[:2])
    assert (right, view.told[-4]) == (True, "7 of 7 commits show what is true.")


def test_a_second_poll_has_nothing_to_do() -> None:
    _, view = show()
    assert "A second poll of all this:       0 new, 0 writes, 0 reads" in view.told


def test_without_its_ledger_a_poll_reads_and_writes_nothing() -> None:
    _, view = show()
    assert "The same, with its ledger lost:  0 new, 0 writes, 2 reads" in view.told


def test_a_show_in_which_nothing_is_posted_is_not_right() -> None:
    right, _ = show(run_poll=no_poll)
    assert not right


def test_a_second_poll_that_writes_is_not_right() -> None:
    def restless(kubeconfig: Path, ledger: Path | None) -> dict[str, Any]:
        return {**poll(kubeconfig, ledger), "forge_calls": {"read": 0, "write": 1}}

    right, view = show(run_poll=restless)
    assert (right, view.told[-4]) == (False, "4 of 4 commits show what is true.")


def test_the_view_is_closed_when_a_poll_raises() -> None:
    view = Kept()

    def broken(kubeconfig: Path, ledger: Path | None) -> dict[str, Any]:
        raise KeyError

    with pytest.raises(KeyError):
        Show(broken, view, (SUPERSEDED,), FAST)()
    assert view.closed


def test_being_told_to_stop_is_how_serving_ends() -> None:
    class Stopping(Kept):
        def lines(self, lines: Iterable[str]) -> None:
            super().lines(lines)
            if "curl" in self.told[-2]:
                raise Stopped

    view = Stopping()
    assert Show(poll, view, (SUPERSEDED,), FAST, serve=True)()
    assert view.told[-1] == "Both servers are down."


def test_every_recorded_second_is_a_frame_and_the_end_is_one_more() -> None:
    seconds = [frame.second for frame in frames()]
    last = length(SUPERSEDED, SUPERSEDED.recording)
    assert seconds == [*range(last + 1), last]


def test_polls_are_an_interval_apart() -> None:
    polls = [frame.polls for frame in frames()]
    begun = [second for second in range(1, len(polls)) if polls[second] > polls[second - 1]]
    assert begun == [5, 5 + INTERVAL, 5 + 2 * INTERVAL]


def test_the_last_poll_comes_after_all_has_happened() -> None:
    for scene in SCENES:
        recording = scene.recording
        seconds = length(scene, recording)
        assert seconds > (recording.ended - recording.started).total_seconds()
        assert seconds % INTERVAL == scene.first_poll


def test_only_the_last_frame_is_judged() -> None:
    over = [frame.over for frame in frames()]
    assert over == [False] * (len(over) - 1) + [True]


def test_an_outage_is_seen_while_it_lasts() -> None:
    down = [
        frame.second
        for frame in frames(scene=next(scene for scene in SCENES if scene.name == "forge-down"))
        if frame.trouble
    ]
    assert (down[0], down[-1]) == (7, 51)


def test_why_a_status_is_missing_is_shown_with_its_commit() -> None:
    commit = SUPERSEDED.recording.truths[0].commit
    failed = {"commit": commit, "state": "success", "outcome": "error", "why": "it is down"}

    def failing(kubeconfig: Path, ledger: Path | None) -> dict[str, Any]:
        return {**NOTHING, "statuses": [failed]}

    assert frames(failing)[-1].commits[0].description == "not posted: it is down"


def test_a_statuss_time_is_the_recorded_second_of_its_poll() -> None:
    assert [shown.at for shown in frames(poll)[-1].commits] == [5, None, None, 15]


def test_the_clock_of_the_stage_is_the_recorded_one_while_it_plays() -> None:
    with Stage(no_poll, START) as stage:
        assert stage.clock() == START


def test_the_clock_of_the_stage_goes_on_by_itself_afterwards() -> None:
    with Stage(no_poll, START) as stage:
        stage.go_live()
        assert stage.clock() > START


def test_nothing_is_left_in_the_temporary_folder() -> None:
    with Stage(no_poll, START) as stage:
        folder = stage.kubeconfig.parent
        assert folder.is_dir()
    assert not folder.exists()
