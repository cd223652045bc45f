"""Gitea's commits, as Gitea 1.26.0 answers when it really runs."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects.base import Page, Route
from statusbot.demo.forge.dialects.gitea_shapes import not_found, refusal
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.rows import Repo

OPERATIONS = ("commit", "commits")
_PATH = re.compile(
    r"/api/v1/repos/(?P<name>[^/]+/[^/]+)/(?:(?P<commits>commits)|git/commits/(?P<commit>[^/]+))"
)


def route(method: str, path: str) -> Route | None:
    """One of the two reads, or nothing of these."""
    found = _PATH.fullmatch(path)
    if found is None or method != "GET":
        return None
    what = next(name for name in OPERATIONS if found[name])
    return Route(what, Kind.READ, unquote(found["name"]), unquote(found[what]))


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """A commit, or those of a branch without what another commit contains."""
    if route.operation == "commit":
        sha = repo.graph.find(route.ref.lower()) or repo.commit(route.ref)
        if sha is None:
            return not_found(call, message=f"commit doesn't exist: {route.ref}")
        return json_reply(200, _commit(call, repo, sha))
    if not repo.graph.heads:
        return refusal(call, 409, "Git Repository is empty.")
    ref = call.query.get("sha", MAIN)
    head, without = repo.graph.find(ref), call.query.get("not")
    if head is None:
        return json_reply(404, None)
    base = repo.graph.find(without) if without else None
    if without and base is None:
        # Only administrators are told that it is a "bad object".
        return refusal(call, 500, "")
    page = Page.of(call.query, "limit", 30, 50)
    shown = page.cut(repo.graph.log(head, base))
    return json_reply(200, [_commit(call, repo, sha) for sha in shown])


def _commit(call: Call, repo: Repo, sha: str) -> dict[str, Any]:
    root = f"{call.origin}/api/v1/repos/{repo.name}/git/commits"
    parents = repo.graph.parents.get(sha, ())
    return {
        "url": f"{root}/{sha}",
        "sha": sha,
        "html_url": f"{call.origin}/{repo.name}/commit/{sha}",
        "parents": [{"url": f"{root}/{parent}", "sha": parent} for parent in parents],
    }
