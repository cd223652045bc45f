"""Bitbucket Data Center's commits and merge bases, and the older list of a commit's builds."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import bitbucketserver_shapes as shapes
from statusbot.demo.forge.dialects.base import Route
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.rows import Repo, Store

OPERATIONS = ("commit", "commits", "merge_base")
BUILDS = "builds"
_PATH = re.compile(
    r"(?:/[^/]+)*?/rest/api/(?:latest|1\.0)/projects/(?P<key>[^/]+)/repos/(?P<slug>[^/]+)"
    r"/(?:(?P<commits>commits)|commits/(?P<merge_base>[^/]+)/merge-base|commits/(?P<commit>[^/]+))"
)
_BUILDS = re.compile(r"(?:/[^/]+)*?/rest/build-status/1\.0/commits/(?P<sha>[^/]+)")


def route(method: str, path: str) -> Route | None:
    """One of the reads, or nothing of these."""
    if method != "GET":
        return None
    if listed := _BUILDS.fullmatch(path):
        return Route(BUILDS, Kind.READ, "", unquote(listed["sha"]))
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    what = next(name for name in OPERATIONS if found[name])
    return Route(what, Kind.READ, f"{found['key']}/{unquote(found['slug'])}", unquote(found[what]))


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """An unknown commit is a 404 with its exception."""
    graph = repo.graph
    if route.operation == "commits":
        return _commits(call, repo)
    sha = graph.find(route.ref) or repo.commit(route.ref)
    if sha is None:
        return shapes.no_commit(404, route.ref, repo)
    if route.operation == "commit":
        return json_reply(200, _commit(repo, sha))
    ref = call.query.get("otherCommitId", "")
    other = graph.find(ref)
    if other is None:
        return shapes.no_commit(404, ref, repo)
    base = graph.merge_base(sha, other)
    return json_reply(200, _commit(repo, base)) if base else Reply(204)


def builds(call: Call, route: Route, store: Store) -> Reply:
    """The builds of a commit in all repositories that have it, the newest first."""
    rows = [
        shapes.build_of(row) | {"projectKey": key, "repositorySlug": slug}
        for repo in list(store.repos.values())
        for key, _, slug in [repo.name.partition("/")]
        for row in store.rows(repo, route.ref.lower())
    ]
    rows.sort(key=lambda row: -row["updatedDate"])
    return json_reply(200, _page(call, rows))


def _commits(call: Call, repo: Repo) -> Reply:
    until, since = call.query.get("until", MAIN), call.query.get("since")
    head, base = repo.graph.find(until), repo.graph.find(since) if since else None
    if head is None or (since and base is None):
        return shapes.no_commit(404, until if head is None else since or "", repo)
    return json_reply(200, _page(call, [_commit(repo, sha) for sha in repo.graph.log(head, base)]))


def _page(call: Call, items: list[dict[str, Any]]) -> dict[str, Any]:
    start, limit = int(call.query.get("start", "0")), int(call.query.get("limit", "25"))
    shown = items[start : start + limit]
    last = start + limit >= len(items)
    value = {"values": shown, "size": len(shown), "limit": limit, "start": start}
    return value | {"isLastPage": last} | ({} if last else {"nextPageStart": start + limit})


def _commit(repo: Repo, sha: str) -> dict[str, Any]:
    parents = repo.graph.parents.get(sha, ())
    return {
        "id": sha,
        "displayId": sha[:11],
        "message": "m",
        "parents": [{"id": parent, "displayId": parent[:11]} for parent in parents],
    }
