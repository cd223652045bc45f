"""Every link of the pages leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pages import ROOT, anchor, page, pages

LINKS = sorted({(page.path, link) for page in pages().values() for link in page.links()})
INSIDE = [pair for pair in LINKS if "://" not in pair[1]]
PLACES = {path: {anchor(heading) for heading in page.headings} for path, page in pages().items()}


def leads(path: str, link: str) -> bool:
    """Whether a file is there, and its heading."""
    file, _, fragment = link.partition("#")
    there = (ROOT / Path(path).parent / file).resolve() if file else ROOT / path
    if not there.exists():
        return False
    return not fragment or fragment in PLACES[str(there.relative_to(ROOT))]


@pytest.mark.parametrize(("path", "link"), INSIDE)
def test_a_link_leads_to_a_file_and_a_heading(path: str, link: str) -> None:
    assert leads(path, link)


def test_what_is_not_there_is_seen() -> None:
    assert leads("docs/new.md", "results.md#what-is-pending")
    assert not leads("docs/new.md", "results.md#what-is-not")
    assert not leads("docs/new.md", "result.md")


def test_links_to_elsewhere_are_encrypted() -> None:
    assert [link for _, link in LINKS if link.startswith("http://")] == []


@pytest.mark.parametrize("path", [path for path in PLACES if path.startswith("docs/")])
def test_the_readme_leads_to_every_page(path: str) -> None:
    assert path in pages()["README.md"].links()


def test_a_page_is_cut_into_what_it_has() -> None:
    text = "# A\n[b](c.md) `[d](e)`\n```sh\nx\n```\n## B\n```\n# no heading\n```\n"
    made = page("a.md", text)
    assert (made.headings, made.links(), made.code()) == (("A", "B"), ["c.md"], ["[d](e)"])
    assert [(b.name, b.language, b.text) for b in made.blocks] == [
        ("a.md#a-1", "sh", "x\n"),
        ("a.md#b-1", "", "# no heading\n"),
    ]
