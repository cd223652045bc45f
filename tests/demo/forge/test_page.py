from __future__ import annotations

import requests

from statusbot.demo.forge import EmbeddedForge
from tests.support.forge import REPOSITORY, SHA, TOKEN, UNKNOWN_SHA, forge

__all__ = ["forge"]


def write(forge: EmbeddedForge, **body: str) -> None:
    url = f"{forge.url}/api/v1/repos/{REPOSITORY}/statuses/{SHA}"
    headers = {"Authorization": f"token {TOKEN}"}
    requests.post(url, json=body, headers=headers, timeout=5).raise_for_status()


def page(forge: EmbeddedForge, path: str) -> str:
    answer = requests.get(f"{forge.url}{path}", timeout=5)
    answer.raise_for_status()
    return answer.text


def test_the_first_page_links_every_commit_that_has_a_status(forge: EmbeddedForge) -> None:
    write(forge, state="success", context="c")
    assert f'href="/{REPOSITORY}/commit/{SHA}"' in page(forge, "/")


def test_the_first_page_names_a_repository_without_statuses(forge: EmbeddedForge) -> None:
    assert REPOSITORY in page(forge, "/")


def test_a_commits_page_shows_state_context_and_description(forge: EmbeddedForge) -> None:
    write(forge, state="failure", context="kustomization/apps", description="no such path")
    text = page(forge, f"/{REPOSITORY}/commit/{SHA}")
    assert all(word in text for word in ("failure", "kustomization/apps", "no such path"))


def test_what_a_status_says_is_never_markup(forge: EmbeddedForge) -> None:
    evil = "\"'><script>alert(1)</script>"
    write(forge, state=evil, context=evil, description=evil, target_url=f"https://e/{evil}")
    text = page(forge, f"/{REPOSITORY}/commit/{SHA}") + page(forge, "/")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert 'href="https://e/&quot;' in text


def test_only_web_addresses_become_links(forge: EmbeddedForge) -> None:
    write(forge, state="success", context="c", target_url="javascript:alert(1)")
    assert "javascript" not in page(forge, f"/{REPOSITORY}/commit/{SHA}")


def test_a_page_may_not_run_or_load_anything(forge: EmbeddedForge) -> None:
    policy = requests.get(forge.url, timeout=5).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


def test_an_older_row_of_a_context_is_shown_as_old(forge: EmbeddedForge) -> None:
    for state in ("pending", "success"):
        write(forge, state=state, context="c")
    assert page(forge, f"/{REPOSITORY}/commit/{SHA}").count("class=old") == 1


def test_an_unknown_commit_has_no_page(forge: EmbeddedForge) -> None:
    path = f"{forge.url}/{REPOSITORY}/commit/{UNKNOWN_SHA}"
    assert requests.get(path, timeout=5).status_code == 404
