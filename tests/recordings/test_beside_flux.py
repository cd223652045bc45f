"""Flux's notification-controller and statusbot at once: what is there stays, what is lost comes.

Recordings are played to both, with one forge for both. Who comes first to what happened is chosen:
in life it is now the one, now the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from statusbot.demo.recording import Recording, read
from tests.support.beside import Beside, Order, speaking
from tests.support.flux_events import Emitted, emitted
from tests.support.notification_controller import Did
from tests.support.oracle import due
from tests.support.replay import recordings
from tests.support.short_story import GREEN, HEALTH, story
from tests.support.written import By, over_flux, runs

RECORDINGS = recordings()
C1, C2 = "1" * 40, "2" * 40
# Minutes after the end: past the 5 for which Flux is mute, past the hour in which no message is
# written again, and past --recheck. The text of a failure is a new one each time.
LATER = (10, 70, 25 * 60)


@dataclass(frozen=True)
class Scene:
    """Who plays what, and when."""

    name: str
    type: str
    order: Order
    ledger: bool
    seconds: int = 10  # between polls, where they have an interval of their own
    lag: float = 0.0  # of Flux's events

    def __str__(self) -> str:
        pace = f"{self.seconds}s" if self.order is Order.INTERVAL else self.order
        return f"{self.name}-{self.type}-{pace}-{'ledger' if self.ledger else 'none'}"


@contextmanager
def on_stage(
    scene: Scene,
    folder: Path,
    recording: Recording | None = None,
    *,
    lost: Callable[[Emitted], bool] = lambda event: False,
    options: tuple[str, ...] = (),
    timeout: str = "20s",
) -> Iterator[Beside]:
    """Both, with the whole recording behind them."""
    recording = recording or speaking(read(RECORDINGS[scene.name]), scene.type)
    with Beside(
        recording,
        timedelta(seconds=scene.seconds),
        folder,
        scene.ledger,
        timeout,
        order=scene.order,
        lag=timedelta(seconds=scene.lag),
        lost=lost,
        options=options,
    ) as both:
        both.play()
        yield both


def orders(name: str, type_: str, *ledgers: bool) -> list[Scene]:
    """Flux first, statusbot first by a second, and now the one, now the other."""
    return [
        scene
        for ledger in ledgers
        for scene in (
            Scene(name, type_, Order.FLUX, ledger),
            Scene(name, type_, Order.OURS, ledger, lag=1.0),
            Scene(name, type_, Order.INTERVAL, ledger, seconds=6, lag=3.0),
        )
    ]


ON_GITEA = ("gitea-chain", "path-not-found")
ON_GITHUB = (
    "apply-failure", "deletion", "dependency", "forge-reset", "health-failure", "one-fails",
    "origin-revision", "path-not-found", "revert", "same-name", "source-gone", "success-chain",
)  # fmt: skip
SCENES = [
    *orders("build-failure", "github", True, False),
    *(scene for n, name in enumerate(ON_GITHUB) for scene in orders(name, "github", n % 2 == 0)),
    *(scene for n, name in enumerate(ON_GITEA) for scene in orders(name, "gitea", n % 2 == 0)),
    *orders("build-failure", "gitlab", True),
    *orders("build-failure", "azuredevops", False),
    # With a ledger the Bitbuckets are another matter: see below.
    *orders("build-failure", "bitbucket", False),
    *orders("build-failure", "bitbucketserver", False),
]


@pytest.fixture(scope="module", params=SCENES, ids=str)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beside]:
    """A scene to its end, and then some days in which nothing happens."""
    with on_stage(request.param, tmp_path_factory.mktemp("both")) as made:
        made.go_on(*LATER)
        yield made


def test_no_commit_ever_shows_what_it_never_was(both: Beside) -> None:
    assert both.shown_wrongly == []


def test_every_commit_that_one_of_the_two_could_see_shows_its_truth(both: Beside) -> None:
    assert not_as_it_is(both) == []


def test_no_row_is_put_over_flux_own_of_the_same_state(both: Beside) -> None:
    assert over_flux(both.written) == []


def test_who_comes_first_decides_how_many_rows_a_state_gets(both: Beside) -> None:
    flux, ours, both_did = (By.FLUX,), (By.OURS,), (By.OURS, By.FLUX)
    by_order: dict[Order, set[tuple[By, ...]]] = {
        Order.FLUX: {flux},
        Order.OURS: {both_did},
        Order.INTERVAL: {flux, both_did},
    }
    expected = by_order[both.order]
    if both.recording.name == "same-name":
        expected = {flux, ours}  # Flux has one context for two objects, we have one for each
    if both.type == "gitea" and both.order is Order.INTERVAL:
        expected = {*expected, (*both_did, By.FLUX)}  # within one second: see below
    assert writers(both) <= expected


def test_a_state_changes_when_flux_says_so_and_at_no_other_time(both: Beside) -> None:
    told = {place: [state for state, _ in by] for place, by in runs(both.written).items()}
    wrong = {
        (truth.label, truth.name): states
        for truth in both.recording.truths
        for place, states in told.items()
        if place[1] == truth.commit and place[2] in both.contexts(truth)
        if states != steps(both.recording, truth.namespace, truth.name, truth.commit)
    }
    assert wrong == {}


def test_after_the_end_neither_writes_anything_over_what_is_there(both: Beside) -> None:
    # Age alone may bring a result of what had none yet: of a dependency that stays broken.
    there = {row.place for row in both.written}
    assert [row for rows in both.later for row in rows if row.place in there] == []


def test_after_the_end_each_round_is_as_quiet_as_the_next(both: Beside) -> None:
    assert both.later[1:] == [[]] * len(LATER[1:])


def not_as_it_is(both: Beside) -> list[tuple[str, str, str]]:
    """What one of the two could see, or showed, and does not show in the end as it is."""
    expected = set(due(both.recording, both.polled))
    posted = {(e.namespace, e.name, e.commit) for e, did in both.heard if did is Did.POSTED}
    return [
        (truth.label, truth.name, end)
        for truth, end in both.ends.items()
        if end not in truth.accept
        if end != "none"
        or truth in expected
        or (truth.namespace, truth.name, truth.commit) in posted
    ]


def writers(both: Beside) -> set[tuple[By, ...]]:
    """Who wrote one state of one commit and context, one after the other, as it happened."""
    found = {tuple(by) for states in runs(both.written).values() for _, by in states}
    assert found
    return found


def steps(recording: Recording, namespace: str, name: str, commit: str) -> list[str]:
    """The states to which Flux brought a commit, one after the other."""
    said = [
        event.state
        for event in emitted(recording)
        if (event.namespace, event.name, event.commit) == (namespace, name, commit)
        if event.update or event.severity == "error"
    ]
    return [state for state, _ in groupby(said)]


# -- where it is otherwise --------------------------------------------------------------------


def test_within_one_second_gitea_makes_flux_write_twice_and_no_more(tmp_path: Path) -> None:
    # Gitea shows the older of two rows of one second first, and Flux looks at the first.
    with on_stage(Scene("gitea-chain", "gitea", Order.OURS, ledger=True), tmp_path) as both:
        both.go_on(*LATER)
    once, twice = (By.OURS, By.FLUX), (By.OURS, By.FLUX, By.FLUX)
    assert writers(both) == {once, twice}
    assert both.later == [[]] * len(LATER)


@pytest.mark.parametrize("type_", ["bitbucket", "bitbucketserver"])
def test_a_bitbucket_with_a_ledger_has_flux_words_replaced_once_and_no_more(
    type_: str, tmp_path: Path
) -> None:
    with on_stage(Scene("build-failure", type_, Order.FLUX, ledger=True), tmp_path) as both:
        both.go_on(*LATER)
    # Flux says it again at its next interval, if the commit is still current then.
    replaced = (By.FLUX, By.OURS)
    assert writers(both) == {replaced, (*replaced, By.FLUX)}
    assert both.later == [[]] * len(LATER)


CROWD = 60


def test_where_flux_posts_the_same_again_and_again_statusbot_does_not(tmp_path: Path) -> None:
    # Flux reads the newest 50 rows only: what it does not find there it writes again.
    crowd = story((10, C1, GREEN), names=[f"app-{number}" for number in range(CROWD)])
    with on_stage(Scene("", "github", Order.FLUX, ledger=False), tmp_path, crowd) as both:
        both.go_on(10)
    (again,) = both.later
    assert len(again) > CROWD / 2
    assert {row.by for row in (*both.written, *again)} == {By.FLUX}


# -- one commit that changes ------------------------------------------------------------------

FLAPS = [(10, C1, GREEN), (20, C1, HEALTH), (30, C1, GREEN), (40, C1, HEALTH), (50, C1, GREEN)]


@pytest.mark.parametrize("scene", orders("", "github", True, False), ids=str)
def test_a_commit_whose_health_comes_and_goes_is_told_by_each_once_each_time(
    scene: Scene, tmp_path: Path
) -> None:
    with on_stage(scene, tmp_path, story(*FLAPS)) as both:
        both.go_on(*LATER)
    (states,) = runs(both.written).values()
    assert [state for state, _ in states] == ["success", "failure"] * 2 + ["success"]
    assert writers(both) <= {(By.FLUX,), (By.OURS, By.FLUX)}
    assert both.later == [[]] * len(LATER)


@pytest.mark.parametrize("scene", orders("", "github", True, False), ids=str)
def test_with_errors_only_statusbot_ends_the_red_that_flux_wrote_and_never_would_end(
    scene: Scene, tmp_path: Path
) -> None:
    mended = story((10, C1, HEALTH), (20, C1, GREEN), eventSeverity="error")
    with on_stage(scene, tmp_path, mended, lost=lambda event: event.severity != "error") as both:
        both.go_on(*LATER)
    (((red, _), (green, by)),) = runs(both.written).values()
    assert (red, green, by) == ("failure", "success", [By.OURS])
    assert both.later == [[]] * len(LATER)


# -- what Flux loses --------------------------------------------------------------------------


def away(scene: Scene) -> tuple[str, Callable[[Emitted], bool]]:
    """The second commit of a recording, of which Flux's notification-controller never hears."""
    truths = read(RECORDINGS[scene.name]).truths
    second = next(truth.commit for truth in truths if truth.label == "c2")
    return second, lambda event: event.commit == second


@pytest.mark.parametrize(
    "scene",
    [
        *orders("build-failure", "github", True, False),
        *orders("health-failure", "gitea", True),
        *orders("success-chain", "gitea", False),
        *orders("origin-revision", "github", True),
        *orders("path-not-found", "gitlab", False),
    ],
    ids=str,
)
def test_a_commit_of_which_flux_did_not_hear_has_ours_and_ours_alone(
    scene: Scene, tmp_path: Path
) -> None:
    commit, lost = away(scene)
    with on_stage(scene, tmp_path, lost=lost) as both:
        both.go_on(*LATER)
    assert not_as_it_is(both) == []
    assert [row.by for row in both.written if row.commit == commit] == [By.OURS]
    assert {row.by for row in both.written if row.commit != commit} >= {By.FLUX}


@pytest.mark.parametrize(
    "scene",
    [
        *orders("bot-down", "github", True)[:2],
        Scene("bot-down", "github", Order.INTERVAL, ledger=False, seconds=20),
    ],
    ids=str,
)
def test_what_happens_while_flux_is_away_is_shown_and_after_it_only_its_own_words_come(
    scene: Scene, tmp_path: Path
) -> None:
    with on_stage(scene, tmp_path) as both:
        both.go_on(*LATER)
    (c3,) = (truth for truth in both.recording.truths if truth.label == "c3")
    assert not_as_it_is(both) == []
    # It says the same at each interval: of the commit that is current when it is back again.
    assert [(row.by, row.commit) for row in both.later[0]] == [(By.FLUX, c3.commit)]
    assert both.later[1:] == [[]] * len(LATER[1:])


@pytest.mark.parametrize("ledger", [True, False], ids=["ledger", "none"])
@pytest.mark.parametrize("name", ["forge-down", "forge-down-apply"])
def test_what_both_could_not_post_while_the_forge_was_down_is_there_in_the_end(
    name: str, ledger: bool, tmp_path: Path
) -> None:
    scene = Scene(name, "github", Order.INTERVAL, ledger, seconds=20)
    with on_stage(scene, tmp_path, timeout="1s") as both:
        both.go_on(*LATER)
    (c2,) = (truth for truth in both.recording.truths if truth.label == "c2")
    assert Did.LOST in {did for event, did in both.heard if event.commit == c2.commit}
    assert not_as_it_is(both) == []
    assert both.shown_wrongly == []
    assert both.later[1:] == [[]] * len(LATER[1:])


def test_flux_is_mute_after_an_outage_where_its_error_stays_the_same_and_statusbot_is_not(
    tmp_path: Path,
) -> None:
    scene = Scene("forge-down-apply", "github", Order.INTERVAL, ledger=True, seconds=20)
    with on_stage(scene, tmp_path, timeout="1s") as both:
        (c2,) = (truth for truth in both.recording.truths if truth.label == "c2")
        heard = [did for event, did in both.heard if event.commit == c2.commit]
        assert set(heard) == {Did.LOST, Did.MUTED}
        assert both.ends[c2] == "failure"


# -- in Flux's words --------------------------------------------------------------------------

# With a ledger the Bitbuckets write over Flux's words unread, and so the same in the same place.
IN_FLUX_WORDS = ("--description-template", "{reason}")


@pytest.mark.parametrize(
    "scene",
    [
        *orders("build-failure", "github", True),
        *orders("health-failure", "gitea", False),
        *orders("apply-failure", "gitlab", True),
        *orders("build-failure", "bitbucketserver", False),
    ],
    ids=str,
)
def test_in_flux_words_no_state_has_a_second_row(scene: Scene, tmp_path: Path) -> None:
    with on_stage(scene, tmp_path, options=IN_FLUX_WORDS) as both:
        both.go_on(*LATER)
    assert {len(by) for by in writers(both)} == {1}
    assert not_as_it_is(both) == []
    assert both.later == [[]] * len(LATER)
