"""Bitbucket Data Center: ``[/context]/rest/api/latest/projects/KEY/repos/slug/commits/{sha}/builds``.

A repository of the store is found as ``KEY/slug``, a person's as ``~name/slug``, below whatever
context path. Statuses and limits are those of Atlassian's document. An unknown commit is told as
that document has it, 400 to a write and 404 to a read, with the exception that other calls name.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import bitbucketserver_graph as graph
from statusbot.demo.forge.dialects import bitbucketserver_shapes as shapes
from statusbot.demo.forge.dialects.base import Route
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Store
from statusbot.text import utf16_length

STATES = ("CANCELLED", "FAILED", "INPROGRESS", "SUCCESSFUL", "UNKNOWN")
# Java counts in UTF-16. The document has no limit of the description: the older endpoint's.
LIMITS = {
    "key": 255,
    "url": 450,
    "name": 255,
    "description": 255,
    "buildNumber": 255,
    "parent": 1024,
    "ref": 1024,
}
_REQUIRED = {"key", "url"}
_PATH = re.compile(
    r"(?:/[^/]+)*?/rest/api/(?:latest|1\.0)/projects/(?P<key>[^/]+)/repos/(?P<slug>[^/]+)"
    r"/commits/(?P<sha>[^/]+)/builds/?"
)
_API = re.compile(r"(?:/[^/]+)*?/rest/(?:api|build-status)/(?:latest|1\.0)/")
_KINDS = {"POST": Kind.WRITE, "GET": Kind.READ}


class BitbucketServer:
    """The paths and the answers of Data Center's builds."""

    name = "bitbucketserver"

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or a read of one build; other paths of the API are unknown ones."""
        if about_graph := graph.route(method, path):
            return about_graph
        found = _PATH.fullmatch(path)
        if found is None:
            return Route("unknown", Kind.OTHER, "") if _API.match(path) else None
        key, slug, sha = (unquote(part) for part in found.groups())
        return Route(method.lower(), _KINDS.get(method, Kind.OTHER), f"{key}/{slug}", sha)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Where the route leads, who asks, for which repository, then what."""
        if route.kind is Kind.OTHER and route.operation != "delete":
            return shapes.container(404 if route.operation == "unknown" else 405)
        if rights is Rights.BAD:
            return shapes.no_login()
        reply = self._let_in(call, route, store, rights)
        return shapes.signed(reply, rights) if call.token else reply

    def _let_in(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        if route.operation == graph.BUILDS:
            return graph.builds(call, route, store)
        repo = store.find(route.repository)
        if repo is None:
            return shapes.no_repository(route.repository, store)
        if repo.private and rights in {Rights.NONE, Rights.VISITOR}:
            return shapes.no_permission()
        if route.operation in graph.OPERATIONS:
            return graph.answer(call, route, repo)
        if route.kind is Kind.READ:
            return _read(call, route, repo, store)
        # To delete takes an administrator, whom this forge does not know.
        if rights is not Rights.WRITE or route.kind is Kind.OTHER:
            return shapes.no_permission()
        return _write(call, route, repo, store)


def _read(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    key = call.query.get("key", "")
    if wrong := _wrong_text("key", key):
        return shapes.invalid("key", wrong)
    sha = repo.commit(route.ref)
    if sha is None:
        return shapes.no_commit(404, route.ref, repo)
    row = next((row for row in store.rows(repo, sha) if row.context == key), None)
    return json_reply(200, shapes.build_of(row)) if row else shapes.no_build(key, sha)


def _write(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    body = call.fields
    if body is None:
        return shapes.invalid(None, "The request body is not a JSON object.")
    for name, wrong in _wrongs(body):
        if wrong:
            return shapes.invalid(name, wrong)
    sha = repo.commit(route.ref)
    if sha is None:
        return shapes.no_commit(400, route.ref, repo)
    store.insert(
        repo,
        sha,
        context=body["key"],
        state=body["state"],
        description=body.get("description") or "",
        url=body["url"],
        name=body.get("name") or "",
        replace=True,
    )
    return Reply(204)


def _wrongs(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Each field that is checked with what is wrong about it, "" where nothing is."""
    wrongs = [(name, _wrong_text(name, body.get(name))) for name in LIMITS]
    state, ref, url = body.get("state"), body.get("ref"), str(body.get("url"))
    return [
        *wrongs,
        ("state", "" if state in STATES else f"The state must be one of {', '.join(STATES)}."),
        ("ref", "" if ref is None or str(ref).startswith("refs/") else "This is no full ref."),
        ("url", "" if re.match(r"https?://[^/]", url) else "Please specify a valid url."),
    ]


def _wrong_text(name: str, value: object) -> str:
    if value is None and name not in _REQUIRED:
        return ""
    if not isinstance(value, str):
        return f"The {name} is required." if value is None else f"The {name} must be a text."
    if name in _REQUIRED and not value.strip():
        return f"The {name} must not be blank."
    if utf16_length(value) > LIMITS[name]:
        return f"The {name} must not be longer than {LIMITS[name]} characters."
    return ""
