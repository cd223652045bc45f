from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.forges.address import Relation, parse, relation
from statusbot.forges.base import Repository
from statusbot.forges.bitbucketserver import BitbucketServer

SERVER = BitbucketServer()
HOST = "https://bb.example"
API = "/rest/api/latest"
SAME = [
    f"{HOST}/scm/FLEET/apps.git",
    f"{HOST}/scm/FLEET/apps",
    f"{HOST}/scm/fleet/apps.git",
    f"{HOST}/scm/FLEET/apps.git/",
    "https://BB.Example:443/scm/FLEET/apps.git",
    "https://someone:secret@bb.example/scm/FLEET/apps.git",
    f"  {HOST}/scm/FLEET/apps.git\n",
    f"{HOST}/projects/FLEET/repos/apps",
    f"{HOST}/projects/FLEET/repos/apps/browse",
    f"{HOST}/projects/FLEET/repos/apps/browse/src/scm/x/y?at=refs%2Fheads%2Fmain#3",
    f"{HOST}/projects/FLEET/repos/apps/commits/5f5f5f",
    f"{HOST}/rest/api/1.0/projects/FLEET/repos/apps",
    f"{HOST}/rest/api/latest/projects/FLEET/repos/apps/commits",
    "ssh://git@bb.example:7999/FLEET/apps.git",
    "ssh://git@bb.example/fleet/apps",
    "git@bb.example:FLEET/apps.git",
    "git@bb.example:/fleet/apps.git",
]


def key_of(url: str) -> str:
    place = parse(url)
    assert place is not None
    return SERVER.canonical(place).key


@pytest.mark.parametrize("address", SAME)
def test_every_form_of_an_address_names_one_repository(address: str) -> None:
    repository = SERVER.repository(address)
    assert (repository.api, repository.key) == (HOST + API, "bb.example/fleet/apps")


@pytest.mark.parametrize("url", SAME)
def test_a_source_in_every_form_is_the_same_repository(url: str) -> None:
    repository = SERVER.repository(SAME[0])
    assert key_of(url) == repository.key
    assert relation(repository, url, SERVER.canonical) is Relation.SAME


@pytest.mark.parametrize(
    ("address", "base", "path"),
    [
        ("https://h.example/bb/scm/K/r.git", "https://h.example/bb", "K/r"),
        ("https://h.example/a/b/scm/K/r.git", "https://h.example/a/b", "K/r"),
        ("https://h.example:8443/bb/scm/K/r", "https://h.example:8443/bb", "K/r"),
        ("http://127.0.0.1:7990/scm/K/r.git", "http://127.0.0.1:7990", "K/r"),
        ("http://[::1]:7990/bb/scm/K/r.git", "http://[::1]:7990/bb", "K/r"),
        ("https://h.example/bb/projects/K/repos/r/browse", "https://h.example/bb", "K/r"),
        ("https://h.example/bb/rest/api/1.0/projects/K/repos/r", "https://h.example/bb", "K/r"),
        ("https://h.example/scm/~me/r.git", "https://h.example", "~me/r"),
        ("https://h.example/scm/%7Eme/r.git", "https://h.example", "~me/r"),
        ("https://h.example/bb/users/me/repos/r/browse", "https://h.example/bb", "~me/r"),
        ("https://h.example/users/~me/repos/r", "https://h.example", "~me/r"),
        ("https://h.example/projects/~me/repos/r", "https://h.example", "~me/r"),
        ("ssh://git@h.example:7999/~me/r.git", "https://h.example", "~me/r"),
        ("git@h.example:~me/r.git", "https://h.example", "~me/r"),
        # Whatever is called scm, key and slug come last.
        ("https://h.example/scm/scm/K/r.git", "https://h.example/scm", "K/r"),
        ("https://h.example/scm/scm/r.git", "https://h.example", "scm/r"),
        ("https://h.example/scm/K/scm.git", "https://h.example", "K/scm"),
        ("https://h.example/scm/K/v1.2_x-y.git", "https://h.example", "K/v1.2_x-y"),
        ("ssh://git@h.example:7999/scm/r.git", "https://h.example", "scm/r"),
    ],
)
def test_base_url_key_and_slug_follow_from_the_address(address: str, base: str, path: str) -> None:
    repository = SERVER.repository(address)
    assert (repository.api, repository.path) == (base + API, path)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://h.example/scm/K/r.git", "https://h.example/projects/K/repos/r/commits/abc"),
        (
            "http://h.example:7990/bb/scm/K/r",
            "http://h.example:7990/bb/projects/K/repos/r/commits/abc",
        ),
        ("https://h.example/bb/scm/~me/r", "https://h.example/bb/users/me/repos/r/commits/abc"),
        ("git@h.example:K/r.git", "https://h.example/projects/K/repos/r/commits/abc"),
    ],
)
def test_the_page_of_a_commit(address: str, page: str) -> None:
    assert SERVER.repository(address).web("abc") == page


@pytest.mark.parametrize(
    "end", ["", "/", "/rest", "/rest/api", "/rest/api/latest", "/rest/api/1.0", "/rest/api/latest/"]
)
def test_an_api_url_is_the_base_url_or_any_root_of_the_api(end: str) -> None:
    repository = SERVER.repository("git@h.example:K/r.git", f"https://h.example:8443/bb{end}")
    assert repository.api == "https://h.example:8443/bb/rest/api/latest"


def test_a_host_called_rest_is_no_end_of_an_api_url() -> None:
    repository = SERVER.repository("ssh://git@rest:7999/FLEET/apps.git", "http://rest:7990")
    assert repository.api == "http://rest:7990/rest/api/latest"
    repository = SERVER.repository("ssh://git@rest/FLEET/apps.git", "http://rest")
    assert repository.web("c") == "http://rest/projects/FLEET/repos/apps/commits/c"


def test_an_api_url_tells_what_an_address_by_ssh_cannot() -> None:
    repository = SERVER.repository("ssh://git@h.example:7999/K/r.git", "http://h.example:7990/bb")
    assert repository.key == "h.example:7990/bb/k/r"
    assert repository.web("abc") == "http://h.example:7990/bb/projects/K/repos/r/commits/abc"


def test_an_api_url_of_another_host_leaves_the_host_of_ssh_to_compare_with() -> None:
    repository = SERVER.repository("ssh://git@git.example:7999/K/r.git", "https://bb.example/x")
    assert repository.key == "git.example/k/r"
    assert repository.web("abc") == "https://bb.example/x/projects/K/repos/r/commits/abc"


def test_an_api_url_does_not_change_the_pages_of_an_address_by_https() -> None:
    repository = SERVER.repository("https://h.example/bb/scm/K/r.git", "http://10.0.0.1:7990")
    assert repository.api == "http://10.0.0.1:7990/rest/api/latest"
    assert repository.key == "h.example/bb/k/r"
    assert repository.web("abc") == "https://h.example/bb/projects/K/repos/r/commits/abc"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bb.example/scm/K/r",
        "https://bb.example",
        "https://bb.example/K/r.git",
        "https://bb.example/scm/K",
        "https://bb.example/scm/K/r/x",
        "https://bb.example/projects/K/repos",
        "https://bb.example/groups/K/repos/r",
        "https://bb.example/SCM/K/r.git",
        "https://bb.example/scm/K/..",
        "https://bb.example/scm/../r",
        "https://bb.example/scm/K/r%0ax",
        "https://bb.example/scm/K%3Fx/r",
        "https://bb.example/scm/~~me/r",
        "https://bb.example/scm/K/~r",
        "https://bb.example:99999/scm/K/r",
        "ssh://git@bb.example:7999/r.git",
        "ssh://git@bb.example:7999/a/b/r.git",
        "git@bb.example:r.git",
        "file:///srv/git/scm/K/r",
    ],
)
def test_an_address_that_names_no_repository_is_an_error_with_the_form_that_works(
    address: str,
) -> None:
    with pytest.raises(
        StatusbotError, match=r"write it like https://bitbucket\.example/scm/KEY/slug"
    ):
        SERVER.repository(address)


def test_a_clone_url_without_scm_is_told_what_it_lacks() -> None:
    with pytest.raises(StatusbotError, match="names no /scm/KEY/slug"):
        SERVER.repository("https://bb.example/K/r.git")


def test_no_address_is_told_from_a_bad_one() -> None:
    with pytest.raises(StatusbotError, match="there is no address"):
        SERVER.repository(" ")


@pytest.mark.parametrize("address", ["https://bitbucket.org/o/r", "git@altssh.bitbucket.org:o/r"])
def test_bitbucket_cloud_has_a_type_of_its_own(address: str) -> None:
    with pytest.raises(StatusbotError, match="Bitbucket Cloud: use the type bitbucket"):
        SERVER.repository(address)


def test_an_error_about_an_address_hides_its_password() -> None:
    with pytest.raises(StatusbotError) as caught:
        SERVER.repository("https://me:hunter22@bb.example/K/r")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("https://h.example/bb/scm/K/r.git", "ssh://git@h.example:7999/K/r.git", Relation.SAME),
        ("https://h.example/bb/scm/K/r.git", "git@h.example:k/r.git", Relation.SAME),
        (
            "https://h.example:8443/scm/~me/r",
            "https://h.example:8443/users/me/repos/r",
            Relation.SAME,
        ),
        ("https://h.example/scm/K/r", "https://h.example/projects/K/repos/r/browse", Relation.SAME),
        ("https://h.example/scm/K/r", "https://h.example/scm/K/other", Relation.OTHER_PATH),
        ("https://h.example/scm/K/r", "https://h.example/users/K/repos/r", Relation.OTHER_PATH),
        ("https://h.example/scm/K/r", "https://h.example/bb/scm/K/r", Relation.OTHER_PATH),
        ("https://h.example/scm/K/r", "ssh://git@h.example:7999/L/r.git", Relation.OTHER_PATH),
        ("https://h.example/scm/K/r", "https://mirror.example/scm/K/r", Relation.ELSEWHERE),
        ("git@h.example:K/r.git", "https://h.example/scm/K/r.git", Relation.SAME),
    ],
)
def test_how_a_source_stands_to_a_repository(address: str, url: str, expected: Relation) -> None:
    assert relation(SERVER.repository(address), url, SERVER.canonical) is expected


def test_what_names_no_repository_stays_as_it_is() -> None:
    place = parse("https://bb.example/K/r.git")
    assert place is not None
    assert SERVER.canonical(place) == place


# Names that are no other part of an address; a context path may not look like one either.
_NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}[A-Za-z0-9_]", fullmatch=True).filter(
    lambda name: (
        name not in {"scm", "projects", "users", "repos", "rest"} and not name.endswith(".git")
    )
)
_CONTEXTS = st.lists(_NAMES, max_size=2).map(lambda names: "".join(f"/{name}" for name in names))
_PORTS = st.one_of(
    st.just(""), st.integers(1, 65535).filter(lambda p: p != 443).map(lambda p: f":{p}")
)


@given(
    _CONTEXTS, _PORTS, _NAMES, _NAMES, st.booleans(), st.sampled_from(["", ".git", ".git/", "/"])
)
def test_all_forms_of_one_repository_have_one_key(
    context: str, port: str, owner: str, slug: str, personal: bool, end: str
) -> None:
    key = f"~{owner}" if personal else owner
    base = f"https://h.example{port}{context}"
    forms = [
        f"{base}/scm/{key}/{slug}{end}",
        f"{base}/scm/{key.upper()}/{slug}",
        f"{base}/projects/{key}/repos/{slug}",
        f"{base}/projects/{key}/repos/{slug}/browse/scm/a/b?at=main",
        f"{base}/rest/api/1.0/projects/{key}/repos/{slug}",
    ]
    if personal:
        forms.append(f"{base}/users/{owner}/repos/{slug}")
    assert {key_of(form) for form in forms} == {SERVER.repository(forms[0]).key}


@given(_CONTEXTS, _PORTS, _NAMES, _NAMES, st.booleans())
def test_all_forms_by_ssh_are_the_same_repository(
    context: str, port: str, owner: str, slug: str, personal: bool
) -> None:
    path = f"{'~' if personal else ''}{owner}/{slug}"
    repository = SERVER.repository(f"https://h.example{port}{context}/scm/{path}.git")
    for url in (f"ssh://git@h.example:7999/{path}.git", f"git@h.example:{path}.git"):
        assert relation(repository, url, SERVER.canonical) is Relation.SAME


@given(st.text(max_size=60))
def test_no_text_makes_an_address_fail_in_another_way(text: str) -> None:
    for address in (text, f"https://h.example/{text}", f"git@h.example:{text}"):
        try:
            repository = SERVER.repository(address)
        except StatusbotError:
            continue
        assert isinstance(repository, Repository)
        assert repository.api.isprintable() and " " not in repository.api
