from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from statusbot.demo.forge import Fault, Kind, Reply
from statusbot.errors import UsageError
from statusbot.forges.base import Row
from statusbot.results.state import State
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.via_forge_calls import ForgeCalls
from tests.support.asked_forge import FORGES, Site, site
from tests.support.forge_history import UNKNOWN

APPS = "kustomization/apps/1f2e3d4c"
WEB = "kustomization/web/1f2e3d4c"
GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING


@pytest.fixture(params=FORGES)
def there(request: pytest.FixtureRequest) -> Iterator[Site]:
    with site(request.param) as made:
        yield made


@pytest.fixture
def github() -> Iterator[Site]:
    with site("github") as made:
        yield made


def standings(verdicts: object) -> list[tuple[Standing, str]]:
    assert isinstance(verdicts, list)
    return [(verdict.standing, verdict.commit) for verdict in verdicts]


def look(there: Site, *contexts: str, sha: str = "", **options: object) -> list[Verdict]:
    return list(there.gate(sha or there.history.root, *contexts, **options).look(1.0))


# --- one commit, on six forges


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (State.SUCCESS, GREEN),
        (State.FAILURE, RED),
        (State.ERROR, RED),
        (State.PENDING, WAITING),
    ],
)
def test_a_status_of_the_commit_itself(there: Site, state: State, standing: Standing) -> None:
    there.post(there.history.head, APPS, state)
    told = look(there, sha=there.history.head)
    assert standings(told) == [(standing, there.history.head)]


def test_only_the_newest_row_of_a_context_counts(there: Site) -> None:
    for state in (State.PENDING, State.FAILURE, State.SUCCESS):
        there.post(there.history.head, APPS, state)
    assert standings(look(there, sha=there.history.head)) == [(GREEN, there.history.head)]


def test_each_context_counts(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    there.post(there.history.head, WEB, State.PENDING)
    told = look(there, sha=there.history.head)
    assert [verdict.standing for verdict in told] == [GREEN, WAITING]
    assert [verdict.name.split("/")[1] for verdict in told] == ["apps", "web"]


def test_contexts_that_no_pattern_asks_for_do_not_count(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    there.post(there.history.head, "ci/build", State.FAILURE)
    assert standings(look(there, sha=there.history.head)) == [(GREEN, there.history.head)]


def test_a_named_context_alone_counts(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    there.post(there.history.head, WEB, State.FAILURE)
    told = look(there, APPS, sha=there.history.head)
    assert standings(told) == [(GREEN, there.history.head)]


def test_a_named_context_must_appear(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    told = look(there, APPS, WEB, sha=there.history.head)
    assert [verdict.standing for verdict in told] == [GREEN, WAITING]
    assert (told[1].name, told[1].commit) == (WEB, "")


def test_a_pattern_waits_for_one_context_at_least(there: Site) -> None:
    told = look(there, "kustomization/*", sha=there.history.head)
    assert [(v.name, v.standing) for v in told] == [("kustomization/*", WAITING)]


def test_a_strange_commit_is_a_usage_error(there: Site) -> None:
    with pytest.raises(UsageError, match="has no commit dededededede"):
        look(there, sha=UNKNOWN)


def test_a_refused_login_is_a_usage_error(caplog: pytest.LogCaptureFixture) -> None:
    for forge_type in FORGES:
        with site(forge_type, token="nobodys-token") as made:
            with pytest.raises(UsageError) as caught:
                look(made)
            assert "nobodys-token" not in str(caught.value) + caplog.text


def test_a_strange_repository_is_a_usage_error(there: Site) -> None:
    there.forge.store.repos.clear()
    with pytest.raises(UsageError):
        look(there)


# --- later commits, on six forges


def test_green_at_a_commit_that_contains_it_is_green(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    assert standings(look(there)) == [(GREEN, there.history.head)]


def test_red_at_a_commit_that_contains_it_is_red(there: Site) -> None:
    there.post(there.history.middle, APPS, State.FAILURE)
    assert standings(look(there)) == [(RED, there.history.middle)]


def test_with_exact_later_commits_do_not_count(there: Site) -> None:
    there.post(there.history.root, APPS, State.PENDING)
    there.post(there.history.head, APPS, State.SUCCESS)
    assert standings(look(there, exact=True)) == [(WAITING, there.history.root)]


def test_a_commit_that_does_not_contain_it_does_not_count(there: Site) -> None:
    there.post(there.history.middle, APPS, State.PENDING)
    there.post(there.history.root, APPS, State.SUCCESS)
    there.post(there.history.beside, APPS, State.SUCCESS)
    told = look(there, sha=there.history.middle)
    assert standings(told) == [(WAITING, there.history.middle)]


def test_commits_of_another_branch_count_where_that_is_named(there: Site) -> None:
    there.post(there.history.beside, APPS, State.SUCCESS)
    assert standings(look(there, branch="side")) == [(GREEN, there.history.beside)]
    # Where Bitbucket is told no branch, it lists all of them.
    seen = look(there, branch="main")
    assert [verdict.standing for verdict in seen] == [WAITING]


def test_a_later_green_beats_the_red_of_the_commit_itself(there: Site) -> None:
    there.post(there.history.root, APPS, State.FAILURE)
    there.forge.clock.advance(seconds=60)  # type: ignore[attr-defined]
    there.post(there.history.head, APPS, State.SUCCESS)
    assert standings(look(there)) == [(GREEN, there.history.head)]


def test_a_green_from_before_the_red_does_not(there: Site) -> None:
    there.post(there.history.head, APPS, State.SUCCESS)
    there.forge.clock.advance(seconds=60)  # type: ignore[attr-defined]
    there.post(there.history.root, APPS, State.FAILURE)
    assert standings(look(there)) == [(RED, there.history.root)]


def test_a_later_green_that_the_same_run_posted_first_does(there: Site) -> None:
    """It posts what is newest first, and one row after the other."""
    there.post(there.history.head, APPS, State.SUCCESS)
    there.forge.clock.advance(seconds=3)  # type: ignore[attr-defined]
    there.post(there.history.root, APPS, State.FAILURE)
    assert standings(look(there)) == [(GREEN, there.history.head)]


@pytest.mark.parametrize("state", [State.ERROR, State.SUCCESS])
def test_what_was_superseded_waits_for_what_took_its_place(there: Site, state: State) -> None:
    history = there.history
    there.post(history.root, APPS, state, f"superseded by {history.head[:8]}")
    gate = there.gate(history.root)
    assert standings(list(gate.look(1.0))) == [(WAITING, history.root)]
    there.post(history.head, APPS, State.SUCCESS)
    there.ticks.now += 60
    assert standings(list(gate.look(1.0))) == [(GREEN, history.head)]


def test_what_a_stranger_took_the_place_of_is_red(there: Site) -> None:
    if there.type == "azuredevops":
        pytest.skip("it completes no short SHAs")
    history = there.history
    there.post(history.middle, APPS, State.ERROR, f"superseded by {history.beside[:8]}")
    told = look(there, sha=history.middle)
    assert standings(told) == [(RED, history.middle)]


@pytest.mark.parametrize("state", [State.ERROR, State.SUCCESS])
def test_with_exact_what_was_superseded_is_red(there: Site, state: State) -> None:
    history = there.history
    there.post(history.root, APPS, state, f"superseded by {history.head[:8]}")
    assert standings(look(there, exact=True)) == [(RED, history.root)]


# --- what is told


def test_a_verdict_tells_what_the_status_says(github: Site) -> None:
    history = github.history
    words, url = "health check failed: Deployment web", "https://ci.example/1"
    github.post(history.head, APPS, State.FAILURE, words, url=url)
    assert look(github, sha=history.head) == [
        Verdict(APPS, RED, history.head, "failure", words, url)
    ]


def test_a_status_without_a_page_leads_to_the_commit(github: Site) -> None:
    head = github.history.head
    github.post(head, APPS, State.SUCCESS)
    (told,) = look(github, sha=head)
    assert told.url == f"{github.forge.url}/{github.history.repository}/commit/{head}"


def test_a_short_sha_is_completed(github: Site) -> None:
    github.post(github.history.head, APPS, State.SUCCESS)
    told = look(github, sha=github.history.head[:8])
    assert standings(told) == [(GREEN, github.history.head)]


# --- how often it looks


def test_between_two_looks_nothing_is_asked(github: Site) -> None:
    gate = github.gate(github.history.head)
    first = gate.look(1.0)
    asked = len(github.forge.calls)
    assert gate.look(1.0) == first
    assert (len(github.forge.calls), github.ticks.waited) == (asked, [1.0])


def test_the_pauses_grow_to_thirty_seconds(github: Site) -> None:
    gate = github.gate(github.history.head)
    for _ in range(12):
        gate.look(60.0)
    assert github.ticks.waited == [2.0, 3.0, 4.5, 6.75, *github.ticks.waited[4:7], *[30.0] * 4]
    assert github.ticks.waited == sorted(github.ticks.waited)


def test_after_a_change_it_looks_again_soon(github: Site) -> None:
    gate = github.gate(github.history.head)
    for _ in range(12):
        gate.look(60.0)
    github.post(github.history.head, APPS, State.PENDING)
    gate.look(60.0)
    gate.look(60.0)
    assert github.ticks.waited[-2:] == [30.0, 2.0]


def test_a_status_that_comes_later_is_seen(there: Site) -> None:
    gate = there.gate(there.history.root)
    assert [verdict.standing for verdict in gate.look(1.0)] == [WAITING]
    there.post(there.history.root, APPS, State.SUCCESS)
    assert standings(list(gate.look(60.0))) != []
    assert standings(list(gate.look(60.0))) == [(GREEN, there.history.root)]


def test_a_commit_that_is_pushed_later_is_seen(there: Site) -> None:
    gate = there.gate(there.history.root)
    gate.look(1.0)
    later = "c0ffee" + "0" * 34
    there.forge.push(there.history.repository, later)
    there.post(later, APPS, State.SUCCESS)
    gate.look(60.0)
    assert standings(list(gate.look(60.0))) == [(GREEN, later)]


def test_parents_tell_which_commits_contain_it(there: Site) -> None:
    for number in range(5):
        there.forge.push(there.history.repository, f"{number:040x}")
    gate = there.gate(there.history.root, branch="main")
    gate.look(1.0)
    compared = [path for path in there.reads() if "compare" in path or "merge" in path]
    # Azure's lists leave the parents out.
    assert len(compared) == (7 if there.type == "azuredevops" else 0)
    gate.look(60.0)
    gate.look(60.0)
    assert len([p for p in there.reads() if "compare" in p or "merge" in p]) == len(compared)


def test_of_many_later_commits_a_few_are_read_at_a_time(github: Site) -> None:
    history = github.history
    for number in range(30):
        github.forge.push(history.repository, f"{number:040x}")
    gate = github.gate(f"{14:040x}")
    gate.look(1.0)
    read = [path for path in github.reads() if path.endswith("/status")]
    assert len(read) == 1 + 6
    for _ in range(4):
        gate.look(60.0)
    read = [path for path in github.reads() if path.endswith("/status")]
    assert {path.split("/")[-2] for path in read} == {f"{n:040x}" for n in range(14, 30)}


def pushed(there: Site, count: int) -> list[str]:
    """So many more on main, the oldest first."""
    for number in range(count):
        there.forge.push(there.history.repository, f"{number:040x}")
    return [f"{number:040x}" for number in range(count)]


def first_end(there: Site, *contexts: str, looks: int = 12) -> set[Standing]:
    """How a gate for the root ends: as soon as one is red, or all are green."""
    gate = there.gate(there.history.root, *contexts)
    for _ in range(looks):
        found = {verdict.standing for verdict in gate.look(60.0)}
        if RED in found or found == {GREEN}:
            return found
        there.ticks.now += 60
    return set()


@pytest.mark.parametrize("own", [None, State.FAILURE])
def test_a_red_waits_for_the_later_commits_that_are_yet_to_be_read(
    there: Site, own: State | None
) -> None:
    commits = pushed(there, 12)
    if own is not None:
        there.post(there.history.root, APPS, own)
    there.post(commits[1], APPS, State.SUCCESS)
    there.post(commits[-1], APPS, State.FAILURE)
    assert first_end(there) == {GREEN}


def test_the_first_time_later_commits_are_read_without_pauses(github: Site) -> None:
    pushed(github, 20)
    github.post(github.history.root, APPS, State.FAILURE)
    gate = github.gate(github.history.root)
    while RED not in {verdict.standing for verdict in gate.look(60.0)}:
        assert gate.complete is False
    assert github.ticks.waited == []


def test_a_later_commit_that_cannot_be_read_is_asked_for_after_a_pause(github: Site) -> None:
    (commit,) = pushed(github, 1)
    github.forge.faults.when(lambda call: commit in call.path, fault=Fault(answer=Reply(501)))
    gate = github.gate(github.history.head)
    for _ in range(3):
        gate.look(60.0)
    assert github.ticks.waited == [2.0, 3.0]


def test_a_pattern_waits_for_the_later_commits_that_are_yet_to_be_read(there: Site) -> None:
    commits = pushed(there, 12)
    there.post(commits[1], WEB, State.FAILURE)
    there.post(commits[-1], APPS, State.SUCCESS)
    assert RED in first_end(there)


@pytest.mark.parametrize("path", ["/commits", "/status"], ids=["the list", "a commit's"])
def test_a_red_waits_for_later_commits_that_cannot_be_read_now(github: Site, path: str) -> None:
    history = github.history
    github.post(history.root, APPS, State.FAILURE)
    github.forge.clock.advance(seconds=60)  # type: ignore[attr-defined]
    github.post(history.head, APPS, State.SUCCESS)
    github.forge.faults.when(
        lambda call: call.path.endswith(path) and history.root not in call.path,
        fault=Fault(answer=Reply(501)),
        times=1,
    )
    assert first_end(github) == {GREEN}


def test_what_can_never_be_read_does_not_keep_a_red_for_ever(github: Site) -> None:
    github.post(github.history.root, APPS, State.FAILURE)
    github.forge.faults.when(
        lambda call: call.path.endswith("/commits"), fault=Fault(answer=Reply(501))
    )
    assert first_end(github) == {RED}


def test_once_all_are_green_no_later_commit_is_read(github: Site) -> None:
    github.post(github.history.root, APPS, State.SUCCESS)
    look(github)
    assert [path.rpartition("/")[2] for path in github.reads()] == [github.history.root, "status"]


# --- what may pass


def test_a_forge_that_fails_is_told_once_and_asked_again(
    github: Site, caplog: pytest.LogCaptureFixture
) -> None:
    github.post(github.history.head, APPS, State.SUCCESS)
    gate = github.gate(github.history.head)
    github.forge.faults.first(3, fault=Fault(answer=Reply(501)), on=Kind.READ)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert gate.look(60.0) == ()
            github.ticks.now += 60
        assert standings(gate.look(60.0)) == [(GREEN, github.history.head)]
    assert len(caplog.messages) == 1


def test_while_a_forge_fails_the_last_verdicts_stay(github: Site) -> None:
    github.post(github.history.head, APPS, State.PENDING)
    gate = github.gate(github.history.head)
    first = gate.look(1.0)
    github.forge.faults.always(fault=Fault(answer=Reply(501)), on=Kind.READ)
    github.ticks.now += 60
    assert gate.look(1.0) == first


def test_a_limit_is_waited_for(github: Site) -> None:
    github.post(github.history.head, APPS, State.SUCCESS)
    gate = github.gate(github.history.head)
    headers = {"Retry-After": "100", "Content-Type": "application/json"}
    github.forge.faults.first(1, fault=Fault(answer=Reply(429, b"{}", headers)), on=Kind.READ)
    assert gate.look(1.0) == ()
    asked = len(github.forge.calls)
    github.ticks.now = 99.0
    gate.look(0.5)
    assert len(github.forge.calls) == asked
    gate.look(60.0)
    assert github.ticks.now >= 100.0
    assert standings(gate.look(60.0)) == [(GREEN, github.history.head)]


def test_who_may_not_read_the_code_sees_the_commit_itself(
    github: Site, caplog: pytest.LogCaptureFixture
) -> None:
    github.post(github.history.head, APPS, State.SUCCESS)
    refused = Reply(
        403,
        b'{"message": "Resource not accessible by personal access token"}',
        {"Content-Type": "application/json"},
    )
    github.forge.faults.when(
        lambda call: call.kind is Kind.READ and not call.path.endswith("/status"),
        fault=Fault(answer=refused),
    )
    with caplog.at_level(logging.WARNING):
        told = look(github, sha=github.history.head)
    assert standings(told) == [(GREEN, github.history.head)]
    assert "Contents: read" in caplog.text
    with pytest.raises(UsageError, match="Contents: read"):
        look(github, sha=github.history.head[:7])


# --- when the time is over


@pytest.mark.parametrize(("looked", "told"), [(False, True), (True, False)])
def test_that_nobody_answers_is_news_to_who_has_seen_nothing(
    github: Site, caplog: pytest.LogCaptureFixture, looked: bool, told: bool
) -> None:
    left = [60.0]
    github.calls = github.lineage.calls = ForgeCalls(
        github.transport, github.calls.access, left=lambda: left[0], clock=github.ticks
    )
    assert github.lineage.resolve(github.history.head) == github.history.head
    gate = github.gate(github.history.head)
    if looked:
        gate.look(1.0)
    left[0] = 0.0
    github.ticks.now += 60
    with caplog.at_level(logging.WARNING):
        gate.look(0.0)
    assert bool(caplog.messages) is told


# --- many, and elsewhere


def test_its_own_red_is_shown_before_a_later_one(github: Site) -> None:
    github.post(github.history.head, APPS, State.FAILURE)
    github.post(github.history.root, APPS, State.FAILURE)
    assert standings(look(github)) == [(RED, github.history.root)]


def test_a_branch_whose_head_does_not_contain_it_is_asked_for_once(github: Site) -> None:
    look(github, sha=github.history.stranger)
    assert len([path for path in github.reads() if "compare" in path]) == 1


def test_what_took_its_place_on_another_branch_counts(github: Site) -> None:
    history = github.history
    github.post(history.root, APPS, State.ERROR, f"superseded by {history.beside[:8]}")
    github.post(history.beside, APPS, State.SUCCESS)
    gate = github.gate(history.root)
    gate.look(1.0)
    github.ticks.now += 60
    assert standings(list(gate.look(1.0))) == [(GREEN, history.beside)]


def test_a_long_limit_is_waited_for_at_once(github: Site) -> None:
    headers = {"Retry-After": "100", "Content-Type": "application/json"}
    github.forge.faults.first(1, fault=Fault(answer=Reply(429, b"{}", headers)), on=Kind.READ)
    gate = github.gate(github.history.head)
    gate.look(1.0)
    gate.look(500.0)
    assert github.ticks.waited == [100.0]


@pytest.mark.parametrize("forge_type", ["github", "bitbucketserver"])
def test_every_page_is_read(forge_type: str) -> None:
    with site(forge_type) as made:
        for number in range(101):
            state = State.SUCCESS if 0 < number < 100 else State.FAILURE
            made.post(made.history.head, f"kustomization/k{number:03}/1f2e3d4c", state)
        told = look(made, sha=made.history.head)
    assert len(told) == 101
    assert [verdict.name.split("/")[1] for verdict in told if verdict.standing is RED] == [
        "k000",
        "k100",
    ]


def test_builds_of_another_repository_of_a_data_center_do_not_count() -> None:
    with site("bitbucketserver") as made:
        head = made.history.head
        made.post(head, APPS, State.SUCCESS)
        made.forge.add_repository("acme/fork", {head})
        fork = made.calls.access.forge.repository(f"{made.forge.url}/scm/acme/fork.git")
        row = Row(WEB, State.FAILURE, name="kustomization/web")
        made.send(made.calls.access.forge.write(fork, head, row))
        assert standings(look(made, sha=head)) == [(GREEN, head)]
