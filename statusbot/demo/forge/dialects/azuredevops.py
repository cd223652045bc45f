"""Azure DevOps: ``/{collection}/{project}/_apis/git/repositories/{repo}/commits/{sha}/statuses``.

A repository of the store is found as ``collection/project/repo``, else as ``project/repo`` in
whatever collection. Of the API's versions this one knows those up to 7.1, from the query only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import azuredevops_graph
from statusbot.demo.forge.dialects import azuredevops_shapes as shapes
from statusbot.demo.forge.dialects.base import Route
from statusbot.demo.forge.logins import Rights
from statusbot.demo.forge.rows import Repo, Row, Store

STATES = ("notSet", "pending", "succeeded", "failed", "error", "notApplicable")
NEWEST = (7, 1)

_PATH = re.compile(
    r"/(?P<collection>[^/]+(?:/[^/]+)*)/(?P<project>[^/]+)/_apis/git/repositories/(?P<repo>[^/]+)"
    r"/commits/(?P<sha>[^/]+)/statuses/?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(-preview(?:\.\d+)?)?")
# Versions that stay previews for ever: what is in them is released with the next one.
_PREVIEWS = {(5, 2), (6, 1)}


class AzureDevOps:
    """The paths and the answers of Azure DevOps' commit status API."""

    name = "azuredevops"

    def route(self, method: str, path: str, store: Store) -> Route | None:
        """A write or the list; other paths with ``_apis`` are unknown ones."""
        if about_graph := azuredevops_graph.route(method, path):
            collection, asked = about_graph
            return replace(asked, repository=_found(collection, asked.repository, store))
        found = _PATH.fullmatch(path)
        if found is None:
            return Route("unknown", Kind.OTHER, "") if "/_apis/" in path.lower() else None
        collection, project, repo, sha = (unquote(part) for part in found.groups())
        name = _found(collection, f"{project}/{repo}", store)
        kinds = {"POST": Kind.WRITE, "GET": Kind.READ}
        return Route(method.lower(), kinds.get(method, Kind.OTHER), name, sha)

    def answer(self, call: Call, route: Route, store: Store, rights: Rights) -> Reply:
        """Who asks, in which version, then where, then what."""
        if rights is Rights.BAD:
            return shapes.no_login(call)
        if route.kind is Kind.OTHER:
            return Reply(404 if route.operation == "unknown" else 405)
        repo = store.find(route.repository)
        private = repo is not None and repo.private
        if rights is Rights.NONE and (private or route.kind is Kind.WRITE):
            return shapes.no_login(call)
        if rights is Rights.READ and route.kind is Kind.WRITE:
            return shapes.no_scope()
        if wrong := _wrong_version(call):
            return wrong
        if repo is None or repo.archived or (private and rights is Rights.VISITOR):
            return _no_repository(route, store)
        if route.operation in azuredevops_graph.OPERATIONS:
            return azuredevops_graph.answer(call, route, repo)
        if route.kind is Kind.READ:
            return _read(call, route, repo, store)
        if rights is Rights.VISITOR:
            return shapes.no_permission()
        return _write(call, route, repo, store)


def _found(collection: str, name: str, store: Store) -> str:
    full = f"{collection}/{name}"
    return full if store.find(full) else name


def _no_repository(route: Route, store: Store) -> Reply:
    project, _, repo = route.repository.rpartition("/")
    return shapes.no_repository(repo) if store.has_owner(project) else shapes.no_project(project)


def _wrong_version(call: Call) -> Reply | None:
    """Reads may go without a version and get the newest one."""
    version = call.query.get("api-version", "")
    if not version and call.method == "GET":
        return None
    found = _VERSION.fullmatch(version)
    if found is None:
        return shapes.error(
            400,
            "VssVersionNotSpecifiedException",
            f'No api-version was supplied for the "{call.method}" request. The version must be'
            ' supplied either as part of the Accept header (e.g. "application/json;'
            ' api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").',
        )
    number = (int(found[1]), int(found[2]))
    newest = ".".join(map(str, NEWEST))
    if number > NEWEST:
        return shapes.error(
            400,
            "VssVersionOutOfRangeException",
            f"The requested REST API version of {version} is out of range for this server."
            f" The latest REST API version this server supports is {newest}.",
        )
    if number in _PREVIEWS and not found[3]:
        return shapes.error(
            400,
            "VssInvalidPreviewVersionException",
            f'The requested version "{version}" of the resource is under preview. The -preview'
            " flag must be supplied in the api-version for such requests.",
        )
    return None


def _write(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    if call.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return Reply(415)
    try:
        body = _body(call)
    except ValueError as error:
        return shapes.invalid(str(error))
    sha = repo.commit(route.ref)
    if sha is None:
        return shapes.no_commit(route.ref)
    row = store.insert(
        repo,
        sha,
        context=body["name"],
        genre=body["genre"],
        state=body["state"],
        description=body["description"],
        url=body["targetUrl"],
    )
    return json_reply(201, shapes.status_of(call, row))


def _body(call: Call) -> dict[str, str]:
    """The five fields; what is not one of them is not looked at."""
    body = call.json
    context = body.get("context") if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise ValueError("Value cannot be null. Parameter name: context")
    fields = {name: body.get(name) for name in ("state", "description", "targetUrl")}
    fields |= {name: context.get(name) for name in ("name", "genre")}
    for name, value in fields.items():
        if not isinstance(value, str | None):
            raise ValueError(f"{name} is not a string")
    if not fields["name"]:
        raise ValueError("Value cannot be null. Parameter name: context.name")
    if fields["state"] not in STATES:
        raise ValueError("Value is not a state. Parameter name: state")
    return {name: value or "" for name, value in fields.items()}


def _read(call: Call, route: Route, repo: Repo, store: Store) -> Reply:
    sha = repo.commit(route.ref)
    if sha is None:
        return shapes.no_commit(route.ref)
    rows = store.rows(repo, sha)
    if call.query.get("latestOnly", "").lower() == "true":
        rows = _newest(rows)
    skip, top = _number(call, "skip", 0), _number(call, "top", 1000)
    shown = [shapes.status_of(call, row) for row in rows[skip : skip + top]]
    return json_reply(200, {"count": len(shown), "value": shown})


def _newest(rows: list[Row]) -> list[Row]:
    newest = {(row.genre, row.context): row for row in rows}
    return list(newest.values())


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else default
