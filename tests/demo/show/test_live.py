from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from statusbot.demo.show.frame import Frame, Shown
from statusbot.demo.show.live import Live, table
from statusbot.demo.show.plain import Plain
from statusbot.demo.show.scenes import SCENES, Scene
from statusbot.demo.show.view import view_of
from tests.support.recordings import C1, C2

SCENE = Scene("small", "A title", "A story.")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def shown(state: str = "success", right: bool | None = None, flux: str = "Ready") -> Shown:
    at = 5 if state else None
    return Shown("c1", C1, "small/apps", flux, state, "applied" if state else "", at, right)


def frame(*commits: Shown, news: tuple[str, ...] = (), trouble: str = "", polls: int = 1) -> Frame:
    return Frame(SCENE, 5, 20, commits or (shown(),), news, polls, trouble)


def drawn(*frames: Frame) -> str:
    stream = Terminal()
    view = Live(stream)
    for one in frames:
        view.frame(one)
    view.close()
    return stream.getvalue()


def lines(one: Frame) -> list[str]:
    return [line.plain for line in table(one)]


def test_a_terminal_gets_a_live_table() -> None:
    assert isinstance(view_of(Terminal()), Live)


def test_a_pipe_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert isinstance(view_of(io.StringIO()), Plain)


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(view_of(Terminal()), Plain)


def test_a_commit_has_a_line_with_what_flux_and_the_forge_say() -> None:
    words = lines(frame())[5].split()
    assert words == ["c1", "11111111", "small/apps", "Ready", "●", "success", "+5", "s"]


def test_the_description_stands_beneath_it() -> None:
    assert lines(frame())[6].strip() == "applied"


def test_a_commit_that_is_not_there_yet_has_its_name_only() -> None:
    assert lines(frame(shown(state="", flux="")))[5].split() == ["c1", "11111111"]


@pytest.mark.parametrize(("right", "mark"), [(True, "✔"), (False, "✘")])
def test_a_judged_commit_is_marked(right: bool, mark: str) -> None:
    assert lines(frame(shown(right=right)))[5].endswith(mark)


def test_the_mark_stands_in_one_column_with_and_without_a_status() -> None:
    with_one, without = shown(right=True), shown(state="", right=True)
    assert len(lines(frame(with_one))[5]) == len(lines(frame(without))[5])


def test_every_column_fits_80_cells() -> None:
    longest = Shown(
        "c1", C2, "s-health-failure/apps", "was HealthCheckFailed", "success", "", 115, True
    )
    assert len(lines(frame(longest))[5]) <= 80


def test_a_name_that_is_too_long_does_not_move_the_columns() -> None:
    long = Shown("c1", C1, "a-namespace-without-an-end/apps", "Ready", "success", "", 5)
    assert lines(frame(long))[5].index("●") == lines(frame())[5].index("●")


def test_a_narrow_terminal_shows_the_forge_rather_than_the_kustomization(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = drawn(frame())
    assert ("● success" in text, "small/apps" in text) == (True, False)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_story_fits_80_cells(scene: Scene) -> None:
    assert len(f" {scene.story}") <= 80


def test_a_long_description_stays_one_line() -> None:
    console = Console(file=io.StringIO(), width=40)
    long = Shown("c1", C1, "small/apps", "Ready", "failure", "word " * 40, 5)
    assert len(console.render_lines(list(table(frame(long)))[6])) == 1


def test_what_a_cluster_said_cannot_move_the_cursor() -> None:
    evil = Shown("c1", C1, "a/b\x1b[2J", "c\x1b[2J", "success", "d\x1b[2J", 5)
    assert "\x1b" not in "".join(lines(frame(evil)))


def test_the_forge_that_is_down_is_seen_beneath_the_table() -> None:
    assert "the forge is down" in drawn(frame(trouble="is down"))


def test_the_forge_is_up_otherwise() -> None:
    assert "the forge is up" in drawn(frame())


def test_polls_are_counted() -> None:
    assert ("no poll yet" in drawn(frame(polls=0)), "poll 3" in drawn(frame(polls=3))) == (
        True,
        True,
    )


def test_news_stand_beneath_the_table() -> None:
    assert "poll 1: nothing new" in drawn(frame(news=("poll 1: nothing new",)))


def test_a_scene_begins_without_the_news_of_the_one_before() -> None:
    text = drawn(frame(news=("old news",)), frame(shown(right=True)), frame())
    assert "old news" not in text.split("✔")[-1]


def test_the_last_frame_has_no_bar() -> None:
    assert "━" not in drawn(frame(shown(right=True)))


def test_the_cursor_comes_back_when_a_scene_stops_in_the_middle() -> None:
    assert drawn(frame()).rindex("\x1b[?25h") > drawn(frame()).rindex("\x1b[?25l")


def test_states_are_coloured() -> None:
    assert COLOUR.search(drawn(frame()))


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not COLOUR.search(drawn(frame(trouble="is down")))


def test_a_line_to_copy_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Live(stream).lines(["x " * 60])
    assert stream.getvalue().count("\n") == 1


def test_markup_in_a_line_is_text() -> None:
    stream = Terminal()
    Live(stream).lines(["[bold]not bold[/bold]"])
    assert "[bold]not bold[/bold]" in stream.getvalue()
