"""The summary of a run: what is wrong first, all counts, and never too much."""

from __future__ import annotations

import re

from statusbot.forges.base import Repository
from statusbot.posting.outcome import Did
from statusbot.report.as_markdown import WARNINGS, Summary
from statusbot.report.markup import ROWS
from statusbot.report.report import Line, Report
from statusbot.results.result import ObjectRef

SHA = "5f" * 20
REPOSITORY = Repository("github", "https://api.github.com", "my-org/my-repo", "github.com")
LIMIT = 1024 * 1024


def line(name: str, did: Did = Did.POSTED, state: str = "success", when: float = 0.0) -> Line:
    about = ObjectRef("Kustomization", "apps", name, "")
    return Line(did, "", about, commit=SHA, state=state, repository=REPOSITORY, when=when)


def report(*lines: Line, warnings: tuple[str, ...] = ()) -> Report:
    made = Report("https://api.example", 0.0, listed_all=True, objects=len(lines))
    for each in lines:
        made.add(each)
    made.warnings.extend(warnings)
    return made


def summary(*reports: Report) -> str:
    made = Summary()
    for each in reports:
        made.add(each)
    return "\n".join(made.lines())


def names(text: str) -> list[str]:
    return re.findall(r"<code>apps/([^<]+)</code>", text)


def test_what_is_wrong_is_first_then_what_is_red_then_the_newest() -> None:
    text = summary(
        report(
            line("skipped", Did.SKIPPED, when=9),
            line("old", when=1),
            line("new", when=2),
            line("red", state="failure", when=0),
            line("broken", Did.ERROR, when=0),
            line("late", Did.DEFERRED, when=0),
        )
    )
    assert names(text) == ["broken", "red", "late", "new", "old", "skipped"]


def test_all_are_counted() -> None:
    text = summary(report(line("a"), line("b", Did.SKIPPED), line("c", Did.ERROR)))
    assert "3 Kustomizations, 0 results: \n**1 posted, 1 skipped, 1 in error**" in text


def test_no_news_are_said_to_be_none() -> None:
    assert "**nothing to post**" in summary(report())


def test_of_many_the_first_ones_are_shown_and_the_rest_counted() -> None:
    lines = [line(f"n{number}", when=number) for number in range(12 * ROWS)]
    text = summary(report(*lines))
    assert names(text) == [f"n{number}" for number in range(12 * ROWS - 1, 11 * ROWS - 1, -1)]
    assert f"{11 * ROWS} more are in the report." in text


def test_of_several_rounds_posts_add_up_and_the_rest_is_the_last_ones() -> None:
    made = Summary()
    made.add(report(line("a"), line("b", Did.DEFERRED)))
    made.add(report(line("b")))
    assert (made.counts[Did.POSTED], made.counts[Did.DEFERRED], made.objects) == (2, 0, 1)


def test_a_commit_is_a_link_where_the_forge_has_it() -> None:
    posted, failed = report(line("a")), report(line("a", Did.ERROR))
    page = f'<a href="https://github.com/my-org/my-repo/commit/{SHA}">'
    assert page in summary(posted)
    assert "<a " not in summary(failed)


def test_the_longest_of_all_summaries_is_one_that_github_takes() -> None:
    evil = '"' * 5000
    about = ObjectRef("Kustomization", evil, evil, "")
    there = Repository("github", "https://api.github.com", evil, "github.com")
    worst = Line(Did.POSTED, evil, about, evil, evil, there, SHA, evil, "error", evil)
    text = summary(report(*[worst] * 5000, warnings=tuple(f"{n}{evil}" for n in range(1000))))
    assert len(text.encode()) < LIMIT / 2
    assert text.count("⚠️") == WARNINGS


def test_a_warning_is_text() -> None:
    text = summary(report(warnings=("there is no <b>Kustomization</b> @octocat",)))
    assert "<code>there is no &lt;b&gt;Kustomization&lt;/b&gt; @octocat</code>" in text
