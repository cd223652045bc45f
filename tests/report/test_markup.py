"""Text from elsewhere in Markdown: rendered as GitHub does, nothing of it is more than text."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from statusbot.report.markup import LONGEST, code, link, table
from statusbot.text import one_line

HOSTILE = [
    "[a](https://evil.example)",
    "![a](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</code></td></tr></table><a href='https://evil.example'>x</a>",
    "a | b | c",
    "`code` ``more`` ```",
    "**bold** _em_ ~~gone~~",
    "https://evil.example www.evil.example me@evil.example",
    "@octocat #1 my-org/my-repo#1 " + "5f" * 20,
    ":smile: &lt;b&gt; &#64;octocat",
    "a\n\n# heading\n\n[b]: https://evil.example\n\n[b]",
    "<!-- comment",
    "$x^2$ [^1]",
    '"><a href=x>',
    "a\u202eb\u0000c\u001b[31m",
]
# What GFM adds but its links of bare addresses: it makes none within <code>, nor in any HTML.
GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"table", "tr", "td", "code"}


class Page(HTMLParser):
    """The tags of a page, and its text within ``code`` and without."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, str | None]] = []
        self.inside, self.outside = "", ""
        self._depth = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href")))
        self._depth += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.inside += data
        else:
            self.outside += data


def page(*cells: str) -> Page:
    return Page(GFM.render("\n".join(table([], [cells], 1))))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(text: str) -> None:
    shown = page(code(text))
    assert {tag for tag, _ in shown.tags} == OURS
    assert shown.inside == one_line(text)


@given(st.text(max_size=LONGEST))
def test_whatever_the_text_nothing_of_it_is_outside_of_code(text: str) -> None:
    shown = page(code(text))
    assert {tag for tag, _ in shown.tags} <= OURS
    assert shown.outside.strip() == ""


@given(st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=6))
def test_a_row_has_the_cells_that_it_was_given(texts: list[str]) -> None:
    shown = page(*map(code, texts))
    assert [tag for tag, _ in shown.tags].count("td") == len(texts)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://user:pass@evil.example/x",
        "https://[::1",
        "vbscript:x",
        "",
        " javascript:x",
        "https:///x",
    ],
)
def test_a_link_that_is_none_is_text(url: str) -> None:
    assert link("1a2b3c4d", url) == "<code>1a2b3c4d</code>"


def test_a_link_leads_where_it_says() -> None:
    shown = page(link("x", "https://git.example/a?b=c&d='\"><img>"))
    assert ("a", "https://git.example/a?b=c&d='\"><img>") in shown.tags
    assert "img" not in dict(shown.tags)


def test_a_long_text_is_cut() -> None:
    assert len(code("x" * 5000)) < LONGEST + 20


def test_known_secrets_are_hidden() -> None:
    assert "ghp_" not in code("who is ghp_0123456789abcdefghij?")


def test_an_empty_text_is_an_empty_cell() -> None:
    assert code(" \n ") == ""


def test_what_follows_a_table_is_markdown_again() -> None:
    text = "\n".join([*table(["a"], [["b"]], 1), "**c**"])
    assert "<strong>c</strong>" in GFM.render(text)
