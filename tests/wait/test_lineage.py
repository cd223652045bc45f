from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise

import pytest

from statusbot.demo.forge import Fault, Reply
from statusbot.errors import UsageError
from statusbot.wait.lineage import FirstOf
from tests.support.asked_forge import FORGES, Site, site
from tests.support.forge_history import UNKNOWN


@pytest.fixture(params=FORGES)
def there(request: pytest.FixtureRequest) -> Iterator[Site]:
    with site(request.param) as made:
        yield made


@pytest.fixture
def github() -> Iterator[Site]:
    with site("github") as made:
        yield made


# --- what the forge says


def test_a_later_commit_contains_an_earlier_one(there: Site) -> None:
    assert there.lineage.contains(there.history.head, there.history.root) is True


def test_an_earlier_commit_does_not_contain_a_later_one(there: Site) -> None:
    assert there.lineage.contains(there.history.root, there.history.head) is False


def test_of_a_strange_commit_nothing_is_told(there: Site) -> None:
    assert there.lineage.contains(there.history.head, UNKNOWN) is None


def test_a_full_sha_is_known(there: Site) -> None:
    assert there.lineage.resolve(there.history.middle) == there.history.middle


def test_a_strange_commit_is_a_usage_error(there: Site) -> None:
    with pytest.raises(UsageError, match=f"the repository has no commit {UNKNOWN[:12]}"):
        there.lineage.resolve(UNKNOWN)


def test_a_short_sha_is_completed(github: Site) -> None:
    assert github.lineage.resolve(github.history.middle[:7]) == github.history.middle


# --- how often it is asked


@pytest.mark.parametrize(("commit", "ancestor"), [("head", "root"), ("root", "head")])
def test_a_yes_and_a_no_are_kept_for_good(there: Site, commit: str, ancestor: str) -> None:
    pair = there.history.sha(commit), there.history.sha(ancestor)
    told = there.lineage.contains(*pair)
    asked = len(there.forge.calls)
    there.ticks.now = 1e6
    assert there.lineage.contains(*pair) is told
    assert len(there.forge.calls) == asked


def test_that_a_commit_contains_itself_is_not_asked(there: Site) -> None:
    assert there.lineage.contains(UNKNOWN, UNKNOWN) is True
    assert there.forge.calls == []


def test_what_nobody_could_tell_is_asked_again_later(github: Site) -> None:
    pair = github.history.head, github.history.root
    github.forge.faults.first(1, fault=Fault(answer=Reply(501)), on=None)
    assert github.lineage.contains(*pair) is None
    asked = len(github.forge.calls)
    assert github.lineage.contains(*pair) is None
    assert len(github.forge.calls) == asked
    github.ticks.now += 6
    assert github.lineage.contains(*pair) is True


def test_each_time_it_is_asked_later(github: Site) -> None:
    asked = []
    for _ in range(1000):
        before = len(github.forge.calls)
        assert github.lineage.contains(github.history.head, UNKNOWN) is None
        if len(github.forge.calls) > before:
            asked.append(github.ticks.now)
        github.ticks.now += 1
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]


def test_a_strange_commit_holds_nothing_else_up(github: Site) -> None:
    assert github.lineage.contains(github.history.head, UNKNOWN) is None
    assert github.lineage.contains(github.history.head, github.history.root) is True


def test_a_refused_login_is_told_once_and_holds_all_up(caplog: pytest.LogCaptureFixture) -> None:
    with site("github", token="nobodys-token") as made, caplog.at_level(logging.WARNING):
        assert made.lineage.contains(made.history.head, made.history.root) is None
        assert made.lineage.contains(made.history.middle, made.history.root) is None
        assert made.lineage.resolve(made.history.head) is None
        assert [call.status for call in made.forge.calls] == [401, 401]
    (told,) = caplog.messages
    assert told.startswith("the forge does not tell which commit contains which: ")
    assert "nobodys-token" not in told


def test_where_the_forge_limits_calls_none_is_made(github: Site) -> None:
    answer = Reply(429, b"{}", {"Retry-After": "100", "Content-Type": "application/json"})
    github.forge.faults.first(1, fault=Fault(answer=answer), on=None)
    assert github.lineage.contains(github.history.head, github.history.root) is None
    github.ticks.now = 99.0
    assert github.lineage.contains(github.history.head, github.history.middle) is None
    assert len(github.forge.calls) == 1
    github.ticks.now = 101.0
    assert github.lineage.contains(github.history.head, github.history.root) is True


# --- servers that do not know a call


@pytest.mark.parametrize(
    ("forge_type", "answer"),
    [
        (
            "azuredevops",
            Reply(
                400,
                b'{"message": "out of range", "typeKey": "VssVersionOutOfRangeException"}',
                {"Content-Type": "application/json"},
            ),
        ),
        ("bitbucketserver", Reply(404, b"<status/>", {"Content-Type": "application/xml"})),
    ],
)
@pytest.mark.parametrize(("commit", "ancestor"), [("head", "root"), ("root", "head")])
def test_an_older_server_is_asked_in_another_way(
    forge_type: str, answer: Reply, commit: str, ancestor: str
) -> None:
    with site(forge_type) as made:
        made.forge.faults.first(1, fault=Fault(answer=answer), on=None)
        pair = made.history.sha(commit), made.history.sha(ancestor)
        assert made.lineage.contains(*pair) is (commit == "head")
        assert len(made.forge.calls) == 2


# --- the first of several


class Told:
    def __init__(self, answer: bool | None, sha: str | None = None) -> None:
        self.answer, self.sha = answer, sha

    def resolve(self, sha: str) -> str | None:
        return self.sha

    def contains(self, commit: str, ancestor: str) -> bool | None:
        return self.answer


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([None, True], True),
        ([False, True], False),
        ([True, False], True),
        ([None, None], None),
        ([], None),
    ],
)
def test_the_first_who_can_tell_tells(answers: list[bool | None], told: bool | None) -> None:
    assert FirstOf([Told(answer) for answer in answers]).contains("a", "b") is told


def test_the_last_who_knows_a_sha_completes_it_since_a_clone_has_more_than_was_pushed() -> None:
    assert FirstOf([Told(None, "x"), Told(None, "y"), Told(None)]).resolve("a") == "y"
    assert FirstOf([Told(None)]).resolve("a") is None
