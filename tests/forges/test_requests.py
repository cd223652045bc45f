from __future__ import annotations

import pytest

from statusbot.forges import forge_of
from statusbot.forges.base import Row
from statusbot.results.state import State

SHA = "5f" * 20
FULL = Row(
    "kustomization/apps/0c9c2e41", State.FAILURE, "health check failed", "https://x.example/"
)
BARE = Row("c", State.PENDING)
FORGES = pytest.mark.parametrize("forge", ["github", "gitea"])
ADDRESS = "https://forge.example/acme/fleet"


@FORGES
def test_a_write_posts_to_the_statuses_of_the_commit(forge: str) -> None:
    adapter = forge_of(forge)
    repository = adapter.repository(ADDRESS)
    request = adapter.write(repository, SHA, FULL)
    assert request.method == "POST"
    assert request.url == f"{repository.api}/repos/acme/fleet/statuses/{SHA}"


@FORGES
def test_a_write_carries_all_four_fields_by_the_names_of_the_api(forge: str) -> None:
    adapter = forge_of(forge)
    assert adapter.write(adapter.repository(ADDRESS), SHA, FULL).body == {
        "state": "failure",
        "context": "kustomization/apps/0c9c2e41",
        "description": "health check failed",
        "target_url": "https://x.example/",
    }


@FORGES
def test_a_write_leaves_out_what_is_empty(forge: str) -> None:
    adapter = forge_of(forge)
    body = adapter.write(adapter.repository(ADDRESS), SHA, BARE).body
    assert body == {"state": "pending", "context": "c"}


def test_github_is_asked_in_one_version_of_its_api() -> None:
    adapter = forge_of("github")
    request = adapter.reads(adapter.repository(ADDRESS), SHA, ())[0]
    assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"


def test_github_is_read_by_its_combined_status_with_the_largest_page() -> None:
    adapter = forge_of("github")
    request = adapter.reads(adapter.repository("https://github.com/acme/fleet"), SHA, ())[0]
    root = "https://api.github.com/repos/acme/fleet"
    assert request.url == f"{root}/commits/{SHA}/status?per_page=100"


def test_gitea_is_read_newest_index_first_with_the_largest_page() -> None:
    adapter = forge_of("gitea")
    request = adapter.reads(adapter.repository(ADDRESS), SHA, ())[0]
    query = "sort=leastindex&limit=50"
    root = "https://forge.example/api/v1/repos/acme/fleet"
    assert request.url == f"{root}/commits/{SHA}/statuses?{query}"


@pytest.mark.parametrize(
    ("address", "limited"),
    [
        ("https://github.com/o/r", True),
        ("https://acme.ghe.com/o/r", True),
        ("https://ghe.example/o/r", False),
    ],
)
def test_only_githubs_own_hosts_publish_limits_for_writes(address: str, limited: bool) -> None:
    adapter = forge_of("github")
    expected = ((80, 60.0), (500, 3600.0)) if limited else ()
    assert adapter.write_limits(adapter.repository(address)) == expected


def test_gitea_publishes_no_limit_for_writes() -> None:
    adapter = forge_of("gitea")
    assert adapter.write_limits(adapter.repository(ADDRESS)) == ()
