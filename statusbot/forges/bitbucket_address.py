"""Where repositories of Bitbucket Cloud are: ``workspace/slug``, both in lower case, or UUIDs."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from statusbot.forges.address import Place, api_root
from statusbot.forges.base import Repository
from statusbot.forges.naming import bad_address, place_of, root

API = "https://api.bitbucket.org/2.0"
_HOST = "bitbucket.org"
_EXAMPLE = "https://bitbucket.org/workspace/repo"
_DATA_CENTER = f"{_EXAMPLE}; is it a Data Center? Then the type is bitbucketserver"
_NAME = re.compile(r"(?!\.{1,2}$)[a-z0-9._-]{1,255}")
_UUID = re.compile(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}")
# As the API's own check was seen to be, but for what it has no use for: users, other schemes.
_URL = re.compile(
    r"https?://(?:[^/?#@:\s]+\.[^/?#@:\s]+|localhost|\[[0-9a-f:.]+\])(?::\d+)?(?=[/?#]|$)"
)
_LONGEST_URL = 450


def repository(type_: str, address: str, api_url: str | None) -> Repository:
    """The repository of an address; StatusbotError shows the form that works."""
    place = _place(address)
    path = "/".join(place.segments).lower()
    pages = f"{_root(place)}/{quote(path, safe='/')}/commits/"
    # A UUID names the repository that an address of a source names by its slug.
    return Repository(type_, _api(place, api_url), path, place.netloc, pages, "{" not in path)


def link(url: str) -> str:
    """``url`` as Bitbucket takes it, or ``""`` where it would refuse it.

    It wants a host with a dot in it and, as some clients have met, 450 characters at most; in
    braces it looks for names of its own to replace.
    """
    url = url.replace("{", "%7B").replace("}", "%7D")
    known = _URL.match(url.lower()) and url.isprintable() and " " not in url
    return url if known and len(url) <= _LONGEST_URL else ""


def _place(address: str) -> Place:
    place = place_of(address, _EXAMPLE)
    example = _EXAMPLE if place.host == _HOST else _DATA_CENTER
    if len(place.segments) < 2:
        raise bad_address(address, "names no workspace/repo", example)
    if len(place.segments) > 2:
        raise bad_address(address, "has more than workspace/repo", example)
    if not all(_is_name(segment.lower()) for segment in place.segments):
        raise bad_address(address, "holds characters that no repository's name has", example)
    return place


def _is_name(segment: str) -> bool:
    return bool(_NAME.fullmatch(segment) or _UUID.fullmatch(segment))


def _root(place: Place) -> str:
    return f"https://{_HOST}" if place.host == _HOST else root(place)


def _api(place: Place, api_url: str | None) -> str:
    if not api_url:
        return API if place.host == _HOST else f"{root(place)}/2.0"
    api = api_root(api_url)
    parts = urlsplit(api)
    if parts.hostname in (_HOST, "api.bitbucket.org"):
        return API
    return api if parts.path.endswith("/2.0") else f"{api}/2.0"
