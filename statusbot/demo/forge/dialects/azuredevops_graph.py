"""Azure DevOps' commits, merge bases and common commits, by its own API description."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects import azuredevops_shapes as shapes
from statusbot.demo.forge.dialects.base import Route
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.rows import Repo

OPERATIONS = ("commit", "commits", "mergebases", "diffs")
_PATH = re.compile(
    r"/(?P<collection>[^/]+(?:/[^/]+)*)/(?P<project>[^/]+)/_apis/git/repositories/(?P<repo>[^/]+)"
    r"/(?:(?P<commits>commits)|(?P<diffs>diffs/commits)"
    r"|commits/(?P<mergebases>[^/]+)/mergebases|commits/(?P<commit>[^/]+))",
    re.IGNORECASE,
)


def route(method: str, path: str) -> tuple[str, Route] | None:
    """The collection, and one of the reads; or nothing of these."""
    found = _PATH.fullmatch(path)
    if found is None or method != "GET":
        return None
    what = next(name for name in OPERATIONS if found[name])
    name = f"{unquote(found['project'])}/{unquote(found['repo'])}"
    return unquote(found["collection"]), Route(what, Kind.READ, name, unquote(found[what]))


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """Commits are named by their whole SHA; lists leave the parents out."""
    if route.operation == "commits":
        version = "searchCriteria.itemVersion.version"
        head = repo.graph.find(call.query.get(version, MAIN))
        top = int(call.query.get("searchCriteria.$top", "100"))
        shown = repo.graph.log(head)[:top] if head else []
        return _list([{"commitId": sha} for sha in shown])
    if route.operation == "diffs":
        return _diffs(call, repo)
    sha = _whole(repo, route.ref)
    if sha is None:
        return shapes.no_commit(route.ref)
    if route.operation == "commit":
        return json_reply(200, _commit(repo, sha))
    other = _whole(repo, call.query.get("otherCommitId", ""))
    if other is None:
        return shapes.no_commit(call.query.get("otherCommitId", ""))
    base = repo.graph.merge_base(sha, other)
    return _list([{"commitId": base}] if base else [])


def _diffs(call: Call, repo: Repo) -> Reply:
    refs = [call.query.get(f"{end}Version", "") for end in ("base", "target")]
    base, target = (_whole(repo, ref) for ref in refs)
    if base is None or target is None:
        return shapes.no_commit(refs[0 if base is None else 1])
    value = {
        "baseCommit": base,
        "targetCommit": target,
        "commonCommit": repo.graph.merge_base(base, target),
        "aheadCount": len(repo.graph.log(target, base)),
        "behindCount": len(repo.graph.log(base, target)),
    }
    return json_reply(200, {name: field for name, field in value.items() if field is not None})


def _whole(repo: Repo, ref: str) -> str | None:
    return repo.commit(ref)


def _list(items: list[dict[str, Any]]) -> Reply:
    return json_reply(200, {"count": len(items), "value": items})


def _commit(repo: Repo, sha: str) -> dict[str, Any]:
    return {"commitId": sha, "parents": list(repo.graph.parents.get(sha, ())), "comment": "m"}
