from __future__ import annotations

import io

from statusbot.demo.show.frame import Frame, Shown
from statusbot.demo.show.plain import Plain
from statusbot.demo.show.scenes import SCENES, Scene
from tests.support.recordings import C1

SCENE = Scene("small", "A title", "A story.")


def shown(state: str = "success", right: bool | None = True) -> Shown:
    return Shown("c1", C1, "small/apps", "Ready", state, "applied…", 5, right)


def frame(*commits: Shown, news: tuple[str, ...] = (), scene: Scene = SCENE) -> Frame:
    return Frame(scene, 5, 20, commits, news)


def written(*frames: Frame) -> list[str]:
    stream = io.StringIO()
    view = Plain(stream)
    for one in frames:
        view.frame(one)
    view.close()
    return stream.getvalue().splitlines()


def test_a_scene_begins_with_its_title_and_story() -> None:
    assert written(frame()) == ["", "== A title (small)", "A story."]


def test_a_scene_begins_once() -> None:
    assert written(frame(), frame()) == written(frame())


def test_the_next_scene_has_a_title_of_its_own() -> None:
    assert f"== {SCENES[0].title} ({SCENES[0].name})" in written(frame(), frame(scene=SCENES[0]))


def test_news_are_written_as_they_are() -> None:
    assert written(frame(news=("  +5 s  poll 1",)))[3:] == ["  +5 s  poll 1"]


def test_commits_are_told_when_they_are_judged_only() -> None:
    assert written(frame(shown(right=None)))[3:] == []


def test_a_commit_that_is_right() -> None:
    line = "right: c1 11111111 small/apps: success: applied…"
    assert written(frame(shown()))[3:] == [line]


def test_a_commit_that_is_wrong_is_seen_at_once() -> None:
    assert written(frame(shown(right=False)))[3].startswith("WRONG: c1 11111111")


def test_a_missing_status_is_said_to_be_missing() -> None:
    missing = Shown("c1", C1, "small/apps", "Ready", right=False)
    assert written(frame(missing))[3] == "WRONG: c1 11111111 small/apps: no status"


def test_a_stream_that_knows_ascii_only_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "ascii")
    Plain(stream).lines(["cut…"])
    assert raw.getvalue() == b"cut?\n"
