"""The pages for people: which commits there are, and what is said about one of them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from statusbot.demo.forge.calls import Reply
from statusbot.demo.forge.rows import Repo, Row, Store, latest

_COLOURS = {"success": "#1a7f37", "failure": "#cf222e", "error": "#cf222e", "pending": "#9a6700"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td{padding:.2rem 1rem .2rem 0;vertical-align:top}code{font-size:.9em}.old{opacity:.5}"
)
# Nothing on a page may run or be loaded: what it shows was written by somebody else.
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def page(path: str, store: Store) -> Reply:
    """``/`` or ``/{owner}/{repo}/commit/{sha}``; a page that says so for every other path."""
    parts = path.strip("/").split("/")
    if parts == [""]:
        return _html(200, "Commits", _index(store))
    if len(parts) == 4 and parts[2] == "commit":
        repo = store.find("/".join(parts[:2]))
        sha = repo.commit(parts[3]) if repo else None
        if repo is not None and sha is not None:
            return _html(200, f"{repo.name} {sha[:10]}", _commit(store.rows(repo, sha), sha))
    return _html(404, "Not found", "<p>There is no such page here.</p>")


def _index(store: Store) -> str:
    return "".join(_repository(store, repo) for repo in list(store.repos.values()))


def _repository(store: Store, repo: Repo) -> str:
    items = "".join(
        f'<li><a href="/{escape(repo.name)}/commit/{escape(sha)}"><code>{escape(sha[:10])}</code>'
        f"</a> {_marks(latest(store.rows(repo, sha)).values())}</li>"
        for sha in list(repo.rows)
    )
    return f"<h2>{escape(repo.name)}</h2><ul>{items or '<li>no status yet</li>'}</ul>"


def _marks(rows: Iterable[Row]) -> str:
    return " ".join(_state(row.state) for row in rows)


def _commit(rows: list[Row], sha: str) -> str:
    newest = {row.id for row in latest(rows).values()}
    lines = "".join(_line(row, row.id in newest) for row in reversed(rows))
    return f"<p><code>{escape(sha)}</code></p><table>{lines}</table>" + (
        "" if lines else "<p>no status yet</p>"
    )


def _line(row: Row, newest: bool) -> str:
    context = escape(row.context)
    if row.url.startswith(("https://", "http://")):
        context = f'<a rel="noreferrer" href="{escape(row.url)}">{context}</a>'
    cells = (_state(row.state), context, escape(row.description), f"{row.created:%H:%M:%S}")
    return f"<tr{'' if newest else ' class=old'}><td>{'</td><td>'.join(cells)}</td></tr>"


def _state(state: str) -> str:
    colour = _COLOURS.get(state, "#57606a")
    return f'<b style="color:{colour}">{escape(state)}</b>'


def _html(status: int, title: str, body: str) -> Reply:
    text = (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return Reply(status, text.encode("utf-8", "replace"), _HEADERS)
