from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.forges import FORGES, forge_of
from statusbot.forges.address import Relation, api_root, parse, relation, source_key
from statusbot.forges.base import Repository

GITHUB = forge_of("github")
GITEA = forge_of("gitea")
SAME = [
    "https://github.com/acme/fleet",
    "https://github.com/acme/fleet.git",
    "https://github.com/acme/fleet/",
    "https://github.com/acme/fleet.git/",
    "https://github.com:443/acme/fleet",
    "https://GitHub.com/Acme/Fleet",
    "https://www.github.com/acme/fleet",
    "https://someone:secret@github.com/acme/fleet.git",
    "  https://github.com/acme/fleet\n",
    "https://github.com./acme/fleet",
    "https://github.com/acme/fleet?tab=readme#top",
    "http://github.com/acme/fleet",
    "ssh://git@github.com/acme/fleet.git",
    "ssh://git@github.com:22/acme/fleet.git",
    "ssh://git@ssh.github.com:443/acme/fleet.git",
    "git+ssh://git@github.com/acme/fleet",
    "git@github.com:acme/fleet.git",
    "git@github.com:/acme/fleet.git",
    "github.com:acme/fleet",
]


@pytest.mark.parametrize("address", SAME)
def test_every_form_of_an_address_names_one_repository_of_github(address: str) -> None:
    repository = GITHUB.repository(address)
    assert (repository.api, repository.key) == ("https://api.github.com", "github.com/acme/fleet")


@pytest.mark.parametrize("url", SAME)
def test_the_key_of_a_source_equals_the_key_of_its_repository(url: str) -> None:
    assert source_key(url) == "github.com/acme/fleet"


@pytest.mark.parametrize(
    ("address", "api"),
    [
        ("https://acme.ghe.com/o/r", "https://api.acme.ghe.com"),
        ("https://ghe.example/o/r", "https://ghe.example/api/v3"),
        ("https://ghe.example:8443/o/r", "https://ghe.example:8443/api/v3"),
        ("ssh://git@ghe.example:122/o/r.git", "https://ghe.example/api/v3"),
        ("http://127.0.0.1:4000/o/r", "http://127.0.0.1:4000/api/v3"),
        ("http://[::1]:4000/o/r", "http://[::1]:4000/api/v3"),
    ],
)
def test_githubs_api_follows_from_the_address(address: str, api: str) -> None:
    assert GITHUB.repository(address).api == api


@pytest.mark.parametrize(
    ("address", "api", "key"),
    [
        ("https://gitea.example/o/r", "https://gitea.example/api/v1", "gitea.example/o/r"),
        ("https://h.example/git/o/r.git", "https://h.example/git/api/v1", "h.example/git/o/r"),
        ("http://127.0.0.1:3000/O/R", "http://127.0.0.1:3000/api/v1", "127.0.0.1:3000/o/r"),
        (
            "ssh://git@gitea.example:2222/o/r.git",
            "https://gitea.example/api/v1",
            "gitea.example/o/r",
        ),
        ("git@gitea.example:o/r.git", "https://gitea.example/api/v1", "gitea.example/o/r"),
    ],
)
def test_giteas_api_and_key_follow_from_the_address(address: str, api: str, key: str) -> None:
    repository = GITEA.repository(address)
    assert (repository.api, repository.key) == (api, key)


@pytest.mark.parametrize("forge", ["github", "gitea"])
def test_an_api_url_wins_over_what_the_address_tells(forge: str) -> None:
    adapter = forge_of(forge)
    repository = adapter.repository("ssh://git@h.example/o/r", "http://10.0.0.1:3000/x/api/")
    assert repository.api == "http://10.0.0.1:3000/x/api"


def test_an_api_url_lets_github_live_under_a_path() -> None:
    repository = GITHUB.repository(
        "https://h.example/github/o/r", "https://h.example/github/api/v3"
    )
    assert (repository.path, repository.key) == ("o/r", "h.example/github/o/r")


def test_without_an_api_url_github_has_no_path_before_the_owner() -> None:
    with pytest.raises(StatusbotError, match="more than owner/repo"):
        GITHUB.repository("https://ghe.example/github/o/r")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "github.com/owner/repo",
        "https://github.com",
        "https://github.com/owner",
        "https://github.com/owner/..",
        "https://github.com/own%0aer/repo",
        "https://github.com/ow ner/repo",
        "https://github.com/owner/re%2Fpo/x?",
        "https://github.com:99999/owner/repo",
        "https:///owner/repo",
        "https://-/owner/repo",
        "https://[::x]/owner/repo",
        "ftp://github.com/owner/repo",
        "file:///owner/repo",
        "https://git\nhub.com/owner/repo",
    ],
)
def test_an_address_that_names_no_repository_is_an_error_with_the_form_that_works(
    address: str,
) -> None:
    with pytest.raises(StatusbotError, match="write it like https://github"):
        GITHUB.repository(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://me:hunter22@github.com/owner",
        "me:hunter22@github.com/owner/repo",
        "https:me:hunter22@github.com/owner/repo",
        "https://me:hunter22/5@github.com/owner/repo",
        "https://me:5/hunter22@github.com/owner/repo",
        "https://me:5 hunter22@github.com/owner/repo",
        "https://me:5@hunter22@github.com/owner",
        "ssh:///me:hunter22@github.com/owner/repo",
        "me:hunter22@x://y@github.com/owner",
    ],
)
def test_an_error_about_an_address_hides_its_password(address: str) -> None:
    with pytest.raises(StatusbotError) as caught:
        GITHUB.repository(address)
    assert "hunter22" not in str(caught.value)
    assert "github.com/owner" in str(caught.value)


@pytest.mark.parametrize("address", ["git@github.com:own er", "https://h.example/@b"])
def test_an_error_about_an_address_without_a_password_shows_it_whole(address: str) -> None:
    with pytest.raises(StatusbotError, match=re.escape(f'"{address}"')):
        GITHUB.repository(address)


def test_an_api_url_must_be_http_or_https() -> None:
    with pytest.raises(StatusbotError, match="no http or https URL"):
        api_root("ssh://git@h.example/api")


def test_a_login_without_a_scheme_is_no_host_with_a_path() -> None:
    with pytest.raises(StatusbotError, match=re.escape('"***@gitea.example/owner/repo" is not')):
        GITEA.repository("me:hunter22@gitea.example/owner/repo")


@pytest.mark.parametrize("type_", ["github", "gitlab", "gitea", "bitbucket", "bitbucketserver"])
def test_an_api_url_keeps_its_encoding(type_: str) -> None:
    address = "https://h.example/scm/o/r" if type_ == "bitbucketserver" else "https://h.example/o/r"
    repository = forge_of(type_).repository(address, "https://h.example/a%20b/%00c@d")
    assert repository.api.startswith("https://h.example/a%20b/%00c@d")


def test_an_address_keeps_the_encoding_of_giteas_and_bitbuckets_sub_path() -> None:
    gitea = forge_of("gitea").repository("https://h.example/a%20b/o/r")
    assert gitea.api == "https://h.example/a%20b/api/v1"
    server = forge_of("bitbucketserver").repository("https://h.example/a%20b/scm/K/r.git")
    assert server.api == "https://h.example/a%20b/rest/api/latest"
    assert server.web("c") == "https://h.example/a%20b/projects/K/repos/r/commits/c"


def test_an_api_url_loses_its_password() -> None:
    assert api_root("https://me:hunter22@h.example/api/v1/") == "https://h.example/api/v1"


@pytest.mark.parametrize("url", ["", "nonsense", "https://h.example", "file:///srv/git/x"])
def test_a_source_without_host_or_path_has_no_key(url: str) -> None:
    assert source_key(url) is None


@pytest.mark.parametrize(
    ("key", "url", "expected"),
    [
        ("h.example/o/r", "https://h.example/o/r.git", Relation.SAME),
        ("h.example/o/r", "https://h.example/o/other", Relation.OTHER_PATH),
        ("h.example/o/r", "https://mirror.example/o/r", Relation.ELSEWHERE),
        ("h.example:3000/o/r", "ssh://git@h.example:22/o/r.git", Relation.SAME),
        ("h.example:3000/git/o/r", "git@h.example:o/r.git", Relation.SAME),
        ("h.example:3000/o/r", "git@h.example:o/other.git", Relation.OTHER_PATH),
        ("gitlab.com/a/o/r", "git@gitlab.com:o/r.git", Relation.OTHER_PATH),
        ("gitlab.com/o/r", "git@gitlab.com:o/r.git", Relation.SAME),
        ("h.example:3000/o/r", "https://h.example/o/r", Relation.ELSEWHERE),
        ("h.example/git/o/r", "https://h.example/o/r", Relation.OTHER_PATH),
        ("h.example/foo/r", "git@h.example:o/r", Relation.OTHER_PATH),
        ("h.example/o/r", "not a url", Relation.ELSEWHERE),
        ("[::1]:3000/o/r", "ssh://git@[::1]/o/r", Relation.SAME),
    ],
)
def test_how_a_source_stands_to_a_repository(key: str, url: str, expected: Relation) -> None:
    host, _, path = key.partition("/")
    assert relation(Repository("gitea", "https://x.example", path, host), url) is expected


def test_the_page_of_a_commit_is_on_the_host_that_people_use() -> None:
    repository = GITHUB.repository("git@github.com:acme/fleet.git")
    assert repository.web("abc") == "https://github.com/acme/fleet/commit/abc"


def test_the_page_of_a_commit_keeps_giteas_sub_path_and_port() -> None:
    repository = GITEA.repository("http://127.0.0.1:3000/git/o/r")
    assert repository.web("abc") == "http://127.0.0.1:3000/git/o/r/commit/abc"


@given(st.text(max_size=60))
def test_no_text_makes_an_address_fail_in_another_way(text: str) -> None:
    try:
        repository = GITEA.repository(text)
    except StatusbotError:
        return
    assert isinstance(repository, Repository)


@given(st.text(max_size=60))
def test_what_can_be_read_reads_the_same_again(text: str) -> None:
    place = parse(f"https://h.example/{text}")
    if place is not None and "%" not in text and ".git" not in text:
        assert source_key(f"https://{place.key}") == source_key(f"https://h.example/{text}")


def test_a_type_without_commit_statuses_is_refused() -> None:
    with pytest.raises(StatusbotError, match='"slack" has no commit statuses'):
        forge_of("slack")


@pytest.mark.parametrize("name", ["github", "gitea"])
def test_no_address_is_told_from_a_bad_one(name: str) -> None:
    with pytest.raises(StatusbotError, match="there is no address: write it like https://"):
        FORGES[name].repository(" ")
