"""Bitbucket Cloud: ``/2.0/repositories/{workspace}/{slug}/commit/{sha}/statuses``.

Atlassian's document names the shapes, 201, 401 and 404; limits and words are those that users
quote in public issues, and who may write over what is its change notice of 2021. Which words an
overwrite by somebody else meets is not published.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlencode

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import bitbucket_graph
from statusbot.demo.forge.dialects import bitbucket_shapes as shapes
from statusbot.demo.forge.dialects.base import Page, Route
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store

STATES = ("FAILED", "INPROGRESS", "STOPPED", "SUCCESSFUL")
LIMITS = {"key": 40, "name": 255, "url": 450}
_REQUIRED = ("key", "state", "url")
_TEXTS = (*_REQUIRED, "name", "description")
_PATH = re.compile(
    r"/2\.0/repositories/(?P<workspace>[^/]+)/(?P<slug>[^/]+)/commit/(?P<sha>[^/]+)"
    r"/statuses(?P<build>/build)?/?"
)
_URL = re.compile(r"https?://(?:[^/?#@:\s]+\.[^/?#@:\s]+|localhost)(?::\d+)?(?:[/?#]\S*)?")
_TEMPLATE = re.compile(r"\{(?:repository|commit)\.\w+\}")
_ORDERS = ("created_on", "-created_on", "updated_on", "-updated_on")


class Bitbucket:
    """The paths and the answers of Bitbucket Cloud's commit statuses."""

    name = "bitbucket"

    def __init__(self) -> None:
        """One write at a time: two of one key must not make two rows."""
        self._lock = threading.Lock()

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or the list; other paths of the API are unknown ones."""
        if about_graph := bitbucket_graph.route(method, path):
            workspace, _, slug = about_graph.repository.partition("/")
            return replace(about_graph, repository=_named(workspace, slug, store))
        found = _PATH.fullmatch(path)
        if found is None:
            return Route("unknown", Kind.OTHER, "") if path.startswith("/2.0/") else None
        name = _named(unquote(found["workspace"]), unquote(found["slug"]), store)
        sha = unquote(found["sha"])
        if method == "POST" and found["build"]:
            return Route("write", Kind.WRITE, name, sha)
        if method == "GET" and not found["build"]:
            return Route("rows", Kind.READ, name, sha)
        return Route("method", Kind.OTHER, name, sha)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Who asks, then where, then what."""
        if route.kind is Kind.OTHER:
            unknown = route.operation == "unknown"
            return shapes.refusal(
                *((404, "Resource not found") if unknown else (405, "Not allowed"))
            )
        if rights is Rights.BAD:
            message = "Token is invalid, expired, or not supported for this endpoint."
            return shapes.no_login(message)
        repo = store.find(route.repository)
        if repo is None or (repo.private and rights in {Rights.NONE, Rights.VISITOR}):
            return shapes.refusal(404, shapes.NO_REPOSITORY)
        if route.kind is Kind.WRITE and (refused := _refused(rights)):
            return refused
        if route.operation in bitbucket_graph.OPERATIONS:
            return bitbucket_graph.answer(call, route, repo)
        sha = repo.commit(route.ref)
        if sha is None:
            return shapes.no_commit(route.ref)
        if route.kind is Kind.READ:
            return _list(call, repo, sha, store.rows(repo, sha))
        with self._lock:
            return _write(call, repo, sha, store)


def _named(workspace: str, slug: str, store: Store) -> str:
    """``workspace/slug``, also of a repository that is named by its UUID."""
    repos = list(store.repos.values()) if slug.startswith("{") else []
    return next(
        (repo.name for repo in repos if shapes.uuid_of(repo) == slug), f"{workspace}/{slug}"
    )


def _refused(rights: Rights) -> Reply | None:
    if rights is Rights.NONE:
        return shapes.no_login("Authentication required.")
    if rights is Rights.READ:
        return shapes.no_scope("read:repository:bitbucket", "write:repository:bitbucket")
    if rights is Rights.VISITOR:
        return shapes.refusal(404, shapes.NO_REPOSITORY)
    return None


def _write(call: Call, repo: Repo, sha: str, store: Store) -> Reply:
    body = call.fields
    if body is None:
        return shapes.refusal(400, "Bad request")
    if wrong := _wrong(body):
        return shapes.invalid(*wrong)
    creator = _account(call)
    old = next((row for row in store.rows(repo, sha) if row.context == body["key"]), None)
    if old is None:
        row = store.insert(
            repo,
            sha,
            context=body["key"],
            state=body["state"],
            description=body.get("description") or "",
            url=body["url"],
            name=body.get("name") or "",
            creator=creator,
        )
    elif old.creator != creator:
        return shapes.refusal(403, "You cannot update a build status of another user.")
    else:
        row = store.amend(repo, sha, _changed(old, body))
    return json_reply(201, shapes.status_of(call, repo, sha, row))


def _changed(old: Row, body: dict[str, Any]) -> Row:
    return replace(
        old,
        state=body["state"],
        description=body.get("description") or "",
        url=body["url"],
        name=body.get("name") or "",
    )


def _account(call: Call) -> str:
    """Whose login it is: an access token is an account of its own."""
    return hashlib.sha256((call.token or "").encode()).hexdigest()[:16]


def _wrong(body: dict[str, Any]) -> tuple[str, str] | None:
    """The first field that it would not take, and what it says about it."""
    for name in _TEXTS:
        value = body.get(name)
        if name in _REQUIRED and value in (None, ""):
            return name, "This field is required."
        if not isinstance(value, str | None):
            return name, "Not a valid string."
        most, size = LIMITS.get(name), len(value or "")
        if most is not None and size > most:
            return name, f"Ensure this value has at most {most} characters (it has {size})."
    if body["state"] not in STATES:
        return (
            "state",
            f"Select a valid choice. {body['state']} is not one of the available choices.",
        )
    if not _URL.fullmatch(body["url"]) or _braced(body["url"]):
        return "url", "Enter a valid URL."
    return None


def _braced(url: str) -> bool:
    return bool({"{", "}"} & set(_TEMPLATE.sub("", url)))


def _list(call: Call, repo: Repo, sha: str, rows: list[Row]) -> Reply:
    sort = call.query.get("sort", "created_on")
    if sort not in _ORDERS:
        return shapes.refusal(400, f"Invalid field name: {sort}")
    pagelen = call.query.get("pagelen", "10")
    if not (pagelen.isascii() and pagelen.isdecimal() and 1 <= int(pagelen) <= 100):
        return shapes.refusal(400, "Invalid pagelen")
    page = Page.of(call.query, "pagelen", 10, 100)
    shown = page.cut(_ordered(rows, sort))
    value: dict[str, Any] = {
        "values": [shapes.status_of(call, repo, sha, row) for row in shown],
        "size": len(rows),
        "page": page.number,
        "pagelen": page.size,
    }
    return json_reply(200, value | _links(call, page, len(rows)))


def _ordered(rows: list[Row], sort: str) -> list[Row]:
    ordered = sorted(
        rows,
        key=lambda row: (row.changed or row.created) if "updated" in sort else row.created,
    )
    return ordered[::-1] if sort.startswith("-") else ordered


def _links(call: Call, page: Page, total: int) -> dict[str, str]:
    numbers = {"next": page.number + 1} if page.number < page.pages(total) else {}
    if page.number > 1:
        numbers["previous"] = page.number - 1
    root = f"{call.origin}{call.path}"
    return {
        name: f"{root}?{urlencode({**call.query, 'page': str(number)})}"
        for name, number in numbers.items()
    }
