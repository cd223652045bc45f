"""Bitbucket Cloud's commits and merge bases, by its own API description."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import bitbucket_shapes as shapes
from statusbot.demo.forge.dialects.base import Page, Route
from statusbot.demo.forge.rows import Repo

OPERATIONS = ("commit", "commits", "of_branch", "merge_base")
_PATH = re.compile(
    r"/2\.0/repositories/(?P<workspace>[^/]+)/(?P<slug>[^/]+)"
    r"/(?:commit/(?P<commit>[^/]+)|(?P<commits>commits)|commits/(?P<of_branch>[^/]+)"
    r"|merge-base/(?P<merge_base>[^/]+\.\.[^/]+))"
)


def route(method: str, path: str) -> Route | None:
    """One of the reads, or nothing of these."""
    found = _PATH.fullmatch(path)
    if found is None or method != "GET":
        return None
    what = next(name for name in OPERATIONS if found[name])
    name = f"{unquote(found['workspace'])}/{unquote(found['slug'])}"
    return Route(what, Kind.READ, name, unquote(found[what]))


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """404 names what is missing."""
    graph = repo.graph
    if route.operation == "merge_base":
        ends = route.ref.split("..")
        one, other = (graph.find(end) for end in ends)
        if one is None or other is None:
            return shapes.no_commit(ends[0 if one is None else 1])
        base = graph.merge_base(one, other)
        # What is said without one is nowhere written.
        return json_reply(200, _commit(repo, base)) if base else shapes.no_commit(route.ref)
    if route.operation == "commit":
        sha = graph.find(route.ref) or repo.commit(route.ref)
        return json_reply(200, _commit(repo, sha)) if sha else shapes.no_commit(route.ref)
    if route.operation == "commits":
        shown = list(reversed(graph.parents))
    else:
        head = graph.find(route.ref)
        if head is None:
            return shapes.no_commit(route.ref)
        shown = graph.log(head)
    page = Page.of(call.query, "pagelen", 30, 100)
    values = [_commit(repo, sha) for sha in page.cut(shown)]
    return json_reply(200, {"values": values, "pagelen": page.size})


def _commit(repo: Repo, sha: str) -> dict[str, Any]:
    parents = repo.graph.parents.get(sha, ())
    return {
        "type": "commit",
        "hash": sha,
        "date": "2026-11-20T12:00:00+00:00",
        "message": "m",
        "parents": [{"type": "commit", "hash": parent} for parent in parents],
    }
