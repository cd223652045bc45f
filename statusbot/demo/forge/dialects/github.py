"""GitHub and GitHub Enterprise Server: ``/api/v3/repos/...`` and, as on api.github.com, bare.

The shapes are those of GitHub's API description; the limits, which it does not name, and the words
of the errors are those that users quote in public issues.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import github_app, github_graph
from statusbot.demo.forge.dialects.base import Page, Route, link
from statusbot.demo.forge.dialects.github_shapes import (
    DOCS,
    api,
    invalid,
    refusal,
    repository_of,
    status_of,
    user_of,
)
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store, latest

STATES = ("error", "failure", "pending", "success")
MOST_PER_CONTEXT = 1000

_PATH = re.compile(
    r"(?:/api/v3)?/(?:repos/(?P<name>[^/]+/[^/]+)|repositories/(?P<id>\d+))"
    r"/(?:statuses/(?P<sha>[^/]+)|commits/(?P<ref>.+)/(?P<what>status|statuses))"
)
_API = re.compile(r"/api/v3/|/repos/|/repositories/")
_STRANGERS = {Rights.NONE, Rights.VISITOR}


class GitHub:
    """The paths and the answers of GitHub's commit status API."""

    name = "github"

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or one of the two lists; other paths of the API are unknown ones."""
        if about_app := github_app.route(method, path):
            return about_app
        if about_graph := github_graph.route(method, path):
            return about_graph
        found = _PATH.fullmatch(unquote(path))
        if found is None:
            return Route("unknown", Kind.OTHER, "") if _API.match(path) else None
        numbered = store.numbered(int(found["id"])) if found["id"] else None
        name, ref = numbered.name if numbered else found["name"] or "", found["sha"] or found["ref"]
        if method == "POST" and found["sha"]:
            return Route("write", Kind.WRITE, name, ref)
        if method == "GET":
            return Route(found["what"] or "statuses", Kind.READ, name, ref)
        return Route("unknown", Kind.OTHER, name, ref)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Who asks, then where, then what: in the order in which GitHub objects."""
        if not call.headers.get("user-agent"):
            words = b"\r\nRequest forbidden by administrative rules.\r\n"
            return Reply(403, words, {"Content-Type": "text/html"})
        if route.operation.startswith(github_app.PREFIX):
            return github_app.answer(call, route, store)
        rights = github_app.rights(call, route, store, rights)
        if rights is Rights.BAD:
            return refusal(401, "Bad credentials")
        if route.kind is Kind.OTHER:
            return refusal(404, "Not Found")
        if store.moved_to(route.repository):
            return _moved(call, route, store)
        repo = store.find(route.repository)
        if repo is None or (repo.private and rights in _STRANGERS):
            return refusal(404, "Not Found")
        if route.kind is Kind.WRITE:
            return _refused(repo, rights) or _write(call, route, repo, store)
        if route.operation in github_graph.OPERATIONS:
            return github_graph.answer(call, route, repo)
        sha = repo.commit(route.ref)
        if sha is None:
            return _no_commit(route)
        rows = store.rows(repo, sha)
        return (
            _list(call, repo, sha, rows)
            if route.operation == "statuses"
            else _combined(call, repo, sha, rows)
        )


def _moved(call: Call, route: Route, store: Store) -> Reply:
    repo = store.find(store.moved_to(route.repository))
    number = 0 if repo is None else repo.id
    rest = call.path.partition(f"/repos/{route.repository}/")[2]
    location = f"{api(call)}/repositories/{number}/{rest}"
    # 307 asks for the same method again, which a plain 301 leaves to the client.
    status = 307 if route.kind is Kind.WRITE else 301
    value = {"message": "Moved Permanently", "url": location, "documentation_url": DOCS}
    return json_reply(status, value, {"Location": location})


def _refused(repo: Repo, rights: Rights) -> Reply | None:
    if rights is Rights.NONE:
        return refusal(401, "Requires authentication")
    if rights is Rights.VISITOR:
        return refusal(404, "Not Found")
    if rights is Rights.READ:
        accepted = {"X-Accepted-GitHub-Permissions": "statuses=write"}
        return refusal(403, "Resource not accessible by personal access token", accepted)
    if repo.archived:
        return refusal(403, "Repository was archived so is read-only.")
    return None


def _no_commit(route: Route) -> Reply:
    if route.operation == "status":
        return refusal(404, "Not Found")
    return refusal(422, f"No commit found for SHA: {route.ref}")


def _write(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    try:
        body = call.json
    except ValueError:
        return refusal(400, "Problems parsing JSON")
    if not isinstance(body, dict):
        return refusal(400, "Body should be a JSON object")
    sha = repo.commit(route.ref)
    if sha is None:
        return refusal(422, f"No commit found for SHA: {route.ref}")
    context = body.get("context") or "default"
    wrong = _wrong(body, context) or _full(store.rows(repo, sha), context)
    if wrong:
        return invalid(*wrong)
    row = store.insert(
        repo,
        sha,
        context=context,
        state=body["state"],
        description=body.get("description") or "",
        url=body.get("target_url") or "",
    )
    answer = status_of(call, repo, sha, row)
    return json_reply(
        201, answer | {"creator": user_of(call, "statusbot")}, {"Location": answer["url"]}
    )


def _wrong(body: dict[str, Any], context: object) -> tuple[str, str] | None:
    """The field that GitHub would not take, and what it says about it."""
    for name in ("description", "target_url", "context"):
        if not isinstance(body.get(name), str | None):
            return name, f"{name} is not a string"
    if body.get("state") not in STATES:
        return "state", "state is not included in the list"
    if len(body.get("description") or "") > 140:
        return "description", "description is too long (maximum is 140 characters)"
    if len(str(context)) > 255:
        return "context", "context is too long (maximum is 255 characters)"
    url = body.get("target_url") or ""
    if url and not re.match(r"https?://[^/]", url):
        return "target_url", "target_url must use http(s) scheme"
    return None


def _full(rows: list[Row], context: str) -> tuple[str, str] | None:
    same = sum(row.context.lower() == context.lower() for row in rows)
    if same < MOST_PER_CONTEXT:
        return None
    return "", "This SHA and context has reached the maximum number of statuses."


def _list(call: Call, repo: Repo, sha: str, rows: list[Row]) -> Reply:
    page = Page.of(call.query, "per_page", 30, 100)
    shown = [
        status_of(call, repo, sha, row) | {"creator": user_of(call, "statusbot")}
        for row in page.cut(rows[::-1])
    ]
    return json_reply(200, shown, _links(call, repo, sha, "statuses", page, len(rows)))


def _combined(call: Call, repo: Repo, sha: str, rows: list[Row]) -> Reply:
    newest = list(latest(rows, str.lower).values())
    page = Page.of(call.query, "per_page", 30, 100)
    value = {
        "state": _worst([row.state for row in newest]),
        "statuses": [status_of(call, repo, sha, row) for row in page.cut(newest)],
        "sha": sha,
        "total_count": len(newest),
        "repository": repository_of(call, repo),
        "commit_url": f"{api(call)}/repos/{repo.name}/commits/{sha}",
        "url": f"{api(call)}/repos/{repo.name}/commits/{sha}/status",
    }
    return json_reply(200, value, _links(call, repo, sha, "status", page, len(newest)))


def _links(call: Call, repo: Repo, sha: str, what: str, page: Page, total: int) -> dict[str, str]:
    # GitHub's links name the repository by its number, not as the client did.
    prefix = "/api/v3" if call.path.startswith("/api/v3/") else ""
    last = page.pages(total)
    pages = {"prev": page.number - 1} if page.number > 1 else {}
    if page.number < last:
        pages |= {"next": page.number + 1, "last": last}
    if page.number > 1:
        pages["first"] = 1
    return link(call, f"{prefix}/repositories/{repo.id}/commits/{sha}/{what}", pages, ", ")


def _worst(states: list[str]) -> str:
    if {"error", "failure"} & set(states):
        return "failure"
    return "success" if states and set(states) == {"success"} else "pending"
