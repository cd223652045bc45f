from __future__ import annotations

import pytest

from statusbot.errors import StatusbotError
from statusbot.forges import forge_of
from statusbot.forges.address import Relation, relation
from statusbot.forges.base import Repository

BITBUCKET = forge_of("bitbucket")
API = "https://api.bitbucket.org/2.0"
SHA = "5f" * 20
UUID = "{0C9C2E41-0000-4000-8000-0123456789ab}"
ENCODED = "%7B0c9c2e41-0000-4000-8000-0123456789ab%7D"


def repository(address: str, api_url: str | None = None) -> Repository:
    return BITBUCKET.repository(address, api_url)


@pytest.mark.parametrize(
    "address",
    [
        "https://bitbucket.org/acme/fleet",
        "https://bitbucket.org/acme/fleet/",
        "https://bitbucket.org/acme/fleet.git",
        "https://bitbucket.org/acme/fleet.git/",
        "https://bitbucket.org:443/acme/fleet",
        "https://me@bitbucket.org/acme/fleet.git",
        "https://x-token-auth:s3cr3t@bitbucket.org/acme/fleet.git",
        "https://BitBucket.org/Acme/Fleet",
        "https://www.bitbucket.org/acme/fleet",
        "http://bitbucket.org/acme/fleet",
        " https://bitbucket.org/acme/fleet\n",
        "ssh://git@bitbucket.org/acme/fleet.git",
        "ssh://git@bitbucket.org:22/acme/fleet",
        "ssh://git@altssh.bitbucket.org:443/acme/fleet.git",
        "git@bitbucket.org:acme/fleet.git",
        "git@bitbucket.org:/acme/fleet",
        "bitbucket.org:acme/fleet",
    ],
)
def test_every_form_of_address_is_one_repository(address: str) -> None:
    pages = "https://bitbucket.org/acme/fleet/commits/"
    assert repository(address) == Repository("bitbucket", API, "acme/fleet", "bitbucket.org", pages)


@pytest.mark.parametrize(
    ("address", "api_url", "api"),
    [
        ("http://127.0.0.1:3000/acme/fleet", None, "http://127.0.0.1:3000/2.0"),
        ("http://[::1]:3000/acme/fleet", None, "http://[::1]:3000/2.0"),
        ("https://git.cloud.example/acme/fleet", None, "https://git.cloud.example/2.0"),
        ("git@git.cloud.example:acme/fleet.git", None, "https://git.cloud.example/2.0"),
        ("ssh://git@git.cloud.example:2222/a/b", None, "https://git.cloud.example/2.0"),
        ("https://x.example/a/b", "https://api.x.example", "https://api.x.example/2.0"),
        ("https://x.example/a/b", "https://api.x.example/2.0/", "https://api.x.example/2.0"),
        ("https://x.example/a/b", "http://gate.example/bb", "http://gate.example/bb/2.0"),
        ("https://bitbucket.org/a/b", "http://127.0.0.1:3000", "http://127.0.0.1:3000/2.0"),
        ("https://bitbucket.org/a/b", "https://api.bitbucket.org", API),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/api/2.0", API),
        ("https://bitbucket.org/a/b", "https://bitbucket.org", API),
    ],
)
def test_where_the_api_is(address: str, api_url: str | None, api: str) -> None:
    assert repository(address, api_url).api == api


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("git@bitbucket.org:Acme/Fleet.git", "https://bitbucket.org/acme/fleet/commits/"),
        ("http://127.0.0.1:3000/acme/fleet", "http://127.0.0.1:3000/acme/fleet/commits/"),
        ("ssh://git@x.example:7/a/b", "https://x.example/a/b/commits/"),
        (f"https://bitbucket.org/acme/{UUID}", f"https://bitbucket.org/acme/{ENCODED}/commits/"),
    ],
)
def test_the_page_of_a_commit(address: str, page: str) -> None:
    assert repository(address).web(SHA) == page + SHA


@pytest.mark.parametrize(
    "address",
    [f"https://bitbucket.org/{UUID}/{UUID}", f"git@bitbucket.org:{ENCODED}/{ENCODED}.git"],
)
def test_a_repository_may_be_named_by_uuids(address: str) -> None:
    found = repository(address)
    assert found.path == f"{UUID}/{UUID}".lower()
    assert BITBUCKET.reads(found, SHA, ())[0].url.startswith(
        f"{API}/repositories/{ENCODED}/{ENCODED}/commit/{SHA}/"
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "no address"),
        ("  ", "no address"),
        ("acme/fleet", "is not an https"),
        ("ftp://bitbucket.org/acme/fleet", "is not an https"),
        ("https://bitbucket.org", "names no workspace/repo"),
        ("https://bitbucket.org/acme", "names no workspace/repo"),
        ("https://bitbucket.org/acme/fleet/src/main", "has more than workspace/repo"),
        ("https://bitbucket.org/acme/..", "holds characters"),
        ("https://bitbucket.org/acme/a%20b", "holds characters"),
        ("https://bitbucket.org/acme/a%3Fb", "holds characters"),
        ("https://bitbucket.org/acme/a%2Fb", "has more than workspace/repo"),
        ("https://bitbucket.org/acme/{fleet}", "holds characters"),
        ("https://bitbucket.org/acme/{0c9c2e41-0000-4000-8000-0123456789ab}x", "holds characters"),
    ],
)
def test_what_names_no_repository_is_told_with_the_form_that_works(address: str, said: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        repository(address)
    assert said in str(caught.value)
    assert "https://bitbucket.org/workspace/repo" in str(caught.value) or not address.strip()
    assert "bitbucketserver" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example/scm/FLEET/apps.git",
        "https://git.example/context/scm/FLEET/apps.git",
        "https://git.example/projects/FLEET/repos/apps",
        "https://git.example/users/me/repos/apps/browse",
        "ssh://git@git.example:7999/~me/apps.git",
        "https://git.example/apps",
    ],
)
def test_an_address_of_a_data_center_asks_whether_it_is_one(address: str) -> None:
    with pytest.raises(StatusbotError, match="type is bitbucketserver"):
        repository(address)


def test_a_bad_address_does_not_show_its_password() -> None:
    with pytest.raises(StatusbotError) as caught:
        repository("https://me:s3cr3t@bitbucket.org/acme")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("api_url", ["ssh://git@x.example/2.0", "x", "ftp://x.example"])
def test_an_api_that_is_no_web_address_is_refused(api_url: str) -> None:
    with pytest.raises(StatusbotError, match="API address"):
        repository("https://x.example/a/b", api_url)


@pytest.mark.parametrize(
    ("provider", "source", "expected"),
    [
        ("https://bitbucket.org/acme/fleet", "ssh://git@bitbucket.org/Acme/Fleet", Relation.SAME),
        ("https://bitbucket.org/acme/fleet", "git@altssh.bitbucket.org:acme/fleet", Relation.SAME),
        ("https://bitbucket.org/acme/fleet", "https://bitbucket.org/acme/x", Relation.OTHER_PATH),
        ("https://bitbucket.org/acme/fleet", "https://github.com/acme/fleet", Relation.ELSEWHERE),
        (f"https://bitbucket.org/acme/{UUID}", "https://bitbucket.org/acme/a", Relation.UNTOLD),
        (
            f"https://bitbucket.org/{UUID}/{UUID}",
            f"https://bitbucket.org/{ENCODED}/{ENCODED}.git",
            Relation.SAME,
        ),
        ("http://127.0.0.1:3000/acme/fleet", "http://127.0.0.1:3000/acme/fleet", Relation.SAME),
    ],
)
def test_how_a_source_stands_to_a_repository(
    provider: str, source: str, expected: Relation
) -> None:
    assert relation(repository(provider), source, BITBUCKET.canonical) is expected
