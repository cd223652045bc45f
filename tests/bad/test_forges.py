"""Forges that refuse, fail, lie or say nothing, each beside one that works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from statusbot.demo.forge import EmbeddedForge, Fault, faults
from tests.support.objects import C1, git, green, kustomization
from tests.support.world import FORGE_TOKEN, REPOSITORY, World, outcome, world

Break = Callable[[EmbeddedForge], object]
COMMAND = '{"message": "##[add-mask]no", "errors": [{"message": "\\u001b[2J"}]}'


def always(fault: Fault) -> Break:
    return lambda forge: forge.faults.always(fault=fault)


class Two(World):
    """Every status goes to two forges, by the Providers `forge` and `bad`."""

    bad: EmbeddedForge

    def outcomes(self, *arguments: str) -> dict[str, list[tuple[str, str]]]:
        """(outcome, why) of each status, by Provider."""
        found: dict[str, list[tuple[str, str]]] = {}
        self.last = self.report(*arguments)
        for entry in self.last["statuses"]:
            provider = str(entry["provider"]).removeprefix("flux-system/")
            found.setdefault(provider, []).append((entry["outcome"], entry["why"]))
        return found


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with world(tmp_path) as made, EmbeddedForge(token=FORGE_TOKEN) as bad:
        bad.add_repository(REPOSITORY, {C1})
        two = Two(made.kube, made.forge, made.folder)
        two.bad = bad
        two.add_way("bad", type="github", address=f"{bad.url}/{REPOSITORY}")
        two.kube.apply(kustomization(name="second"))
        yield two


def gone(forge: EmbeddedForge) -> None:
    forge.__exit__(None, None, None)


REFUSED: dict[str, tuple[Break, str]] = {
    "401": (
        always(faults.answer(401, '{"message":"Bad"}')),
        "does not accept the login: Bad (401)",
    ),
    "403": (always(faults.answer(403, '{"message":"No"}')), "the login may not do this: No (403)"),
    "404": (always(faults.answer(404, "{}")), "(404)"),
    "redirect": (always(faults.redirect("https://me:pw@other.example/x?token=y")), "redirects to"),
    "html": (always(faults.html()), "200 with text/html, not JSON: is that its API?"),
    "gone": (gone, "cannot be reached: connection refused"),
    "command": (always(faults.answer(400, COMMAND)), "does not take this status"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_says_is_told_for_every_status_and_nothing_is_there(two: Two, name: str) -> None:
    spoil, words = REFUSED[name]
    spoil(two.bad)
    found = two.outcomes("--timeout", "20s")
    assert [did for did, _ in found["bad"]] == ["error", "error"]
    assert all(words in why for _, why in found["bad"])
    assert two.bad.stored == []


@pytest.mark.parametrize("name", REFUSED)
def test_the_other_forge_shows_all_and_the_exit_code_is_1(two: Two, name: str) -> None:
    REFUSED[name][0](two.bad)
    assert two.report("--timeout", "20s")["exit_code"] == 1
    assert (two.shown("healthy"), two.shown("second")) == (["success"], ["success"])


def test_a_login_that_is_refused_is_not_tried_for_each_status(two: Two) -> None:
    REFUSED["401"][0](two.bad)
    two.run()
    assert len(two.bad.calls) == 1


def test_where_it_redirects_to_is_told_without_login_and_query(two: Two) -> None:
    REFUSED["redirect"][0](two.bad)
    ran = two.run()
    assert "https://other.example/x" in ran.out
    assert "pw@" not in ran.out
    assert "token=y" not in ran.out


def test_what_it_says_can_do_no_harm_in_ci(two: Two) -> None:
    REFUSED["command"][0](two.bad)
    ran = two.run()
    assert "[add-mask]no" in ran.out
    assert "##[" not in ran.out
    assert "\x1b" not in ran.out


def test_a_limit_is_deferred_and_no_reason_to_fail(two: Two) -> None:
    two.bad.faults.always(fault=faults.too_many(3600))
    found = two.outcomes("--timeout", "20s")
    assert [did for did, _ in found["bad"]] == ["deferred", "deferred"]
    assert (two.last["exit_code"], two.bad.stored) == (0, [])


def test_a_limit_of_one_is_none_of_the_other(two: Two) -> None:
    two.bad.faults.always(fault=faults.too_many(3600))
    found = two.outcomes("--timeout", "20s")
    assert [did for did, _ in found["forge"]] == ["posted", "posted"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.answer(500, "oops"), "the forge failed: oops (500)"),
        (faults.reset(stored=False), "the forge's answer was lost: the connection was cut"),
        (faults.half_body(), "the forge's answer was lost: it ended too early"),
    ],
)
def test_what_fails_again_and_again_is_an_error_with_its_reason(
    two: Two, fault: Fault, words: str
) -> None:
    two.bad.faults.always(fault=fault)
    found = two.outcomes("--timeout", "20s")
    assert [(did, words in why) for did, why in found["bad"]] == [("error", True)] * 2
    assert [did for did, _ in found["forge"]] == ["posted", "posted"]


def test_one_that_takes_too_long_does_not_stop_the_run(two: Two) -> None:
    two.bad.faults.always(fault=faults.slow(30))
    found = two.outcomes("--timeout", "1500ms")
    assert {did for did, _ in found["bad"]} <= {"error", "deferred"}
    assert (two.shown("healthy"), two.bad.writes) == (["success"], 0)


def test_a_commit_that_its_repository_does_not_have_is_an_error(here: World) -> None:
    here.add(kustomization(green(git("9" * 40)), name="elsewhere"))
    entry = outcome(here.report(), "elsewhere")
    assert entry["outcome"] == "error"
    assert "the forge does not know this commit" in entry["why"]
    assert here.shown("healthy") == ["success"]
