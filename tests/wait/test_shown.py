"""What is said of a wait: lines, one document, a table; and no word that a terminal or a CI obeys."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest
from rich.console import Console

from statusbot.wait.as_json import AsJson
from statusbot.wait.as_lines import AsLines
from statusbot.wait.as_table import AsTable
from statusbot.wait.verdict import Standing, Verdict
from statusbot.wait.wait import Ending, Outcome
from statusbot.wait.words import elapsed, line
from tests.support.objects import C1, C2, C3

GREEN, RED, WAITING = Standing.GREEN, Standing.RED, Standing.WAITING
ONE = Verdict("flux-system/apps", GREEN, C2, "ReconciliationSucceeded", f"Applied revision: {C2}")
TWO = Verdict("team-a/web", WAITING, C1, "", "Flux is at work on it")
THREE = Verdict("team-a/api", RED, C2, "BuildFailed", "accumulating\nresources: no such file")
HOSTILE = Verdict(
    "a/\x1b[2Jb",
    RED,
    "\x1b]0;x\x07",
    "Bad\n::error::reason",
    "\x1b[31m##[error]x \u202egnp https://me:hunter22@git.example/ \ud800",
)


def outcome(ending: Ending, *verdicts: Verdict, seconds: float = 12.4) -> Outcome:
    return Outcome(C2, ending, seconds, verdicts)


# -- lines


def test_each_change_is_one_line_with_its_time() -> None:
    said: list[str] = []
    show = AsLines(said.append)
    for seconds, verdicts in [(0.2, [TWO]), (1.2, [TWO]), (75.0, [ONE, TWO])]:
        show.progress(verdicts, seconds)
    assert said == [
        "0 s: waiting team-a/web at 11111111: Flux is at work on it",
        f"1 min 15 s: green flux-system/apps at 22222222: Applied revision: {C2}",
    ]


def test_who_is_left_out_later_is_told() -> None:
    said: list[str] = []
    show = AsLines(said.append)
    show.progress([ONE, TWO], 1.0)
    show.progress([ONE], 2.0)
    assert said[2:] == ["2 s: team-a/web is not waited for any more"]


def last(*verdicts: Verdict, ending: Ending) -> list[str]:
    said: list[str] = []
    AsLines(said.append).end(outcome(ending, *verdicts))
    return said


def test_green_ends_with_the_sum() -> None:
    assert last(ONE, ending=Ending.GREEN) == ["1 of 1 green at 22222222 after 12 s"]


def test_red_ends_with_who_failed_and_why() -> None:
    assert last(ONE, TWO, THREE, ending=Ending.RED) == [
        "red team-a/api at 22222222: BuildFailed: accumulating",
        "1 of 3 green at 22222222 after 12 s: 1 failed",
    ]


def test_a_time_out_ends_with_what_is_missing() -> None:
    assert last(ONE, TWO, ending=Ending.TIMEOUT) == [
        "missing: waiting team-a/web at 11111111: Flux is at work on it",
        "1 of 2 green at 22222222 after 12 s: timed out",
    ]


def test_a_time_out_with_nothing_says_so() -> None:
    assert last(ending=Ending.TIMEOUT)[-1].endswith("there was nothing to wait for yet")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (600, "10 min 0 s")]
)
def test_time_is_told_in_minutes_and_seconds(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_no_text_of_a_cluster_is_obeyed() -> None:
    said = line(HOSTILE)
    assert said.isprintable()
    assert "##[" not in said
    assert "hunter22" not in said


# -- the document


def document(*verdicts: Verdict, by_context: bool = False) -> tuple[dict[str, Any], list[str]]:
    said: list[str] = []
    written: list[bytes] = []
    show = AsJson(said.append, document=written.append, by_context=by_context)
    show.progress(verdicts, 1.0)
    show.end(outcome(Ending.RED, *verdicts, seconds=12.3456))
    (data,) = written
    assert b"##[" not in data
    return json.loads(data), said


def test_the_document_has_everything() -> None:
    found, said = document(ONE, THREE)
    assert (found["version"], found["sha"], found["result"]) == (1, C2, "red")
    assert found["seconds"] == 12.346
    assert found["kustomizations"][0] == {
        "name": "apps",
        "namespace": "flux-system",
        "context": None,
        "state": "green",
        "commit": C2,
        "reason": "ReconciliationSucceeded",
        "message": f"Applied revision: {C2}",
        "url": None,
    }
    assert len(said) == 2


def test_contexts_have_no_namespace() -> None:
    one = Verdict("kustomization/apps/0c9c2e41", WAITING, url="https://ci.example/1")
    found, _ = document(one, by_context=True)
    (entry,) = found["kustomizations"]
    assert (entry["namespace"], entry["context"]) == (None, "kustomization/apps/0c9c2e41")
    assert (entry["commit"], entry["url"]) == (None, "https://ci.example/1")


def test_the_document_takes_any_text() -> None:
    found, _ = document(HOSTILE)
    text = json.dumps(found, ensure_ascii=False)
    assert text.isprintable()
    assert "hunter22" not in text


# -- the table


def drawn(*looks: Sequence[Verdict], width: int = 80, height: int = 24, end: bool = True) -> str:
    stream = io.StringIO()
    table = AsTable(C2, stream, errors=False)
    table._console = Console(
        file=stream, width=width, height=height, force_terminal=True, color_system=None,
        markup=False, highlight=False, emoji=False,
    )  # fmt: skip
    for verdicts in looks:
        table.progress(verdicts, 3.0)
    if end:
        table._seconds = 12.0
    table._console.print(table._draw())
    return stream.getvalue()


def test_before_anything_was_read_the_table_says_so() -> None:
    assert drawn([], end=False).splitlines()[0].startswith("reading … at 22222222 after ")


def test_what_was_read_and_is_all_gone_is_not_read_for_ever() -> None:
    assert drawn([ONE], [], end=False).splitlines()[0].startswith("0 of 0 green at 22222222 after ")


def test_the_table_has_a_row_for_each() -> None:
    head, names, *rows = drawn([ONE, THREE, TWO]).splitlines()
    assert head.split() == "1 of 3 green at 22222222 after 12 s".split()
    assert names.split() == ["Kustomization", "state", "commit", "time", "message"]
    assert [row.split()[:4] for row in rows] == [
        ["flux-system/apps", "✓", "green", "22222222"],
        ["team-a/api", "✗", "red", "22222222"],
        ["team-a/web", "…", "waiting", "11111111"],
    ]
    assert [row.split()[4:6] for row in rows] == [["3", "s"], ["3", "s"], ["12", "s"]]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    long = Verdict("a" * 63 + "/" + "b" * 63, RED, C3, "BuildFailed", "no such file " * 40)
    rows = drawn([long, ONE], width=width).splitlines()
    assert len(rows) == 4
    assert max(map(len, rows)) <= width


def test_who_may_still_fail_it_stays_in_sight() -> None:
    many = [Verdict(f"ns/{n:02}", GREEN, C2) for n in range(40)]
    shown = drawn([*many, TWO, THREE], height=10, end=False).splitlines()
    assert [row.split()[0] for row in shown[2:4]] == ["team-a/api", "team-a/web"]
    assert shown[-1].strip() == "and 37 more"
    assert len(shown) <= 9


def test_the_last_table_has_them_all() -> None:
    many = [Verdict(f"ns/{n:02}", GREEN, C2) for n in range(40)]
    assert len(drawn(many, height=10).splitlines()) == 42


def test_no_text_of_a_cluster_moves_the_cursor() -> None:
    shown = drawn([HOSTILE])
    assert all(part.isprintable() for part in shown.splitlines())
    assert "hunter22" not in shown
