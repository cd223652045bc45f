"""The addresses of GitLab's projects: paths at any depth, numbers, and relative URL roots."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from urllib.parse import quote

from statusbot.forges.address import Place, api_root, below, parse
from statusbot.forges.base import Repository
from statusbot.forges.naming import bad_address, place_of, root, web_host

_EXAMPLE = "https://gitlab.com/group/project"
_NAME = re.compile(r"(?!(?:\.{1,2}|-)$)[A-Za-z0-9._-]{1,255}")
# Not the host: one may be called "api".
_API_END = re.compile(r"(?<!/)/api(?:/v4(?:/projects)?)?$")


def project_of(address: str, api_url: str | None) -> Repository:
    """The project that ``address`` names; StatusbotError shows the form that works."""
    place = place_of(address, _EXAMPLE)
    base = _base(place, api_url)
    if place.scheme == "ssh" and place.host == base.host:
        # SSH says nothing of the port of the pages.
        place = replace(place, port=base.port)
    names = _names(address, place, base.segments)
    named = len(names) > 1
    path, host = "/".join(names), web_host(place, base.segments)
    scheme = base.scheme if place.scheme == "ssh" else place.scheme
    # The page of a numbered project leads to the project by its name, not to a commit.
    page = f"{path}/-/commit/" if named else f"projects/{path}?commit="
    api = f"{below(root(base), base.segments)}/api/v4"
    return Repository("gitlab", api, path, host, pages=f"{scheme}://{host}/{page}", named=named)


def project_api(repository: Repository) -> str:
    """The root of all calls about a project."""
    return f"{repository.api}/projects/{quote(repository.path, safe='')}"


def project_segments(segments: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a project. ``-`` and ``projects`` are GitLab's own, no group has them."""
    names = tuple(takewhile(lambda name: name != "-", segments))
    if len(names) == 2 and names[0] == "projects" and names[1].isdecimal():
        return names[1:]
    return names


def _base(place: Place, api_url: str | None) -> Place:
    """Where the API is: its segments are the relative URL root."""
    if not api_url:
        scheme = "http" if place.scheme == "http" else "https"
        return Place(scheme, place.host, place.port, ())
    base = parse(_API_END.sub("", api_root(api_url)))
    assert base is not None  # a URL stays one without its end
    return base


def _names(address: str, place: Place, prefix: tuple[str, ...]) -> tuple[str, ...]:
    names = project_segments(_below(place, prefix))
    if not names or (len(names) == 1 and not names[0].isdecimal()):
        raise bad_address(address, "names no group/project", _EXAMPLE)
    if not all(_NAME.fullmatch(name) for name in names):
        raise bad_address(address, "holds characters that no project's path has", _EXAMPLE)
    return names


def _below(place: Place, prefix: tuple[str, ...]) -> tuple[str, ...]:
    # A path by SSH never holds the root.
    begins = tuple(name.lower() for name in place.segments[: len(prefix)])
    if place.scheme == "ssh" or begins != tuple(name.lower() for name in prefix):
        return place.segments
    return place.segments[len(prefix) :]
