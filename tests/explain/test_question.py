"""Which Kustomization and which commit are meant."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from statusbot.errors import UsageError
from statusbot.explain.question import Question, Search, question
from statusbot.results.observation import Observation, observe
from tests.support.objects import C1, C2, NOW, kustomization


@dataclass
class Seen:
    """As much of a decision as a search looks at."""

    observation: Observation


def search(asked: str, *paths: str) -> Search:
    made = Search(question(asked, "flux-system", None))
    for path in paths:
        namespace, _, name = path.partition("/")
        seen = Seen(observe(kustomization(name=name, namespace=namespace), NOW))
        made(seen)  # type: ignore[arg-type]
    return made


def test_a_name_is_in_the_given_namespace() -> None:
    assert question("apps", "flux-system", None) == Question("flux-system", "apps")


def test_a_namespace_before_the_name_is_stronger() -> None:
    assert question("team/apps", "flux-system", None).path == "team/apps"


def test_a_commit_may_be_short_and_in_capitals() -> None:
    assert question("apps", "x", " 1A2B3C4 ").commit == "1a2b3c4"


@pytest.mark.parametrize(
    ("commit", "means"), [("", True), (C1[:7], True), (C1, True), (C2[:7], False)]
)
def test_a_commit_is_meant_by_its_beginning(commit: str, means: bool) -> None:
    assert Question("x", "apps", commit).means([None, C1]) == means


def test_no_commit_is_meant_where_there_is_none() -> None:
    assert not Question("x", "apps", C1).means([None])


def test_the_object_is_found_by_both_of_its_names() -> None:
    found = search("apps", "team/apps", "flux-system/apps").decision
    assert found is not None
    assert found.observation.object.path == "flux-system/apps"


def missing(asked: str, *paths: str) -> str:
    made = search(asked, *paths)
    assert made.decision is None
    assert isinstance(made.missing(), UsageError)
    return made.missing().todo


def test_one_of_that_name_elsewhere_is_the_best_guess() -> None:
    assert missing("apps", "team/apps", "flux-system/appz") == "one of that name is team/apps"


def test_several_of_that_name_are_all_told() -> None:
    told = missing("apps", "c/apps", "a/apps", "b/apps")
    assert told == "one of that name is a/apps, b/apps or c/apps"


def test_a_slip_in_the_name_is_seen() -> None:
    assert missing("ifnra", "flux-system/infra", "flux-system/apps").startswith(
        "did you mean flux-system/infra"
    )


def test_a_slip_is_seen_in_another_namespace_too() -> None:
    todo = missing("infrastructur", "a-quite-other-namespace/infrastructure")
    assert todo == "did you mean a-quite-other-namespace/infrastructure?"


def test_of_thousands_a_few_are_told() -> None:
    todo = missing("app", *(f"flux-system/app{number}" for number in range(1000)))
    assert todo.count("flux-system/") == 3


def test_nothing_near_is_a_list_to_look_at() -> None:
    assert missing("zzz", "team/qqqqqqqq") == "`flux get kustomizations -A` lists them"
