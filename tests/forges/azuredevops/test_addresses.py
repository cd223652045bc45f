from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusbot.errors import StatusbotError
from statusbot.forges.address import Relation, parse, relation
from statusbot.forges.azuredevops import AzureDevOps
from statusbot.forges.base import Repository

AZURE = AzureDevOps()
SERVICES = "https://dev.azure.com/Org"
GUID = "6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c"

SAME = [
    "https://dev.azure.com/Org/Proj/_git/Repo",
    "https://me@dev.azure.com/Org/Proj/_git/Repo",
    "https://me:hunter22@dev.azure.com/Org/Proj/_git/Repo/",
    "https://DEV.azure.com:443/org/proj/_git/repo",
    "http://dev.azure.com/Org/Proj/_git/Repo",
    " https://dev.azure.com/Org/Proj/_git/Repo\n",
    "https://dev.azure.com/Org/Proj/_git/Repo?path=/README.md#here",
    "https://dev.azure.com/Org/Proj/_git/_optimized/Repo",
    "https://dev.azure.com/Org/Proj/_git/_full/Repo",
    "https://dev.azure.com/Org/Proj/_GIT/Repo",
    "https://Org.visualstudio.com/Proj/_git/Repo",
    "https://org.visualstudio.com/DefaultCollection/Proj/_git/Repo",
    "https://org.visualstudio.com/defaultcollection/Proj/_git/_full/Repo",
    "ssh://org@org.visualstudio.com:22/DefaultCollection/Proj/_ssh/Repo",
    "git@ssh.dev.azure.com:v3/Org/Proj/Repo",
    "ssh://git@ssh.dev.azure.com/v3/Org/Proj/Repo",
    "ssh://git@ssh.dev.azure.com:22/V3/Org/Proj/_full/Repo",
    "Org@vs-ssh.visualstudio.com:v3/Org/Proj/Repo",
    "ssh://Org@vs-ssh.visualstudio.com:22/v3/Org/Proj/Repo",
]

# Address -> root of the API, key, page of the commit "abc" below that root.
TABLE = [
    (
        "https://dev.azure.com/Org/_git/Repo",
        SERVICES,
        "dev.azure.com/org/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://Org.visualstudio.com/_git/Repo",
        "https://dev.azure.com/org",
        "dev.azure.com/org/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://Org.visualstudio.com/DefaultCollection/_git/Repo",
        "https://dev.azure.com/org",
        "dev.azure.com/org/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://dev.azure.com/Org/My%20Proj/_git/Gr%C3%B6%C3%9Fe%20%231",
        SERVICES,
        "dev.azure.com/org/my proj/_git/größe #1",
        "/My%20Proj/_git/Gr%C3%B6%C3%9Fe%20%231",
    ),
    (
        "https://dev.azure.com/Org/My Proj/_git/Größe",
        SERVICES,
        "dev.azure.com/org/my proj/_git/größe",
        "/My%20Proj/_git/Gr%C3%B6%C3%9Fe",
    ),
    (
        "git@ssh.dev.azure.com:v3/Org/My%20Proj/Repo",
        SERVICES,
        "dev.azure.com/org/my proj/_git/repo",
        "/My%20Proj/_git/Repo",
    ),
    (
        "https://dev.azure.com/Org/Proj/_git/Repo.git",
        SERVICES,
        "dev.azure.com/org/proj/_git/repo.git",
        "/Proj/_git/Repo.git",
    ),
    (
        "git@ssh.dev.azure.com:v3/Org/Proj/Repo.git",
        SERVICES,
        "dev.azure.com/org/proj/_git/repo.git",
        "/Proj/_git/Repo.git",
    ),
    (
        "https://tfs.example:8080/tfs/Coll/Proj/_git/Repo",
        "https://tfs.example:8080/tfs/Coll",
        "tfs.example:8080/tfs/coll/proj/_git/repo",
        "/Proj/_git/Repo",
    ),
    (
        "https://tfs.example/tfs/My%20Coll/_git/Repo",
        "https://tfs.example/tfs/My%20Coll",
        "tfs.example/tfs/my coll/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://tfs.example/Coll/Proj/_git/Repo",
        "https://tfs.example/Coll",
        "tfs.example/coll/proj/_git/repo",
        "/Proj/_git/Repo",
    ),
    (
        "https://tfs.example/Coll/_git/Repo",
        "https://tfs.example/Coll",
        "tfs.example/coll/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://tfs.example/azure/DefaultCollection/_git/Repo",
        "https://tfs.example/azure/DefaultCollection",
        "tfs.example/azure/defaultcollection/repo/_git/repo",
        "/Repo/_git/Repo",
    ),
    (
        "https://tfs.example/azure/Coll/Proj/_git/Repo",
        "https://tfs.example/azure/Coll",
        "tfs.example/azure/coll/proj/_git/repo",
        "/Proj/_git/Repo",
    ),
    (
        "http://127.0.0.1:4000/Coll/Proj/_git/Repo",
        "http://127.0.0.1:4000/Coll",
        "127.0.0.1:4000/coll/proj/_git/repo",
        "/Proj/_git/Repo",
    ),
    (
        "ssh://tfs.example:22/tfs/Coll/Proj/_ssh/Repo",
        "https://tfs.example/tfs/Coll",
        "tfs.example/tfs/coll/proj/_git/repo",
        "/Proj/_git/Repo",
    ),
]


@pytest.mark.parametrize("address", SAME)
def test_every_form_of_an_address_names_one_repository(address: str) -> None:
    repository = AZURE.repository(address)
    assert repository.key == "dev.azure.com/org/proj/_git/repo"
    assert repository.api.lower() == "https://dev.azure.com/org"


@pytest.mark.parametrize("url", SAME)
@pytest.mark.parametrize("address", [SAME[0], SAME[-1]])
def test_every_form_of_a_sources_url_is_the_same_repository(address: str, url: str) -> None:
    assert relation(AZURE.repository(address), url, AZURE.canonical) is Relation.SAME


@pytest.mark.parametrize(("address", "api", "key", "page"), TABLE)
def test_api_key_and_page_follow_from_the_address(
    address: str, api: str, key: str, page: str
) -> None:
    repository = AZURE.repository(address)
    assert (repository.api, repository.key) == (api, key)
    assert repository.web("abc") == f"{api}{page}/commit/abc"


@pytest.mark.parametrize("address", [address for address, *_ in TABLE if " " not in address])
def test_the_key_of_a_source_equals_the_key_of_its_repository(address: str) -> None:
    place = parse(address)
    assert place is not None
    assert AZURE.canonical(place).key == AZURE.repository(address).key


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        (
            "https://tfs.example:8080/tfs/C/P/_git/R",
            "ssh://tfs.example:22/tfs/C/P/_ssh/R",
            Relation.SAME,
        ),
        (
            "https://tfs.example:8080/tfs/C/R/_git/R",
            "https://tfs.example:8080/tfs/C/_git/R",
            Relation.SAME,
        ),
        (
            "https://tfs.example/tfs/C/P/_git/R",
            "https://tfs.example:8080/tfs/C/P/_git/R",
            Relation.ELSEWHERE,
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://dev.azure.com/o/p/_git/other",
            Relation.OTHER_PATH,
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://dev.azure.com/o/p/_git/r.git",
            Relation.OTHER_PATH,
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://dev.azure.com/other/p/_git/r",
            Relation.OTHER_PATH,
        ),
        ("https://dev.azure.com/o/p/_git/r", "https://github.com/o/r", Relation.ELSEWHERE),
        (
            f"https://dev.azure.com/o/p/_git/{GUID}",
            "https://dev.azure.com/o/p/_git/r",
            Relation.UNTOLD,
        ),
        (
            f"https://dev.azure.com/o/{GUID.upper()}/_git/r",
            "https://dev.azure.com/o/p/_git/r",
            Relation.UNTOLD,
        ),
        (
            f"https://dev.azure.com/o/p/_git/{GUID}",
            f"git@ssh.dev.azure.com:v3/o/p/{GUID}",
            Relation.SAME,
        ),
    ],
)
def test_how_a_source_stands_to_a_repository(address: str, url: str, expected: Relation) -> None:
    assert relation(AZURE.repository(address), url, AZURE.canonical) is expected


@pytest.mark.parametrize(
    ("address", "api_url", "api"),
    [
        # On a Server behind SSH, only the API's address tells its port.
        (
            "ssh://tfs.example:22/tfs/C/P/_ssh/R",
            "https://tfs.example:8080/tfs/C",
            "https://tfs.example:8080/tfs/C",
        ),
        (
            "ssh://tfs.example:22/tfs/C/P/_ssh/R",
            "http://tfs.example:8080/TFS/",
            "http://tfs.example:8080/tfs/C",
        ),
        (
            "ssh://tfs.example:22/tfs/C/P/_ssh/R",
            "https://tfs.example:8080",
            "https://tfs.example:8080/tfs/C",
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://dev.azure.com/o/_apis/git/repositories?api-version=7.1",
            "https://dev.azure.com/o",
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://proxy.example/az%20ure/o2",
            "https://proxy.example/az%20ure/o2",
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://o.visualstudio.com/",
            "https://o.visualstudio.com",
        ),
        (
            "https://dev.azure.com/o/p/_git/r",
            "https://me:hunter22@h.example/a b",
            "https://h.example/a%20b",
        ),
    ],
)
def test_an_api_url_wins_over_what_the_address_tells(address: str, api_url: str, api: str) -> None:
    repository = AZURE.repository(address, api_url)
    assert repository.api == api
    assert repository.key == AZURE.repository(address).key


def test_an_api_url_must_be_http_or_https() -> None:
    with pytest.raises(StatusbotError, match="no http or https URL"):
        AZURE.repository(SAME[0], "ssh://git@dev.azure.com/o")


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "dev.azure.com/o/p/_git/r",
        "https://dev.azure.com",
        "https://dev.azure.com/o/p",
        "https://dev.azure.com/o/p/r",
        "https://dev.azure.com/_git/r",
        "https://dev.azure.com/o/p/_git",
        "https://dev.azure.com/o/p/_git/.git",
        "https://dev.azure.com/o/p/_git/..",
        "https://dev.azure.com/o/p/_git/r/commit/abc",
        "https://dev.azure.com/o/p/team/_git/r",
        "https://dev.azure.com/o/p/_git/a%2Fb",
        "https://dev.azure.com/o/p/_git/a%5Cb",
        "https://dev.azure.com/o/p/_git/a%3Ab",
        "https://dev.azure.com/o/p/_git/a%0Ab",
        "https://dev.azure.com/o/p/_git/a%FFb",
        f"https://dev.azure.com/o/p/_git/{'x' * 256}",
        "https://o.visualstudio.com/a/b/_git/r",
        "https://tfs.example/_git/r",
        "git@ssh.dev.azure.com:v3/o/p",
        "git@ssh.dev.azure.com:v3/o/p/r/x",
        "git@ssh.dev.azure.com:o/p/r/x",
        "ftp://dev.azure.com/o/p/_git/r",
    ],
)
def test_an_address_that_names_no_repository_is_an_error_with_the_form_that_works(
    address: str,
) -> None:
    with pytest.raises(StatusbotError, match="write it like https://dev"):
        AZURE.repository(address)


def test_an_error_about_an_address_hides_its_password() -> None:
    with pytest.raises(StatusbotError) as caught:
        AZURE.repository("https://me:hunter22@dev.azure.com/o/p")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://github.com/o/r.git", "https://dev.azure.com/o"])
def test_a_place_that_is_none_of_azures_stays_as_it_is(url: str) -> None:
    place = parse(url)
    assert place is not None
    assert AZURE.canonical(place) == place


@given(st.text(max_size=60))
def test_no_text_makes_an_address_fail_in_another_way(text: str) -> None:
    try:
        repository = AZURE.repository(f"https://dev.azure.com/o/{text}")
    except StatusbotError:
        return
    assert isinstance(repository, Repository)


@given(st.text(min_size=1, max_size=30))
def test_a_page_is_an_address_of_the_same_repository(text: str) -> None:
    try:
        repository = AZURE.repository(f"https://dev.azure.com/o/p/_git/{text}")
    except StatusbotError:
        return
    again = AZURE.repository(repository.web("").removesuffix("/commit/"))
    assert again == repository
