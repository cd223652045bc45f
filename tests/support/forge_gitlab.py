"""GitLab's API on the embedded forge, called as any client would: raw HTTP, no redirects followed."""

from __future__ import annotations

from typing import Any

import requests

from statusbot.demo.forge import EmbeddedForge
from tests.support.forge import REPOSITORY, SHA, TOKEN

ENCODED = REPOSITORY.replace("/", "%2F")


def send(
    forge: EmbeddedForge, method: str, path: str, *, token: str | None = TOKEN, **options: Any
) -> requests.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    url = f"{forge.url}/api/v4/projects/{path}"
    return requests.request(
        method, url, headers=headers, timeout=5, allow_redirects=False, **options
    )


def write(forge: EmbeddedForge, state: str = "success", **body: Any) -> requests.Response:
    token, sha = body.pop("token", TOKEN), body.pop("sha", SHA)
    path = f"{body.pop('project', ENCODED)}/statuses/{sha}"
    return send(forge, "POST", path, token=token, json={"state": state, "name": "c", **body})


def read(forge: EmbeddedForge, project: str = ENCODED, **query: Any) -> requests.Response:
    return send(forge, "GET", f"{project}/repository/commits/{SHA}/statuses", params=query)


def shown(forge: EmbeddedForge, field: str, **query: Any) -> list[Any]:
    return [row[field] for row in read(forge, **query).json()]
