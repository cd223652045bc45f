"""GitLab: ``/api/v4/projects/...``, with the rules of ``Ci::CreateCommitStatusService``.

A commit has one pipeline for each branch that writes name. All logins are one user here, and no
pipeline has builds of its own.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import gitlab_graph
from statusbot.demo.forge.dialects.base import Page, Route, link
from statusbot.demo.forge.dialects.gitlab_shapes import (
    BRANCH,
    no_scope,
    refusal,
    state_of,
    status_of,
    unrouted,
)
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
LONGEST = 255

# A project is one segment: its number, or its path with every slash as %2F.
_PATH = re.compile(
    r"/api/v4/projects/(?P<id>[^/]+)"
    r"/(?:statuses/(?P<sha>[^/]+)|repository/commits/(?P<ref>[^/]+)/statuses)"
)
_NOT_ENDED = {"pending", "running"}
# The one step that a state machine takes for a wanted state, and where that may begin.
_STEPS = {
    "pending": ("enqueue", {"created"}),
    "running": ("run", {"created", "pending"}),
    "success": ("success", {"created", "pending", "running"}),
    "failed": ("drop", {"created", "pending", "running"}),
    "canceled": ("cancel", {"created", "pending", "running"}),
    "skipped": ("skip", {"created", "pending"}),
}


class GitLab:
    """The paths and the answers of GitLab's commit status API.

    It also takes queries and forms in place of JSON bodies; this one does not.
    """

    name = "gitlab"

    def __init__(self) -> None:
        """GitLab writes one status of a commit at a time, here of all commits."""
        self._writing = threading.Lock()

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or the list; other paths of the API are unknown ones."""
        if about_graph := gitlab_graph.route(method, path):
            return replace(about_graph, repository=_name(about_graph.repository, store))
        found = _PATH.fullmatch(path)
        if found is None:
            return Route("unknown", Kind.OTHER, "") if path.startswith("/api/v4/") else None
        name, ref = _name(unquote(found["id"]), store), unquote(found["sha"] or found["ref"])
        if method == "POST" and found["sha"]:
            return Route("write", Kind.WRITE, name, ref)
        if method == "GET" and found["ref"]:
            return Route("list", Kind.READ, name, ref)
        return Route("method", Kind.OTHER, name, ref)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Who asks, then with what, then where: in the order in which GitLab objects."""
        if route.kind is Kind.OTHER:
            missing = route.operation == "unknown"
            return unrouted(404, "404 Not Found") if missing else unrouted(405, "405 Not Allowed")
        if rights in {Rights.NONE, Rights.BAD}:
            return refusal(401, "401 Unauthorized")
        if route.kind is Kind.WRITE:
            return _refused(call, rights) or self._write(call, route, store, rights)
        repo = _project(route, store, rights)
        if isinstance(repo, Reply):
            return repo
        if route.operation in gitlab_graph.OPERATIONS:
            return gitlab_graph.answer(call, route, repo)
        return _list(call, route, repo, store)

    def _write(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        repo = _project(route, store, rights)
        if isinstance(repo, Reply):
            return repo
        if rights is Rights.VISITOR or repo.archived:
            return refusal(403, "403 Forbidden")
        sha = repo.commit(route.ref)
        if sha is None:
            return refusal(404, "404 Commit Not Found")
        with self._writing:
            return _store(call, repo, sha, store)


def _name(project: str, store: Store) -> str:
    if project.isascii() and project.isdecimal():
        repo = store.numbered(int(project))
        return project if repo is None else repo.name
    return project


def _project(route: Route, store: Store, rights: Rights) -> Repo | Reply:
    """The project, or why there is none for this login."""
    new = store.moved_to(route.repository)
    repo = store.find(new or route.repository)
    if repo is None or (repo.private and rights is Rights.VISITOR):
        return refusal(404, "404 Project Not Found")
    if not new:
        return repo
    if route.kind is Kind.WRITE:
        return refusal(405, "Non GET methods are not allowed for moved projects")
    rest = f"repository/commits/{route.ref}/statuses"
    if route.operation in gitlab_graph.OPERATIONS:
        rest = gitlab_graph.rest(route)
    location = f"/api/v4/projects/{repo.id}/{rest}"
    message = {"message": f"This resource has been moved permanently to {location}"}
    return json_reply(301, message, {"Location": location})


def _refused(call: Call, rights: Rights) -> Reply | None:
    """What is wrong with a write before its project is looked for."""
    if rights is Rights.READ:
        return no_scope()
    body = call.fields
    if body is None:
        return unrouted(400, "message body does not match declared format")
    if "state" not in body:
        return unrouted(400, "state is missing, state does not have a valid value")
    if body["state"] not in STATES:
        return unrouted(400, "state does not have a valid value")
    for field in ("name", "context", "ref", "description", "target_url"):
        if not isinstance(body.get(field), str | None):
            return unrouted(400, f"{field} is invalid")
    return None


def _store(call: Call, repo: Repo, sha: str, store: Store) -> Reply:
    body = call.json
    rows = store.rows(repo, sha)
    if not _has_pipeline(body, rows):
        return refusal(404, "404 Pipeline for pipeline_id, sha and ref Not Found")
    if wrong := _wrong(body):
        return refusal(400, wrong)
    branch, name = _branch(body, rows), body.get("name") or body.get("context") or "default"
    now = _latest(rows).get((branch, name))
    if now is not None and state_of(now) not in _NOT_ENDED:
        now = None
    event, begins = _STEPS[body["state"]]
    before = "created" if now is None else state_of(now)
    if before not in begins:
        step = f"Cannot transition status via :{event} from :{before}"
        return refusal(400, f'{step} (Reason(s): Status cannot transition via "{event}")')
    row = _put(body, repo, sha, store, now, branch, name)
    pipeline = _pipelines(store.rows(repo, sha))[branch]
    return json_reply(201, status_of(call, sha, row, pipeline))


def _put(
    body: dict[str, Any],
    repo: Repo,
    sha: str,
    store: Store,
    now: Row | None,
    branch: str,
    name: str,
) -> Row:
    """A new row, or ``now`` changed; what a write leaves out of that stays as it was."""
    state, description, url = body["state"], body.get("description"), body.get("target_url")
    if now is None:
        return store.insert(
            repo,
            sha,
            context=name,
            state=state,
            description=description or "",
            url=url or "",
            genre=branch,
        )
    changed = replace(
        now, state=state, description=description or now.description, url=url or now.url
    )
    return store.amend(repo, sha, changed)


def _branch(body: dict[str, Any], rows: list[Row]) -> str:
    """The branch that is named, else the newest pipeline's; "" for the usual one."""
    if not body.get("ref"):
        pipelines = _pipelines(rows)
        if "pipeline_id" in body:
            pipelines = {ref: id for ref, id in pipelines.items() if id == body["pipeline_id"]}
        return max(pipelines, key=pipelines.__getitem__, default="")
    return "" if body["ref"] == BRANCH else str(body["ref"])


def _has_pipeline(body: dict[str, Any], rows: list[Row]) -> bool:
    wanted = body.get("pipeline_id")
    return wanted is None or bool(_pipelines(rows).get(_branch(body, rows)) == wanted)


def _wrong(body: dict[str, Any]) -> dict[str, list[str]]:
    """What the model would not take, by field."""
    wrong: dict[str, list[str]] = {}
    for field in ("ref", "target_url", "description"):
        if len(body.get(field) or "") > LONGEST:
            wrong[field] = [f"is too long (maximum is {LONGEST} characters)"]
    url = body.get("target_url")
    if url and not re.match(r"https?://[^/]", url):
        wrong.setdefault("target_url", []).append(
            "is blocked: Only allowed schemes are http, https"
        )
    return wrong


def _latest(rows: list[Row]) -> dict[tuple[str, str], Row]:
    """The job of each pipeline and name that no later one hides."""
    return {(row.genre, row.context): row for row in rows}


def _pipelines(rows: list[Row]) -> dict[str, int]:
    """The pipeline of each branch has the number of its first job."""
    return {row.genre: row.id for row in reversed(rows)}


def _list(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    sha = repo.commit(route.ref)
    if sha is None:
        return refusal(404, "404 Commit Not Found")
    rows = store.rows(repo, sha)
    pipelines = _pipelines(rows)
    shown = [
        status_of(call, sha, row, pipelines[row.genre])
        for row in (rows if call.query.get("all") == "true" else _latest(rows).values())
    ]
    for field in ("ref", "name", "pipeline_id"):
        if wanted := call.query.get(field):
            shown = [status for status in shown if str(status[field]) == wanted]
    order = "pipeline_id" if call.query.get("order_by") == "pipeline_id" else "id"
    shown.sort(key=lambda status: (status[order], status["id"]))
    if call.query.get("sort") == "desc":
        shown.reverse()
    page = Page.of(call.query, "per_page", 20, 100)
    return json_reply(200, page.cut(shown), _paging(call, page, len(shown)))


def _paging(call: Call, page: Page, total: int) -> dict[str, str]:
    last = page.pages(total)
    before, after = page.number > 1, page.number < last
    pages = {"prev": page.number - 1} if before else {}
    pages |= {"next": page.number + 1} if after else {}
    pages |= {"first": 1, "last": last}
    return link(call, call.target.partition("?")[0], pages, ", ") | {
        "X-Page": str(page.number),
        "X-Per-Page": str(page.size),
        "X-Prev-Page": str(page.number - 1) if before else "",
        "X-Next-Page": str(page.number + 1) if after else "",
    }
