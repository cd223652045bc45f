"""The manifests that began it all: what is asked of GitHub for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from statusbot.forges.base import Answer, Login, Request
from statusbot.transport import Transport
from tests.support.cli import Ran, cli
from tests.support.objects import C1, git_repository, kustomization
from tests.support.world import World, secret

SEED = """\
apiVersion: notification.toolkit.fluxcd.io/v1beta2
kind: Provider
metadata:
  name: github-status
  namespace: flux-system
spec:
  type: github
  address: https://github.com/my-gh-org/my-gh-repo
  secretRef:
    name: github-token
---
apiVersion: notification.toolkit.fluxcd.io/v1beta2
kind: Alert
metadata:
  name: github-status
  namespace: flux-system
spec:
  providerRef:
    name: github-status
  eventSources:
    - kind: Kustomization
      name: flux-system
"""
STATUSES = "https://api.github.com/repos/my-gh-org/my-gh-repo/statuses/" + C1


class GitHub:
    """Takes the place of the network: no status is there, every status is taken."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.logins: list[Login] = []

    def send(self, request: Request, login: Login, **how: object) -> Answer:
        self.requests.append(request)
        self.logins.append(login)
        if request.method == "GET":
            return Answer(200, body=b'{"state": "pending", "statuses": [], "total_count": 0}')
        return Answer(201, body=json.dumps({"id": 1, **(request.body or {})}).encode())

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]


@pytest.fixture
def github() -> Iterator[GitHub]:
    made = GitHub()
    with mock.patch.object(Transport, "send", lambda self, *a, **how: made.send(*a, **how)):
        yield made


@pytest.fixture
def run(here: World, github: GitHub) -> Iterator[list[str]]:
    """The arguments for a dump with the seed's manifests as they are."""
    seed = here.folder / "seed.yaml"
    seed.write_text(SEED)
    dump = here.dump(
        git_repository(url="https://github.com/my-gh-org/my-gh-repo"),
        kustomization(name="flux-system"),
        kustomization(name="another"),
        secret("github-token", token="gh-token-of-the-tests"),
    )
    yield ["run", "--from", str(seed), "--from", dump]


def test_one_status_goes_to_the_commit_of_the_repository(run: list[str], github: GitHub) -> None:
    ran = cli(*run)
    assert (ran.code, [request.url for request in github.writes]) == (0, [STATUSES])


def test_its_context_is_that_of_flux(run: list[str], github: GitHub) -> None:
    cli(*run, "--cluster-name", "production")
    (write,) = github.writes
    assert write.body is not None
    assert write.body["context"] == "kustomization/flux-system/production"


def test_without_a_name_the_context_ends_in_eight_digits(run: list[str], github: GitHub) -> None:
    cli(*run)
    (write,) = github.writes
    assert write.body is not None
    kind, name, digits = write.body["context"].split("/")
    assert (kind, name, len(digits), int(digits, 16) >= 0) == (
        *("kustomization", "flux-system"),
        *(8, True),
    )


def test_it_says_what_happened(run: list[str], github: GitHub) -> None:
    cli(*run)
    (write,) = github.writes
    assert write.body is not None
    assert (write.body["state"], write.body["description"]) == (
        "success",
        f"reconciliation succeeded: Applied revision: main@sha1:{C1}",
    )


def test_the_token_of_the_secret_is_the_login(run: list[str], github: GitHub) -> None:
    cli(*run)
    headers = {login.headers for login in github.logins}
    assert headers == {(("Authorization", "Bearer gh-token-of-the-tests"),)}


def test_a_kustomization_that_the_alert_does_not_name_is_skipped(
    run: list[str], github: GitHub
) -> None:
    assert "skipped    flux-system/another 11111111: no Alert asks for it" in all_of(run)


def test_a_dry_run_reads_and_writes_nothing(run: list[str], github: GitHub) -> None:
    ran = cli(*run, "--dry-run")
    assert [request.method for request in github.requests] == ["GET"]
    assert ran.out.startswith("would-post flux-system/flux-system 11111111 success: ")


def test_a_missing_secret_is_told_as_the_line_that_makes_it(
    here: World, github: GitHub, tmp_path: Path
) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    dump = here.dump(
        git_repository(url="https://github.com/my-gh-org/my-gh-repo"),
        kustomization(name="flux-system"),
    )
    ran: Ran = cli("run", "--from", str(seed), "--from", dump)
    assert (ran.code, github.requests) == (1, [])
    assert "kubectl -n flux-system create secret generic github-token" in ran.out


def all_of(run: list[str]) -> str:
    return cli(*run, "--all").out
