"""One Kustomization that became green at a commit of the real Gitea, and the way to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.real.gitea import Gitea
from tests.support.cli import Ran, cli
from tests.support.objects import Object, alert, git, git_repository, green, kustomization, provider
from tests.support.world import secret

CONTEXT = "kustomization/apps/0c9c2e41"
PROVIDER = "flux-system/forge"
POSTED = [(CONTEXT, "success")]
# Known to the proxies of tests.real.network and tests.real.proxy_py alone.
NAME = "gitea.test"
PROXY: dict[str, Any] = {"proxySecretRef": {"name": "proxy"}}
TLS: dict[str, Any] = {"certSecretRef": {"name": "tls"}}


@dataclass
class Told:
    """What a run told on stdout, mostly as data, and on stderr."""

    ran: Ran

    @cached_property
    def report(self) -> dict[str, Any]:
        """The document on stdout."""
        report: dict[str, Any] = json.loads(self.ran.out)
        return report

    @property
    def outcome(self) -> str:
        """Of the only status."""
        return str(self.status["outcome"])

    @property
    def why(self) -> str:
        """What is said beside the only status, which must name its Provider and be one line."""
        reason = str(self.status["why"])
        assert self.status["provider"] == PROVIDER
        assert "\n" not in reason
        assert self.ran.err == "", self.ran.err
        assert (self.outcome, self.ran.code) == ("error", 1), self.report
        return reason

    @property
    def status(self) -> dict[str, Any]:
        (only,) = self.report["statuses"]
        status: dict[str, Any] = only
        return status


@dataclass
class Scene:
    """``address`` is the Provider's, by default Gitea's own; ``commit`` has no statuses yet."""

    gitea: Gitea
    folder: Path
    address: str = ""

    def __post_init__(self) -> None:
        self.commit = self.gitea.new_commit()
        self.address = self.address or f"{self.gitea.url}/{self.gitea.repository}"

    @cached_property
    def port(self) -> int:
        """Gitea's."""
        return int(self.gitea.url.rpartition(":")[2])

    def at(self, root: str) -> None:
        """Let the Provider name Gitea at another address."""
        self.address = f"{root}/{self.gitea.repository}"

    def objects(self, token: Mapping[str, str], **spec: Any) -> list[Object]:
        """The cluster; ``token`` holds the Secret's keys, ``spec`` is the Provider's."""
        return [
            git_repository(self.commit, url=self.address),
            kustomization(green(git(self.commit))),
            alert(),
            provider(**{"type": "gitea", "address": self.address, **spec}),
            secret(**(token or {"token": self.gitea.token})),
        ]

    def run(
        self,
        *more: Object,
        token: Mapping[str, str] | None = None,
        env: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
        **spec: Any,
    ) -> Told:
        """One poll of the dump of these objects and of ``more``."""
        path = self.folder / "dump.yaml"
        path.write_text(yaml.safe_dump_all([*self.objects(token or {}, **spec), *more]))
        ran = cli("run", "-o", "json", "--from", str(path), *options, env=env)
        assert ran.out, ran.err
        return Told(ran)

    def trusting(self, ca: str, *more: Object, **options: Any) -> Told:
        """The same with a Provider that trusts this CA."""
        return self.run(secret("tls", **{"ca.crt": ca}), *more, **TLS, **options)

    def shown(self, commit: str = "") -> list[tuple[str, str]]:
        """(context, state) of every row of the commit, the oldest first, by Gitea's own API."""
        return shown(self.gitea, self.gitea.repository, commit or self.commit)


def proxy(address: str, **login: str) -> Object:
    """The Secret of ``PROXY``."""
    return secret("proxy", address=address, **login)


def shown(gitea: Gitea, repository: str, commit: str) -> list[tuple[str, str]]:
    """(context, state) of every row of a commit, the oldest first, by Gitea's own API."""
    url: str | None = f"{gitea.url}/api/v1/repos/{repository}/commits/{commit}/statuses"
    rows: list[tuple[str, str]] = []
    headers = {"Authorization": f"token {gitea.token}"}
    while url:
        query = {} if "page=" in url else {"sort": "leastindex", "limit": "50"}
        answer = requests.get(url, query, headers=headers, timeout=30)
        answer.raise_for_status()
        rows += [(row["context"], row["status"]) for row in answer.json()]
        url = answer.links.get("next", {}).get("url")
    return rows[::-1]
