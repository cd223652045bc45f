"""Which repository a gate is about, where nobody says so: that of the current folder."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from statusbot.forges.address import OLD_AZURE, WELL_KNOWN, parse

_PATIENCE = 10.0  # seconds for what reads one file


def origin(folder: str = ".", *, left: Callable[[], float] = lambda: _PATIENCE) -> str:
    """The address of the remote ``origin`` of the git repository in ``folder``, else empty.

    ``left`` tells how many seconds that may take at the most.
    """
    # As it is written: `git remote get-url` would give what insteadOf makes of it, a mirror say.
    command = ["git", "-C", folder, "config", "--get", "remote.origin.url"]
    try:
        told = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=min(_PATIENCE, left()),
            check=False,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # there is no git, say
    address = told.stdout.strip() if told.returncode == 0 else ""
    place = parse(address)
    # A path of this machine is no address that a GitRepository could have, too.
    return address if place and place.segments else ""


def type_of(address: str) -> str:
    """The Provider's type for a host that everybody knows; empty for all others."""
    place = parse(address)
    if place is None:
        return ""
    return WELL_KNOWN.get(place.host) or ("azuredevops" if place.host.endswith(OLD_AZURE) else "")
