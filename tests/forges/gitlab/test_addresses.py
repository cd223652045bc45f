from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.forges.address import Relation, parse, relation
from statusbot.forges.base import Repository
from statusbot.forges.gitlab import GitLab

GITLAB = GitLab()
SHA = "5f" * 20
SAME = [
    "https://gitlab.com/acme/platform/fleet",
    "https://gitlab.com/acme/platform/fleet.git",
    "https://gitlab.com/acme/platform/fleet/",
    "https://gitlab.com:443/acme/platform/fleet",
    "https://GitLab.com/Acme/Platform/Fleet",
    "https://oauth2:secret@gitlab.com/acme/platform/fleet.git",
    "https://gitlab.com/acme%2Fplatform%2Ffleet",
    "https://gitlab.com/acme/platform/fleet/-/tree/main/clusters",
    "  https://gitlab.com/acme/platform/fleet\n",
    "git@gitlab.com:acme/platform/fleet.git",
    "gitlab.com:acme/platform/fleet",
    "ssh://git@gitlab.com/acme/platform/fleet.git",
    "ssh://git@gitlab.com:2222/acme/platform/fleet.git",
    "ssh://git@altssh.gitlab.com:443/acme/platform/fleet.git",
]


@pytest.mark.parametrize("address", SAME)
def test_every_form_of_an_address_names_one_project(address: str) -> None:
    repository = GITLAB.repository(address)
    assert repository.api == "https://gitlab.com/api/v4"
    assert repository.key == "gitlab.com/acme/platform/fleet"


@pytest.mark.parametrize("url", SAME)
def test_every_form_of_a_source_is_the_same_repository(url: str) -> None:
    repository = GITLAB.repository(SAME[0])
    assert relation(repository, url, GITLAB.canonical) is Relation.SAME


@pytest.mark.parametrize("url", SAME)
def test_the_canonical_place_of_an_address_has_the_key_of_its_repository(url: str) -> None:
    place = parse(url)
    assert place is not None
    assert GITLAB.canonical(place).key == GITLAB.repository(url).key


@pytest.mark.parametrize(
    ("address", "api", "path"),
    [
        ("https://gitlab.example/g/p", "https://gitlab.example/api/v4", "g/p"),
        ("https://gitlab.example:8443/g/p", "https://gitlab.example:8443/api/v4", "g/p"),
        ("http://127.0.0.1:3000/g/p", "http://127.0.0.1:3000/api/v4", "g/p"),
        ("http://[::1]:3000/g/p", "http://[::1]:3000/api/v4", "g/p"),
        ("ssh://git@gitlab.example:2222/G/p.git", "https://gitlab.example/api/v4", "G/p"),
        ("https://gitlab.example/1/2/3/4/5/6/p", "https://gitlab.example/api/v4", "1/2/3/4/5/6/p"),
        ("https://gitlab.example/_g/p.q_r-s", "https://gitlab.example/api/v4", "_g/p.q_r-s"),
        ("https://gitlab.example/12/34", "https://gitlab.example/api/v4", "12/34"),
    ],
)
def test_the_api_and_the_path_follow_from_the_address(address: str, api: str, path: str) -> None:
    repository = GITLAB.repository(address)
    assert (repository.api, repository.path, repository.named) == (api, path, True)


@pytest.mark.parametrize(
    "address",
    [
        "https://gitlab.example/1234",
        "https://gitlab.example/1234/",
        "https://gitlab.example/1234.git",
        "https://gitlab.example/projects/1234",
        "git@gitlab.example:1234",
    ],
)
def test_a_number_is_the_id_of_a_project_without_a_name(address: str) -> None:
    repository = GITLAB.repository(address)
    assert (repository.path, repository.named) == ("1234", False)
    assert repository.key == "gitlab.example/1234"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://gitlab.example/g/p", Relation.UNTOLD),
        ("git@gitlab.example:g/p.git", Relation.UNTOLD),
        ("https://gitlab.com/g/p", Relation.ELSEWHERE),
    ],
)
def test_a_number_is_told_from_sources_of_other_hosts_only(url: str, expected: Relation) -> None:
    repository = GITLAB.repository("https://gitlab.example/1234")
    assert relation(repository, url, GITLAB.canonical) is expected


@pytest.mark.parametrize(
    "end", ["", "/", "/api", "/api/v4", "/api/v4/", "/api/v4/projects", "/api/v4/projects/"]
)
def test_an_api_url_may_end_before_or_after_the_api(end: str) -> None:
    repository = GITLAB.repository(
        "https://h.example/gitlab/g/s/p", f"https://h.example/gitlab{end}"
    )
    assert (repository.api, repository.path) == ("https://h.example/gitlab/api/v4", "g/s/p")
    assert repository.key == "h.example/gitlab/g/s/p"


@pytest.mark.parametrize(
    ("address", "api_url", "api", "path", "host"),
    [
        # The root of another host is cut off as well: one GitLab may have two names.
        ("https://h.example/Git/g/p", "http://web.gitlab:8181/git", "http://web.gitlab:8181/git", "g/p", "h.example/git"),
        ("https://h.example/g/p", "http://web.gitlab:8181", "http://web.gitlab:8181", "g/p", "h.example"),
        # By SSH the root is not in the path, though a group may be called like it.
        ("git@h.example:git/p", "https://h.example/git", "https://h.example/git", "git/p", "h.example/git"),
        ("git@h.example:g/p", "https://h.example:8443/git", "https://h.example:8443/git", "g/p", "h.example:8443/git"),
        ("git@h.example:g/p", "https://api.example:8443", "https://api.example:8443", "g/p", "h.example"),
        ("https://h.example/a/b/g/p", "https://h.example/a/b/api/v4", "https://h.example/a/b", "g/p", "h.example/a/b"),
        ("https://h.example/git/1234", "https://h.example/git", "https://h.example/git", "1234", "h.example/git"),
    ],
)  # fmt: skip
def test_an_api_url_tells_the_root_of_the_paths(
    address: str, api_url: str, api: str, path: str, host: str
) -> None:
    repository = GITLAB.repository(address, api_url)
    assert (repository.api, repository.path, repository.host) == (f"{api}/api/v4", path, host)


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example:8443/git/g/p.git",
        "ssh://git@h.example:2222/g/p.git",
        "git@h.example:g/p",
    ],
)
@pytest.mark.parametrize("address", ["https://h.example:8443/git/g/p", "git@h.example:g/p.git"])
def test_sources_are_known_under_a_root(address: str, url: str) -> None:
    repository = GITLAB.repository(address, "https://h.example:8443/git/api/v4")
    assert relation(repository, url, GITLAB.canonical) is Relation.SAME


@pytest.mark.parametrize(
    ("address", "api_url", "page"),
    [
        ("git@gitlab.com:g/s/p", None, f"https://gitlab.com/g/s/p/-/commit/{SHA}"),
        ("http://h.example:81/g/p", None, f"http://h.example:81/g/p/-/commit/{SHA}"),
        ("https://h.example/git/g/p", "https://h.example/git", f"https://h.example/git/g/p/-/commit/{SHA}"),
        ("https://h.example/g/p", "http://web.gitlab:8181", f"https://h.example/g/p/-/commit/{SHA}"),
        ("git@h.example:g/p", "http://h.example/git", f"http://h.example/git/g/p/-/commit/{SHA}"),
        ("https://h.example/1234", None, f"https://h.example/projects/1234?commit={SHA}"),
    ],
)  # fmt: skip
def test_the_page_of_a_commit(address: str, api_url: str | None, page: str) -> None:
    assert GITLAB.repository(address, api_url).web(SHA) == page


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "gitlab.com/group/project",
        "https://gitlab.com",
        "https://gitlab.com/project",
        "https://gitlab.com/12a",
        "https://gitlab.com/١٢",
        "https://gitlab.com/-/p/12",
        "https://gitlab.com/group/-/issues",
        "https://gitlab.com/group/..",
        "https://gitlab.com/gr%20oup/project",
        "https://gitlab.com/group/proj%3Fect",
        "https://gitlab.com/grüppe/project",
        "https:///group/project",
        "ftp://gitlab.com/group/project",
    ],
)
def test_an_address_that_names_no_project_is_an_error_with_the_form_that_works(
    address: str,
) -> None:
    with pytest.raises(StatusbotError, match=r"write it like https://gitlab\.com/group/project"):
        GITLAB.repository(address)


def test_an_address_that_is_all_root_names_no_project() -> None:
    with pytest.raises(StatusbotError, match="names no group/project"):
        GITLAB.repository("https://h.example/git/p", "https://h.example/git")


@pytest.mark.parametrize("end", ["", "/api", "/v4", "/v4/projects", "/api/v4"])
def test_a_host_called_api_is_no_end_of_an_api_url(end: str) -> None:
    assert GITLAB.repository("http://api/g/p", f"http://api{end}").api.startswith("http://api/")


def test_an_api_url_must_be_http_or_https() -> None:
    with pytest.raises(StatusbotError, match="no http or https URL"):
        GITLAB.repository("https://h.example/g/p", "ssh://git@h.example/git")


@given(st.text(max_size=60), st.none() | st.text(max_size=30))
def test_no_text_makes_an_address_fail_in_another_way(text: str, end: str | None) -> None:
    api_url = None if end is None else f"https://h.example/{end}"
    for address in (text, f"https://h.example/{text}"):
        try:
            repository = GITLAB.repository(address, api_url)
        except StatusbotError:
            continue
        assert isinstance(repository, Repository)
