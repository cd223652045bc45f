"""What addresses name, ``owner/repo`` above all, and what is said of those that name nothing."""

from __future__ import annotations

import re

from statusbot.errors import StatusbotError
from statusbot.forges.address import Place, parse, shown

_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,255}")


def place_of(address: str, example: str) -> Place:
    """``address`` taken apart; StatusbotError shows ``example``, the form that works."""
    if not address.strip():
        raise StatusbotError("there is no address", todo=f"write it like {example}")
    place = parse(address)
    if place is None:
        raise bad_address(address, "is not an https, http or ssh address", example)
    return place


def owner_and_repo(address: str, example: str) -> tuple[Place, tuple[str, ...], str]:
    """The place of ``address``, the segments before the repository, and ``owner/repo``.

    StatusbotError shows ``example``, the form that works.
    """
    place = place_of(address, example)
    if len(place.segments) < 2:
        raise bad_address(address, "names no owner/repo", example)
    *before, owner, repo = place.segments
    if not _NAME.fullmatch(owner) or not _NAME.fullmatch(repo):
        raise bad_address(address, "holds characters that no repository's name has", example)
    return place, tuple(before), f"{owner}/{repo}"


def bad_address(address: str, what: str, example: str) -> StatusbotError:
    """An address that names no repository, and the form that works."""
    return StatusbotError(f'the address "{shown(address)}" {what}', todo=f"write it like {example}")


def web_host(place: Place, before: tuple[str, ...]) -> str:
    """``host[:port][/sub/path]``."""
    return "/".join((place.netloc, *before))


def root(place: Place) -> str:
    """``scheme://host[:port]`` of the forge's pages; who clones by SSH reads them by https."""
    return f"{'http' if place.scheme == 'http' else 'https'}://{place.netloc}"
