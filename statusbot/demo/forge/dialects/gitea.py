"""Gitea and Forgejo: ``/api/v1/repos/...``, as Gitea 1.26.0 answers when it really runs."""

from __future__ import annotations

import re
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import gitea_graph
from statusbot.demo.forge.dialects.base import Page, Route, link
from statusbot.demo.forge.dialects.gitea_shapes import (
    not_found,
    refusal,
    repository_of,
    status_of,
)
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store, latest

_PATH = re.compile(
    r"/api/v1/repos/(?P<name>[^/]+/[^/]+)"
    r"/(?:statuses/(?P<sha>[^/]+)|commits/(?P<ref>.+)/(?P<what>status|statuses))/?"
)
# Other values of ``state`` do not narrow the list.
_STATES = ("pending", "success", "error", "failure", "warning")


class Gitea:
    """The paths and the answers of Gitea's commit status API.

    It also takes abbreviated SHAs, branches and form bodies; this one does not.
    """

    name = "gitea"

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or one of the three lists; other paths of the API are unknown ones."""
        if about_graph := gitea_graph.route(method, path):
            return about_graph
        found = _PATH.fullmatch(unquote(path))
        if found is None:
            return Route("unknown", Kind.OTHER, "") if path.startswith("/api/v1/") else None
        name, ref = found["name"], found["sha"] or found["ref"]
        if method == "POST" and found["sha"]:
            return Route("write", Kind.WRITE, name, ref)
        if method == "GET":
            return Route(found["what"] or "rows", Kind.READ, name, ref)
        return Route("method", Kind.OTHER, name, ref)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Who asks, then where, then what: in the order in which Gitea objects."""
        if route.kind is Kind.OTHER:
            return _other(route)
        if rights is Rights.BAD:
            return refusal(call, 401, "invalid username, password or token")
        if route.kind is Kind.WRITE and rights is Rights.READ:
            scope = "token does not have at least one of required scope(s), required="
            return refusal(call, 403, f"{scope}[write:repository], token scope=read:repository")
        if store.moved_to(route.repository):
            return _moved(call, route, store)
        repo = store.find(route.repository)
        if repo is None or (repo.private and rights in {Rights.NONE, Rights.VISITOR}):
            return _no_repository(call, route, store)
        if route.kind is Kind.WRITE:
            return _refused(call, rights) or _write(call, route, repo, store)
        if route.operation in gitea_graph.OPERATIONS:
            return gitea_graph.answer(call, route, repo)
        return _read(call, route, repo, store)


def _other(route: Route) -> Reply:
    if route.operation == "method":
        return Reply(405)
    return Reply(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})


def _moved(call: Call, route: Route, store: Store) -> Reply:
    # The same 301 for writes: a client that follows it with GET reads a list and stores nothing.
    old, new = f"/repos/{route.repository}/", f"/repos/{store.moved_to(route.repository)}/"
    return Reply(301, b"", {"Location": call.path.replace(old, new, 1)})


def _no_repository(call: Call, route: Route, store: Store) -> Reply:
    owner = route.repository.partition("/")[0]
    if store.has_owner(owner):
        return not_found(call)
    error = f"user redirect does not exist [name: {owner}]"
    return not_found(call, error, message="GetUserByName")


def _refused(call: Call, rights: Rights) -> Reply | None:
    # An archived repository takes statuses like any other.
    if rights is Rights.NONE:
        return refusal(call, 401, "token is required")
    if rights is Rights.VISITOR:
        return refusal(call, 403, "user should have a permission to write to a repo")
    return None


def _write(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    try:
        body = _body(call)
    except ValueError as error:
        return refusal(call, 422, f"[]: {error}")
    sha = repo.commit(route.ref)
    if sha is None:
        # Only administrators are told more: "GetCommit[...]: object does not exist".
        return refusal(call, 500, "")
    row = store.insert(
        repo,
        sha,
        context=body["context"],
        state=body["state"],
        description=body["description"],
        url=body["target_url"],
    )
    return json_reply(201, status_of(call, repo, sha, row))


def _body(call: Call) -> dict[str, str]:
    """The four fields, trimmed; nothing is required, nothing but their type is checked."""
    kind = call.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        raise ValueError("Unsupported Content-Type" if kind else "Empty Content-Type")
    body = call.json if call.body else {}
    if body is None:
        body = {}
    if not isinstance(body, dict):
        raise ValueError("json: cannot unmarshal into Go value of type structs.CreateStatusOption")
    fields = {name: body.get(name) for name in ("state", "context", "description", "target_url")}
    for name, value in fields.items():
        if not isinstance(value, str | None):
            raise ValueError(f"json: cannot unmarshal into field {name} of type string")
    return {name: (value or "").strip() for name, value in fields.items()}


def _read(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    # Reading compares the text of the SHA, so one in upper case is unknown; writing does not.
    sha = repo.commit(route.ref) if route.ref == route.ref.lower() else None
    if sha is None and route.operation != "rows":
        return not_found(call, f"object does not exist [id: {route.ref}, rel_path: ]")
    rows = store.rows(repo, sha) if sha else []
    if route.operation == "status":
        return _combined(call, repo, sha or "", rows)
    return _list(call, repo, sha or "", rows)


def _list(call: Call, repo: Repo, sha: str, rows: list[Row]) -> Reply:
    state = call.query.get("state", "").strip()
    wanted = [row for row in rows if state not in _STATES or row.state == state]
    page = Page.of(call.query, "limit", 30, 50)
    ordered = _ordered(wanted, call.query.get("sort", "").strip())
    shown = [status_of(call, repo, sha, row) for row in page.cut(ordered)]
    return json_reply(200, shown, _paging(call, page, len(wanted)))


def _ordered(rows: list[Row], sort: str) -> list[Row]:
    # Times are in whole seconds; within one, SQLite gives rows in the order of insertion, also
    # where the newest is wanted first. "leastindex" is the highest index first.
    if sort == "leastindex":
        return rows[::-1]
    if sort in {"highestindex", "oldest", "leastupdate"}:
        return rows
    return sorted(rows, key=lambda row: row.created, reverse=True)


def _combined(call: Call, repo: Repo, sha: str, rows: list[Row]) -> Reply:
    newest = list(latest(rows).values())[::-1]
    page = Page.of(call.query, "limit", 30, 50)
    shown = sorted(page.cut(newest), key=lambda row: row.index)
    url = f"{call.origin}/api/v1/repos/{repo.name}/commits/{sha}"
    value = {
        "state": _worst([row.state for row in shown]),
        "sha": sha,
        "total_count": len(shown),
        "statuses": [status_of(call, repo, sha, row) for row in shown] or None,
        "repository": repository_of(call, repo),
        "commit_url": url,
        "url": f"{url}/status",
    }
    return json_reply(200, value, _paging(call, page, len(newest)))


def _worst(states: list[str]) -> str:
    if {"error", "failure", "warning"} & set(states):
        return "failure"
    return "success" if states and set(states) <= {"success", "skipped"} else "pending"


def _paging(call: Call, page: Page, total: int) -> dict[str, str]:
    last = page.pages(total)
    number = min(page.number, last)
    pages = {"next": number + 1, "last": last} if number < last else {}
    if number > 1:
        pages |= {"first": 1, "prev": number - 1}
    return link(call, call.path, pages, ",") | {"X-Total-Count": str(total)}
