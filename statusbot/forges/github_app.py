"""GitHub Apps: from a Secret's keys to an ``App``, and how an App gets a token.

An App shows a JWT that it signed itself, and is given a token that lasts an hour for one of its
installations ("Authenticating as a GitHub App installation"). The keys are Flux's
(``auth/githubapp/client.go`` of fluxcd/pkg). The JWT is the transport's: nothing here signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from statusbot.errors import StatusbotError
from statusbot.forges import refusal
from statusbot.forges.address import api_root, parse
from statusbot.forges.base import Answer, App, Limited, Refused, Request, Unclear
from statusbot.forges.dates import clock_of
from statusbot.forges.logins import first_of
from statusbot.forges.rows import instant
from statusbot.forges.words import said

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
ID, KEY, BASE = "githubAppID", "githubAppPrivateKey", "githubAppBaseURL"
INSTALLATION, OWNER = "githubAppInstallationID", "githubAppInstallationOwner"
_KEYS = (ID, INSTALLATION, OWNER, KEY, BASE)

# An App's number, or its client id, which GitHub takes as well.
_APP_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OWNER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_NUMBER = re.compile(r"[0-9]{1,20}")
# A longer clock difference than this is what a JWT is refused for.
_SKEW = 30.0


@dataclass(frozen=True)
class Token:
    """An installation's token, and for how many seconds it is good by the forge's own clock."""

    text: str = field(repr=False)
    seconds: float


def has_app(secret: Mapping[str, str]) -> bool:
    """Whether any of a Secret's keys speaks of a GitHub App."""
    return bool(first_of(secret, *_KEYS))


def app_of(secret: Mapping[str, str], api: str) -> App:
    """The App of a Secret. StatusbotError names the key to mend; the PEM is not looked into.

    ``api`` is the root of the repository's API, which gives the tokens unless a key says otherwise.
    """
    id_, pem = _required(secret, ID), _required(secret, KEY)
    installation, owner = first_of(secret, INSTALLATION), first_of(secret, OWNER)
    if bool(installation) == bool(owner):
        both = "both" if owner else "neither"
        what = f"the Secret has {both} {INSTALLATION} {'and' if owner else 'nor'} {OWNER}"
        raise StatusbotError(what, todo="store one of the two for the GitHub App")
    _check(ID, id_, _APP_ID, "the App's number or its client id")
    _check(INSTALLATION, installation, _NUMBER, "the number of an installation")
    _check(OWNER, owner, _OWNER_NAME, "the name of an organization or a user")
    return App(id_, installation, owner, _base(first_of(secret, BASE)) or api, _trimmed(pem))


def _required(secret: Mapping[str, str], key: str) -> str:
    if value := first_of(secret, key):
        return value
    raise StatusbotError(f"the Secret has no {key}", todo="a GitHub App needs it, or store a token")


def _check(key: str, value: str, form: re.Pattern[str], what: str) -> None:
    if value and not form.fullmatch(value):
        raise StatusbotError(f"{key} is not {what}", todo="correct the Secret")


def _base(url: str) -> str:
    """The API's root of a ``githubAppBaseURL``, to which Flux adds ``/api/v3`` like this."""
    if not url:
        return ""
    try:
        root = api_root(url)
    except StatusbotError:
        todo = "write it like https://ghe.example/api/v3"
        raise StatusbotError(f"{BASE} is no http or https URL", todo=todo) from None
    place = parse(url)
    host = place.host if place else ""
    if host == "github.com" or (host.endswith(".ghe.com") and not host.startswith("api.")):
        return f"https://api.{host}"
    return root if host.startswith("api.") or root.endswith("/api/v3") else f"{root}/api/v3"


def _trimmed(pem: str) -> str:
    """A PEM without the white space that editors, templates and other systems put into one."""
    lines = (line.strip(" \t\ufeff") for line in pem.replace("\\n", "\n").splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def lookups(app: App) -> Sequence[Request]:
    """Requests one of which shows the installation; none where its number is known.

    Nothing tells whether an owner is an organization or a user: one of the two is a 404.
    """
    if app.installation:
        return ()
    return [
        Request("GET", f"{app.api}/{kind}/{app.owner}/installation", None, HEADERS)
        for kind in ("orgs", "users")
    ]


def installation_of(answer: Answer) -> str | None:
    """The number of the installation that a lookup shows; None where it shows none."""
    value = answer.json() if answer.status == 200 else None
    number = value.get("id") if isinstance(value, dict) else None
    return str(number) if isinstance(number, int) and not isinstance(number, bool) else None


def token_request(app: App, installation: str) -> Request:
    """Ask for a token that can do no more than we do: write statuses, which includes reading them.

    Where the installation was not granted that, GitHub says so at once (422).
    """
    url = f"{app.api}/app/installations/{installation}/access_tokens"
    return Request("POST", url, {"permissions": {"statuses": "write"}}, HEADERS)


def token_of(answer: Answer) -> Token | None:
    """The token that was given; None where the answer holds none. Its length is anything."""
    value = answer.json() if answer.status == 201 else None
    if not isinstance(value, dict) or not isinstance(value.get("token"), str):
        return None
    text, until = value["token"], instant(value.get("expires_at"))
    if not text or not text.isascii() or not text.isprintable() or " " in text or until is None:
        return None
    now = clock_of(answer) or datetime.now(UTC)
    return Token(text, (until - now).total_seconds())


def meaning(answer: Answer, app: App, now: float) -> Limited | Refused | Unclear:
    """Why a lookup or the request for a token gave nothing. ``now``: our clock, epoch seconds."""
    common = refusal.refusal(answer, "")
    if not isinstance(common, Refused):
        return common
    if 300 <= answer.status < 400 or answer.status == 407:
        return replace(common, scope="login")
    return refusal.no(refusal.told(_NO_TOKEN, answer, _needs(answer, app, now)), "login")


_NO_TOKEN = "no token for the GitHub App"


def _needs(answer: Answer, app: App, now: float) -> str:
    """What there is to mend, in few words: the forge's own stand before them."""
    words = said(answer).lower()
    match answer.status:
        case 401:
            return _apart(answer, now) or f"correct {KEY} or {ID}"
        case 403 if "suspended" in words:
            return "unsuspend the App's installation"
        case 404 if "integration" in words:
            return f"correct {ID}"
        case 404 if words:
            return f"correct {INSTALLATION if app.installation else OWNER}"
        case 404:
            return f"correct {BASE}"
        case 422:
            return "grant the App Commit statuses: write"
    return ""


def _apart(answer: Answer, now: float) -> str:
    date = clock_of(answer)
    ahead = now - date.timestamp() if date else 0.0
    if abs(ahead) <= _SKEW:
        return ""
    return f"our clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
