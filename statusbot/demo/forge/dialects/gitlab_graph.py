"""GitLab's commits and merge bases (``lib/api/commits.rb``, ``lib/api/repositories.rb``)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, unquote

from statusbot.demo.forge.calls import Call, Kind, Reply, json_reply
from statusbot.demo.forge.dialects.base import Page, Route
from statusbot.demo.forge.dialects.gitlab_shapes import refusal
from statusbot.demo.forge.graph import MAIN
from statusbot.demo.forge.rows import Repo

OPERATIONS = ("commit", "commits", "merge_base")
_PATH = re.compile(
    r"/api/v4/projects/(?P<id>[^/]+)/repository"
    r"/(?:(?P<merge_base>merge_base)|(?P<commits>commits)|commits/(?P<commit>[^/]+))"
)


def route(method: str, path: str) -> Route | None:
    """One of the three reads, or nothing of these; ``repository`` is the project as it was named."""
    found = _PATH.fullmatch(path)
    if found is None or method != "GET":
        return None
    what = next(name for name in OPERATIONS if found[name])
    return Route(what, Kind.READ, unquote(found["id"]), unquote(found[what]))


def rest(route: Route) -> str:
    """The path below the project, for who is sent to its new name."""
    below = f"commits/{route.ref}" if route.operation == "commit" else route.operation
    return f"repository/{below}"


def answer(call: Call, route: Route, repo: Repo) -> Reply:
    """What is missing is told in words."""
    if route.operation == "merge_base":
        return _merge_base(call, repo)
    if route.operation == "commit":
        sha = repo.graph.find(route.ref) or repo.commit(route.ref)
        if sha is None:
            return refusal(404, "404 Commit Not Found")
        return json_reply(200, _commit(call, repo, sha))
    head = repo.graph.find(call.query.get("ref_name", MAIN))
    page = Page.of(call.query, "per_page", 20, 100)
    shown = page.cut(repo.graph.log(head)) if head else ()
    return json_reply(200, [_commit(call, repo, sha) for sha in shown])


def _merge_base(call: Call, repo: Repo) -> Reply:
    query = parse_qsl(call.target.partition("?")[2])
    refs = [ref for name, ref in query if name == "refs[]"]
    if len(refs) < 2:
        return refusal(400, "Provide at least 2 refs")
    found = {ref: repo.graph.find(ref) for ref in refs}
    if missing := [ref for ref, sha in found.items() if sha is None]:
        noun = "ref" if len(missing) == 1 else "refs"
        return refusal(400, f"Could not find {noun}: {', '.join(missing)}")
    one, other = (found[ref] or "" for ref in refs[:2])
    base = repo.graph.merge_base(one, other)
    if base is None:
        return refusal(404, "404 Merge Base Not Found")
    return json_reply(200, _commit(call, repo, base))


def _commit(call: Call, repo: Repo, sha: str) -> dict[str, Any]:
    return {
        "id": sha,
        "short_id": sha[:8],
        "parent_ids": list(repo.graph.parents.get(sha, ())),
        "title": "m",
        "web_url": f"{call.origin}/{repo.name}/-/commit/{sha}",
    }
