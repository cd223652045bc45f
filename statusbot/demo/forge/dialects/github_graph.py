"""GitHub's commits and comparisons, by its own API description."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects.base import Page, Route
from statusbot.demo.forge.dialects.github_shapes import api, refusal
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.rows import Repo

OPERATIONS = ("commit", "commits", "compare")
_PATH = re.compile(
    r"(?:/api/v3)?/repos/(?P<name>[^/]+/[^/]+)"
    r"/(?:(?P<commits>commits)|commits/(?P<commit>[^/]+)|compare/(?P<compare>[^/]+\.\.\.[^/]+))"
)


def route(method: str, path: str) -> Route | None:
    """One of the three reads, or nothing of these."""
    found = _PATH.fullmatch(path)
    if found is None or method != "GET":
        return None
    what = next(name for name in OPERATIONS if found[name])
    return Route(what, Kind.READ, unquote(found["name"]), unquote(found[what]))


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """404 for what is compared, 422 for what is asked for alone."""
    if route.operation == "compare":
        return _compare(call, route.ref, repo)
    if route.operation == "commit":
        sha = repo.graph.find(route.ref) or repo.commit(route.ref)
        if sha is None:
            return refusal(422, f"No commit found for SHA: {route.ref}")
        return json_reply(200, _commit(call, repo, sha) | {"files": []})
    if not repo.graph.heads:
        return refusal(409, "Git Repository is empty.")
    head = repo.graph.find(call.query.get("sha", MAIN))
    if head is None:
        return refusal(404, "Not Found")
    page = Page.of(call.query, "per_page", 30, 100)
    shown = page.cut(repo.graph.log(head))
    return json_reply(200, [_commit(call, repo, sha) for sha in shown])


def _compare(call: Call, ends: str, repo: Repo) -> Reply:
    base, head = (repo.graph.find(end) for end in ends.split("..."))
    if base is None or head is None:
        return refusal(404, "Not Found")
    common = repo.graph.merge_base(base, head)
    if common is None:
        return refusal(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = len(repo.graph.log(head, base)), len(repo.graph.log(base, head))
    word = {
        (True, True): "diverged",
        (True, False): "ahead",
        (False, True): "behind",
        (False, False): "identical",
    }
    page = Page.of(call.query, "per_page", 250, 250)
    shown = page.cut(repo.graph.log(head, base)[::-1])
    url = f"{api(call)}/repos/{repo.name}/compare/{ends}"
    value: dict[str, Any] = {
        **dict.fromkeys(("url", "html_url", "permalink_url", "diff_url", "patch_url"), url),
        "base_commit": _commit(call, repo, base),
        "merge_base_commit": _commit(call, repo, common),
        "status": word[ahead > 0, behind > 0],
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": [_commit(call, repo, sha) for sha in shown],
    }
    return json_reply(200, value)


def _commit(call: Call, repo: Repo, sha: str) -> dict[str, Any]:
    def address(each: str) -> dict[str, str]:
        return {
            "sha": each,
            "url": f"{api(call)}/repos/{repo.name}/commits/{each}",
            "html_url": f"{call.origin}/{repo.name}/commit/{each}",
        }

    parents = repo.graph.parents.get(sha, ())
    return {
        **address(sha),
        "node_id": f"C_{sha}",
        "commit": {"url": f"{api(call)}/repos/{repo.name}/git/commits/{sha}", "message": "m"},
        "parents": [address(parent) for parent in parents],
    }
